import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, cutAll, flowOf, hex, run } from '../trial.ts';
import { objectName } from './codes.ts';
import { dnp3 } from './dnp3.ts';
import { checked } from './link.ts';

/** The checksum bit by bit, as IEEE 1815-2012 annex E draws it: another way to the same numbers. */
function checksum(bytes: readonly number[]): [number, number] {
  let sum = 0;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const feedback = (sum ^ (byte >> bit)) & 1;
      sum >>>= 1;
      if (feedback) sum ^= 0xa6bc;
    }
  }
  sum = ~sum & 0xffff;
  return [sum & 255, sum >> 8];
}

/** From station 3, the master, to station 1, or back. */
function frame(data: readonly number[], control = 0xc4, stations: readonly number[] = [1, 0, 3, 0]): Uint8Array {
  const head = [0x05, 0x64, data.length + 5, control, ...stations];
  const out = [...head, ...checksum(head)];
  for (let at = 0; at < data.length; at += 16) {
    const block = data.slice(at, at + 16);
    out.push(...block, ...checksum(block));
  }
  return Uint8Array.from(out);
}

/** A fragment in frames of at most so many bytes of it. */
function frames(fragment: readonly number[], most = 249): Uint8Array {
  const out: number[] = [];
  for (let at = 0, sequence = 0; at < fragment.length; at += most, sequence++) {
    const first = at === 0 ? 0x40 : 0;
    const last = at + most >= fragment.length ? 0x80 : 0;
    const stations = fragment[1]! < 0x80 ? [1, 0, 3, 0] : [3, 0, 1, 0];
    out.push(...frame([first | last | (sequence & 0x3f), ...fragment.slice(at, at + most)], 0xc4, stations));
  }
  return Uint8Array.from(out);
}

const flow = flowOf('tcp', 20_000);
const there = (bytes: Uint8Array): Arrival => ({ direction: 0, ts: 1, bytes });
const back = (bytes: Uint8Array): Arrival => ({ direction: 1, ts: 2, bytes });
const read = [...hex('c0 01 3c 02 06')];
const answer = [...hex('c0 81 9000')];

describe('frames', () => {
  test('have a checksum by nibbles that is the one by bits', () => {
    const head = [0x05, 0x64, 0x05, 0xc9, 1, 0, 3, 0];
    expect(checked(Uint8Array.from([...head, ...checksum(head)]), 0, 8)).toBe(true);
    expect(checked(Uint8Array.from([...head, 0, 0]), 0, 8)).toBe(false);
  });

  test('a frame without data says that DNP3 is spoken, and no more', () => {
    const outcome = run(dnp3, flow, [there(frame([], 0xc9)), back(frame([], 0x0b))]);
    expect(outcome).toMatchObject({ confirmed: true, records: [], weirds: [] });
  });

  test('a fragment in several frames is read as one; of one with a hole nothing is', () => {
    const long = [...hex('c0 02 50 01 00 07 07'), 0, ...Array.from({ length: 600 }, (_, i) => i & 255)];
    const whole = run(dnp3, flow, [there(frames(long, 100))]);
    expect(whole.records[0]).toMatchObject({
      log: 'dnp3_objects',
      record: { function_code: 'WRITE', object_type: 'Internal Indications 1' },
    });
    const all = frames(long, 100);
    const without = Uint8Array.from([...all.subarray(0, 125), ...all.subarray(250)]);
    const holed = run(dnp3, flow, [there(without)]);
    expect(holed.records).toEqual([]);
    expect(holed.weirds.every(({ name }) => name === 'dnp3_fragment_out_of_order')).toBe(true);
  });

  test('a block that was changed is not believed', () => {
    const bytes = frames(read);
    bytes[12] = bytes[12]! ^ 1;
    expect(run(dnp3, flow, [there(bytes), there(frames(read)), back(frames(answer))])).toMatchObject({
      weirds: [{ name: 'dnp3_corrupt_data_checksum' }],
    });
  });
});

