import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Direction } from '../protocol.ts';
import { type Arrival, cutAll, flowOf, hex, readCase, run, silent } from '../trial.ts';
import { fileTime } from './share.ts';
import { smb } from './smb.ts';
import { pendingMax } from './smb2.ts';
import { aheadPiecesMax } from './transfer.ts';

const caseOf = (name: string) => readCase(readFileSync(new URL(`./cases/${name}/bytes.txt`, import.meta.url), 'utf8'));
const names = readdirSync(new URL('./cases/', import.meta.url));
const flow = flowOf('tcp', 445);

/** What does not hang on when bytes arrived. */
const timeless = (records: readonly { log: string; record: AnyRecord }[]) =>
  records.map(({ log, record }) => ({ log, ...record, ts: 0, rtt: 0, duration: 0 }));

for (const name of names.filter((each) => each !== 'lost')) {
  test(`${name}: any split of the streams gives the same records`, () => {
    const { port, arrivals } = caseOf(name);
    const whole = run(smb, flowOf('tcp', port), arrivals);
    fc.assert(
      fc.property(fc.array(fc.nat(700), { maxLength: 12 }), (places) => {
        const outcome = run(smb, flowOf('tcp', port), cutAll(arrivals, places));
        expect(timeless(outcome.records)).toEqual(timeless(whole.records));
        expect(outcome.services).toEqual(whole.services);
      }),
      { numRuns: 60 },
    );
  });
}

test('one byte at a time, too', () => {
  const { port, arrivals } = caseOf('version-1');
  const places = Array.from({ length: 800 }, (_, i) => i);
  expect(timeless(run(smb, flowOf('tcp', port), cutAll(arrivals, places)).records)).toEqual(
    timeless(run(smb, flowOf('tcp', port), arrivals).records),
  );
});

// Messages of version 2 ([MS-SMB2] 2.2), of which only what is read is filled in.
const u16 = (...values: number[]): Buffer => Buffer.from(Uint16Array.from(values).buffer);
const u32 = (...values: number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);
const u64 = (value: number): Buffer => u32(value >>> 0, Math.floor(value / 2 ** 32));
const framed = (message: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0, message.length >> 16, (message.length >> 8) & 255, message.length & 255]), message]);
const message = (command: number, id: number, body: Buffer, response = false, status = 0): Buffer =>
  framed(
    Buffer.concat([
      Buffer.from([0xfe, 0x53, 0x4d, 0x42]),
      u16(64, 1),
      u32(status),
      u16(command, 1),
      u32(response ? 1 : 0, 0),
      u64(id),
      u32(0xfeff, 5),
      u64(1),
      Buffer.alloc(16),
      body,
    ]),
  );
const file = (id: number): Buffer => Buffer.concat([u64(id), u64(id + 9)]);
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

const create = (id: number, name: string): Buffer =>
  message(
    5,
    id,
    Buffer.concat([
      u16(57),
      Buffer.alloc(42),
      u16(120, utf16(name).length),
      Buffer.alloc(8),
      utf16(name),
      Buffer.alloc(name === '' ? 2 : 0),
    ]),
  );
const created = (id: number, handle: number, size: number): Buffer =>
  message(5, id, Buffer.concat([u16(89), Buffer.alloc(46), u64(size), Buffer.alloc(8), file(handle), Buffer.alloc(8)]), true);
const read = (id: number, handle: number, offset: number, length: number): Buffer =>
  message(8, id, Buffer.concat([u16(49, 80), u32(length), u64(offset), file(handle), Buffer.alloc(17)]));
const answered = (id: number, data: Buffer): Buffer =>
  message(8, id, Buffer.concat([u16(17), Buffer.from([80, 0]), u32(data.length, 0, 0), data]), true);
const write = (id: number, handle: number, offset: number, data: Buffer): Buffer =>
  message(9, id, Buffer.concat([u16(49, 112), u32(data.length), u64(offset), file(handle), Buffer.alloc(16), data]));
const close = (id: number, handle: number): Buffer => message(6, id, Buffer.concat([u16(24, 0), u32(0), file(handle)]));
const closed = (id: number): Buffer => message(6, id, Buffer.concat([u16(60), Buffer.alloc(58)]), true);

