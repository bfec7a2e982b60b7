/**
 * Keeps exposures current: whenever a vulnerability or a component is new or changed, it is compared. What waits stands in the database, so
 * that a restart goes on where it was; each step is a short transaction, so that nobody waits for a large import.
 */

import { decideOn, matchOf, namesMeant, namesOf } from '@forewarn/know/exposure/exposure';
import { dueAt } from '@forewarn/know/exposure/exploited';
import { readProduct } from '@forewarn/know/exposure/vulnerability';
import { readDecisionTables, type DecisionTable } from '@forewarn/know/exposure/decision';
import { readExposureRules, type ExposureRules } from '@forewarn/know/exposure/deadlines';
import type { Clock } from '@forewarn/base/time';
import type { ContentFile } from '@forewarn/model/content';
import type { Database, Transaction } from '@forewarn/store/postgres/database';
import { noteOrganisations } from '@forewarn/store/resources/changes';
import {
  componentsDone,
  componentsDue,
  componentsOf,
  countExposures,
  exposedNow,
  noteProducts,
  noteRules,
  productsNamed,
  rankOf,
  removeExposures,
  writeExposures,
  type ComparedProduct,
  type ComponentMatch,
  type PlaceDecision,
} from '@forewarn/store/resources/exposures';
import { addRemedy, remediesOver } from '@forewarn/store/resources/remedies';
import {
  vulnerabilitiesDue,
  vulnerabilitiesNamed,
  vulnerabilityDone,
  wholeVulnerabilities,
  writeWhole,
  type WholeVulnerability,
} from '@forewarn/store/resources/vulnerabilities';
import { systemAccount } from '../act.ts';

/** Components of one step: their comparison is some hundred milliseconds. */
const componentsAtOnce = 2_000;

/** Vulnerabilities whose comparison with changed components is one transaction. */
const vulnerabilitiesAtOnce = 50;

/** Exposures of one transaction: some half a second, in which others wait. */
const exposuresAtOnce = 5_000;

/** Vulnerabilities that are read at a time. */
const dueAtOnce = 50;

/** A component that somebody changed is compared within this time. */
const lookMs = 3_000;

/** After a step that failed, the next try waits. */
const troubleMs = 30_000;

/** Acceptances that end in one look; the others follow in the next. */
const overAtOnce = 500;

/** Organisations that are told of one step; a country has fewer, and whoever is not told sees it with the next look. */
const toldMax = 10_000;

export const limits = [
  { name: 'exposure.componentsAtOnce', value: componentsAtOnce, unit: 'components', why: 'Compared in one step of some hundred milliseconds.' },
  { name: 'exposure.vulnerabilitiesAtOnce', value: vulnerabilitiesAtOnce, unit: 'vulnerabilities', why: 'Compared with changed components in one transaction.' },
  { name: 'exposure.exposuresAtOnce', value: exposuresAtOnce, unit: 'exposures', why: 'Of one transaction: some half a second, in which others wait.' },
  { name: 'exposure.overAtOnce', value: overAtOnce, unit: 'acceptances', why: 'Ended in one look; the others follow in the next.' },
]; // oxfmt-ignore

export type ExposureDesk = {
  readonly rules: ExposureRules;
  readonly tables: readonly DecisionTable[];
  /** Something is to be compared. */
  wake(): void;
  /** Resolves when nothing waits any more. Throws what the comparison threw. */
  settled(): Promise<void>;
  /** Something is being compared now. */
  comparing(): boolean;
  /** Begins to look by itself. */
  start(): void;
  close(): Promise<void>;
};

const [tablesPath, rulesPath] = ['exposure/ssvc.yaml', 'exposure/deadlines.yaml'];

/** The tables and rules of the content folder; throws its refusals. */
export function exposureRulesOf(files: readonly ContentFile[]): { rules: ExposureRules; tables: DecisionTable[] } {
  const text = (path: string): string => files.find((file) => file.path === path)?.text ?? '';
  const tables = readDecisionTables(text(tablesPath), tablesPath);
  return { tables, rules: readExposureRules(text(rulesPath), rulesPath, tables) };
}

