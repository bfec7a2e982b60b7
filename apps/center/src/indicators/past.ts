/**
 * A new list is looked for in what is stored. The store finds records that hold a listed value, day after day; a detector that knows this one
 * list looks at them as the stream would have, so that names below a listed one, the end of validity, age and patterns mean the same, and what
 * it finds has the id it would have had. Findings that are known are left as they are.
 */

import type { DetectionContent } from '@forewarn/detect/content';
import { createDetector, type Detector } from '@forewarn/detect/detector';
import { requestUrlField } from '@forewarn/detect/indicators/meet';
import { canonicalValue } from '@forewarn/detect/indicators/values';
import type { Finding } from '@forewarn/model/finding';
import type { IndicatorKind, ListEntry, Said, Watched } from '@forewarn/model/indicator';
import type { IndicatorSearch } from '@forewarn/model/indicator-api';
import type { Predicate } from '@forewarn/model/query/query';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { PastValues } from '@forewarn/store/clickhouse/indicator-places';
import type { RecordRow, Records, RecordScope } from '@forewarn/store/clickhouse/records';
import type { ListFiles } from '@forewarn/store/list-files';
import type { Database } from '@forewarn/store/postgres/database';
import { readEstate } from '@forewarn/store/resources/estate';
import { findFindings } from '@forewarn/store/resources/findings';
import { putIndicatorSearch, searchesDue, type IndicatorList } from '@forewarn/store/resources/indicators';
import type { Center } from '../center-parts.ts';
import { writeFindings } from '../incidents/open.ts';
import { idWithin } from '../pipeline/watch.ts';
import { defaultsOf, partsOf, type IndicatorDesk } from './desk.ts';
import { readAnyList } from './read.ts';

/** A day of records is one reading; a year is asked in as many as it has days. */
const partSeconds = 86_400;
export const searchPartsMax = 366;

/** Values of one search; a few statements for each field, each a walk over the values that it has had. More are looked for from now on, and not in the past. */
export const searchValuesMax = 100_000;

/** Records of one part, log and statement: 50 MB. A list that meets more names what everybody visits. */
const recordsMax = 10_000;

/** Findings of one search: whoever gets more has a list that is wrong for his network. */
const findingsMax = 20_000;

/** Findings of one transaction. */
const findingsAtOnce = 200;

export type PastSearch = {
  /** There is something to search. */
  wake(): void;
  /** Resolves when nothing is left to search. */
  idle(): Promise<void>;
  close(): Promise<void>;
};

export function searchOf({ from, to }: { from: number; to: number }): IndicatorSearch {
  return {
    state: 'waiting',
    from,
    to,
    asked: 0,
    beyond: 0,
    done: 0,
    parts: Math.ceil((to - from) / partSeconds),
    rowsRead: 0,
    bytesRead: 0,
    records: 0,
    findings: 0,
    known: 0,
    cut: false,
    startedAt: null,
    endedAt: null,
    trouble: null,
  };
}

