/**
 * Indicators in force: those of the centre and of files, looked for in everybody's records, and each organisation's own. Lists come and go
 * while watches run; long ones are taken in piece by piece, so that nobody waits for them.
 */

import type { DetectionContent } from '@forewarn/detect/content';
import { Indicators, type ListDefaults, type LoadedList } from '@forewarn/detect/indicators/indicators';
import { canonicalValue } from '@forewarn/detect/indicators/values';
import type { IndicatorKind, ListEntry } from '@forewarn/model/indicator';
import type { IndicatorPreview, RefusedEntry } from '@forewarn/model/indicator-api';
import type { ListFiles } from '@forewarn/store/list-files';
import type { Database } from '@forewarn/store/postgres/database';
import { activeIndicatorLists, listAllowed, type AllowedValue, type IndicatorList } from '@forewarn/store/resources/indicators';
import { readAnyList } from './read.ts';

/** Entries between which others have their turn: some milliseconds. */
const entriesAtOnce = 5_000;

export type IndicatorDesk = {
  /** What is looked for in an organisation's records; the same sets for ever. */
  of(organisation: string): readonly Indicators[];
  /** What somebody of an organisation may ask: his own set, or, of the centre, all. */
  readable(organisation: string, centre: boolean): readonly Indicators[];
  /** The organisation's own set; that of the centre is everybody's. */
  own(organisation: string): Indicators;
  /** What a list would bring. Nothing is kept. */
  preview(organisation: string, text: string, file: string): Promise<IndicatorPreview>;
  /** Takes a list in. */
  load(list: IndicatorList, text: string): Promise<LoadedList>;
  /** Forgets a list at once. */
  retire(list: Pick<IndicatorList, 'id' | 'organisation'>): void;
  /** Whether a list is in force. */
  holds(list: string): boolean;
  allowedOf(organisation: string): (kind: IndicatorKind, value: string) => boolean;
  /** A value is allowed from now on: lists that name it are looked at again. */
  allow(value: AllowedValue): Promise<void>;
  /** The lists of an earlier run, from their files. */
  open(): Promise<void>;
  /** An empty set with the same warning lists and numbers. */
  fresh(): Indicators;
};

export type DeskOptions = {
  database: Database;
  files: ListFiles;
  detection: Pick<DetectionContent, 'warnings' | 'confidence'>;
  /** The set that holds what files bring, and the centre's lists. */
  shared: Indicators;
  /** Id of the centre, once it is known. */
  centre: () => string;
  /** A random number of 32 bits. */
  random: () => number;
  onFault: (fault: unknown, list: string) => void;
};

export const defaultsOf = (list: IndicatorList): ListDefaults => ({
  list: list.id,
  source: list.source,
  reliability: list.reliability ?? undefined,
  credibility: list.credibility ?? undefined,
  validFrom: list.validFrom ?? undefined,
  validUntil: list.validUntil ?? undefined,
  // Whatever gives no date was said when it was brought.
  seenAt: list.at,
});

