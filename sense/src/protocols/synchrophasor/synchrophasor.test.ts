import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Arrival, cutAll, flowOf, readCase, run } from '../trial.ts';
import { synchrophasor, synchrophasorOverUdp } from './synchrophasor.ts';

const flow = flowOf('tcp', 4712);
const stream = readCase(readFileSync(join(import.meta.dirname, 'cases/ask-and-stream/bytes.txt'), 'utf8')).arrivals;
const bytesOf = (arrival: Arrival): Uint8Array => ('bytes' in arrival ? arrival.bytes : new Uint8Array(0));
const command = bytesOf(stream[0]!);

test('any cutting gives the same records', () => {
  const whole = run(synchrophasor, flow, stream);
  expect(whole.weirds).toEqual([]);
  expect(whole.records).toHaveLength(7);
  fc.assert(
    fc.property(fc.array(fc.nat(300), { maxLength: 20 }), (places) => {
      expect(run(synchrophasor, flow, cutAll(stream, places))).toEqual(whole);
    }),
    { numRuns: 50 },
  );
});

test('what is measured is not written', () => {
  const [, ...names] = Object.keys(
    run(synchrophasor, flow, stream).records.find(({ log }) => log === 'synchrophasor_data')!.record,
  );
  expect(names.filter((name) => !name.startsWith('id.'))).toEqual([
    'uid',
    'is_orig',
    'frame_type',
    'data_stream_id',
    'frame_size',
    'header_time_stamp',
  ]);
});

test('a flow is summed up once, when it is over', () => {
  const outcome = run(synchrophasor, flow, stream.slice(0, 1));
  expect(outcome.records.map(({ log }) => log)).toEqual(['synchrophasor_cmd', 'synchrophasor']);
  expect(run(synchrophasor, flow, []).records).toEqual([]);
});

test('after a gap and after bytes that are no frame, reading goes on with a segment that begins with a whole one', () => {
  const outcome = run(synchrophasor, flow, [
    { direction: 0, ts: 1, bytes: Uint8Array.from([1, 2, 3]) },
    { direction: 0, ts: 2, bytes: Uint8Array.from([0xaa, 0x41, 0, 18]) },
    { direction: 0, ts: 3, bytes: command },
  ]);
  expect(outcome.records.map(({ log }) => log)).toEqual(['synchrophasor_cmd', 'synchrophasor']);
  expect(outcome.weirds.map(({ name }) => name)).toEqual(['synchrophasor_no_frame']);
});

test('damaged bytes never throw, and a wrong checksum keeps a frame out', () => {
  fc.assert(
    fc.property(fc.nat(stream.length - 1), fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }), (at, changes) => {
      const arrivals = stream.map((arrival, i) => {
        if (i !== at || !('bytes' in arrival)) return arrival;
        const bytes = Uint8Array.from(arrival.bytes);
        for (const [place, value] of changes) bytes[place % bytes.length] = value;
        return { ...arrival, bytes };
      });
      expect(run(synchrophasor, flow, arrivals).records.length).toBeLessThan(20);
    }),
    { numRuns: 1_000 },
  );
});

test('a datagram that is cut does not swallow the next', () => {
  const outcome = run(synchrophasorOverUdp, flowOf('udp', 4713), [
    { direction: 0, ts: 1, bytes: command.subarray(0, 10) },
    { direction: 0, ts: 2, bytes: command },
  ]);
  expect(outcome.records.map(({ log }) => log)).toEqual(['synchrophasor_cmd', 'synchrophasor']);
});

describe('probe', () => {
  const ask = (bytes: Uint8Array, usual: boolean) => synchrophasor.probe(bytes, 0, bytes.length, 0, usual);
  test('elsewhere the checksum must be right', () => {
    const wrong = Uint8Array.from(command);
    wrong[6] = 1;
    expect(ask(command, false)).toBe('yes');
    expect(ask(wrong, false)).toBe('no');
    expect(ask(wrong, true)).toBe('yes');
    expect(ask(command.subarray(0, 3), false)).toBe('more');
    expect(ask(command.subarray(0, 17), false)).toBe('more');
    expect(ask(Uint8Array.from([0xaa, 0x71, 0, 18]), true)).toBe('no');
  });
});
