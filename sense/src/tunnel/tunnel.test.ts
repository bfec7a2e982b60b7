import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createEngine } from '../engine.ts';
import { Packet } from '../packet.ts';
import { ascii, concat, ethernet, ip, pcap, udp } from '../testing/packets.ts';
import { detectCarrier } from './index.ts';

const outside = { from: '192.0.2.1', to: '192.0.2.2' };
const within = { from: '10.0.0.1', to: '10.0.0.2' };
const ports = { source: 40_000, destination: 9999 };
/** Ports on which nobody expects a tunnel. */
const foreign = { source: 51_000, destination: 32_900 };

const inner = udp(within, ports, ascii('inner'));
const teredo = { from: '2001:0:4137:9e50:8000:f12a:b9c8:2815', to: '2001:4860:0:2001::68' };
const inner6 = udp(teredo, ports, ascii('inner'));
const linkLocal = ip({ from: 'fe80::1', to: 'ff02::2' }, 58, Uint8Array.from([133, 0, 0, 0, 0, 0, 0, 0]));

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const length16 = (value: number): [number, number] => [value >> 8, value & 255];

function records(...frames: Uint8Array[]): Map<string, AnyRecord[]> {
  const all = new Map<string, AnyRecord[]>();
  const engine = createEngine({ sink: { record: (log, record) => all.set(log, [...(all.get(log) ?? []), record]) } });
  engine.push(pcap(frames.map((frame, i) => ({ ts: 1_700_000_000 + i * 0.1, bytes: frame }))));
  engine.end();
  return all;
}

const vxlanHeader = bytes(8, 0, 0, 0, 0, 0, 1, 0);
const gtpHeader = (length: number): Uint8Array => bytes(0x30, 255, ...length16(length), 0, 0, 0, 1);
const pppFrame = concat(bytes(0xff, 0x03, 0x00, 0x21), inner);
const label = bytes(0, 1, 0x11, 64);
const nsh = (next: number): Uint8Array => bytes(0x0f, 0xc2, 1, next, 0, 0, 0x10, 0xff);

/** Every carrier, with a packet inside that must come out as a flow of its own. */
const carriers: [name: string, type: string, service: string | undefined, packet: Uint8Array][] = [
  ['IPv4 in IPv4', 'Tunnel::IP', undefined, ip(outside, 4, inner)],
  ['IPv6 in IPv4', 'Tunnel::IP', undefined, ip(outside, 41, inner6)],
  ['IPv4 in IPv6', 'Tunnel::IP', undefined, ip({ from: '2001:db8::1', to: '2001:db8::2' }, 4, inner)],
  [
    'GRE with key and sequence',
    'Tunnel::GRE',
    undefined,
    ip(outside, 47, concat(bytes(0x30, 0, 8, 0, 0, 0, 0, 7, 0, 0, 0, 1), inner)),
  ],
  ['GRE with MPLS', 'Tunnel::GRE', undefined, ip(outside, 47, concat(bytes(0, 0, 0x88, 0x47), label, inner))],
  [
    'GRE of PPTP',
    'Tunnel::GRE',
    undefined,
    ip(outside, 47, concat(bytes(0x30, 0x01, 0x88, 0x0b, ...length16(pppFrame.length), 0, 1, 0, 0, 0, 1), pppFrame)),
  ],
  ['ERSPAN I', 'Tunnel::GRE', undefined, ip(outside, 47, concat(bytes(0, 0, 0x88, 0xbe), ethernet(inner)))],
  [
    'ERSPAN II',
    'Tunnel::GRE',
    undefined,
    ip(outside, 47, concat(bytes(0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 1, 0, 0, 0, 0, 0, 0), ethernet(inner))),
  ],
  [
    'ERSPAN III',
    'Tunnel::GRE',
    undefined,
    ip(outside, 47, concat(bytes(0x10, 0, 0x22, 0xeb, 0, 0, 0, 1), new Uint8Array(12), ethernet(inner))),
  ],
  ['EtherIP', 'Tunnel::ETHERIP', undefined, ip(outside, 97, concat(bytes(0x30, 0), ethernet(inner)))],
  ['MPLS in IP', 'Tunnel::MPLS', undefined, ip(outside, 137, concat(label, inner))],
  ['VXLAN', 'Tunnel::VXLAN', 'vxlan', udp(outside, { source: 5555, destination: 4789 }, concat(vxlanHeader, ethernet(inner)))],
  [
    'VXLAN on 8472',
    'Tunnel::VXLAN',
    'vxlan',
    udp(outside, { source: 5555, destination: 8472 }, concat(vxlanHeader, ethernet(inner))),
  ],
  [
    'VXLAN-GPE with IP',
    'Tunnel::VXLAN',
    'vxlan',
    udp(outside, { source: 5555, destination: 4790 }, concat(bytes(0x0c, 0, 0, 1, 0, 0, 1, 0), inner)),
  ],
  [
    'VXLAN-GPE with NSH',
    'Tunnel::VXLAN',
    'vxlan',
    udp(outside, { source: 5555, destination: 4790 }, concat(bytes(0x0c, 0, 0, 4, 0, 0, 1, 0), nsh(1), inner)),
  ],
  [
    'GENEVE',
    'Tunnel::GENEVE',
    'geneve',
    udp(outside, { source: 5555, destination: 6081 }, concat(bytes(1, 0, 0x65, 0x58, 0, 0, 1, 0, 0, 0, 0, 0), ethernet(inner))),
  ],
  ['GTP-U', 'Tunnel::GTPv1', 'gtpv1', udp(outside, { source: 2152, destination: 2152 }, concat(gtpHeader(inner.length), inner))],
  ['GTP-U on a port of its own', 'Tunnel::GTPv1', 'gtpv1', udp(outside, foreign, concat(gtpHeader(inner.length), inner))],
  [
    'AYIYA',
    'Tunnel::AYIYA',
    'ayiya',
    udp(outside, foreign, concat(bytes(0x41, 0x52, 0x11, 41, 0, 0, 0, 1), new Uint8Array(16 + 20), inner6)),
  ],
  [
    'L2TP',
    'Tunnel::L2TP',
    'l2tp',
    udp(
      outside,
      { source: 1701, destination: 1701 },
      concat(bytes(0x40, 2, ...length16(8 + pppFrame.length), 0, 1, 0, 2), pppFrame),
    ),
  ],
  [
    'Teredo at its port',
    'Tunnel::TEREDO',
    undefined,
    udp(outside, { source: 3797, destination: 3544 }, concat(bytes(0, 0, 1, 2, 3, 4, 5, 6), inner6)),
  ],
  ['Teredo on any port', 'Tunnel::TEREDO', undefined, udp(outside, foreign, inner6)],
  [
    'Teredo with both indications',
    'Tunnel::TEREDO',
    undefined,
    udp(outside, foreign, concat(bytes(0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0), bytes(0, 0, 1, 2, 3, 4, 5, 6), linkLocal)),
  ],
];

