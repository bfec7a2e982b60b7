/**
 * YAML and JSON that people write: the value checked against its schema, and every complaint with file, line, column
 * and field. JSON is read by the same reader, since every JSON text is YAML 1.2.
 */

import { LineCounter, isMap, isNode, isPair, parseDocument, stringify } from 'yaml';
import type { z } from 'zod';
import { Refusal, type Place } from '@forewarn/base/refusal';

/** The largest content file of the repository is a few hundred kilobytes; a megabyte text is no longer written by hand. */
const bytesMax = 4 * 1024 * 1024;

/** Aliases that one text may expand; more is a "billion laughs" attack and no abbreviation. */
const aliasesMax = 100;

/** Complaints about one file; a reader mends the first few and tries again. */
const refusalsMax = 20;

export const limits = [
  {
    name: 'content: text',
    value: bytesMax,
    unit: 'characters',
    why: 'A text of more than some megabytes is no longer written by hand.',
  },
  {
    name: 'content: aliases',
    value: aliasesMax,
    unit: 'expansions',
    why: 'More is a "billion laughs" attack and no abbreviation.',
  },
  {
    name: 'content: refusals of one file',
    value: refusalsMax,
    unit: 'refusals',
    why: 'A writer mends the first few and tries again.',
  },
];

export type Path = readonly (string | number)[];

/** A text that was read: its value, and where each part of it stands. */
export type Text<T> = { readonly value: T; readonly place: (path: Path) => Place };

export type Read<T> = { ok: true; value: T; place: (path: Path) => Place } | { ok: false; refusals: Refusal[] };

/** Parses without a schema. Never throws: whatever is wrong with the text comes back as refusals. */
export function readText(text: string, file: string): Read<unknown> {
  if (text.length > bytesMax) {
    return refuse(
      'content.size',
      `the text has ${text.length} characters; ${bytesMax} are read.`,
      { file },
      'Split it into several files.',
    );
  }
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
    const place = (path: Path): Place => placeOf(document, lines, file, path);
    if (document.errors.length > 0) {
      const refusals = document.errors.slice(0, refusalsMax).map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        return new Refusal('content.syntax', `${error.message.replace(/\.?$/, '.')}`, { place: { file, line, column: col } });
      });
      return { ok: false, refusals };
    }
    return { ok: true, value: document.toJS({ maxAliasCount: aliasesMax }) as unknown, place };
  } catch (error) {
    // The library reports aliases beyond the ceiling and nesting beyond the stack by throwing.
    const message =
      error instanceof RangeError
        ? 'the text is nested too deeply.'
        : `${error instanceof Error ? error.message : String(error)}.`;
    return refuse('content.syntax', message, { file });
  }
}

/** Parses and checks against the schema. */
export function readContent<T>(schema: z.ZodType<T>, text: string, file: string): Read<T> {
  const quick = readJson(schema, text, file);
  if (quick) return quick;
  const read = readText(text, file);
  if (!read.ok) return read;
  const result = schema.safeParse(read.value);
  if (result.success) return { ok: true, value: result.data, place: read.place };
  const issues = result.error.issues.flatMap((issue) => flatten(issue, []));
  const refusals = issues
    .slice(0, refusalsMax)
    .map(({ path, message }) => new Refusal('content.schema', `${message}.`, { place: read.place(path) }));
  return { ok: false, refusals };
}

/**
 * The short way for JSON that fits: the runtime's own parser is a hundred times faster, and catalogues of texts are
 * large. Whatever does not fit takes the long way, which knows where everything stands. Keys written twice are noticed
 * only there; a test reads the repository's catalogues that way.
 */
function readJson<T>(schema: z.ZodType<T>, text: string, file: string): Read<T> | undefined {
  if (!file.endsWith('.json') || text.length > bytesMax) return undefined;
  try {
    const result = schema.safeParse(JSON.parse(text));
    if (!result.success) return undefined;
    const place = (path: Path): Place => {
      const read = readText(text, file);
      return read.ok ? read.place(path) : { file, field: formatPath(path) };
    };
    return { ok: true, value: result.data, place };
  } catch {
    return undefined;
  }
}

type Flat = { path: (string | number)[]; message: string };

/** A union complains once for each of its members; the member that comes nearest is the one the writer meant. */
function flatten(issue: z.core.$ZodIssue, base: (string | number)[]): Flat[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const branches = issue.errors.map((branch) => branch.flatMap((inner) => flatten(inner, path)));
    const depth = (branch: Flat[]): number => Math.max(0, ...branch.map((flat) => flat.path.length));
    const unknownKeys = (branch: Flat[]): number => branch.filter((flat) => flat.message.startsWith('Unrecognized')).length;
    return branches.sort((a, b) => depth(b) - depth(a) || unknownKeys(a) - unknownKeys(b) || a.length - b.length)[0]!;
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: `Unrecognized field "${key}"` }));
  }
  return [{ path, message: issue.message }];
}

/** The place of the node at the path, or of its nearest parent that exists; a key that is meant to be absent is shown at itself. */
function placeOf(document: ReturnType<typeof parseDocument>, lines: LineCounter, file: string, path: Path): Place {
  const field = formatPath(path);
  for (let length = path.length; length >= 0; length--) {
    let start: number | undefined;
    const parent = length === 0 ? undefined : document.getIn(path.slice(0, length - 1), true);
    if (isMap(parent)) {
      const key = path[length - 1];
      const pair = parent.items.find((item) => isPair(item) && isNode(item.key) && String(item.key) === String(key));
      if (pair && isNode(pair.key)) start = pair.key.range?.[0];
    } else {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if (isNode(node)) start = node.range?.[0];
    }
    if (start !== undefined) {
      const { line, col } = lines.linePos(start);
      return { file, line, column: col, ...(field ? { field } : {}) };
    }
  }
  return { file, ...(field ? { field } : {}) };
}

/** `criteria[3].when.fact` */
export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : text ? `.${part}` : part;
  return text;
}

function refuse(code: string, message: string, place: Place, advice?: string): { ok: false; refusals: Refusal[] } {
  return { ok: false, refusals: [new Refusal(code, message, { place, ...(advice === undefined ? {} : { advice }) })] };
}

/** A value as YAML that `readYaml` and people read. */
export const writeYaml = (value: unknown): string => stringify(value, { lineWidth: 120 });
