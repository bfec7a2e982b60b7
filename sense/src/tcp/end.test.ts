import { expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createEngine } from '../engine.ts';
import { ethernet, pcap, tcp, type Timed } from '../testing/packets.ts';

/** A segment of an end: whose, its flags, and how many bytes of data and FIN of each side are behind it. */
type Step = { own: boolean; flags: string; sequence: number; ack: number; length: number };

/**
 * Every order in which a client that sends one byte and a server that sends none may close: each acknowledges what it has heard, at once or with
 * its next segment.
 */
function* endings(): Generator<Step[]> {
  type Side = { sent: number; heard: number; acked: number; toSend: ('data' | 'fin')[] };
  function* from(
    client: Side,
    server: Side,
    onTheWay: readonly { own: boolean; upTo: number }[],
    steps: Step[],
  ): Generator<Step[]> {
    const sides = [client, server] as const;
    let isOver = true;
    for (const own of [true, false]) {
      const me = sides[own ? 0 : 1];
      const other = sides[own ? 1 : 0];
      const next = (mine: Side, way: typeof onTheWay, step: Step) =>
        from(own ? mine : other, own ? other : mine, way, [...steps, step]);
      // Sends what is next, with an acknowledgement of what it has heard.
      const what = me.toSend[0];
      if (what !== undefined) {
        isOver = false;
        const length = what === 'data' ? 1 : 0;
        const step = { own, flags: what === 'data' ? 'PA' : 'FA', sequence: me.sent, ack: me.heard, length };
        yield* next(
          { sent: me.sent + 1, heard: me.heard, acked: me.heard, toSend: me.toSend.slice(1) },
          [...onTheWay, { own, upTo: me.sent + 1 }],
          step,
        );
      }
      // Acknowledges what it has heard.
      if (me.heard > me.acked) {
        isOver = false;
        yield* next({ ...me, acked: me.heard }, onTheWay, { own, flags: 'A', sequence: me.sent, ack: me.heard, length: 0 });
      }
      // Hears the next of what is on its way.
      const coming = onTheWay.find((one) => one.own !== own);
      if (coming) {
        isOver = false;
        const mine = { ...me, heard: coming.upTo };
        const way = onTheWay.filter((one) => one !== coming);
        yield* from(own ? mine : other, own ? other : mine, way, steps);
      }
    }
    if (isOver) yield steps;
  }
  yield* from({ sent: 1, heard: 1, acked: 1, toSend: ['data', 'fin'] }, { sent: 1, heard: 1, acked: 1, toSend: ['fin'] }, [], []);
}

test('in whatever order two sides close, the flow ends within seconds', () => {
  const there = { from: '10.0.0.1', to: '10.0.0.2' };
  const back = { from: '10.0.0.2', to: '10.0.0.1' };
  const seen = new Map([...endings()].map((steps) => [JSON.stringify(steps), steps]));
  expect(seen.size).toBeGreaterThan(30);
  const late: string[] = [];
  for (const [key, steps] of seen) {
    const begin: Step[] = [
      { own: true, flags: 'S', sequence: 0, ack: 0, length: 0 },
      { own: false, flags: 'SA', sequence: 0, ack: 1, length: 0 },
      { own: true, flags: 'A', sequence: 1, ack: 1, length: 0 },
    ];
    const packets = [...begin, ...steps].map(({ own, flags, sequence, ack, length }, index): Timed => ({
      ts: 1000 + index * 0.001,
      bytes: ethernet(
        tcp(own ? there : back, own ? { source: 4000, destination: 5000 } : { source: 5000, destination: 4000 }, {
          flags,
          sequence: (own ? 100 : 7000) + sequence,
          acknowledgement: flags === 'S' ? 0 : (own ? 7000 : 100) + ack,
          payload: new Uint8Array(length),
        }),
      ),
    }));
    const records: AnyRecord[] = [];
    const engine = createEngine({ sink: { record: (log, record) => void (log === 'conn' && records.push(record)) } });
    engine.push(pcap(packets));
    engine.advance(1000 + 10);
    if (records.length !== 1 || records[0]!['conn_state'] !== 'SF') late.push(key);
    engine.end();
  }
  expect(late).toEqual([]);
});
