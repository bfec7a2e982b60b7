/**
 * What an indicator is worth: its source's reliability, what is said of it, and its age. The numbers are content
 * (`content/indicators/confidence.yaml`, with their sources); every finding shows the parts.
 */

import { z } from 'zod';
import type { Seconds } from '@forewarn/base/time';
import { Credibility, indicatorKinds, Reliability, type IndicatorKind } from '@forewarn/model/indicator';
import type { Words } from '@forewarn/model/text';
import { readContent } from '@forewarn/model/yaml';

const Share = z.number().min(0).max(1);
const Decay = z.strictObject({ lifetimeDays: z.number().positive(), speed: z.number().positive() }).nullable();

const ConfidenceFile = z.strictObject({
  reliability: z.record(Reliability, Share),
  credibility: z.record(Credibility, Share),
  unsaid: Share,
  rests: Share,
  decay: z.record(z.enum([...indicatorKinds, 'pattern']), Decay),
});
export type ConfidenceSettings = z.infer<typeof ConfidenceFile>;

/** Without content: values are worth what is said of them, for ever. */
export const plainConfidence: ConfidenceSettings = {
  reliability: { A: 1, B: 0.75, C: 0.5, D: 0.25, E: 0, F: 0.5 },
  credibility: { '1': 0.9, '2': 0.7, '3': 0.5, '4': 0.3, '5': 0.1, '6': 0.5 },
  unsaid: 0.5,
  rests: 0.3,
  decay: { address: null, network: null, domain: null, url: null, hash: null, pattern: null },
};

/** Reads the numbers; throws the first refusal with file and line. */
export function readConfidence(text: string, file: string): ConfidenceSettings {
  const read = readContent(ConfidenceFile, text, file);
  if (!read.ok) throw read.refusals[0]!;
  return read.value;
}

type Judged = { reliability?: Reliability | undefined; credibility?: Credibility | undefined; confidence?: number | undefined };

/** What a value is worth when it is fresh, 0 to 1. */
export function baseConfidence({ reliability, credibility, confidence }: Judged, settings: ConfidenceSettings): number {
  const said = confidence ?? (credibility === undefined ? undefined : settings.credibility[credibility]);
  if (reliability === undefined) return said ?? settings.unsaid;
  const of = settings.reliability[reliability];
  return said === undefined ? of : (of + said) / 2;
}

/** The share of its worth that a value has left after so many seconds; 1 before, 0 at the end of its life. */
export function shareLeft(kind: IndicatorKind | 'pattern', age: Seconds, settings: ConfidenceSettings): number {
  const decay = settings.decay[kind];
  if (!decay || !(age > 0)) return 1;
  const part = age / (decay.lifetimeDays * 86_400);
  return part >= 1 ? 0 : 1 - part ** (1 / decay.speed);
}

/** The parts of a confidence as a sentence. */
export function confidenceParts(judged: Judged, age: Seconds | undefined, left: number, settings: ConfidenceSettings): Words {
  const { reliability, credibility, confidence } = judged;
  const said: Words =
    confidence !== undefined
      ? { text: 'detect.confidence.stated', values: { percent: Math.round(confidence * 100) } }
      : credibility !== undefined
        ? {
            text: 'detect.confidence.credibility',
            values: { grade: credibility, percent: Math.round(settings.credibility[credibility] * 100) },
          }
        : { text: 'detect.confidence.unsaid', values: { percent: Math.round(settings.unsaid * 100) } };
  const source: Words =
    reliability === undefined
      ? { text: 'detect.confidence.unrated' }
      : {
          text: 'detect.confidence.reliability',
          values: { grade: reliability, percent: Math.round(settings.reliability[reliability] * 100) },
        };
  const old: Words =
    age === undefined
      ? { text: 'detect.confidence.undated' }
      : {
          text: 'detect.confidence.age',
          values: { days: Math.max(0, Math.floor(age / 86_400)), percent: Math.round(left * 100) },
        };
  return { text: 'detect.confidence.parts', values: { said, source, old } };
}
