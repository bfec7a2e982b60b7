/**
 * A sensor that runs for months: an interface, a watched folder, standard input or what others send in, batches out, health and settings
 * beside them.
 *
 *     tcpdump ─▶ reading ─▶ spool ─▶ carry ─▶ centre
 *                   │ │                          ▲ │ ▲
 *                   │ └─▶ health ── every minute ┘ └─│─▶ settings, whether packets are kept
 *                   └─▶ ring ── a flow, when asked ──┘
 *
 * The loops share nothing but the spool and the ring: a centre that is away stops no capture, a quiet line stops no report.
 */

import { randomUUID } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from '@forewarn/base/refusal';
import type { Batch } from '@forewarn/model/batch';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { PacketsOrder, SensorReport, SensorSettings, SensorTrouble } from '@forewarn/model/sensor';
import type { Reading } from '@forewarn/sense/read';
import { interfaceDown, openCapture, tryCapture, type Capture, type CaptureCounts } from './capture.ts';
import { answerQuestions } from './asked.ts';
import { openCentre, type CentreOptions, type ClientTls } from './centre.ts';
import { openCollecting, type Collecting } from './collect/collecting.ts';
import type { StreamTls } from './collect/streams.ts';
import type { CollectWish } from './collect/wishes.ts';
import { openFolder } from './folder.ts';
import { createHealth, type Skew, type Standing } from './health.ts';
import { openKeeping } from './keeping.ts';
import { originOf, pipeOriginBytes, type Chunks } from './origin.ts';
import { statsBatch, tellCentre } from './report.ts';
import { openReading, type Counted, type OpenReading } from './reading.ts';
import { carry, createPatience, nothingSent, type Sent } from './send.ts';
import { sourceMax } from './sensor.ts';
import { keepSettings, readSettings } from './settings.ts';
import type { Spool } from './spool.ts';

export const sensorVersion = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

export type RunInput =
  | { kind: 'interface'; device: string }
  | { kind: 'folder'; directory: string }
  /** A pipe: another program's capture. */
  | { kind: 'stdin'; chunks: Chunks }
  /** What others send, and brokers have: flows and logs. */
  | { kind: 'collect'; wishes: readonly CollectWish[]; tls?: StreamTls | undefined; brokerTls?: ClientTls | undefined };

export type RunOptions = {
  input: RunInput;
  centre: CentreOptions;
  spool: Spool;
  /** The spool's folder, where settings and the list of files stand too. */
  directory: string;
  networks?: readonly string[];
  signal: AbortSignal;
  clock: { now(): number };
  /** Says something to the person at the machine. */
  say: (sentence: string) => void;
  /** Between reports; a test has less patience. */
  reportSeconds?: number;
};

export type RunResult = { packets: number; sent: Sent; waiting: number; lost: { batches: number; records: number } };

/** One minute: what Zeek's stats take five for, because silence is to be noticed. */
const reportEverySeconds = 60;

/** Trouble is looked for so often, and told at once when it is new. */
const lookSeconds = 5;

/** A report that did not arrive is followed by the next so soon. */
const reportAgainSeconds = 15;

/** At the start the centre is asked for settings before anything is captured, so long. */
const firstReportMs = 3_000;

/** Asked to stop, what is spooled gets so long to leave. */
const farewellMs = 5_000;

/** A folder is looked into so often. */
const folderMs = 2_000;

/** A spool this near to its ceiling lets readers that can wait, wait: what one chunk and the end of a reading bring still fits. */
const reserveBytes = 64_000_000;

/** The ring's clock ticks so often. */
const ringMs = 1_000;

/** A disk that does not take what is left of the ring by then is not waited for. */
const ringCloseMs = 5_000;

/** Whether there is room again is looked at so often. */
const roomMs = 200;