describe('records', () => {
  const dnp3s = (...arrivals: Arrival[]) =>
    run(dnp3, flow, arrivals)
      .records.filter(({ log }) => log === 'dnp3')
      .map(({ record }) => record);

  test('a request and its response are one; one without response is written at the end', () => {
    expect(dnp3s(there(frames(read)), back(frames(answer)), there(frames([...hex('c1 0e')])))).toMatchObject([
      { fc_request: 'READ', fc_reply: 'RESPONSE', iin: 36_864, ts: 2 },
      { fc_request: 'WARM_RESTART' },
    ]);
  });

  test('the outstation may open the connection', () => {
    expect(dnp3s({ ...there(frames([...hex('f0 82 0200')])), ts: 1 }, back(frames(read)))).toMatchObject([
      { fc_reply: 'UNSOLICITED_RESPONSE', iin: 512 },
      { fc_request: 'READ' },
    ]);
  });

  test('a function that nobody knows has its number', () => {
    expect(dnp3s(there(frames([0xc0, 77])))).toMatchObject([{ fc_request: 'unknown-77' }]);
  });

  test('a pulse to trip, addressed by its range', () => {
    const { records } = run(dnp3, flow, [
      there(
        frames([...hex('c0 05 0c 01 01 0300 0400'), ...hex('81 02 e8030000 00000000 00'), ...hex('41 01 00000000 00000000 04')]),
      ),
    ]);
    expect(records.filter(({ log }) => log === 'dnp3_control').map(({ record }) => record)).toMatchObject([
      { index_number: 3, trip_control_code: 'Trip', operation_type: 'Pulse On', execute_count: 2, on_time: 1_000 },
      { index_number: 4, trip_control_code: 'Close', operation_type: 'Pulse On', is_orig: true, clear_bit: false },
    ]);
  });

  test('objects that state their size, as those of files, are passed over', () => {
    const objects = run(dnp3, flow, [
      there(frames([...hex('c0 1a 46 04 5b 01 0500 0102030405'), ...hex('3c 02 06')])),
    ]).records.filter(({ log }) => log === 'dnp3_objects');
    expect(objects.map(({ record }) => record)).toMatchObject([
      { function_code: 'CLOSE_FILE', object_type: 'File-Control 4', object_count: 1 },
      { object_type: 'Class 1 Data' },
    ]);
  });

  test('a request without response is not lost when another follows, nor taken for what another station says', () => {
    const direct = [...hex('c0 06 0c 01 28 0100 0000 03 01 64000000 64000000 00')];
    const other = frame([0xc0, ...answer], 0x44, [3, 0, 2, 0]);
    expect(dnp3s(there(frames(direct)), there(frames(read)), back(other), back(frames(answer)))).toMatchObject([
      { fc_request: 'DIRECT_OPERATE_NR', master_address: 3, outstation_address: 1 },
      { fc_request: 'READ', outstation_address: 1 },
      { fc_reply: 'RESPONSE', master_address: 3, outstation_address: 2 },
      { fc_reply: 'RESPONSE', outstation_address: 1 },
    ]);
  });

  test('over UDP each datagram is for itself', () => {
    const outcome = run(dnp3, flowOf('udp', 20_000), [
      there(frames(read)),
      there(frames(read).subarray(0, 12)),
      back(frames(answer)),
    ]);
    expect(outcome.records.find(({ log }) => log === 'dnp3')!.record).toMatchObject({ fc_request: 'READ', fc_reply: 'RESPONSE' });
  });
});

test('names of objects', () => {
  const names = ([group, variation]: number[]): string => objectName(group!, variation!);
  expect(
    [
      [1, 1],
      [2, 3],
      [20, 4],
      [21, 10],
      [22, 6],
      [30, 4],
      [30, 6],
      [31, 8],
      [32, 3],
      [32, 7],
      [33, 2],
      [40, 3],
      [41, 2],
      [42, 8],
      [60, 1],
      [50, 1],
      [99, 7],
    ].map(names),
  ).toEqual([
    'Single-bit Binary Input',
    'Binary Input Change With Relative Time',
    '16-Bit Delta Counter',
    '16-Bit Frozen Counter Without Flag',
    '16-Bit Counter Change Event with Time',
    '16-Bit Analog Input Without Flag',
    '64-Bit Floating Point Input',
    '64-Bit Frozen Floating Point Input',
    '32-Bit Analog Change Event w/ Time',
    '32-Bit Floating Point Change Event w/ Time',
    '16-Bit Frozen Analog Event w/o Time',
    '32-Bit Floating Point Output Status',
    '16-Bit Analog Output Block',
    '64-Bit Floating Point Output Event w/ Time',
    'Class 0 Data',
    'Time and Date 1',
    'unknown-99 7',
  ]);
});

test('any split of the stream gives the same', () => {
  const bytes = Uint8Array.from([
    ...frames(read),
    ...frames([...hex('c1 03 0c 01 28 0100 0a00 03 01 64000000 64000000 00')], 7),
    ...frame([], 0xc9),
  ]);
  const whole = run(dnp3, flow, [there(bytes)]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 8 }), (at) => {
      expect(run(dnp3, flow, cutAll([there(bytes)], at)).records).toEqual(whole.records);
    }),
  );
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (fragment, udp) => {
      const arrivals = fragment.length === 0 ? [] : [there(frames([...fragment])), back(fragment)];
      run(dnp3, flowOf(udp ? 'udp' : 'tcp', 20_000), arrivals);
    }),
  );
});
