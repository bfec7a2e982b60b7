/**
 * A refusal: somebody asked for something we will not or cannot do, and can act on the answer.
 *
 * Three kinds of trouble, three treatments. An *oddity* is what the network did: it becomes a `weird` record. A
 * *refusal* is what a person or partner asked for: it is returned, or thrown to the nearest border, with a stable code
 * and a sentence that says where and what to do. A *fault* is our own error: a plain `Error`, with its `cause`.
 */

/** Where in the input the trouble stands: a file and line, a field of a document, or a byte offset. */
export type Place = { file?: string; line?: number; column?: number; field?: string; offset?: number };

export class Refusal extends Error {
  /** Stable, dotted, documented in `docs/reference/refusals.md`: `content.schema`, `capture.unreadable`. */
  readonly code: string;
  readonly place: Place;
  /** What the person can do now; a full sentence. */
  readonly advice: string;

  constructor(code: string, message: string, options: { place?: Place; advice?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Refusal';
    this.code = code;
    this.place = options.place ?? {};
    this.advice = options.advice ?? '';
  }
}

/** `laws/eu-nis2.yaml:14:3 clocks[0].within: "72 h" is not a duration. Write PT72H.` */
export function describe(refusal: Refusal): string {
  const { file, line, column, field, offset } = refusal.place;
  let where = file ?? '';
  if (line !== undefined) where += `:${line}`;
  if (column !== undefined) where += `:${column}`;
  if (offset !== undefined) where += ` at byte ${offset}`;
  if (field !== undefined) where += `${where ? ' ' : ''}${field}`;
  const text = where ? `${where}: ${refusal.message}` : refusal.message;
  return refusal.advice ? `${text} ${refusal.advice}` : text;
}