/** `centerOf`: a centre that is being put together, asked when the first search begins. */
export function openPastSearch(
  database: Database,
  centerOf: () => Omit<Center, 'pipeline'>,
  { desk, files, detection }: { desk: IndicatorDesk; files: ListFiles; detection: Pick<DetectionContent, 'tacticOf'> },
): PastSearch {
  let closed = false;
  let working: Promise<void> = Promise.resolve();

  const put = (id: string, search: IndicatorSearch): Promise<void> => database.system((tx) => putIndicatorSearch(tx, id, search));

  async function look(): Promise<void> {
    const center = centerOf();
    for (;;) {
      if (closed) return;
      const [list] = await database.system(searchesDue);
      if (!list?.search) return;
      const search: IndicatorSearch = { ...searchOf(list.search), startedAt: center.clock.now(), state: 'running' };
      try {
        await run(center, list, search);
      } catch (error) {
        if (closed) return;
        center.log.error({ err: error, list: list.id }, 'search of the past');
        search.state = 'failed';
        search.trouble = error instanceof Error ? error.message.slice(0, 500) : '';
      }
      // What was stopped by the end of the process is begun again.
      if (closed && search.state === 'running') return;
      search.endedAt = center.clock.now();
      await put(list.id, search);
    }
  }

  async function run(center: Omit<Center, 'pipeline'>, list: IndicatorList, search: IndicatorSearch): Promise<void> {
    const text = await files.read(list.sha256);
    if (text === undefined) throw new Error('The file of the list is gone.');
    const indicators = desk.fresh();
    const values: { [kind in keyof PastValues]: string[] } = { addresses: [], networks: [], domains: [], urls: [], hashes: [] };
    const allowed = desk.allowedOf(list.organisation);
    const defaults = { ...defaultsOf(list), validFrom: undefined };
    for await (const part of partsOf(readAnyList(text, list.name).entries)) {
      for (const entry of part.map(fromEver)) {
        if (search.asked >= searchValuesMax || ('pattern' in entry && asksWholeUrl(entry.pattern.watched))) search.beyond++;
        else if (indicators.take([entry], defaults, allowed).loaded > 0) {
          search.asked++;
          if ('value' in entry) values[plural[entry.value.kind]].push(canonicalValue(entry.value.kind, entry.value.value)!);
        }
      }
    }
    const sees = indicators.patterns.flatMap(({ watched }) => seesOf(watched));

    const estate = await database.system(readEstate);
    const index = await center.estate.index();
    const scope: RecordScope = index.centre?.id === list.organisation ? 'all' : { organisations: [list.organisation] };
    const found = new Map<string, { finding: Finding; sensor: string | null; seenBy: string }>();
    let sensor: string | null = null;
    const detectors = new Map<string, Detector>();
    const detectorOf = (organisation: string): Detector => {
      let detector = detectors.get(organisation);
      if (!detector) {
        const networks = estate.networks.filter((one) => one.organisation === organisation).flatMap(({ addresses }) => addresses);
        detector = createDetector({
          indicators,
          tacticOf: detection.tacticOf,
          ...(networks.length === 0 ? {} : { localNetworks: networks }),
          sink: (seen) => {
            const finding = { ...seen, id: idWithin(organisation, seen.id), past: center.clock.now() };
            const known = found.get(finding.id);
            if (known ?? found.size < findingsMax)
              found.set(finding.id, { finding, sensor: known?.sensor ?? sensor, seenBy: organisation });
            else search.cut = true;
          },
        });
        detectors.set(organisation, detector);
      }
      return detector;
    };

    const taken = { rows: 0, bytes: 0 };
    await put(list.id, search);
    const met = await center.records.pastIndicators.meet(values, { from: search.from, to: search.to }, taken);
    for (let from = search.from; from < search.to; from += partSeconds) {
      if (closed) return;
      if (!desk.holds(list.id)) {
        search.state = 'stopped';
        return;
      }
      const range = { from, to: Math.min(search.to, from + partSeconds) };
      const { rows, cut } = await center.records.pastIndicators.read(scope, { met, range, limit: recordsMax }, taken);
      const ofPatterns = await recordsOf(center.records, sees, scope, range);
      search.cut ||= cut || ofPatterns.cut;
      for (const row of distinct([...rows, ...ofPatterns.rows])) {
        search.records++;
        sensor = typeof row['_sensor'] === 'string' ? row['_sensor'] : null;
        detectorOf(String(row['_organisation'])).push(String(row['_log']), row as AnyRecord);
      }
      Object.assign(search, { rowsRead: taken.rows, bytesRead: taken.bytes, done: search.done + 1, findings: found.size });
      await put(list.id, search);
      await new Promise(setImmediate);
    }
    for (const detector of detectors.values()) detector.end();

    const all = [...found.values()];
    search.findings = all.length;
    for (let i = 0; i < all.length; i += findingsAtOnce) {
      if (closed) return;
      const part = all.slice(i, i + findingsAtOnce);
      await database.system(async (tx) => {
        const known = new Set(
          (
            await findFindings(
              tx,
              part.map(({ finding }) => finding.id),
            )
          ).map(({ id, past }) => (past === undefined ? id : '')),
        );
        search.known += part.filter(({ finding }) => known.has(finding.id)).length;
        await writeFindings(
          tx,
          { center, index },
          part.filter(({ finding }) => !known.has(finding.id)),
        );
      });
    }
    search.state = 'done';
  }

  /** Records that a part of a pattern may be about. */
  async function recordsOf(
    records: Records,
    sees: readonly { log: string; where: Predicate }[],
    scope: RecordScope,
    range: { from: number; to: number },
  ): Promise<{ rows: RecordRow[]; cut: boolean }> {
    const rows: RecordRow[] = [];
    let cut = false;
    for (const [log, of] of Map.groupBy(sees, (see) => see.log)) {
      const where: Predicate = { kind: 'or', of: of.map((see) => see.where) };
      const found = await records.query(scope, { from: [log], where, range, order: [{ field: 'ts' }], limit: recordsMax });
      cut ||= found.length >= recordsMax;
      rows.push(...found);
    }
    return { rows, cut };
  }

  const wake = (): void => {
    working = working.then(look).catch((error: unknown) => {
      if (!closed) centerOf().log.error({ err: error }, 'searches of the past');
    });
  };
  return {
    wake,
    async idle() {
      await working;
    },
    async close() {
      closed = true;
      await working;
    },
  };
}

/**
 * The past is asked about what nobody knew then: the day from which an indicator is valid, mostly that of its writing, does not bound it. How long
 * it holds does, and it ages from that day.
 */
function fromEver(entry: ListEntry): ListEntry {
  if ('value' in entry) return { ...entry, value: sinceEver(entry.value) };
  return 'pattern' in entry ? { ...entry, pattern: sinceEver(entry.pattern) } : entry;
}

const sinceEver = <Of extends Said>(of: Of): Of => ({ ...of, validFrom: undefined, seenAt: of.seenAt ?? of.validFrom });

/** Requests are stored in parts, and a pattern over the whole address cannot be asked of them. */
const asksWholeUrl = (watched: Watched): boolean =>
  seesOf(watched).some(({ where }) => JSON.stringify(where).includes(`"field":"${requestUrlField}"`));

const plural: { readonly [kind in IndicatorKind]: keyof PastValues } = {
  address: 'addresses',
  network: 'networks',
  domain: 'domains',
  url: 'urls',
  hash: 'hashes',
};

function seesOf(watched: Watched): { log: string; where: Predicate }[] {
  switch (watched.kind) {
    case 'see':
      return [...watched.of];
    case 'and':
    case 'or':
    case 'followed':
      return watched.of.flatMap(seesOf);
    default:
      return seesOf(watched.of);
  }
}

/** In the order of their times, each record once. */
function* distinct(rows: readonly RecordRow[]): Generator<RecordRow> {
  const seen = new Set<string>();
  for (const row of rows.toSorted((a, b) => Number(a['ts']) - Number(b['ts']))) {
    const key = JSON.stringify(row);
    if (seen.has(key)) continue;
    seen.add(key);
    yield row;
  }
}