export function createExposureDesk(
  database: Database,
  { rules, tables }: { rules: ExposureRules; tables: readonly DecisionTable[] },
  { clock, changed, onFault }: { clock: Clock; changed: () => void; onFault: (fault: unknown) => void },
): ExposureDesk {
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> | undefined;

  const placesOf = decisionsByPlace(rules);

  async function tell(tx: Transaction, organisations: Iterable<string>): Promise<void> {
    await noteOrganisations(tx, 'exposure', [...organisations].slice(0, toldMax), clock.now());
    tx.afterCommit(changed);
  }

  const matchesOf = (one: WholeVulnerability, products: Iterable<ComparedProduct>): Map<number, Match> => {
    const matches = new Map<number, Match>();
    for (const { id, product } of products) {
      const match = matchOf(one, readProduct(product)!);
      if (match) matches.set(id, match);
    }
    return matches;
  };

  const write = (tx: Transaction, one: WholeVulnerability, found: readonly ComponentMatch[]): Promise<string[]> =>
    writeExposures(tx, {
      vulnerability: one.id,
      found,
      places: placesOf(one),
      due: one.exploited ? dueAt(one.exploited.due) : null,
      at: clock.now(),
    });

  /** Vulnerabilities first: a new one concerns everybody. */
  async function compareVulnerabilities(): Promise<boolean> {
    const due = await database.system((tx) => vulnerabilitiesDue(tx, dueAtOnce));
    for (const id of due) {
      if (closed) return false;
      await compareVulnerability(id);
    }
    return due.length > 0;
  }

  async function compareVulnerability(id: string): Promise<void> {
    const touched = new Set<string>();
    const read = await database.system(async (tx) => {
      const [one] = await wholeVulnerabilities(tx, [id]);
      if (!one) return undefined;
      await writeWhole(tx, one);
      const names = [...new Set(one.affected.flatMap((entry) => namesMeant(entry)))];
      const matches = matchesOf(one, await productsNamed(tx, names));
      const found = (await componentsOf(tx, [...matches.keys()])).map(({ component, product }) => ({
        component,
        ...matches.get(product)!,
      }));
      const those = new Set(found.map(({ component }) => component));
      const gone = (await exposedNow(tx, { vulnerability: id })).filter(({ component }) => !those.has(component));
      return { one, found, gone: gone.map(({ component }) => component) };
    });
    if (read) {
      const { one, found, gone } = read;
      const steps = [
        ...chunks(gone).map((some) => (tx: Transaction) => removeExposures(tx, id, some)),
        ...chunks(found).map((some) => (tx: Transaction) => write(tx, one, some)),
      ];
      for (const step of steps) {
        if (closed) return;
        for (const organisation of await database.system(step)) touched.add(organisation);
      }
    }
    await database.system(async (tx) => {
      // All of them: an earlier try may have written some and not come as far as this.
      await countExposures(tx, id);
      await vulnerabilityDone(tx, id);
      if (touched.size > 0) await tell(tx, touched);
    });
  }

  async function compareComponents(): Promise<boolean> {
    const due = await database.system((tx) => componentsDue(tx, componentsAtOnce));
    if (due.length === 0) return false;
    const ids = due.map(({ component }) => component);
    const { components, named, before } = await database.system(async (tx) => {
      const noted = await noteProducts(tx, ids);
      const names = new Set(noted.flatMap(({ product }) => namesOf(readProduct(product)!)));
      return {
        components: noted,
        named: await vulnerabilitiesNamed(tx, [...names]),
        before: Map.groupBy(await exposedNow(tx, { components: ids }), ({ vulnerability }) => vulnerability),
      };
    });
    const products = new Map(components.map((one) => [one.id, one]));
    const touched = new Set<string>();
    const asked = [...new Set([...named, ...before.keys()])];
    for (let i = 0; i < asked.length; i += vulnerabilitiesAtOnce) {
      if (closed) return false;
      const some = asked.slice(i, i + vulnerabilitiesAtOnce);
      await database.system(async (tx) => {
        const whole = new Map((await wholeVulnerabilities(tx, some)).map((one) => [one.id, one]));
        for (const id of some) {
          const one = whole.get(id);
          const matches = one ? matchesOf(one, products.values()) : new Map<number, Match>();
          const found = components.flatMap(({ component, id: product }) => {
            const match = matches.get(product);
            return match ? [{ component, ...match }] : [];
          });
          const those = new Set(found.map(({ component }) => component));
          const gone = (before.get(id) ?? []).map(({ component }) => component).filter((component) => !those.has(component));
          const organisations = new Set(await removeExposures(tx, id, gone));
          if (one) for (const organisation of await write(tx, one, found)) organisations.add(organisation);
          if (organisations.size > 0) await countExposures(tx, id, [...organisations]);
          for (const organisation of organisations) touched.add(organisation);
        }
      });
    }
    await database.system(async (tx) => {
      await componentsDone(tx, due);
      if (touched.size > 0) await tell(tx, touched);
    });
    return true;
  }

  /** What was accepted for a time is open again when it is over. */
  async function acceptances(): Promise<void> {
    await database.system(async (tx) => {
      const at = clock.now();
      const over = await remediesOver(tx, at, overAtOnce);
      for (const one of over)
        await addRemedy(tx, one, { kind: 'reopened', version: null, reason: '', until: null, at, by: systemAccount });
      if (over.length > 0) await tell(tx, new Set(over.map(({ organisation }) => organisation)));
    });
  }

  const isClosed = (): boolean => closed;
  let busy = false;
  let judged = false;
  /** Other rules decide otherwise: everything is compared anew, once. */
  async function rulesOfBefore(): Promise<void> {
    if (judged) return;
    await database.system((tx) => noteRules(tx, JSON.stringify([rules.version, rules.table, [...rules.deadlines]])));
    judged = true;
  }

  async function work(): Promise<void> {
    await rulesOfBefore();
    await acceptances();
    try {
      for (;;) {
        busy = (await compareVulnerabilities()) || (await compareComponents());
        if (!busy || isClosed()) break;
      }
    } finally {
      busy = false;
    }
  }

  function settled(): Promise<void> {
    // Whoever asks while a run goes on may have brought something after its last look.
    const run = (working ?? Promise.resolve()).catch(() => undefined).then(() => (closed ? undefined : work()));
    working = run;
    const done = (): void => {
      if (working === run) working = undefined;
    };
    run.then(done, done);
    return run;
  }

  function look(): void {
    clearTimeout(timer);
    if (closed) return;
    const again = (ms: number): void => {
      clearTimeout(timer);
      if (!closed) timer = setTimeout(look, ms);
    };
    // One look at a time; a slow one is not overtaken.
    (working ?? settled()).then(
      () => again(lookMs),
      (fault: unknown) => {
        if (!closed) onFault(fault);
        again(troubleMs);
      },
    );
  }

  return {
    rules,
    tables,
    wake: () => void settled().catch((fault: unknown) => closed || onFault(fault)),
    settled,
    comparing: () => busy,
    start: look,
    async close() {
      closed = true;
      clearTimeout(timer);
      await working?.catch(() => undefined);
    },
  };
}

