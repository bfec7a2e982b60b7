/**
 * What the demo country's other sensors see, besides the two stories: `content/demo/sources.yaml`. Each source has a round now and then: a minute of a
 * small scenario, read by the capture engine, or a few documents of a log. All of a round follows from its source and its time, so that it may be
 * brought twice and counts once.
 */

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { formatInstant, type Seconds } from '@forewarn/base/time';
import type { Batch } from '@forewarn/model/batch';
import type { ContentFile } from '@forewarn/model/content';
import { Slug } from '@forewarn/model/estate';
import { readContent } from '@forewarn/model/yaml';
import { readScenario, type Scenario } from '@forewarn/prepare/scenario/language';
import { openStory, tickSeconds, type StoryOptions } from './story.ts';

/** The demo's sources keep time in minutes: so long is the shortest recording, and as often a sensor reports. */
export const minuteSeconds = 60;

const common = { sensor: Slug, everySeconds: z.int().min(minuteSeconds).max(3_600).multipleOf(minuteSeconds) };
const SourcesFile = z.strictObject({
  sources: z.array(z.union([z.strictObject({ ...common, capture: Slug }), z.strictObject({ ...common, log: Slug })])).max(50),
});

export type CaptureSource = { sensor: string; everySeconds: Seconds; scenario: Scenario };
export type LogSource = { sensor: string; everySeconds: Seconds; name: string; lines: readonly string[] };
export type DemoSource = CaptureSource | LogSource;

const path = 'demo/sources.yaml';

/** The sources of the content. Throws refusals that name file and line. */
export function readSources(content: readonly ContentFile[]): DemoSource[] {
  const text = (of: string): string => {
    const file = content.find((one) => one.path === of);
    if (!file) throw new Error(`content/${of} is missing.`);
    return file.text;
  };
  const read = readContent(SourcesFile, text(path), `content/${path}`);
  if (!read.ok) throw new AggregateError(read.refusals, 'content');
  return read.value.sources.map((source): DemoSource => {
    const { sensor, everySeconds } = source;
    if ('capture' in source) {
      const of = `demo/sources/${source.capture}.yaml`;
      return { sensor, everySeconds, scenario: readScenario(text(of), `content/${of}`) };
    }
    const lines = text(`demo/sources/${source.log}.txt`).split('\n').filter(Boolean);
    return { sensor, everySeconds, name: source.log, lines };
  });
}

/** The packets of the minute that ends at `endAt`, a whole second, as a sensor's batches; and what was read. */
export function captureRound(
  { scenario }: CaptureSource,
  { endAt, networks, trace }: { endAt: Seconds; networks: readonly string[]; trace?: StoryOptions['trace'] },
): { batches: Batch[]; packets: number; bytes: number } {
  const batches: Batch[] = [];
  const startAt = endAt - minuteSeconds;
  const deliver = (batch: Batch): void => void batches.push(batch);
  // The same hosts as ever, on another occasion; one batch, because the minute is over.
  const story = openStory({
    scenario,
    seed: 1,
    episode: endAt,
    startAt,
    endAt,
    liveFrom: endAt,
    networks,
    deliver,
    ...(trace ? { trace } : {}),
  });
  for (let tick = startAt; tick < endAt; tick += tickSeconds) story.tick(tick);
  story.end();
  const { packets, bytes } = story.counted();
  return { batches, packets, bytes };
}

/** The documents of the time before `at`, as a shipper brings them to `_bulk`. */
export function logRound({ name, lines }: LogSource, at: Seconds): string {
  const documents = lines.map((line, number) =>
    line
      .replaceAll(/\{-(\d+)\}/g, (_, ago: string) => formatInstant(at - Number(ago)))
      .replaceAll('{id}', createHash('sha256').update(`${name}/${at}/${number}`).digest('hex').slice(0, 32)),
  );
  return documents.map((document) => `{"create":{"_index":"${name}"}}\n${document}\n`).join('');
}
