/** A centre for tests: real stores in a temporary folder, real content, people who sign in by their links. One per test file. */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { pino } from 'pino';
import { compileScheme } from '@forewarn/assess/grade';
import { readCandidateSettings } from '@forewarn/detect/candidates/settings';
import { assembleDetection, type DetectionContent } from '@forewarn/detect/content';
import { createCostMeter } from '@forewarn/detect/cost';
import { Indicators } from '@forewarn/detect/indicators/indicators';
import type { SensorRules } from '@forewarn/detect/sensors/watch';
import { openAccounts } from '@forewarn/guard/accounts';
import type { Role } from '@forewarn/model/permissions';
import { readReportTemplates } from '@forewarn/model/report';
import { recordTypes } from '@forewarn/model/records/index';
import { createAccountStore } from '@forewarn/store/accounts';
import { openAudit } from '@forewarn/store/audit';
import { openRecords, type Records, type RecordsOptions } from '@forewarn/store/clickhouse/records';
import { openListFiles } from '@forewarn/store/list-files';
import { openPacketFiles } from '@forewarn/store/packet-files';
import { openTrial } from '@forewarn/store/trial';
import { createApp } from '../api/app.ts';
import type { Route } from '../api/route.ts';
import type { Center } from '../center-parts.ts';
import { causesOf } from '../causes/chain.ts';
import { forecastModelOf } from '../forecasts/known.ts';
import { createChangeHub } from '../changes/hub.ts';
import { contentFolder, loadContent, readContentFiles } from '../content.ts';
import { coverageRulesOf } from '../coverage/coverage.ts';
import { createEstateCache } from '../estate/cache.ts';
import { createEstateImports } from '../estate/import-desk.ts';
import { weightRulesOf } from '../links/weights.ts';
import { warningRulesOf } from '../warnings/rules.ts';
import { createExposureDesk, exposureRulesOf } from '../exposure/desk.ts';
import { openFindingCarrier } from '../findings/carrier.ts';
import { createIndicatorDesk } from '../indicators/desk.ts';
import { openPastSearch } from '../indicators/past.ts';
import { createMeters } from '../meters.ts';
import { createNoiseCache } from '../noise/cache.ts';
import { createNoticeDesk } from '../notices/desk.ts';
import { packetBytesMax } from '../packets/kept.ts';
import { createOrderDesk } from '../packets/orders.ts';
import { createRendering } from '../reports/rendering.ts';
import { createRuleCatalogue, type RuleCatalogue } from '../rules/catalogue.ts';
import { leadingFirst } from '../schemes.ts';
import { situationRulesOf } from '../situation/reading.ts';
import { unusualHourSettings } from '../baselines/unusual-hour.ts';
import { createTrialDesk } from '../trials/desk.ts';

export type Trial = {
  center: Center;
  app: Hono;
  records: Records;
  /** The present of the centre; move it as you like. */
  clock: { at: number };
  /** Asks as a person: `ask(officer, 'POST', '/incidents', body)`. */
  ask(person: Person | null, method: string, path: string, body?: unknown): Promise<{ status: number; body: any; text: string }>;
  /** Headers of a request of the person's own page. */
  headersOf(person: Person): Promise<{ [name: string]: string }>;
  end(): Promise<void>;
};

/** Somebody of an organisation with a role. The first request makes the account and signs in by its link. */
export type Person = { readonly account: string; readonly organisation: string; readonly role: Exclude<Role, 'sensor'> };

export const person = (organisation: string, role: Person['role']): Person => ({
  account: `${organisation}-${role}`,
  organisation,
  role,
});

async function loadedDetection(): Promise<{ detection: DetectionContent; sensorRules: SensorRules; rules: RuleCatalogue }> {
  const files = await readContentFiles(contentFolder, ['rules', 'behaviours', 'indicators']);
  const { content } = assembleDetection(files);
  return { detection: content, sensorRules: content.sensors, rules: createRuleCatalogue(content, files) };
}

