/** The small words of the scenario language: names, spans of time, numbers to be drawn. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { parseSpan } from '@forewarn/base/time';

export const Id = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'A name is lower-case letters, digits and hyphens');

const Span = z.string().transform((text, context) => {
  try {
    return parseSpan(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Refusal ? `${error.message} ${error.advice}` : String(error) });
    return z.NEVER;
  }
});

const ordered = (values: readonly [number, number]): boolean => values[0] <= values[1];
const order = { message: 'The smaller value comes first' };

/** What repeats faster than a hundred times a second is a flood, which no activity here is; and zero would never end. */
const pauseMin = 0.01;

const Pause = Span.refine((seconds) => seconds >= pauseMin, { message: 'A span of at least PT0.01S' });

/** `PT45S` or `[PT45S, PT70S]`, in seconds. */
export const SpanDraw = z.union([Pause, z.tuple([Pause, Pause]).refine(ordered, order)]);

/** `12` or `[8, 16]`, whole numbers. */
export const WholeDraw = (min: number, max: number) =>
  z.union([z.int().min(min).max(max), z.tuple([z.int().min(min).max(max), z.int().min(min).max(max)]).refine(ordered, order)]);

/** `0.2` or `[0.1, 0.3]`. */
export const NumberDraw = (min: number, max: number) =>
  z.union([
    z.number().min(min).max(max),
    z.tuple([z.number().min(min).max(max), z.number().min(min).max(max)]).refine(ordered, order),
  ]);

/** One name or several. */
export const Names = z.union([Id, z.array(Id).min(1).max(20)]);

/** Nothing besides the activity's own. */
export const optionalShape = {};
