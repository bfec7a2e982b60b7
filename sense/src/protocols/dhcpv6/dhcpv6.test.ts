import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { flowOf, hex, run } from '../trial.ts';
import { dhcpv6 } from './dhcpv6.ts';

const flow = flowOf('udp', 547);
const messages = ['solicit', 'relayed-and-refused'].flatMap((name) =>
  readFileSync(join(import.meta.dirname, 'cases', name, 'bytes.txt'), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const match = /^\d+\.\d+ [<>] (.*)$/.exec(line);
      return match ? [hex(match[1]!)] : [];
    }),
);

test('mutated and cut messages never throw, and each leaves one record at most', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...messages),
      fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 8 }),
      fc.nat(200),
      (message, changes, length) => {
        const bytes = Uint8Array.from(message);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const outcome = run(dhcpv6, flow, [{ direction: 0, ts: 1, bytes: bytes.subarray(0, length) }]);
        expect(outcome.records.length).toBeLessThanOrEqual(1);
        expect(outcome.weirds.length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 3_000 },
  );
});

test('relays in relays beyond eight are not followed', () => {
  let bytes = messages[0]!;
  for (let i = 0; i < 9; i++) {
    const header = Buffer.alloc(38);
    header[0] = 12;
    header.writeUInt16BE(9, 34);
    header.writeUInt16BE(bytes.length, 36);
    bytes = Buffer.concat([header, bytes]);
  }
  const outcome = run(dhcpv6, flow, [{ direction: 0, ts: 1, bytes }]);
  expect(outcome.records).toEqual([]);
  expect(outcome.weirds).toMatchObject([{ name: 'DHCPv6_truncated_message' }]);
  expect(run(dhcpv6, flow, [{ direction: 0, ts: 1, bytes: bytes.subarray(38) }]).records).toHaveLength(1);
});

test('texts that fill a datagram are cut', () => {
  const option = (code: number, body: Uint8Array): Uint8Array => {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(code);
    head.writeUInt16BE(body.length, 2);
    return Buffer.concat([head, body]);
  };
  const labels = Buffer.alloc(6_400, Buffer.concat([Buffer.of(63), Buffer.alloc(63, 'a')]));
  const vendor = Buffer.concat([Buffer.alloc(4), Buffer.of(0x10, 0), Buffer.alloc(4_096, 'v')]);
  const bytes = Buffer.concat([hex('01000001'), option(16, vendor), option(39, Buffer.concat([Buffer.of(0), labels]))]);
  const [one] = run(dhcpv6, flow, [{ direction: 0, ts: 1, bytes }]).records;
  expect(String(one!.record['vendor_class'])).toHaveLength(255);
  expect(String(one!.record['client_fqdn']).length).toBeLessThanOrEqual(255);
});

test('probe: options must lead to the end, and off its ports somebody must name himself', () => {
  const ask = (bytes: Uint8Array, usual: boolean) => dhcpv6.probe(bytes, 0, bytes.length, 0, usual);
  for (const message of messages) expect(ask(message, false)).toBe('yes');
  expect(ask(messages[0]!.subarray(0, 29), true)).toBe('no');
  const unnamed = hex('0b000001 0006 0002 0017');
  expect(ask(unnamed, true)).toBe('yes');
  expect(ask(unnamed, false)).toBe('no');
});
