/**
 * Transport streams with faults that are known, in a capture: what was done to them, what tshark's dissector finds and what we find must be one. ffmpeg, where
 * it is installed, makes a stream without faults, of which ffprobe says what it carries.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { recordsOf } from '../../conformance/records.ts';
import { recogniseLog } from '../../logs/read.ts';
import { datagrams, ids, makeStream, pidOf, type Sent } from '../../testing/mpeg-ts.ts';
import { ethernet, pcap, udp } from '../../testing/packets.ts';

const has = (tool: string): boolean => spawnSync(tool, ['-version'], { encoding: 'utf8' }).error === undefined;
const hasTshark = has('tshark');
const hasFfmpeg = has('ffmpeg') && has('ffprobe');
const port = 5_500;

/** What was done to twelve seconds of a stream, packet by packet. */
const done = { lost: 0, skipped: 0, repeated: 0, damagedTables: 0, marked: 0, scrambled: 0 };
const sent: Sent[] = [];
let video = 0;
let tables = 0;
for (const packet of makeStream(12)) {
  const pid = pidOf(packet.bytes);
  if (pid === ids.video) video++;
  if (pid === 0) tables++;
  if (pid === ids.video && [300, 900, 901, 902, 3_000].includes(video)) {
    done.skipped++;
    if (video !== 901 && video !== 902) done.lost++;
    continue;
  }
  let bytes = packet.bytes;
  if (pid === 0 && tables % 30 === 0) {
    done.damagedTables++;
    bytes = bytes.with(17, bytes[17]! ^ 0x10);
  }
  if (pid === 0x1fff && sent.length % 5_000 === 17) {
    done.marked++;
    bytes = bytes.with(1, bytes[1]! | 0x80);
  }
  if (pid === ids.audio && video % 100 === 50) {
    done.scrambled++;
    bytes = bytes.with(3, bytes[3]! | 0xc0);
  }
  sent.push({ ts: packet.ts, bytes });
  if (pid === ids.video && video === 2_000) {
    done.repeated++;
    sent.push({ ts: packet.ts, bytes });
  }
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path(tmpdir(), 'forewarn-mpeg-ts-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const ends = { from: '192.0.2.10', to: '239.1.1.1' };

/** The stream as packets of UDP, behind a header of so many bytes each. */
function capture(name: string, header: (n: number, ts: number) => Uint8Array): string {
  const packets = datagrams(sent).map(({ ts, bytes }, n) => {
    const payload = new Uint8Array([...header(n, ts), ...bytes]);
    return { ts, bytes: ethernet(udp(ends, { source: 40_000, destination: port }, payload)) };
  });
  const file = path(folder, name);
  writeFileSync(file, pcap(packets));
  return file;
}

function rtpHeader(n: number, ts: number): Uint8Array {
  const header = Buffer.alloc(12);
  header.set([0x80, 33]);
  header.writeUInt16BE(n & 0xffff, 2);
  header.writeUInt32BE(Math.round((ts % 10_000) * 90_000) >>> 0, 4);
  header.writeUInt32BE(7, 8);
  return header;
}

async function ours(file: string) {
  const records = await recordsOf(file);
  const streams = records.get('mpeg_ts') ?? [];
  const sum = (name: string): number => streams.reduce((total, record) => total + Number(record[name]), 0);
  return { streams, sum };
}

const expected = {
  packets: sent.length,
  continuity_count_error: done.lost,
  continuity_skips: done.skipped,
  duplicate_packets: done.repeated,
  crc_error: done.damagedTables,
  transport_error: done.marked,
  scrambled_packets: done.scrambled,
};

for (const [name, header] of [['udp', () => new Uint8Array(0)], ['rtp', rtpHeader]] as const) {
  describe(`over ${name}`, () => {
    test('we find what was done', async () => {
      const { sum } = await ours(capture(`${name}.pcap`, header));
      expect(Object.fromEntries(Object.keys(expected).map((column) => [column, sum(column)]))).toEqual(expected);
    });

    test.skipIf(!hasTshark)('tshark finds the same', async () => {
      const file = capture(`${name}.pcap`, header);
      const fields = ['mp2t.pid', 'mp2t.analysis.skips', 'mp2t.tei', 'mp2t.tsc', 'mp2t.af.pcr', 'mpeg_sect.crc.invalid'];
      const decode = name === 'udp' ? ['-d', `udp.port==${port},mp2t`] : ['-d', `udp.port==${port},rtp`];
      const { stdout, status } = spawnSync(
        'tshark',
        ['-r', file, '-n', ...decode, '-o', 'mpeg_sect.verify_crc:TRUE', '-T', 'fields', '-E', 'occurrence=a', ...fields.flatMap((field) => ['-e', field])],
        { encoding: 'utf8', maxBuffer: 1 << 28 },
      );
      expect(status).toBe(0);
      const found: { [field: string]: string[] } = Object.fromEntries(fields.map((field) => [field, []]));
      for (const line of stdout.split('\n')) {
        for (const [i, cell] of line.split('\t').entries()) if (cell !== '') found[fields[i]!]!.push(...cell.split(','));
      }
      const { sum, streams } = await ours(file);
      const count = (field: string, value: (text: string) => boolean): number => found[field]!.filter(value).length;
      const theirs = {
        packets: found['mp2t.pid']!.length,
        continuity_skips: found['mp2t.analysis.skips']!.reduce((total, text) => total + Number(text), 0),
        transport_error: count('mp2t.tei', (text) => text === '1' || text === 'True'),
        scrambled_packets: count('mp2t.tsc', (text) => Number(text) !== 0),
        crc_error: found['mpeg_sect.crc.invalid']!.length,
        null_packets: count('mp2t.pid', (text) => Number(text) === 0x1fff) - done.marked,
      };
      expect(Object.fromEntries(Object.keys(theirs).map((column) => [column, sum(column)]))).toEqual(theirs);
      const pids = [...new Set(found['mp2t.pid']!.map(Number))].filter((pid) => pid !== 0x1fff).sort((a, b) => a - b);
      expect(streams[0]!['pids']).toEqual(pids);
      console.log(`mpeg_ts over ${name}: ${JSON.stringify(theirs)} in both`);
    });
  });
} // oxfmt-ignore

test.skipIf(!hasFfmpeg)('a real multiplexer makes no fault, and ffprobe reads the same programme', () => {
  const file = path(folder, 'stream.ts');
  const source = ['-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=25', '-f', 'lavfi', '-i', 'sine', '-t', '12'];
  const coding = ['-c:v', 'mpeg2video', '-c:a', 'mp2', '-muxrate', '2M', '-metadata', 'service_name=Télé Un', '-f', 'mpegts'];
  expect(spawnSync('ffmpeg', ['-v', 'error', ...source, ...coding, file]).status).toBe(0);
  const { stdout } = spawnSync('ffprobe', ['-v', 'error', '-show_programs', '-of', 'json', file], { encoding: 'utf8' });
  const [program] = (JSON.parse(stdout) as { programs: FfprobeProgram[] }).programs;
  const records: { log: string; record: AnyRecord }[] = [];
  const bytes = readFileSync(file);
  const reading = recogniseLog(bytes.subarray(0, 65_536), file)!.open({ name: file }, { record: (log, record) => void records.push({ log, record }) });
  reading.push(bytes);
  expect(reading.end()).toMatchObject({ format: 'mpeg_ts', refused: {} });
  expect(records.filter(({ log }) => log === 'mpeg_ts_fault')).toEqual([]);
  const { record } = records[0]!;
  expect(record).toMatchObject({ programs: [program!.program_id], services: [program!.tags.service_name] });
  const pids = program!.streams.map(({ id }) => Number(id));
  expect(record['pids']).toEqual([0, 0x11, ...[program!.pmt_pid, ...pids].sort((a, b) => a - b)]);
  expect(record['bitrate']).toBeGreaterThan(1_960_000);
  expect(record['bitrate']).toBeLessThan(2_040_000);
  expect(record['pcr_accuracy_max']).toBeLessThan(5e-7);
}); // oxfmt-ignore

type FfprobeProgram = { program_id: number; pmt_pid: number; tags: { service_name: string }; streams: { id: string }[] };

if (!hasTshark) console.log('mpeg_ts: tshark is not installed, so the comparison with it was not run');
if (!hasFfmpeg) console.log('mpeg_ts: ffmpeg is not installed, so the comparison with its multiplexer and ffprobe was not run');
