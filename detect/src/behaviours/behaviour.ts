/**
 * What a behaviour is: something that shows in many records and in none of them alone. Each is a folder with its method in a README;
 * its numbers are content (`content/behaviours/<id>.yaml`), each with unit, meaning and source.
 *
 * State is kept on record time. Records may come late by as much as `latenessMax`: a sensor writes a flow when it ends, with the time it
 * began. What comes later than that is looked at as far as the state still reaches, and never changes what was told.
 */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import type { Seconds } from '@forewarn/base/time';
import type { Finding, RecordReference } from '@forewarn/model/finding';
import type { AnyRecord } from '@forewarn/model/records/record';
import { LocalText } from '@forewarn/model/text';
import { readContent } from '@forewarn/model/yaml';
import type { Inside } from '../inside.ts';
import type { Sighting } from '../ledger.ts';
import type { Prevalence } from './prevalence.ts';

/** Ten minutes: twice the longest idle time after which the sensor writes a TCP flow. */
export const latenessMax = 600;

export type Parameters<N extends string> = { readonly [name in N]: number };

/** What a behaviour is given. */
export type Context<N extends string> = {
  readonly parameters: Parameters<N>;
  readonly inside: Inside;
  readonly prevalence: Prevalence;
  /** The rule that findings name. */
  readonly rule: Finding['rule'];
  readonly sight: (sighting: Sighting) => void;
};

export type Running = {
  push(log: string, record: AnyRecord): void;
  /** No record before `ts - latenessMax` is expected any more: what has ended may be forgotten. */
  advance(ts: Seconds): void;
  /** Entries of its tables that had to go before their time. */
  readonly evictions: () => number;
};

export type Behaviour<N extends string = string> = {
  readonly id: string;
  /** ATT&CK techniques that its findings may name; a finding names those it is about. */
  readonly technique: readonly string[];
  readonly logs: readonly string[];
  /** Names of its parameters; the content file gives each a value. */
  readonly parameters: readonly N[];
  start(context: Context<N>): Running;
};

/** Keeps the parameter names of a behaviour for its own `start`, and hides them from the list of all. */
export function behaviour<const N extends string>(definition: Behaviour<N>): Behaviour {
  return definition as unknown as Behaviour;
}

const ParameterFile = z.strictObject({
  behaviour: z.string(),
  version: z.string(),
  name: LocalText,
  parameters: z.record(
    z.string(),
    z.strictObject({
      value: z.number(),
      unit: z.string(),
      /** What it does, for the person who changes it. */
      means: z.string(),
      /** Where the number comes from. */
      source: z.string(),
    }),
  ),
});

export type BehaviourSettings = {
  behaviour: string;
  version: string;
  name: string;
  parameters: { readonly [name: string]: number };
};

/** Reads the numbers of a behaviour; throws the first refusal with file and line. */
export function readBehaviourSettings(text: string, file: string): BehaviourSettings {
  const read = readContent(ParameterFile, text, file);
  if (!read.ok) throw read.refusals[0]!;
  const { behaviour: id, version, name, parameters } = read.value;
  return {
    behaviour: id,
    version,
    name: name.en,
    parameters: Object.fromEntries(Object.entries(parameters).map(([key, { value }]) => [key, value])),
  };
}

/** Checks that the settings are the behaviour's: every parameter, and no other. */
export function checkSettings(of: Behaviour, settings: BehaviourSettings): void {
  const given = Object.keys(settings.parameters);
  const missing = of.parameters.find((name) => !given.includes(name));
  const unknown = given.find((name) => !of.parameters.includes(name));
  if (missing !== undefined || unknown !== undefined) {
    throw new Refusal(
      'detect.parameter',
      missing === undefined
        ? `The behaviour "${of.id}" has no parameter "${unknown}".`
        : `The behaviour "${of.id}" needs the parameter "${missing}".`,
      { advice: `Its parameters are ${of.parameters.join(', ')}.` },
    );
  }
}

/** A flow, as behaviours look at it; `undefined` when the record lacks what makes a flow. */
export type Flow = {
  ts: Seconds;
  uid: string;
  source: string;
  target: string;
  sourcePort: number;
  port: number;
  reference: RecordReference;
};

export function flowOf(log: string, record: AnyRecord): Flow | undefined {
  const { ts, uid, 'id.orig_h': source, 'id.resp_h': target, 'id.orig_p': sourcePort, 'id.resp_p': port } = record;
  if (typeof ts !== 'number' || !Number.isFinite(ts) || typeof source !== 'string' || typeof target !== 'string')
    return undefined;
  if (source.length > 45 || target.length > 45) return undefined;
  const id = typeof uid === 'string' ? uid.slice(0, 64) : '';
  // A flow that was made of another tool's event is cited by that.
  const { cited } = record;
  return {
    ts,
    uid: id,
    source,
    target,
    sourcePort: typeof sourcePort === 'number' ? sourcePort : 0,
    port: typeof port === 'number' ? port : 0,
    reference: { log: typeof cited === 'string' ? cited : log, uid: id, ts },
  };
}

/** A number of a record, or 0. */
export function count(value: AnyRecord[string]): number {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : 0;
}

/** The start of the hour: findings of one subject in one hour are one. */
export function hourOf(ts: Seconds): Seconds {
  return Math.floor(ts / 3600) * 3600;
}

/** The middle value; of none, 0. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The middle distance from the middle value: how far values are spread, whatever a few outliers do. */
export function medianDeviation(values: readonly number[], around = median(values)): number {
  return median(values.map((value) => Math.abs(value - around)));
}
