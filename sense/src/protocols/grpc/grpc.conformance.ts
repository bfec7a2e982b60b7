/** Calls of a real client and server in a capture: what was said, what tshark's dissector counts and what we count must be one. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordsOf } from '../../conformance/records.ts';
import { grpcTalk, grpcTruth } from '../../testing/grpc.ts';
import { conversation, pcap } from '../../testing/packets.ts';

const hasTshark = spawnSync('tshark', ['-version'], { encoding: 'utf8' }).error === undefined;
const port = 50_051;

/** Bytes of one segment. */
const segmentBytes = 1_400;

let folder = '';
let file = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'forewarn-grpc-'));
  file = join(folder, 'grpc.pcap');
  const turns: { from: 'client' | 'server'; payload: Uint8Array }[] = [];
  for (const { fromClient, bytes } of await grpcTalk())
    for (let at = 0; at < bytes.length; at += segmentBytes)
      turns.push({ from: fromClient ? 'client' : 'server', payload: bytes.subarray(at, at + segmentBytes) });
  const packets = conversation({ from: '192.0.2.1', to: '198.51.100.1' }, { source: 40_000, destination: port }, turns);
  writeFileSync(file, pcap(packets));
});
afterAll(() => rmSync(folder, { recursive: true }));

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

test('what was said', async () => {
  const calls = (await recordsOf(file)).get('grpc') ?? [];
  const of = (name: string): number => sum(calls.map((call) => call[name] as number));
  expect({
    calls: calls.length,
    messages: of('request_messages') + of('response_messages'),
    bytes: of('request_message_bytes') + of('response_message_bytes'),
  }).toEqual(grpcTruth);
  expect(calls.every((call) => call['complete'] === true)).toBe(true);
});

test.skipIf(!hasTshark)('what tshark counts', () => {
  // Messages of ours are no Protocol Buffers, over whose content the dissector would stop.
  const given = ['-r', file, '--disable-protocol', 'protobuf', '-d', `tcp.port==${port},http2`, '-T', 'fields', '-e', 'grpc.message_length']; // oxfmt-ignore
  const lengths = spawnSync('tshark', given, { encoding: 'utf8' })
    .stdout.split(/[\n,]/)
    .filter((text) => text !== '')
    .map(Number);
  expect({ messages: lengths.length, bytes: sum(lengths) }).toEqual({ messages: grpcTruth.messages, bytes: grpcTruth.bytes });
});

if (!hasTshark) console.warn('tshark is not installed: gRPC was held against what was said only');
