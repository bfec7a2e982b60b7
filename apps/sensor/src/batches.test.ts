import { expect, test } from 'vitest';
import type { Batch } from '@forewarn/model/batch';
import { conversation, pcap } from '@forewarn/sense/testing/packets';
import { readCapture } from '@forewarn/sense/read';
import { createBatcher } from './batches.ts';

const capture = pcap(
  Array.from({ length: 30 }, (_, index) =>
    conversation({ from: '10.1.0.5', to: '10.2.0.9' }, { source: 4000 + index, destination: 7 }, [], {
      ts: 1_700_000_000 + index,
    }),
  ).flat(),
);

async function batchesOf(origin: string, chunkBytes = capture.length): Promise<Batch[]> {
  const batches: Batch[] = [];
  const batcher = createBatcher({
    origin,
    source: 'tap.pcap',
    deliver: (batch) => void batches.push(batch),
    limits: { recordsMax: 8, spanSeconds: 1 },
  });
  const chunks = Array.from({ length: Math.ceil(capture.length / chunkBytes) }, (_, index) =>
    capture.slice(index * chunkBytes, (index + 1) * chunkBytes),
  );
  await readCapture(chunks, { sink: batcher, uidSeed: origin });
  batcher.end();
  return batches;
}

const ids = (batches: readonly Batch[]) => batches.map(({ id }) => id);

test('the same capture gives the same batches, however it is cut into chunks; no record is lost', async () => {
  const batches = await batchesOf('a');
  expect(batches.map(({ logs }) => logs.conn!.length)).toEqual([8, 8, 8, 6]);
  expect(new Set(ids(batches)).size).toBe(4);
  expect(ids(await batchesOf('a'))).toEqual(ids(batches));
  expect(ids(await batchesOf('a', 100))).toEqual(ids(batches));
});

test('another origin gives other batches, so that equal records of two readings both count', async () => {
  const [one, other] = [ids(await batchesOf('a')), ids(await batchesOf('b'))];
  expect(other.filter((id) => one.includes(id))).toEqual([]);
});

test('equal records one after another are different batches', () => {
  const batches: Batch[] = [];
  const batcher = createBatcher({
    origin: 'a',
    source: 's',
    deliver: (batch) => void batches.push(batch),
    limits: { recordsMax: 1, spanSeconds: 1 },
  });
  for (let i = 0; i < 2; i++) batcher.record('weird', { ts: 1, name: 'same' });
  expect(batches[0]!.logs).toEqual(batches[1]!.logs);
  expect(batches[0]!.id).not.toBe(batches[1]!.id);
});

test('record time moves a batch on that is not full', () => {
  const batches: Batch[] = [];
  const batcher = createBatcher({ origin: 'a', source: 's', deliver: (batch) => void batches.push(batch) });
  batcher.advance(5);
  batcher.record('weird', { ts: 10, name: 'one' });
  batcher.advance(10);
  batcher.advance(10.9);
  expect(batches).toHaveLength(0);
  batcher.advance(11);
  expect(batches).toHaveLength(1);
  batcher.end();
  expect(batches).toHaveLength(1);
});