const there = (...bytes: Buffer[]): Arrival => ({ direction: 0, ts: 1, bytes: Buffer.concat(bytes) });
const back = (...bytes: Buffer[]): Arrival => ({ direction: 1, ts: 2, bytes: Buffer.concat(bytes) });
const files = (arrivals: readonly Arrival[]) =>
  run(smb, flow, arrivals)
    .records.filter(({ log }) => log === 'files')
    .map(({ record }) => record);

describe('contents of files', () => {
  const text = Buffer.from(Array.from({ length: 1_000 }, (_, i) => i & 255));
  const pieces = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const asks = pieces.map((i) => read(10 + i, 3, i * 100, 100));
  const answers = pieces.map((i) => answered(10 + i, text.subarray(i * 100, i * 100 + 100)));
  const opened = [there(create(1, 'a.bin')), back(created(1, 3, 1_000)), there(...asks)];
  const end = [there(close(90, 3)), back(closed(90))];
  const [straight] = files([...opened, back(...answers), ...end]);

  test('answers in any order give the same file', () => {
    expect(straight).toMatchObject({ seen_bytes: 1_000, missing_bytes: 0, total_bytes: 1_000, is_orig: false });
    expect(straight).toHaveProperty('sha256');
    fc.assert(
      fc.property(
        fc.shuffledSubarray(answers, { minLength: answers.length }),
        fc.array(fc.nat(1_500), { maxLength: 5 }),
        (order, places) => {
          const [one] = files(cutAll([...opened, back(...order), ...end], places));
          expect({ ...one, duration: 0, fuid: '' }).toEqual({ ...straight, duration: 0, fuid: '' });
        },
      ),
      { numRuns: 100 },
    );
  });
  test('a piece that never comes is a hole', () => {
    expect(files([...opened, back(...answers.filter((_, i) => i !== 4)), ...end])).toMatchObject([
      { seen_bytes: 900, missing_bytes: 100 },
    ]);
  });
  test('what is read twice counts once', () => {
    const again = [
      there(read(40, 3, 0, 100), read(41, 3, 950, 50)),
      back(answered(40, text.subarray(0, 100)), answered(41, text.subarray(950))),
    ];
    expect(files([...opened, back(...answers), ...again, ...end])).toMatchObject([
      { seen_bytes: 1_000, sha256: straight!['sha256'] },
    ]);
  });
  test('no more pieces wait than the ceiling says', () => {
    const many = Array.from({ length: aheadPiecesMax + 1 }, (_, i) => i);
    const arrivals = [
      ...opened.slice(0, 2),
      there(...many.map((i) => read(100 + i, 3, 10 + 10 * i, 10))),
      back(...many.map((i) => answered(100 + i, text.subarray(0, 10)))),
      ...end,
    ];
    expect(files(arrivals)).toMatchObject([{ seen_bytes: 10 * many.length, missing_bytes: 10 }]);
  });
  test('writing, with a part of a large message missing from the capture', () => {
    const large = write(20, 4, 0, Buffer.alloc(200_000, 0x61));
    expect(
      files([
        there(create(1, 'b.txt')),
        back(created(1, 4, 0)),
        there(large.subarray(0, 50_000)),
        { direction: 0, ts: 1, missing: 100_000 },
        there(large.subarray(150_000), close(21, 4)),
        back(closed(21)),
      ]),
    ).toMatchObject([{ is_orig: true, seen_bytes: 100_000, missing_bytes: 100_000, filename: 'b.txt' }]);
  });
  test('an answer that comes after the file was closed begins no file that would stay open', () => {
    let open = 0;
    const parser = smb.open(flow, {
      ...silent,
      file: () => {
        open++;
        return { id: 'F', mediaType: undefined, data: () => {}, gap: () => {}, end: () => void open-- };
      },
    });
    for (const { direction, bytes } of [...opened, ...end, back(answers[0]!)] as { direction: Direction; bytes: Uint8Array }[]) {
      parser.data(direction, bytes, 0, bytes.length, 1);
    }
    parser.finish(2);
    expect(open).toBe(0);
  });
  test('a flow that ends before the file is closed', () => {
    const [whole] = files([...opened, back(...answers)]);
    expect(whole).toHaveProperty('sha256');
    const [half] = files([...opened, back(...answers.slice(0, 5))]);
    expect(half).not.toHaveProperty('sha256');
    expect(half).toMatchObject({ seen_bytes: 500 });
  });
  test('a file whose opening was not seen has no name and no record', () => {
    expect(files([there(read(10, 3, 0, 100)), back(answers[0]!)])).toEqual([]);
  });
});

