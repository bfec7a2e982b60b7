/** Files that are built with known routes, read by us and by RIPE's bgpdump: the same lines. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import * as b from '../../testing/bgp.ts';
import { randomBytes } from '../../protocols/trial.ts';
import { recogniseLog } from '../read.ts';

const present = spawnSync('bgpdump', ['-T']).error === undefined;
if (!present) console.warn('not run: bgpdump is not on this machine');

const t = 1_700_000_000;

/** Whole numbers below a ceiling, the same in every run. */
const seeded = randomBytes(0xb69);
function below(ceiling: number): number {
  const [high, mid, low] = seeded(3);
  return (high! * 0x10000 + mid! * 0x100 + low!) % ceiling;
}
const oneOf = <T>(list: readonly T[]): T => list[below(list.length)]!;
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

const ip4 = (): string => `${1 + below(223)}.${below(256)}.${below(256)}.${1 + below(254)}`;
const ip6 = (): string => `2001:db8:${(1 + below(65_535)).toString(16)}::${(1 + below(65_535)).toString(16)}`;
const asn = (octets: 2 | 4): number => (octets === 4 && below(3) === 0 ? 4_200_000_000 + below(1_000_000) : 1 + below(64_000));

/** A prefix whose bits behind its length are zero: bgpdump prints them as they come. */
function prefix4(): string {
  const length = below(33);
  const mask = length === 0 ? 0 : (-1 << (32 - length)) >>> 0;
  const value = ((below(0x100_0000) * 0x100 + below(256)) & mask) >>> 0;
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}/${length}`;
}
const prefix6 = (): string =>
  oneOf([`2001:db8:${(1 + below(65_535)).toString(16)}::/48`, '2001:db8::/32', '::/0', `${ip6()}/128`]);

function path(octets: 2 | 4): number[] {
  const parts: b.PathPart[] = [times(1 + below(6), () => asn(octets))];
  if (below(5) === 0) parts.unshift({ confederation: times(1 + below(2), () => 65_000 + below(9)) });
  if (below(5) === 0) parts.push({ set: times(1 + below(3), () => asn(octets)) });
  return b.asPath(octets, ...parts);
}

function attributes(octets: 2 | 4, hop: boolean): number[] {
  const list = [...b.origin(below(3)), ...path(octets)];
  if (hop) list.push(...b.nextHop(ip4()));
  if (below(2) === 0) list.push(...b.med(below(1_000)));
  if (below(2) === 0) list.push(...b.localPref(below(1_000)));
  if (below(4) === 0) list.push(...b.atomicAggregate());
  if (below(4) === 0) list.push(...b.aggregator(asn(octets), ip4(), octets));
  if (below(2) === 0)
    list.push(...b.communities(...times(1 + below(9), (): [number, number] => oneOf([[1 + below(65_000), below(65_536)], [65_535, 65_281], [65_535, 666]])))); // oxfmt-ignore
  return list;
}

/** One message a second, so that each has a time of its own. */
function updatesFile(count: number): Uint8Array {
  return Buffer.concat(
    Array.from({ length: count }, (_, i) => {
      const octets = oneOf([2, 4] as const);
      const addPath = below(4) === 0;
      const six = below(3) === 0;
      const id = (): string => (addPath ? `${1 + below(9_999)} ` : '');
      const ends: b.Ends = six
        ? { peerAs: asn(octets), localAs: 12_654, peer: ip6(), local: '2001:db8::fe' }
        : { peerAs: asn(octets), localAs: 12_654, peer: ip4(), local: '192.0.2.254' };
      if (below(8) === 0) return b.mrt(t + i, 16, octets === 4 ? 5 : 0, [...b.ends(ends, octets), ...b.n16(1 + below(6)), ...b.n16(1 + below(6))]); // oxfmt-ignore
      const list = (most: number, make: () => string): number[] => b.prefixes(...[...new Set(times(most, make))].map((one) => `${id()}${one}`)); // oxfmt-ignore
      const parts = six
        ? { attributes: [...attributes(octets, false), ...b.mpReach(2, 1, ip6(), list(1 + below(4), prefix6)), ...(below(2) === 0 ? b.mpUnreach(2, 1, list(1 + below(4), prefix6)) : [])] } // oxfmt-ignore
        : { attributes: attributes(octets, true), announced: list(1 + below(6), prefix4), withdrawn: list(below(4), prefix4) };
      const subtype = { 2: addPath ? 8 : 1, 4: addPath ? 9 : 4 }[octets];
      const microseconds = below(3) === 0 ? below(1_000_000) : undefined;
      return b.mrt(
        t + i,
        microseconds === undefined ? 16 : 17,
        subtype,
        [...b.ends(ends, octets), ...b.update(parts)],
        microseconds,
      );
    }),
  );
}

function tableFile(count: number): Uint8Array {
  const peers = times(12, (): b.Peer => ({ id: ip4(), ip: oneOf([ip4(), ip6()]), as: asn(4) }));
  const hop6 = (): number[] => b.attribute(0x80, 14, [16, ...b.address(ip6())]);
  return Buffer.concat([
    b.peerIndex(t, '193.0.0.1', 'v', peers),
    ...Array.from({ length: count }, (_, i) => {
      const six = below(2) === 0;
      const addPath = below(3) === 0;
      const routes = times(1 + below(5), () => ({ peer: below(12), originated: t - below(9_999), attributes: [...attributes(4, !six), ...(six ? hop6() : [])], ...(addPath ? { pathId: 1 + below(99) } : {}) })); // oxfmt-ignore
      const subtype = (six ? 4 : 2) + (addPath ? 6 : 0);
      return b.mrt(t + i, 13, subtype, [...b.n32(i), ...b.prefix(six ? prefix6() : prefix4()), ...b.ribEntries(routes)]);
    }),
  ]);
}

/** TABLE_DUMP, with numbers of two octets. */
const oldTableFile = (count: number): Uint8Array =>
  Buffer.concat(
    Array.from({ length: count }, (_, i) => {
      const [base, length] = prefix4().split('/');
      const list = attributes(2, true);
      return b.mrt(t + i, 12, 1, [...b.n16(0), ...b.n16(i), ...b.address(base!), Number(length), 1, ...b.n32(t), ...b.address(ip4()), ...b.n16(asn(2)), ...b.n16(list.length), ...list]); // oxfmt-ignore
    }),
  );

const well: { readonly [community: string]: string } = { '65535:65281': 'no-export', '65535:65282': 'no-advertise', '65535:65283': 'local-AS' }; // oxfmt-ignore
const states = ['', 'Idle', 'Connect', 'Active', 'OpenSent', 'OpenConfirm', 'Established'];
const texts = (value: AnyRecord[string]): readonly string[] => (value as readonly string[] | undefined) ?? [];

/** A record as `bgpdump -m` prints it, one line a prefix. */
function linesOf(log: string, record: AnyRecord, type: number, extended: boolean): string[] {
  const ts = extended ? Number(record['ts']).toFixed(6) : String(record['ts']);
  const peer = `${record['peer_ip']}|${record['peer_asn']}`;
  if (log === 'bgp_session') return [`BGP4MP|${ts}|STATE|${peer}|${states.indexOf(String(record['old_state']))}|${states.indexOf(String(record['new_state']))}`]; // oxfmt-ignore
  const rest = [
    record['as_path'],
    record['origin'],
    record['next_hop'],
    record['local_pref'] ?? 0,
    record['med'] ?? 0,
    texts(record['communities']).map((one) => well[one] ?? one).join(' '),
    record['atomic_aggregate'] === true ? 'AG' : 'NAG',
    record['aggregator_as'] === undefined ? '' : `${record['aggregator_as']} ${record['aggregator_ip']}`,
    '',
  ].join('|'); // oxfmt-ignore
  const kind = (name: string, id: unknown): string => `${name}${extended ? '_ET' : ''}${id === undefined ? '' : '_AP'}`;
  if (log === 'bgp_rib') {
    const id = record['path_id'];
    const name = kind(type === 12 ? 'TABLE_DUMP' : 'TABLE_DUMP2', id);
    return [[name, ts, 'B', peer, record['prefix'], ...(id === undefined ? [] : [id]), rest].join('|')];
  }
  const each = (letter: string, prefixes: AnyRecord[string], ids: AnyRecord[string], tail: readonly string[]): string[] =>
    texts(prefixes).map((prefix, i) => {
      const id = (ids as readonly number[] | undefined)?.[i];
      return [kind('BGP4MP', id), ts, letter, peer, prefix, ...(id === undefined ? [] : [id]), ...tail].join('|');
    });
  return [
    ...each('W', record['withdrawn'], record['withdrawn_path_ids'], []),
    ...each('A', record['announced'], record['announced_path_ids'], [rest]),
  ];
}

function ours(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes);
  const types = new Map<number, number>();
  for (let at = 0; at < buffer.length; at += 12 + buffer.readUInt32BE(at + 8))
    types.set(buffer.readUInt32BE(at), buffer.readUInt16BE(at + 4));
  const lines: string[] = [];
  const reading = recogniseLog(bytes.subarray(0, 65_536), 'x')!.open(
    { name: 'x' },
    {
      record: (log, record) => {
        const type = types.get(Math.floor(Number(record['ts'])))!;
        lines.push(...linesOf(log, record, type, type === 17));
      },
    },
  );
  reading.push(bytes);
  expect(reading.end()).toMatchObject({ refused: {}, shortened: 0 });
  return lines.toSorted();
}

function theirs(bytes: Uint8Array): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'mrt-'));
  try {
    const file = join(folder, 'file.mrt');
    writeFileSync(file, bytes);
    const { stdout } = spawnSync('bgpdump', ['-m', file], { encoding: 'utf8', maxBuffer: 1 << 28 });
    return stdout.split('\n').filter(Boolean).toSorted();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const [what, file] of [
  ['messages and changes of state', () => updatesFile(1_500)],
  ['a table with its index of peers', () => tableFile(600)],
  ['a table of the old form', () => oldTableFile(300)],
] as const) {
  test.runIf(present)(`${what}: bgpdump prints the same`, () => {
    const bytes = file();
    const wanted = theirs(bytes);
    expect(wanted.length).toBeGreaterThan(250);
    expect(ours(bytes)).toEqual(wanted);
  });
}
