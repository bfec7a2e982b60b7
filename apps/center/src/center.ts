/**
 * The centre: stores, pipeline, API and workbench in one process.
 *
 *     lock → stores → content → accounts → pipeline → listen → jobs (→ demo)
 */

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { pino, type Logger } from 'pino';
import { compileScheme } from '@forewarn/assess/grade';
import { Refusal } from '@forewarn/base/refusal';
import { assembleDetection } from '@forewarn/detect/content';
import { createCostMeter } from '@forewarn/detect/cost';
import { openAccounts } from '@forewarn/guard/accounts';
import { readReportTemplates } from '@forewarn/model/report';
import { recordTypes } from '@forewarn/model/records/index';
import { createAccountStore } from '@forewarn/store/accounts';
import { openAudit } from '@forewarn/store/audit';
import { openRecords } from '@forewarn/store/clickhouse/records';
import { lockDataFolder } from '@forewarn/store/folder';
import { openListFiles } from '@forewarn/store/list-files';
import { openPacketFiles } from '@forewarn/store/packet-files';
import { addMissingWords } from '@forewarn/store/resources/estate';
import { migrations } from '@forewarn/store/migrations/index';
import { openPostgres } from '@forewarn/store/postgres/database';
import { migrate } from '@forewarn/store/postgres/migrations';
import { prepareDatabaseTemplate } from '@forewarn/store/postgres/template';
import { createApp } from './api/app.ts';
import { problemOf, problemResponse } from './api/problems.ts';
import type { Center, DemoPerson } from './center-parts.ts';
import { causesOf } from './causes/chain.ts';
import { startForecasts } from './forecasts/desk.ts';
import { forecastModelOf } from './forecasts/known.ts';
import { createChangeHub } from './changes/hub.ts';
import { contentFolder, loadContent, readContentFiles } from './content.ts';
import { coverageRulesOf } from './coverage/coverage.ts';
import { weightRulesOf } from './links/weights.ts';
import { createExposureDesk, exposureRulesOf } from './exposure/desk.ts';
import { openDemo, type OpenDemo } from './demo/open.ts';
import { createEstateCache } from './estate/cache.ts';
import { firstOrganisation } from './estate/first.ts';
import { createEstateImports } from './estate/import-desk.ts';
import { claimFolder, folderKeys, writeWhole } from './folder.ts';
import { createIndicatorDesk } from './indicators/desk.ts';
import { readFolderLists, warningsOf } from './indicators/files.ts';
import { openPastSearch } from './indicators/past.ts';
import { startJobs } from './jobs.ts';
import { situationRulesOf, startReadings } from './situation/reading.ts';
import { openFindingCarrier } from './findings/carrier.ts';
import { createMeters } from './meters.ts';
import { createNoiseCache } from './noise/cache.ts';
import { createNoticeDesk } from './notices/desk.ts';
import { packetBytesMax, packetHoursDefault } from './packets/kept.ts';
import { createOrderDesk } from './packets/orders.ts';
import { removeStrays } from './packets/tidy.ts';
import { createRendering } from './reports/rendering.ts';
import { openPipeline } from './pipeline/pipeline.ts';
import { createRuleCatalogue } from './rules/catalogue.ts';
import { leadingFirst } from './schemes.ts';
import { createTrialDesk } from './trials/desk.ts';
import { streamed } from './schedules/run.ts';
import { unusualHourSettings } from './baselines/unusual-hour.ts';
import { warningRulesOf } from './warnings/rules.ts';
import { checkSettings, isLoopback, type Settings } from './settings.ts';

const version = '0.1.0';

/** The built workbench. */
const workbenchFolder = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** Open streams would hold a stop up for ever; requests get this long to end. */
const stopMsMax = 2_000;

export type RunningCenter = {
  url: string;
  /** Signs the first administrator in, once; null when somebody has a password. */
  firstLink: string | null;
  /** The demo's people with addresses that sign in as them; empty when this is no demo. */
  people: { name: string; organisation: string; role: string; link: string }[];
  close(): Promise<void>;
};

/** Starts a centre. Refusals say which file, folder, port or setting, and what to do; nothing is left open then. */
export async function startCenter(
  settings: Settings,
  log: Logger = pino({ level: 'warn' }, pino.destination(2)),
): Promise<RunningCenter> {
  checkSettings(settings);
  const dir = resolve(settings.dataDir);
  const closing: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).toReversed()) await one();
  };
  try {
    return await open(settings, dir, log, closing, close);
  } catch (error) {
    await close().catch((fault: unknown) => log.error({ err: fault }, 'closing after a failed start'));
    throw error;
  }
}