export async function runSensor(options: RunOptions): Promise<RunResult> {
  const { input, spool, directory, signal, clock, say } = options;
  const centre = openCentre(options.centre);
  const startedAt = clock.now();
  let settings = readSettings(directory);
  let refusedSettings: { version: number; reason: string } | null = null;
  const keeping = await openKeeping({ directory, clock, spoolLeft: () => Math.max(0, spool.bytesMax - spool.bytes) });
  const sent = nothingSent();

  // ---- what is counted --------------------------------------------------------------------------------------------

  let ended: Omit<Counted, 'last'> = { packets: 0, bytes: 0, gaps: 0, missedBytes: 0 };
  let last: number | undefined;
  let reading: OpenReading | undefined;
  let capture: Capture | undefined;
  let collecting: Collecting | undefined;
  let captureEnded: CaptureCounts = { received: 0, dropped: 0, interfaceDropped: 0 };
  let starts = 0;
  let downSeconds = 0;
  let downSince: number | undefined;
  let badFiles = 0;
  let skew: Skew | undefined;
  let refused = false;
  /** What is waited for, so that it is said once. */
  let waitedFor = '';
  const ending = new AbortController();
  /** Ends what reads. */
  const stop = AbortSignal.any([signal, ending.signal]);
  /** Cuts the capture, to begin another by new settings, or one whose packets are kept. */
  let cut: (() => void) | undefined;
  /** A stream that was begun before packets were to be kept. */
  let isWithout = false;
  /** How often it was cut. */
  let cuts = 0;

  const health = createHealth({
    spool,
    input:
      input.kind === 'interface'
        ? `interface ${input.device}`
        : input.kind === 'folder'
          ? `folder ${input.directory}`
          : input.kind === 'collect'
            ? `collect ${input.wishes.map(({ name }) => name).join(' ')}`
            : 'stdin',
    version: sensorVersion,
    at: startedAt,
  });

  async function standing(): Promise<Standing> {
    const counts = capture ? await capture.counts() : { received: 0, dropped: 0, interfaceDropped: 0 };
    const { user, system } = process.cpuUsage();
    const now = reading?.counted();
    const at = clock.now();
    const collected = collecting?.counted();
    return {
      at,
      capture:
        input.kind !== 'interface'
          ? collected && {
              received: collected.messages + collected.dropped,
              dropped: collected.dropped,
              interfaceDropped: 0,
              starts: collected.starts,
              downSeconds: collected.downSeconds,
              down: collected.down,
            }
          : {
              received: captureEnded.received + counts.received,
              dropped: captureEnded.dropped + counts.dropped,
              interfaceDropped: captureEnded.interfaceDropped + counts.interfaceDropped,
              starts,
              downSeconds: downSeconds + (downSince === undefined ? 0 : at - downSince),
              down: downSince !== undefined || interfaceDown(input.device),
            },
      reading: {
        packets: ended.packets + (now?.packets ?? collected?.messages ?? 0),
        bytes: ended.bytes + (now?.bytes ?? collected?.bytes ?? 0),
        gaps: ended.gaps + (now?.gaps ?? 0),
        missedBytes: ended.missedBytes + (now?.missedBytes ?? 0),
      },
      last: now?.last ?? collected?.last ?? last,
      live: input.kind === 'interface' || input.kind === 'collect',
      skew,
      refused,
      settings: { version: settings.version, refused: refusedSettings !== null },
      badFiles,
      ring: keeping.ring && { ...keeping.ring.standing, bytesMax: keeping.order!.keepBytes },
      ringTrouble: keeping.trouble !== undefined,
      cpuMicros: user + system,
      memoryBytes: process.memoryUsage.rss(),
    };
  }

  // ---- reports ----------------------------------------------------------------------------------------------------

  /** Troubles that were told, so that what goes on is not told every five seconds. */
  let toldTroubles = new Set<SensorTrouble>();

  async function report(stopping: boolean, within: AbortSignal): Promise<boolean> {
    const { record, troubles } = health.look(await standing());
    health.told();
    toldTroubles = new Set(troubles);
    // In a batch of its own: a recording's batches must be the same at each reading.
    try {
      spool.add(statsBatch(record));
    } catch (error) {
      // A spool that lets files wait is full; the report goes past it.
      if (!(error instanceof Refusal)) throw error;
    }
    return tell(record, stopping, within);
  }

  /** Past the spool, so that the centre knows how the sensor fares while it works off what waited. */
  async function tell(record: AnyRecord, stopping: boolean, within: AbortSignal): Promise<boolean> {
    const body: SensorReport = {
      input: input.kind,
      startedAt,
      stopping,
      settings: { version: settings.version, refused: refusedSettings },
      stats: record,
      lost: spool.lost,
      packets: { version: isWithout ? 0 : keeping.version, ring: keeping.ring?.standing ?? null },
    };
    const answer = await tellCentre(centre, body, { signal: within, clock });
    if (!answer) return false;
    const { orders } = answer;
    ({ skew } = answer);
    if (orders.settings && orders.settings.version !== settings.version) await follow(orders.settings);
    // A centre of before says nothing of packets.
    if (orders.packets !== undefined) await followPackets(orders.packets);
    return true;
  }

  async function follow(wanted: { version: number; values: SensorSettings }): Promise<void> {
    if (refusedSettings?.version === wanted.version) return;
    if (input.kind === 'interface') {
      const reason = await tryCapture({ device: input.device, ...wanted.values });
      if (reason !== undefined) {
        refusedSettings = { version: wanted.version, reason };
        say(`The centre's settings ${wanted.version} cannot be followed: ${reason}.`);
        return;
      }
    }
    keepSettings(directory, wanted);
    if (input.kind === 'stdin' && reading) {
      // Another program captures: its stream cannot be begun again. The next start works by them.
      const reason = 'Standard input is read to its end by the settings it was begun with; they count from the next start.';
      refusedSettings = { version: wanted.version, reason };
      return;
    }
    settings = wanted;
    refusedSettings = null;
    say(`Settings ${wanted.version} of the centre are in force.`);
    cuts++;
    cut?.();
  }

  async function followPackets(wanted: PacketsOrder | null): Promise<void> {
    const before = keeping.version;
    const troubleBefore = keeping.trouble;
    const { isNew } = await keeping.follow(wanted);
    if (keeping.trouble !== undefined && keeping.trouble !== troubleBefore) say(`Packets cannot be kept: ${keeping.trouble}.`);
    if (keeping.version === before) return;
    say(
      wanted
        ? `Packets are kept for up to ${wanted.keepHours} h and ${wanted.keepBytes / 1e9} GB, by edition ${wanted.version} of the link's policy.`
        : 'Packets are no longer kept; those that were are deleted.',
    );
    if (!isNew) return;
    if (input.kind === 'stdin' && reading && wanted) {
      // Another program captures, and its stream cannot be begun again.
      isWithout = true;
      say('Of this stream none are: it was begun before, and is read to its end. The next start keeps them.');
    }
    cuts++;
    cut?.();
  }

  async function reporting(over: AbortSignal): Promise<void> {
    let nextAt = 0;
    const every = options.reportSeconds ?? reportEverySeconds;
    while (!over.aborted) {
      const before = `${settings.version}/${keeping.version}`;
      const due = clock.now() >= nextAt;
      const { troubles } = due ? { troubles: [] } : health.look(await standing());
      if (due || troubles.some((trouble) => !toldTroubles.has(trouble))) {
        const arrived = await report(false, over);
        // Settings that are followed are acknowledged at once.
        if (arrived && `${settings.version}/${keeping.version}` !== before) await report(false, over);
        nextAt = clock.now() + (arrived ? every : Math.min(every, reportAgainSeconds));
      }
      await pause(Math.min(lookSeconds, every) * 1000, over);
    }
  }

  // ---- inputs -----------------------------------------------------------------------------------------------------

  async function read(of: {
    chunks: Chunks;
    origin: string;
    source: string;
    settings: SensorSettings;
    file?: string;
    paced?: () => Promise<void>;
    deliver?: (batch: Batch) => void;
  }): Promise<Reading> {
    const opened = openReading({
      ...of,
      source: of.source.slice(0, sourceMax),
      deliver: of.deliver ?? ((batch) => spool.add(batch)),
      networks: options.networks,
      ring: keeping.ring,
    });
    reading = opened;
    const clockwork = setInterval(() => opened.tick(clock.now()), 1_000);
    try {
      return await opened.done;
    } finally {
      clearInterval(clockwork);
      const { last: newest, ...counted } = opened.counted();
      last = newest ?? last;
      ended = {
        packets: ended.packets + counted.packets,
        bytes: ended.bytes + counted.bytes,
        gaps: ended.gaps + counted.gaps,
        missedBytes: ended.missedBytes + counted.missedBytes,
      };
      reading = undefined;
    }
  }

  /** Readers that can wait do so while the spool is nearly full, or the ring's disk is behind. */
  async function room(): Promise<void> {
    await keeping.ring?.room(stop);
    while (spool.bytes > Math.max(spool.bytesMax - reserveBytes, spool.bytesMax / 2) && !stop.aborted) await pause(roomMs, stop);
  }

  async function readInterface(device: string): Promise<void> {
    const patience = createPatience(stop, (reason, seconds) => say(`${reason} Trying again in ${seconds.toFixed(1)} s.`));
    while (!stop.aborted) {
      const inForce = settings;
      const cutsBefore = cuts;
      try {
        capture = await openCapture({ device, ...inForce.values });
      } catch (error) {
        // At the start somebody is there to mend it.
        if (starts === 0 || !(error instanceof Refusal)) throw error;
        await patience.wait(error.message);
        continue;
      }
      const current = capture;
      if (downSince !== undefined) downSeconds += clock.now() - downSince;
      downSince = undefined;
      starts++;
      say(`Capturing from ${device}.`);
      const end = (): void => current.stop();
      cut = end;
      stop.addEventListener('abort', end, { once: true });
      if (stop.aborted) end();
      try {
        const began = clock.now();
        // Not to be guessed: it seeds the flow table's hash, and names the flows.
        const { packets } = await read({
          chunks: current.chunks,
          origin: `${device}/${startedAt}/${randomUUID()}`,
          source: device,
          settings: inForce.values,
        });
        if (packets > 0 && clock.now() - began > 10) patience.reset();
      } catch (error) {
        // It was ended before it wrote the head of a capture: there was nothing to read.
        if (!(error instanceof Refusal) || error.code !== 'capture.unrecognised') throw error;
      } finally {
        cut = undefined;
        stop.removeEventListener('abort', end);
        current.stop();
        const said = await current.ended;
        const counts = await current.counts();
        captureEnded = {
          received: captureEnded.received + counts.received,
          dropped: captureEnded.dropped + counts.dropped,
          interfaceDropped: captureEnded.interfaceDropped + counts.interfaceDropped,
        };
        capture = undefined;
        downSince = clock.now();
        if (!stop.aborted && cuts === cutsBefore) {
          const why = said.split('\n').find((line) => /^tcpdump: (?!listening)/.test(line) && !/packets? captured/.test(line));
          await patience.wait(`The capture of ${device} ended${why === undefined ? '' : ` (${why.replace(/^tcpdump: /, '')})`}.`);
        }
      }
    }
  }

  async function readFolder(path: string): Promise<void> {
    const folder = openFolder(path, join(directory, 'files.ndjson'), (name, bytes) => {
      badFiles++;
      say(
        `${name} grew by ${bytes} bytes after it was read; they were not taken. Move files into the folder when they are complete.`,
      );
    });
    // Of a file that is read again because there was no room, what found room before is not spooled again: each reading gets further.
    let again: { key: string; batches: number } | undefined;
    try {
      while (!stop.aborted) {
        const file = folder.next(clock.now(), settings.values);
        if (!file) {
          await pause(folderMs, stop);
          continue;
        }
        if (again?.key !== file.key) again = { key: file.key, batches: 0 };
        const before = again;
        let number = 0;
        try {
          const { origin, chunks } = await originOf(createReadStream(file.path, { highWaterMark: 1 << 20 }));
          const { stop: cutShort } = await read({
            chunks,
            origin,
            source: file.name,
            file: file.path,
            settings: file.settings,
            deliver(batch) {
              if (number++ < before.batches) return;
              spool.add(batch);
              before.batches++;
            },
            async paced() {
              await room();
              // Ended here, the file's last flows would be cut short, and be others than at the next reading.
              if (stop.aborted) throw new Refusal('sensor.stopped', 'The sensor was stopped before the file was read.');
            },
          });
          folder.done(file, 'read');
          say(`${file.name}: read${cutShort ? `, cut: ${cutShort.detail}` : ''}.`);
        } catch (error) {
          if (stop.aborted) return;
          const code = error instanceof Refusal ? error.code : (error as NodeJS.ErrnoException).code;
          if (code === 'sensor.spool.full' || code === 'sensor.spool.write') {
            if (waitedFor !== code) say(`${(error as Error).message} ${file.name} is read again when there is room.`);
            waitedFor = code;
            await pause(folderMs, stop);
            await room();
            continue;
          }
          if (code === undefined) throw error;
          badFiles++;
          folder.done(file, 'unreadable');
          say(`${file.name} was not read: ${(error as Error).message}`);
        }
      }
    } finally {
      folder.close();
    }
  }

  async function readPipe(given: Chunks): Promise<void> {
    const { origin, chunks } = await originOf(until(given, stop), pipeOriginBytes);
    await read({ chunks, origin, source: 'stdin', settings: settings.values, paced: room });
  }

  async function readCollected(wanted: RunInput & { kind: 'collect' }): Promise<void> {
    collecting = await openCollecting({
      ...wanted,
      tls: wanted.tls,
      batchRecords: () => settings.values.batchRecords,
      deliver: (batch) => spool.add(batch),
      // What a broker has waits there.
      keep: (batch) => spool.add(batch, 'refuse'),
      clock,
      startedAt,
      say,
      signal: stop,
      room,
    });
    await collecting.done;
  }

  // ---- the run ----------------------------------------------------------------------------------------------------

  const over = new AbortController();
  const carrying = carry({
    centre,
    spool,
    sent,
    signal: over.signal,
    onWait(reason, seconds) {
      if (reason !== waitedFor) say(`${reason}; trying again in ${seconds.toFixed(1)} s. Batches wait in ${directory}.`);
      waitedFor = reason;
    },
    onTrouble(trouble, reason) {
      if (trouble === 'set-aside') say(`A batch was put aside: ${reason}`);
      else refused = trouble === 'refused';
      if (trouble === undefined) waitedFor = '';
    },
  });
  const readInput = (): Promise<void> => {
    if (input.kind === 'interface') return readInterface(input.device);
    if (input.kind === 'collect') return readCollected(input);
    return input.kind === 'folder' ? readFolder(input.directory) : readPipe(input.chunks);
  };
  const clockwork = setInterval(() => keeping.ring?.tick(), ringMs);
  const loops: Promise<void>[] = [carrying];
  let complete = false;
  try {
    // Settings first: a filter that a person has set is not to count from the second minute on.
    await tell(health.look(await standing()).record, false, AbortSignal.any([signal, AbortSignal.timeout(firstReportMs)]));
    const inputOver = readInput().then(() => {
      complete = !signal.aborted;
    });
    const asking = answerQuestions({ centre, keeping, signal: ending.signal, ordered: followPackets });
    loops.push(inputOver, reporting(ending.signal), asking);
    // The input alone ends by itself; another loop ends the run only by throwing.
    await Promise.race([inputOver, ...loops.filter((loop) => loop !== inputOver).map((loop) => loop.then(never))]);
  } finally {
    ending.abort();
    await Promise.allSettled(loops.slice(1));
    clearInterval(clockwork);
    await Promise.race([keeping.close(), sleep(ringCloseMs, undefined, { ref: false })]);
    const farewell = AbortSignal.timeout(farewellMs);
    await report(true, farewell).catch(() => false);
    // A pipe that ended is sent whole, however long that takes; asked to stop, one does not wait.
    const patient = (): boolean => !refused && (!farewell.aborted || (complete && !signal.aborted));
    while (spool.waiting > 0 && patient()) await pause(50, farewell.aborted ? signal : farewell);
    over.abort();
    await carrying.catch(() => undefined);
    centre.close();
  }
  return { packets: ended.packets + (collecting?.counted().messages ?? 0), sent, waiting: spool.waiting, lost: spool.lost };
}

const never = (): Promise<never> => new Promise(() => undefined);

/** The chunks until the signal, which does not wait for the next of them. */
async function* until(chunks: Chunks, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const iterator = (async function* () {
    yield* chunks;
  })();
  const aborted = new Promise<{ done: true }>((resolve) => {
    if (signal.aborted) resolve({ done: true });
    signal.addEventListener('abort', () => resolve({ done: true }), { once: true });
  });
  for (;;) {
    const next = await Promise.race([iterator.next(), aborted]);
    if (next.done) return;
    yield next.value;
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal }).catch(() => undefined);