describe('carriers', () => {
  test.each(carriers)('%s', (_name, type, service, packet) => {
    const all = records(ethernet(packet));
    const conn = all.get('conn')!;
    expect(conn).toHaveLength(2);
    const outer = conn.find((one) => one['tunnel_parents'] === undefined)!;
    const followed = conn.find((one) => one['tunnel_parents'] !== undefined)!;
    expect(followed['tunnel_parents']).toEqual([outer['uid']]);
    expect(outer['service']).toBe(service);
    const tunnels = all.get('tunnel')!;
    expect(tunnels.map((one) => [one['uid'], one['tunnel_type'], one['action']])).toEqual([
      [outer['uid'], type, 'Tunnel::DISCOVER'],
      [outer['uid'], type, 'Tunnel::CLOSE'],
    ]);
    expect(all.get('weird')).toBeUndefined();
  });

  test('Teredo is named when both sides have spoken it', () => {
    const reply = udp(
      { from: outside.to, to: outside.from },
      { source: foreign.destination, destination: foreign.source },
      udp({ from: teredo.to, to: teredo.from }, { source: ports.destination, destination: ports.source }, ascii('reply')),
    );
    const conn = records(ethernet(udp(outside, foreign, inner6)), ethernet(reply)).get('conn')!;
    expect(conn.map((one) => one['service'])).toEqual(['teredo', undefined]);
    expect(conn[1]).toMatchObject({ orig_pkts: 1, resp_pkts: 1 });
  });

  test.each([
    ['a Teredo packet that is one byte short', inner6.subarray(0, -1)],
    ['IPv6 without a Teredo address', udp({ from: '2001:db8::1', to: '2001:db8::2' }, ports, ascii('inner'))],
    ['GTP-U whose length is not the datagram\u2019s', concat(gtpHeader(inner.length + 1), inner)],
    ['GTP signalling', concat(bytes(0x32, 1, 0, 4, 0, 0, 0, 0), bytes(0, 0, 0, 0), inner)],
    ['VXLAN with a reserved bit', concat(bytes(8, 0, 0, 1, 0, 0, 1, 0), ethernet(inner))],
    ['VXLAN with a frame longer than the datagram', concat(vxlanHeader, ethernet(inner).subarray(0, -1))],
    ['AYIYA that holds no IP', concat(bytes(0x41, 0x52, 0x11, 59, 0, 0, 0, 1), new Uint8Array(16 + 20 + 40))],
  ])('%s on a foreign port is none', (_name, payload) => {
    const all = records(ethernet(udp(outside, foreign, payload)));
    expect(all.get('conn')).toHaveLength(1);
    expect(all.get('tunnel')).toBeUndefined();
  });

  test('only the first datagrams of a flow are looked at', () => {
    const noise = ethernet(udp(outside, foreign, ascii('nothing of a tunnel here, nothing at all')));
    const late = ethernet(udp(outside, foreign, inner6));
    expect(records(...Array.from({ length: 40 }, () => noise), late).get('tunnel')).toBeUndefined();
    expect(records(noise, late).get('tunnel')).toHaveLength(2);
  });
});

describe('detection', () => {
  test('random datagrams are no tunnel', () => {
    const packet = new Packet();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 120 }), fc.constantFrom(0, 6, 8, 0x30, 0x41, 0x60), (noise, first) => {
        const payload = concat(bytes(first), noise);
        packet.bytes = payload;
        packet.at = 0;
        packet.end = payload.length;
        packet.wireEnd = payload.length;
        expect(detectCarrier(packet)).toBeUndefined();
        expect(packet.at).toBe(0);
      }),
      { numRuns: 20_000 },
    );
  });

  test('no bytes behind a carrier make it throw', () => {
    fc.assert(
      fc.property(fc.constantFrom(...carriers), fc.nat(), fc.uint8Array({ maxLength: 8 }), ([, , , packet], at, change) => {
        const changed = packet.slice();
        changed.set(change.subarray(0, Math.max(0, changed.length - 28)), 28 + (at % Math.max(1, changed.length - 36)));
        records(ethernet(changed), ethernet(changed.subarray(0, 20 + (at % (changed.length - 20)))));
      }),
      { numRuns: 2000 },
    );
  });
});