async function open(
  settings: Settings,
  dir: string,
  log: Logger,
  closing: (() => unknown)[],
  close: () => Promise<void>,
): Promise<RunningCenter> {
  const clock = { now: () => Date.now() / 1000 };
  const content = await loadContent();
  const files = await readContentFiles(contentFolder, [
    'rules',
    'behaviours',
    'indicators',
    'scenarios',
    'demo',
    'coverage',
    'weights',
    'exposure',
    'reports',
    'warnings',
    'causes',
    'forecast',
    'situation',
  ]);
  const { content: detection, refusals } = assembleDetection(files);
  if (refusals.length > 0) throw new AggregateError(refusals, 'content');

  const folder = lockDataFolder(dir);
  closing.push(() => folder.release());
  claimFolder(dir, settings.demo);
  // A port that is taken is told before anything is opened; until all is, whoever comes is asked to wait.
  let answer: Fetch = starting;
  const { url, stop } = await listen(settings, (request, env) => answer(request, env));
  closing.push(stop);
  const keys = folderKeys(dir);
  const onFault = (fault: Error): void => void log.error({ err: fault }, 'store');
  const database = await openPostgres({ dir: join(dir, 'postgres'), template: await prepareDatabaseTemplate(), onFault });
  closing.push(() => database.close());
  await migrate(database, migrations);
  await database.system(addMissingWords);
  const audit = await openAudit({ file: join(dir, 'audit.head'), database, clock, onFault });
  closing.push(() => audit.close());
  const records = await openRecords({ dir: join(dir, 'clickhouse'), recordTypes });
  closing.push(() => records.close());

  const accounts = openAccounts({
    store: createAccountStore({ database, audit }),
    clock,
    random: (bytes) => randomBytes(bytes),
    key: keys.seal,
    secure: settings.tls !== undefined || settings.behindProxy,
    demo: settings.demo,
  });
  const changes = createChangeHub(database, (fault) => log.error({ err: fault }, 'changes'));
  closing.push(() => changes.close());

  const noise = createNoiseCache(database, (fault) => log.error({ err: fault }, 'exceptions'));
  await noise.load();
  const findings = openFindingCarrier(database, records.findings, (fault) => log.error({ err: fault }, 'search of findings'));
  closing.push(() => findings.close());

  const orders = createOrderDesk();
  closing.push(() => orders.close());

  const trials = createTrialDesk({
    records,
    rules: detection,
    watch: () => performance.now() / 1000,
    onFault: (fault) => log.error({ err: fault }, 'trial'),
  });
  closing.push(() => trials.close());

  const exposures = createExposureDesk(database, exposureRulesOf(files), {
    clock,
    changed: () => changes.wake(),
    onFault: (fault) => log.error({ err: fault }, 'exposure'),
  });
  closing.push(() => exposures.close());

  const judged = { warnings: warningsOf(dir, detection.warnings), confidence: detection.confidence };
  const random32 = (): number => randomBytes(4).readUInt32LE();
  const lists = openListFiles(join(dir, 'lists'));
  let centreId = '';
  const desk = createIndicatorDesk({
    database,
    files: lists,
    detection: judged,
    shared: readFolderLists(files, dir, { ...judged, demo: settings.demo, seed: random32(), log }),
    centre: () => centreId,
    random: random32,
    onFault: (fault, list) => log.error({ err: fault, list }, 'indicators'),
  });
  const past = openPastSearch(database, () => center, { desk, files: lists, detection });
  closing.push(() => past.close());

  const estateImports = createEstateImports(() => center as Center, openListFiles(join(dir, 'imports')));
  closing.push(() => estateImports.close());

  const notices = createNoticeDesk(() => center as Center, { key: keys.seal, random: (bytes) => randomBytes(bytes) });
  closing.push(() => notices.close());

  const rendering = createRendering(content.texts);
  closing.push(() => rendering.close());

  let demo: OpenDemo | undefined;
  const center: Omit<Center, 'pipeline'> = {
    version,
    demo: settings.demo,
    clock,
    startedAt: clock.now(),
    log,
    database,
    audit,
    accounts: accounts as Center['accounts'],
    records,
    content,
    schemes: leadingFirst([...content.schemes.values()].map((scheme) => compileScheme(scheme, content.facts))),
    sensorRules: detection.sensors,
    coverageRules: coverageRulesOf(files),
    situation: { rules: situationRulesOf(files) },
    grouping: detection.candidates,
    causes: causesOf(files),
    forecast: forecastModelOf(files, content),
    estate: createEstateCache(database, weightRulesOf(files)),
    estateImports,
    changes,
    indicators: { desk, files: lists, past },
    exposures: { desk: exposures, files: openListFiles(join(dir, 'vulnerabilities')) },
    warnings: warningRulesOf(files),
    notices,
    noise,
    findings,
    rules: createRuleCatalogue(detection, files),
    cost: createCostMeter(() => performance.now()),
    trials,
    unusualHour: unusualHourSettings(new Map(files.map(({ path, text }) => [path, text]))),
    reports: { templates: readReportTemplates(files), rendering },
    meters: createMeters(),
    orders,
    packets: {
      files: openPacketFiles(join(dir, 'packets')),
      hours: settings.packetHours ?? packetHoursDefault,
      bytesMax: packetBytesMax,
      arriving: new Set(),
      looks: new Map(),
    },
    demoPeople: settings.demo ? async (): Promise<DemoPerson[]> => demo?.people ?? [] : null,
  };
  if (settings.demo) {
    demo = await openDemo({ center: center as Center, accounts, folder: join(dir, 'demo'), content: files });
  } else await firstOrganisation(center);
  const centre = (await center.estate.index()).centre!;
  centreId = centre.id;
  await desk.open();
  past.wake();
  await estateImports.resume();
  exposures.start();
  notices.start();

  const pipeline = await openPipeline({
    center,
    records,
    spool: join(dir, 'spool'),
    detection: streamed(detection),
    pseudonymKey: keys.pseudonym,
  });
  closing.push(() => pipeline.close());
  const whole: Center = { ...center, pipeline };
  await removeStrays(whole);

  const doors = { loopback: isLoopback(settings.listen), behindProxy: settings.behindProxy, tls: settings.tls !== undefined };
  const app = createApp(whole, {
    doors,
    workbench: existsSync(join(workbenchFolder, 'index.html')) ? workbenchFolder : undefined,
    ready: async () => (await database.system((tx) => tx.query('select 1'))).length === 1,
  });
  answer = app.fetch;

  const note = join(dir, 'center.json');
  writeWhole(note, `${JSON.stringify({ url, pid: process.pid, token: accounts.localToken(centre.id) })}\n`);
  closing.push(() => rmSync(note, { force: true }));
  const jobs = startJobs(whole);
  closing.push(() => jobs.close());
  const forecasts = startForecasts(whole);
  closing.push(() => forecasts.close());
  const readings = startReadings(whole);
  closing.push(() => readings.close());
  if (demo) {
    const playing = demo.play(url);
    closing.push(() => playing.close());
  }
  const firstLink = settings.demo
    ? null
    : await accounts.firstLink({ email: 'administrator@centre.invalid', name: 'Administrator', organisation: centre.id });
  const signIn = (token: string): string => `${url}/sign-in/${token}`;
  return {
    url,
    firstLink: firstLink === null ? null : signIn(firstLink),
    people: (demo?.people ?? []).map((person) => ({ ...person, link: signIn(person.link) })),
    close,
  };
}