export async function openTrialCenter({
  routes,
  through = (records) => records,
  folder,
  checkAnswers = true,
}: {
  routes?: readonly Route[];
  /** What stands between the API and the records. */ through?: (records: Records) => Records;
  /** A folder of records that stays, and who is told what reading it costs; else records go with the trial. */
  folder?: Pick<RecordsOptions, 'dir' | 'onRead'>;
  /** Answers are held against their declared shapes; a running centre does not, nor does who times it. */
  checkAnswers?: boolean;
} = {}): Promise<Trial> {
  const stores = await openTrial();
  const { database } = stores;
  const clock = { at: 1_764_000_000 };
  const now = { now: () => clock.at };
  const audit = await openAudit({ file: join(stores.dir, 'audit.head'), database, clock: now });
  const records = await openRecords({ dir: join(stores.dir, 'clickhouse'), ...folder, recordTypes });
  const content = await loadContent();
  const { detection, sensorRules, rules } = await loadedDetection();
  const log = pino({ level: 'error' });
  const accounts = openAccounts({
    store: createAccountStore({ database, audit }),
    clock: now,
    random: (bytes) => randomBytes(bytes),
    key: randomBytes(32),
    secure: false,
    demo: true,
  });
  const cookies = new Map<string, string>();
  const lists = openListFiles(join(stores.dir, 'lists'));
  const desk = createIndicatorDesk({
    database,
    files: lists,
    detection,
    shared: new Indicators(detection),
    centre: () => 'centre',
    random: () => 1,
    onFault: (fault) => log.error({ err: fault }),
  });
  const center: Center = {
    version: '0.0.0',
    demo: false,
    clock: now,
    startedAt: clock.at,
    log,
    database,
    audit,
    accounts,
    records: through(records),
    pipeline: {
      accept: async () => ({ batch: '0'.repeat(64), records: 0, repeated: false }),
      consider: async () => async () => undefined,
      close: async () => undefined,
    },
    content,
    schemes: leadingFirst([...content.schemes.values()].map((scheme) => compileScheme(scheme, content.facts))),
    sensorRules,
    rules,
    cost: createCostMeter(() => performance.now()),
    unusualHour: unusualHourSettings(
      new Map((await readContentFiles(contentFolder, ['behaviours'])).map(({ path, text }) => [path, text])),
    ),
    trials: createTrialDesk({
      records,
      rules: detection,
      watch: () => performance.now() / 1000,
      onFault: (fault) => log.error({ err: fault }),
    }),
    coverageRules: coverageRulesOf(await readContentFiles(contentFolder, ['coverage'])),
    situation: { rules: situationRulesOf(await readContentFiles(contentFolder, ['situation'])) },
    grouping: readCandidateSettings(
      (await readContentFiles(contentFolder, ['behaviours'])).find(({ path }) => path.endsWith('/candidates.yaml'))!.text,
      'candidates.yaml',
    ),
    forecast: forecastModelOf(await readContentFiles(contentFolder, ['forecast']), content),
    causes: causesOf(await readContentFiles(contentFolder, ['causes'])),
    estate: createEstateCache(database, weightRulesOf(await readContentFiles(contentFolder, ['weights']))),
    estateImports: createEstateImports(() => center, openListFiles(join(stores.dir, 'imports'))),
    changes: createChangeHub(database, (fault) => log.error({ err: fault })),
    exposures: {
      desk: createExposureDesk(database, exposureRulesOf(await readContentFiles(contentFolder, ['exposure'])), {
        clock: now,
        changed: () => center.changes.wake(),
        onFault: (fault) => log.error({ err: fault }),
      }),
      files: openListFiles(join(stores.dir, 'vulnerabilities')),
    },
    warnings: warningRulesOf(await readContentFiles(contentFolder, ['exposure', 'warnings'])),
    indicators: { desk, files: lists, past: openPastSearch(database, () => center, { desk, files: lists, detection }) },
    notices: createNoticeDesk(() => center, { key: randomBytes(32), random: (bytes) => randomBytes(bytes) }),
    noise: createNoiseCache(database, (fault) => log.error({ err: fault })),
    findings: openFindingCarrier(database, records.findings, (fault) => log.error({ err: fault })),
    reports: {
      templates: readReportTemplates(await readContentFiles(contentFolder, ['reports'])),
      rendering: createRendering(content.texts),
    },
    meters: createMeters(),
    orders: createOrderDesk(),
    packets: {
      files: openPacketFiles(join(stores.dir, 'packets')),
      hours: 24,
      bytesMax: packetBytesMax,
      arriving: new Set(),
      looks: new Map(),
    },
    demoPeople: null,
  };
  const doors = { loopback: false, behindProxy: false, tls: false };
  const app = createApp(center, {
    doors,
    workbench: undefined,
    ready: async () => true,
    checkAnswers,
    ...(routes ? { routes } : {}),
  });
  /** What a browser says on a page of ours. */
  const page = { host: 'localhost', origin: 'http://localhost' };

  async function headersOf(who: Person): Promise<{ [name: string]: string }> {
    let cookie = cookies.get(who.account);
    if (cookie === undefined) {
      const { organisation, role, account } = who;
      const { linkToken } = await accounts.demoPerson({
        email: `${account}@${organisation}.example`,
        name: account,
        organisation,
        role,
      });
      const response = await app.request('/api/v1/sessions/link', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...page },
        body: JSON.stringify({ token: linkToken }),
      });
      cookie = response.headers.getSetCookie()[0]!.split(';')[0]!;
      cookies.set(who.account, cookie);
    }
    return { cookie, ...page };
  }

  return {
    center,
    app,
    records,
    clock,
    headersOf,
    async ask(who, method, path, body) {
      const response = await app.request(`/api/v1${path}`, {
        method,
        headers: {
          ...(who ? await headersOf(who) : page),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      return { status: response.status, text, body: isJson && text !== '' ? JSON.parse(text) : undefined };
    },
    async end() {
      await center.reports.rendering.close();
      center.orders.close();
      center.changes.close();
      await center.exposures.desk.close();
      await center.indicators.past.close();
      await center.notices.close();
      await center.findings.close();
      await audit.close();
      await records.close();
      await stores.end();
    },
  };
}
