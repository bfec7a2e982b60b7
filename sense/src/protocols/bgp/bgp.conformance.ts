/**
 * Messages of BGP in captures, read by us and by tshark: what they are, which routes they announce and withdraw, with which path, origin and next hop. The
 * captures are a session and a report over BMP that are built with known routes, and those of the data set that have BGP in them (tcpdump's and nDPI's tests).
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { recordsOf } from '../../conformance/records.ts';
import * as b from '../../testing/bgp.ts';
import { dataRoot, filesBelow, hasData } from '../../testing/dataset.ts';
import { conversation, pcap } from '../../testing/packets.ts';
import { randomBytes } from '../trial.ts';

const present = spawnSync('tshark', ['--version']).error === undefined;
if (!present) console.warn('not run: tshark is not on this machine');
if (!hasData) console.warn(`not run on captures of the data set: it is missing (${dataRoot})`);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'forewarn-bgp-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const texts = (value: AnyRecord[string]): readonly string[] => (value as readonly string[] | undefined) ?? [];

/** Routes of families that tshark prints as prefixes. */
const families: ReadonlySet<unknown> = new Set(['ipv4 unicast', 'ipv6 unicast']);

/** Our records: one line a route, and one for each OPEN, NOTIFICATION, ROUTE-REFRESH; KEEPALIVEs and UPDATEs as counts. */
async function ours(path: string): Promise<string[]> {
  const records = await recordsOf(path, { checksums: 'ignore' });
  const lines: string[] = [];
  for (const record of records.get('bgp_update') ?? []) {
    if (!families.has(record['family'])) continue;
    const { as_path: way = '', origin = '' } = record;
    const routes = (letter: string, prefixes: AnyRecord[string], ids: AnyRecord[string], tail: string): string[] =>
      texts(prefixes).map((prefix, i) => `${letter} ${prefix} ${(ids as readonly number[] | undefined)?.[i] ?? ''}${tail}`);
    lines.push(
      ...routes('A', record['announced'], record['announced_path_ids'], ` ${way} ${origin}`),
      ...routes('W', record['withdrawn'], record['withdrawn_path_ids'], ''),
    );
  }
  const counts = { UPDATE: 0, KEEPALIVE: 0 };
  for (const record of records.get('bgp_session') ?? []) {
    const { event } = record;
    if (event === 'open') lines.push(`OPEN ${record['asn']} ${record['hold_time']} ${record['bgp_id']}`);
    else if (record['error_code'] !== undefined) lines.push(`NOTIFICATION ${record['error_code']} ${record['error_subcode']}`);
    else if (event === 'route-refresh') lines.push('ROUTE-REFRESH');
    else {
      counts.UPDATE += Number(record['orig_updates']) + Number(record['resp_updates']);
      counts.KEEPALIVE += Number(record['orig_keepalives']) + Number(record['resp_keepalives']);
    }
  }
  return [...lines, `UPDATE ${counts.UPDATE}`, `KEEPALIVE ${counts.KEEPALIVE}`].toSorted();
}

const found = (text: string, pattern: RegExp): string | undefined => pattern.exec(text)?.[1];

