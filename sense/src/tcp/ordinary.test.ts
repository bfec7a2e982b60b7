import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { Core } from '../core/core.ts';
import { createEngine } from '../engine.ts';
import type { Protocol } from '../protocols/protocol.ts';
import { ethernet, pcap, tcp, type Timed } from '../testing/packets.ts';

afterEach(() => {
  Core.longWayOnly = false;
});

/** Everything that a reading gives: records, and what a parser is told. */
function outcome(file: Uint8Array): unknown[] {
  const events: unknown[] = [];
  const all: Protocol = {
    service: 'all',
    logs: [],
    transports: ['tcp'],
    ports: [],
    probe: () => 'yes',
    open: () => ({
      data: (direction, bytes, start, end, ts) =>
        events.push([direction, Buffer.from(bytes.subarray(start, end)).toString('hex'), ts]),
      gap: (direction, length, ts) => events.push([direction, 'gap', length, ts]),
      finish: (ts) => events.push(['finish', ts]),
    }),
  };
  const engine = createEngine({ protocols: [all], sink: { record: (log, record: AnyRecord) => events.push([log, record]) } });
  engine.push(file);
  events.push(engine.end());
  return events;
}

test('the short way of an ordinary segment gives the same as the long way', () => {
  const ends = { from: '10.0.0.1', to: '10.0.0.2' };
  const back = { from: '10.0.0.2', to: '10.0.0.1' };
  const segment = fc.record({
    own: fc.boolean(),
    flags: fc.constantFrom('A', 'A', 'A', 'A', 'PA', 'PA', 'FA', 'RA', 'SA', 'S', ''),
    // Steps from what is expected next: mostly none, else lost, repeated or nonsense.
    skip: fc.constantFrom(0, 0, 0, 0, 0, 0, 3, -3, 10, -100_000),
    ahead: fc.constantFrom(0, 0, 0, 0, 0, 3, -2, 5000),
    length: fc.constantFrom(0, 0, 1, 5, 9),
    window: fc.constantFrom(1000, 1000, 1000, 0),
  });
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 40 }), fc.constantFrom(100, 0xffff_fff0, 0), (segments, initial) => {
      const packets: Timed[] = [];
      let own = initial;
      let peer = 7000;
      const push = (mine: boolean, flags: string, sequence: number, ack: number, length: number, window: number): void => {
        packets.push({
          ts: 1000 + packets.length * 0.01,
          bytes: ethernet(
            tcp(mine ? ends : back, mine ? { source: 4000, destination: 5000 } : { source: 5000, destination: 4000 }, {
              flags,
              sequence: sequence >>> 0,
              acknowledgement: ack >>> 0,
              window,
              payload: new Uint8Array(length).fill(sequence & 255),
            }),
          ),
        });
      };
      push(true, 'S', own++, 0, 0, 1000);
      push(false, 'SA', peer++, own, 0, 1000);
      push(true, 'A', own, peer, 0, 1000);
      for (const one of segments) {
        const sequence = (one.own ? own : peer) + one.skip;
        const ack = (one.own ? peer : own) + one.ahead;
        push(one.own, one.flags, sequence, ack, one.length, one.window);
        if (one.skip >= 0) {
          if (one.own) own = sequence + one.length;
          else peer = sequence + one.length;
        }
      }
      const file = pcap(packets);
      Core.longWayOnly = false;
      const quick = outcome(file);
      Core.longWayOnly = true;
      expect(quick).toEqual(outcome(file));
    }),
    { numRuns: 3000 },
  );
});