type Fetch = Parameters<typeof serve>[0]['fetch'];

const starting: Fetch = (request) => {
  const { pathname } = new URL(request.url);
  if (pathname === '/healthz') return Response.json({ ok: true });
  const advice = 'Try again in a few seconds.';
  return problemResponse(problemOf(new Refusal('center.starting', 'The centre is starting.', { advice })), {
    'retry-after': '2',
  });
};

/** Room for the longest query (20,000 characters, three times as many where they are escaped); Node's own 16 KB would refuse it without a word. */
const headerBytesMax = 65_536;

async function listen(settings: Settings, fetch: Fetch): Promise<{ url: string; stop: () => Promise<void> }> {
  const { tls } = settings;
  const serverOptions = {
    maxHeaderSize: headerBytesMax,
    ...(tls ? secrets(tls) : {}),
  };
  const secure = tls ? { createServer: createTlsServer } : {};
  const server = serve({ fetch, hostname: settings.listen, port: settings.port, serverOptions, ...secure });
  await new Promise<void>((done, fail) => {
    server.once('listening', done);
    server.once('error', (cause: NodeJS.ErrnoException) => fail(listenRefusal(settings, cause)));
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : settings.port;
  const host = settings.listen.includes(':') ? `[${settings.listen}]` : settings.listen;
  return {
    url: `${tls ? 'https' : 'http'}://${host}:${port}`,
    stop: () =>
      new Promise<void>((done) => {
        const force = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), stopMsMax);
        server.close(() => {
          clearTimeout(force);
          done();
        });
        if ('closeIdleConnections' in server) server.closeIdleConnections();
      }),
  };
}

/** What TLS is made of. A client's certificate is asked for and never needed: people sign in, and who shows a wrong one is nobody. */
function secrets({ certificate, key, clientAuthority, clientRevoked }: NonNullable<Settings['tls']>) {
  const read = (file: string): Buffer => {
    try {
      return readFileSync(file);
    } catch (cause) {
      throw new Refusal('settings.tls', `The file cannot be read: ${(cause as Error).message}.`, {
        place: { file },
        advice: 'Give a PEM file that the centre’s user may read.',
        cause,
      });
    }
  };
  return {
    cert: read(certificate),
    key: read(key),
    ...(clientAuthority === undefined ? {} : { ca: read(clientAuthority), requestCert: true, rejectUnauthorized: false }),
    ...(clientRevoked === undefined ? {} : { crl: read(clientRevoked) }),
  };
}

function listenRefusal(settings: Settings, cause: NodeJS.ErrnoException): Error {
  const where = `${settings.listen}:${settings.port}`;
  const said: { [code: string]: [string, string] } = {
    EADDRINUSE: [`Something else listens on ${where}.`, 'Stop it, or choose another port with --port.'],
    EACCES: [`This user may not listen on ${where}.`, 'Choose a port above 1023 with --port.'],
    EADDRNOTAVAIL: [`This machine has no address ${settings.listen}.`, 'Choose one of its own with --listen.'],
  };
  const [message, advice] = said[cause.code ?? ''] ?? [
    `Listening on ${where} failed: ${cause.message}.`,
    'Choose another address or port.',
  ];
  return new Refusal('center.listen', message, { place: { field: '--port' }, advice, cause });
}