export function createIndicatorDesk(options: DeskOptions): IndicatorDesk {
  const { database, files, detection, shared } = options;
  const sets = new Map<string, { own: Indicators; all: readonly Indicators[] }>();
  const active = new Map<string, IndicatorList>();
  const allowed = new Map<string, Set<string>>();

  const fresh = (): Indicators => new Indicators({ ...detection, seed: options.random() });
  const setOf = (organisation: string): { own: Indicators; all: readonly Indicators[] } => {
    let set = sets.get(organisation);
    if (!set) {
      const own = organisation === options.centre() ? shared : fresh();
      set = { own, all: own === shared ? [shared] : [shared, own] };
      sets.set(organisation, set);
    }
    return set;
  };
  const allowedOf =
    (organisation: string) =>
    (kind: IndicatorKind, value: string): boolean =>
      allowed.get(organisation)?.has(`${kind} ${value}`) ?? false;

  async function takeIn(
    into: Indicators,
    entries: Iterable<ListEntry>,
    organisation: string,
    defaults: ListDefaults,
  ): Promise<LoadedList> {
    const sum: LoadedList = { loaded: 0, refused: 0, refusals: [] };
    for await (const part of partsOf(entries)) {
      const { loaded, refused, refusals } = into.take(part, defaults, allowedOf(organisation));
      sum.loaded += loaded;
      sum.refused += refused;
      sum.refusals.push(...refusals.slice(0, Math.max(0, refusalsShown - sum.refusals.length)));
      if (defaults.list !== '' && !active.has(defaults.list)) break;
    }
    return sum;
  }

  const desk: IndicatorDesk = {
    of: (organisation) => setOf(organisation).all,
    own: (organisation) => setOf(organisation).own,
    readable(organisation, isCentre) {
      if (!isCentre) return [setOf(organisation).own];
      return [...new Set([shared, ...[...sets.values()].map(({ own }) => own)])];
    },
    fresh,
    allowedOf,
    holds: (list) => active.has(list),
    async preview(organisation, text, file) {
      const { format, entries, marking = null } = readAnyList(text, file);
      const kinds: IndicatorPreview['kinds'] = {};
      const into = fresh();
      const sum = { loaded: 0, refused: 0, refusals: [] as RefusedEntry[] };
      const defaults = { list: '', source: file };
      for await (const part of partsOf(entries)) {
        for (const entry of part) {
          const one = into.take([entry], defaults, allowedOf(organisation));
          sum.loaded += one.loaded;
          sum.refused += one.refused;
          const kind = 'value' in entry ? entry.value.kind : 'pattern';
          if (one.loaded > 0) kinds[kind] = (kinds[kind] ?? 0) + 1;
          if (sum.refusals.length < refusalsShown) sum.refusals.push(...refusedEntries(one));
        }
      }
      return { format, marking, ...sum, kinds };
    },
    load(list, text) {
      active.set(list.id, list);
      return takeIn(setOf(list.organisation).own, readAnyList(text, list.name).entries, list.organisation, defaultsOf(list));
    },
    retire(list) {
      active.delete(list.id);
      setOf(list.organisation).own.remove(list.id);
    },
    async allow(value) {
      remember(value);
      for (const list of [...active.values()].filter(({ organisation }) => organisation === value.organisation)) {
        const text = await files.read(list.sha256);
        if (text === undefined) continue;
        const named = function* (): Generator<ListEntry> {
          for (const entry of readAnyList(text, list.name).entries) {
            if ('value' in entry && canonicalValue(entry.value.kind, entry.value.value) === value.value) yield entry;
          }
        };
        await takeIn(setOf(list.organisation).own, named(), list.organisation, defaultsOf(list));
      }
    },
    async open() {
      const { lists, values } = await database.system(async (tx) => ({
        lists: await activeIndicatorLists(tx),
        values: await listAllowed(tx),
      }));
      for (const value of values) remember(value);
      for (const list of lists) {
        try {
          const text = await files.read(list.sha256);
          if (text === undefined) throw new Error(`The file ${list.sha256} of the list "${list.name}" is missing.`);
          await desk.load(list, text);
        } catch (fault) {
          // One list that is lost leaves the others.
          options.onFault(fault, list.id);
        }
      }
    },
  };

  function remember({ organisation, kind, value }: AllowedValue): void {
    let of = allowed.get(organisation);
    if (!of) allowed.set(organisation, (of = new Set()));
    of.add(`${kind} ${value}`);
  }

  return desk;
}

/** Entries that an answer and a row show with their reason; the others are counted. */
export const refusalsShown = 100;

export const refusedEntries = ({ refusals }: Pick<LoadedList, 'refusals'>): RefusedEntry[] =>
  refusals.map(({ code, message, advice, place }) => ({
    code,
    message: message.slice(0, 500),
    advice: advice.slice(0, 500),
    line: place.line ?? null,
    field: place.field?.slice(0, 200) ?? null,
  }));

/** Piece after piece, with a turn for others between them. */
export async function* partsOf(entries: Iterable<ListEntry>): AsyncGenerator<ListEntry[]> {
  let part: ListEntry[] = [];
  for (const entry of entries) {
    part.push(entry);
    if (part.length < entriesAtOnce) continue;
    yield part;
    part = [];
    await new Promise(setImmediate);
  }
  if (part.length > 0) yield part;
}
