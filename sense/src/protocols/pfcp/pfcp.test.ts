import * as fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Arrival, flowOf, readCase, run } from '../trial.ts';
import { limits, pfcp } from './pfcp.ts';

const flow = flowOf('udp', 8805);
const cases = join(import.meta.dirname, 'cases');
const datagrams = readdirSync(cases).flatMap((name) =>
  readCase(readFileSync(join(cases, name, 'bytes.txt'), 'utf8')).arrivals.flatMap((one) => ('bytes' in one ? [one.bytes] : [])),
);
const sent = (bytes: Uint8Array): Arrival => ({ direction: 0, ts: 1, bytes });

describe('by content', () => {
  test('a message is known on any port, and not when its length is wrong', () => {
    for (const bytes of [datagrams[0]!]) {
      expect(pfcp.probe(bytes, 0, bytes.length, 0, false)).toBe('yes');
      expect(pfcp.probe(bytes, 0, bytes.length - 1, 0, false)).toBe('no');
    }
  });
});

describe('hostile bytes', () => {
  test('a message that is cut anywhere is an oddity, never a fault', () => {
    for (const bytes of datagrams) {
      for (let length = 1; length < bytes.length; length++) {
        const { records } = run(pfcp, flow, [sent(bytes.subarray(0, length))]);
        expect(records.length).toBeLessThanOrEqual(1);
      }
    }
  });
  test('a message in which bytes are changed is read as far as it goes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...datagrams),
        fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }),
        (bytes, changes) => {
          const changed = Uint8Array.from(bytes);
          for (const [at, value] of changes) changed[at % changed.length] = value;
          const { records } = run(pfcp, flow, [sent(changed)]);
          expect(records.length).toBeLessThanOrEqual(limits[0].value);
          expect(JSON.stringify(records).length).toBeLessThan(16_000);
        },
      ),
      { numRuns: 2_000 },
    );
  });
  test('groups in groups are read no deeper than they mean anything', () => {
    let inner = Buffer.from('0016000161', 'hex');
    for (let i = 0; i < 1_000; i++) {
      const head = Buffer.from('00020000', 'hex');
      head.writeUInt16BE(inner.length, 2);
      inner = Buffer.concat([head, inner]);
    }
    const bytes = Buffer.concat([Buffer.from('2132000000000000000000000000 0100'.replace(' ', ''), 'hex'), inner]);
    bytes.writeUInt16BE(bytes.length - 4, 2);
    expect(run(pfcp, flow, [sent(bytes)]).records).toMatchObject([{ record: { message: 'session_establishment_request' } }]);
  });
});