type Match = Pick<ComponentMatch, 'is' | 'by'>;

const chunks = <T>(rows: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(rows.length / exposuresAtOnce) }, (_, i) =>
    rows.slice(i * exposuresAtOnce, (i + 1) * exposuresAtOnce),
  );

const unknown = '';

/** What the table decides at each kind of place, kept by what is known of the vulnerability. */
function decisionsByPlace({ table, deadlines }: ExposureRules): (one: WholeVulnerability) => PlaceDecision[] {
  const values = (name: string): string[] => [unknown, ...(table.points.find((point) => point.name === name)?.values ?? [])];
  const kept = new Map<string, Omit<PlaceDecision, 'rank'>[]>();
  const at = (outcome: string): number => table.outcomes.indexOf(outcome);
  return ({ points, exploited, probability, cvss }) => {
    const telling = table.points.map(({ name }) => points[name] ?? '');
    const key = JSON.stringify([telling, exploited !== null]);
    let places = kept.get(key);
    if (!places) {
      places = values(exposurePoint).flatMap((exposure) =>
        values(impactPoint).map((impact) => {
          const place = {
            ...(exposure === unknown ? {} : { [exposurePoint]: exposure }),
            ...(impact === unknown ? {} : { [impactPoint]: impact }),
          };
          const { floor, ceiling } = decideOn(table, { ...points, ...place }, exploited !== null);
          const days = deadlines.get(floor)!.days;
          return { exposure, impact, floor, ceiling, seconds: days === null ? null : days * 86_400 };
        }),
      );
      // Sources write what they like: only so many combinations are kept.
      if (kept.size < keptMax) kept.set(key, places);
    }
    return places.map((place) => ({
      ...place,
      rank: rankOf({ floor: at(place.floor), ceiling: at(place.ceiling), probability: probability?.score ?? 0, cvss: cvss ?? 0 }),
    }));
  };
}

/** Combinations of the points of one table are some dozen. */
const keptMax = 1_000;

/** Points of SSVC that hold for a place and not for a vulnerability. */
export const exposurePoint = 'System Exposure';
export const impactPoint = 'Human Impact';
