import { expect, test } from 'vitest';
import { createEngine } from '../engine.ts';
import { ascii, concat, ethernet, pcap, udp } from '../testing/packets.ts';

const datagram = udp({ from: '10.0.0.1', to: '10.0.0.2' }, { source: 40_000, destination: 9999 }, ascii('inner'));
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const nsh = (next: number, words = 2): Uint8Array =>
  concat(bytes(0x0f, 0xc0 | words, 1, next, 0, 0, 0x10, 0xff), new Uint8Array(words * 4 - 8));
const ppi = (length: number, type: number): Uint8Array =>
  concat(bytes(0, 0, length, 0, type, 0, 0, 0), new Uint8Array(length - 8));

function account(frame: Uint8Array, linkType = 1): { inFlows: number; notIp: object; undecodable: object } {
  const engine = createEngine({ sink: { record: () => {} } });
  engine.push(pcap([{ ts: 1, bytes: frame }], { linkType }));
  const { inFlows, notIp, undecodable } = engine.end();
  return { inFlows, notIp, undecodable };
}

test.each([
  ['NSH with IP', ethernet(concat(nsh(1, 6), datagram), { type: 0x894f }), 1],
  ['NSH with Ethernet', ethernet(concat(nsh(3), ethernet(datagram)), { type: 0x894f }), 1],
  ['NSH in NSH', ethernet(concat(nsh(4), nsh(1), datagram), { type: 0x894f }), 1],
  ['NSH with MPLS', ethernet(concat(nsh(5), bytes(0, 1, 0x11, 64), datagram), { type: 0x894f }), 1],
  ['Cisco MetaData', ethernet(concat(bytes(1, 1, 0, 1, 0, 7, 8, 0), datagram), { type: 0x8909 }), 1],
  ['PPI with Ethernet', concat(ppi(16, 1), ethernet(datagram)), 192],
  ['PPI with raw IP', concat(ppi(8, 101), datagram), 192],
])('%s', (_name, frame, linkType) => {
  expect(account(frame, linkType)).toEqual({ inFlows: 1, notIp: {}, undecodable: {} });
});

test.each([
  ['NSH cut short', ethernet(nsh(1).subarray(0, 6), { type: 0x894f }), 1, { truncated_link_header: 1 }],
  ['NSH that ends in its options', ethernet(nsh(1, 6).subarray(0, 12), { type: 0x894f }), 1, { truncated_link_header: 1 }],
  [
    'NSH in NSH without end',
    ethernet(concat(...Array.from({ length: 20 }, () => nsh(4))), { type: 0x894f }),
    1,
    { too_many_link_tags: 1 },
  ],
  ['PPI longer than its frame', concat(ppi(16, 1), datagram).subarray(0, 12), 192, { truncated_link_header: 1 }],
  ['PPI in PPI', concat(ppi(8, 192), ppi(8, 1), ethernet(datagram)), 192, { link_type_192: 1 }],
])('%s is undecodable', (_name, frame, linkType, undecodable) => {
  expect(account(frame, linkType)).toEqual({ inFlows: 0, notIp: {}, undecodable });
});