describe('what is written of files', () => {
  test('one opened again and again, unchanged, is told once', () => {
    const times = Buffer.from('0080cc26c4f1d901', 'hex');
    const dated = (id: number, handle: number): Buffer => {
      const bytes = created(id, handle, 7);
      for (const at of [72, 80, 88, 96]) times.copy(bytes, 4 + at);
      return bytes;
    };
    const { records } = run(
      smb,
      flow,
      [1, 2, 3].flatMap((i) => [there(create(i, 'x')), back(dated(i, i)), there(close(10 + i, i)), back(closed(10 + i))]),
    );
    expect(records).toHaveLength(1);
    expect(records[0]!.record).toMatchObject({ action: 'SMB::FILE_OPEN', 'times.modified': fileTime(times, 0) });
  });
  test('what the server refused is not', () => {
    expect(run(smb, flow, [there(create(1, 'x')), back(message(5, 1, u16(9, 0, 0, 0), true, 0xc0000022))]).records).toEqual([]);
  });
  test('the root of a share, and a pipe that tells itself by its name', () => {
    const { records } = run(smb, flow, [there(create(1, ''), create(2, 'srvsvc')), back(created(1, 1, 0), created(2, 2, 0))]);
    expect(records.map(({ record }) => record['name'])).toEqual(['<share_root>']);
  });
});

test('times count 100 ns since 1601, to the microsecond', () => {
  // 1970-01-01T00:00:00Z and 2011-12-06T20:16:44.512058Z in that count.
  expect(fileTime(hex('00803ed5deb19d01'), 0)).toBe(0);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE((1_323_202_604_512_058n + 11_644_473_600_000_000n) * 10n);
  expect(fileTime(bytes, 0)).toBe(1_323_202_604.512058);
  expect(fileTime(new Uint8Array(8), 0)).toBe(0);
});

describe('hostile bytes', () => {
  test('more requests than are held, answers to nothing, and chains that go astray', () => {
    const many = Array.from({ length: pendingMax + 50 }, (_, i) => create(i, 'x'));
    expect(run(smb, flow, [there(...many), back(created(0, 1, 0), created(pendingMax + 49, 2, 0))]).records).toHaveLength(1);
    const chain = create(1, 'x');
    for (const next of [1, 63, 64, 72, 0xffffffff]) {
      chain.writeUInt32LE(next, 4 + 20);
      expect(() => run(smb, flow, [there(chain)])).not.toThrow();
    }
  });
  test('mutated bytes never throw', () => {
    for (const name of ['read-and-write', 'remote-service', 'version-1', 'chain']) {
      const { port, arrivals } = caseOf(name);
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.nat(30), fc.nat(400), fc.nat(255)), { maxLength: 8 }), (changes) => {
          const changed = arrivals.map((arrival) =>
            'bytes' in arrival ? { ...arrival, bytes: Uint8Array.from(arrival.bytes) } : arrival,
          );
          for (const [which, at, value] of changes) {
            const arrival = changed[which % changed.length]!;
            if ('bytes' in arrival) arrival.bytes[at % arrival.bytes.length] = value;
          }
          expect(run(smb, flowOf('tcp', port), changed).records.length).toBeLessThan(60);
        }),
        { numRuns: 400 },
      );
    }
  });
});

describe('probe', () => {
  const ask = (text: string, direction: Direction = 0) => smb.probe(hex(text), 0, hex(text).length, direction, false);
  test('the four signatures behind a length', () => {
    for (const first of ['ff', 'fe', 'fd', 'fc']) expect(ask(`00000040 ${first}534d42`)).toBe('yes');
    expect(ask('00000040 fb534d42')).toBe('no');
    expect(ask('00000040 fe53')).toBe('more');
    expect(ask('00000040 41')).toBe('no');
    expect(ask('16')).toBe('no');
  });
  test('a session of NetBIOS by the names in its request, and by what follows its answer', () => {
    const name = `20${'4341'.repeat(16)}00`;
    expect(ask(`81000044 ${name}${name}`)).toBe('yes');
    expect(ask(`81000044 ${name}`)).toBe('more');
    expect(ask(`81000044 ${name}21${'4341'.repeat(16)}00`)).toBe('no');
    expect(ask('81000045')).toBe('more');
    expect(ask('81000045 2043')).toBe('no');
    expect(ask('82000000', 1)).toBe('more');
    expect(ask('82000000 00000040 ff534d42', 1)).toBe('yes');
  });
});