/** tshark's tree of each message, as the same lines. */
function theirs(path: string, ...options: readonly string[]): string[] {
  const { stdout } = spawnSync('tshark', ['-r', path, '-V', '-Y', 'bgp', '-o', 'tcp.check_checksum:FALSE', ...options], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const lines: string[] = [];
  const counts: { [type: string]: number } = { UPDATE: 0, KEEPALIVE: 0 };
  for (const message of stdout.split(/^ *Border Gateway Protocol - /m).slice(1)) {
    const type = found(message, /^([A-Z-]+) Message/)!;
    if (type === 'OPEN') {
      // The number of four octets stands in its capability.
      const as = found(message, /AS Number: (\d+)/) ?? found(message, /My AS: (\d+)/);
      lines.push(`OPEN ${as} ${found(message, /Hold Time: (\d+)/)} ${found(message, /BGP Identifier: ([\d.]+)/)}`);
    } else if (type === 'NOTIFICATION') {
      lines.push(
        `NOTIFICATION ${found(message, /Major error Code: .*\((\d+)\)/)} ${found(message, /Minor error Code.*?\(?(\d+)\)?$/m)}`,
      );
    } else if (type === 'ROUTE-REFRESH') lines.push('ROUTE-REFRESH');
    else counts[type] = (counts[type] ?? 0) + 1;
    if (type === 'UPDATE') lines.push(...routesOf(message));
  }
  return [...lines, `UPDATE ${counts['UPDATE']}`, `KEEPALIVE ${counts['KEEPALIVE']}`].toSorted();
}

function routesOf(message: string): string[] {
  const pathOf = (name: string): string[] =>
    (found(message, new RegExp(`Path Attribute - ${name}: (.*)`)) ?? '')
      .trim()
      .replace(/^empty$/, '')
      .replaceAll(', ', ',')
      .split(' ');
  // tshark leaves it to its reader to put the numbers of four octets in their place; the captures have sequences there.
  const [two, four] = [pathOf('AS_PATH'), pathOf('AS4_PATH')];
  const way = (four[0] === '' ? two : [...two.slice(0, two.length - four.length), ...four]).join(' ');
  const origin = found(message, /Path Attribute - ORIGIN: (\w+)/) ?? '';
  const lines: string[] = [];
  let letter = '';
  for (const line of message.split('\n')) {
    if (/^\s+Withdrawn Routes$/.test(line)) letter = 'W';
    else if (/^\s+Network Layer Reachability Information/.test(line)) letter = 'A';
    const [, prefix, id] = /^\s+([0-9a-f.:]+\/\d+)(?: PathId (\d+))?\s*$/.exec(line) ?? [];
    if (prefix !== undefined) lines.push(`${letter} ${prefix} ${id ?? ''}${letter === 'A' ? ` ${way} ${origin}` : ''}`);
  }
  return lines;
}

/** Numbers below a ceiling, the same in every run. */
const seeded = randomBytes(0x60b);
const below = (ceiling: number): number => {
  const [high, low] = seeded(2);
  return (high! * 0x100 + low!) % ceiling;
};

/** A session of many messages, with UPDATEs of both families and several to a segment. */
function session(): Uint8Array {
  const mp = (afi: number): number[] => b.capability(1, [...b.n16(afi), 0, 1]);
  const four = (as: number): number[] => b.capability(65, b.n32(as));
  const say = (side: 0 | 1, ...parts: readonly Uint8Array[]) => ({
    from: side === 0 ? ('client' as const) : ('server' as const),
    payload: Buffer.concat(parts),
  });
  const said = [
    say(0, b.open({ as: 64_500, capabilities: [mp(1), mp(2), four(64_500)] })),
    say(1, b.open({ as: 23_456, id: '198.51.100.1', hold: 90, capabilities: [mp(1), mp(2), four(4_200_000_001)] })),
    say(0, b.keepalive()),
    say(1, b.keepalive()),
  ];
  for (let i = 0; i < 200; i++) {
    const path = Array.from({ length: 1 + below(6) }, () => 1 + below(60_000) + (below(3) === 0 ? 4_200_000_000 : 0));
    const shared = [...b.origin(below(3)), ...b.asPath(4, path, ...(below(4) === 0 ? [{ set: [7, 4_200_000_009] }] : []))];
    const four4 = Array.from({ length: 1 + below(5) }, (_, n) => `10.${i}.${n}.0/24`);
    const six6 = Array.from({ length: 1 + below(5) }, (_, n) => `2001:db8:${(i + 1).toString(16)}:${(n + 1).toString(16)}::/64`);
    said.push(
      say(
        (i & 1) as 0 | 1,
        b.update({ attributes: [...shared, ...b.nextHop('192.0.2.1'), ...b.med(i)], announced: b.prefixes(...four4), withdrawn: b.prefixes('192.0.2.0/25') }), // oxfmt-ignore
        b.update({ attributes: [...shared, ...b.mpReach(2, 1, '2001:db8::1', b.prefixes(...six6)), ...b.mpUnreach(2, 1, b.prefixes('2001:db8:ff::/48'))] }), // oxfmt-ignore
      ),
    );
  }
  said.push(say(0, b.message(5, [...b.n16(1), 0, 1])), say(1, b.notification(6, 4)));
  return pcap(conversation({ from: '192.0.2.1', to: '198.51.100.1' }, { source: 40_000, destination: 179 }, said));
}

/** A router that reports on two peers with BMP, one of which has path identifiers, and on its own table. */
function reports(): Uint8Array {
  const paths = (direction: number): number[] => b.capability(69, [...b.n16(1), 1, direction]);
  const four = (as: number): number[] => b.capability(65, b.n32(as));
  const peers: b.BmpPeer[] = [
    { ip: '192.0.2.1', as: 64_501 },
    { ip: '192.0.2.3', as: 64_502 },
    { ip: '0.0.0.0', as: 64_500, type: 3 },
  ];
  const opens = (own: number[][], other: number[][]): number[] =>
    b.bmpUp('192.0.2.254', b.open({ as: 64_500, id: '192.0.2.254', capabilities: [four(64_500), ...own] }), b.open({ as: 64_501, capabilities: [four(64_501), ...other] })); // oxfmt-ignore
  const said = [
    b.bmp(4, [...b.element(2, 'edge1'), ...b.element(1, 'a router')]),
    b.bmp(3, [...b.bmpPeer(peers[0]!), ...opens([paths(1)], [paths(2)])]),
    b.bmp(3, [...b.bmpPeer(peers[1]!), ...opens([], [])]),
  ];
  for (let i = 0; i < 150; i++) {
    const id = i % 3 === 0 ? `${i + 1} ` : '';
    const routes = Array.from({ length: 1 + below(5) }, (_, n) => `${id}10.${i}.${n}.0/24`);
    const attributes = [...b.origin(below(3)), ...b.asPath(4, [1 + below(60_000), 1 + below(60_000)]), ...b.nextHop('192.0.2.1')];
    said.push(b.bmp(0, [...b.bmpPeer(peers[i % 3]!), ...b.update({ attributes, announced: b.prefixes(...routes), withdrawn: b.prefixes(`${id}192.0.2.0/25`) })])); // oxfmt-ignore
  }
  said.push(b.bmp(2, [...b.bmpPeer(peers[0]!), 1, ...b.notification(6, 4)]), b.bmp(5, b.element(1, [0, 0])));
  const turns = said.map((payload) => ({ from: 'client' as const, payload }));
  return pcap(conversation({ from: '192.0.2.254', to: '198.51.100.5' }, { source: 40_000, destination: 11_019 }, turns));
}

test.runIf(present)('a built report over BMP: every route, OPEN and NOTIFICATION is tshark’s', async () => {
  const file = join(folder, 'reports.pcap');
  writeFileSync(file, reports());
  const kept = (lines: readonly string[]): string[] => lines.filter((line) => !/^(?:UPDATE|KEEPALIVE) /.test(line));
  const wanted = kept(theirs(file, '-d', 'tcp.port==11019,bmp', '-o', 'bgp.asn_len:4 octet'));
  expect(wanted.length).toBeGreaterThan(400);
  expect(kept(await ours(file))).toEqual(wanted);
});

test.runIf(present)('a built session: every message and route is tshark’s', async () => {
  const file = join(folder, 'session.pcap');
  writeFileSync(file, session());
  // Left to itself it takes 4200006539 (0xfa57038b) for a number of two octets with another segment behind it, although both ends said four.
  const wanted = theirs(file, '-o', 'bgp.asn_len:4 octet');
  expect(wanted.length).toBeGreaterThan(1_000);
  expect(await ours(file)).toEqual(wanted);
});

test.runIf(present && hasData)(
  'captures of the data set: every message and route is tshark’s',
  { timeout: 120_000 },
  async () => {
    const files = filesBelow(join(dataRoot, 'net'), (name) => /bgp[^/]*\.pcap(?:ng)?$/i.test(name));
    expect(files.length).toBeGreaterThan(12);
    for (const file of files) {
      // Payload in a SYN is not read, and two captures hold less of their packets than these had.
      if (/bgp-ub|oobr/.test(file)) continue;
      expect({ [basename(file)]: await ours(file) }).toEqual({ [basename(file)]: theirs(file) });
    }
  },
);
