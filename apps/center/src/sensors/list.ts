/** Sensors as people see them: how each fares, what it saw and lost, and what it is told to do. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { formatInstant, type Seconds } from '@forewarn/base/time';
import { dropsOf, isSilent, type SensorRules } from '@forewarn/detect/sensors/watch';
import { page, SensorHistoriesView, SensorHistoryView, SensorLogView, SensorSettingsView, SensorView } from '@forewarn/model/api';
import { SensorSettings, sensorTroubles, type SensorReport, type SensorTrouble } from '@forewarn/model/sensor';
import {
  addSettings,
  findSensor,
  findSensorState,
  logsOfSensor,
  listSensors,
  listSensorStates,
  newestSettings,
  settingsOf,
  type Sensor,
  type SensorState,
} from '@forewarn/store/resources/sensors';
import { act } from '../act.ts';
import type { Center } from '../center-parts.ts';
import type { Principal } from '../ports.ts';
import { found, invalid } from '../refusals.ts';
import { recordScopeOf } from '../api/records.ts';
import { route } from '../api/route.ts';
import { Id, RangeQuery } from '../api/shapes.ts';

/** Editions of settings that a page shows; who wants more reads the audit. */
const editionsShown = 20;

const at = (seconds: Seconds | null): string | null => (seconds === null ? null : formatInstant(seconds));

/** A sensor's clock may be anything; only an instant that can be written is. */
export const safeAt = (seconds: number, instead: Seconds): string => {
  try {
    return formatInstant(seconds);
  } catch {
    return formatInstant(instead);
  }
};

const known: ReadonlySet<string> = new Set(sensorTroubles);

function reportView({ report, reportedAt }: SensorState): NonNullable<z.input<typeof SensorView>['report']> {
  const { stats } = report;
  const number = (name: string): number => (typeof stats[name] === 'number' ? stats[name] : 0);
  const text = (name: string): string => (typeof stats[name] === 'string' ? stats[name] : '');
  const span = number('span');
  const rate = (name: string): number => (span > 0 ? number(name) / span : 0);
  const drops = dropsOf(stats);
  const counted = typeof stats['pkts_dropped'] === 'number';
  return {
    at: formatInstant(reportedAt),
    startedAt: safeAt(report.startedAt, reportedAt),
    input: text('input'),
    version: text('version'),
    packetsPerSecond: rate('pkts_proc'),
    bytesPerSecond: rate('bytes_recv'),
    dropped: counted ? drops.dropped : null,
    droppedShare: counted ? drops.share : null,
    gaps: number('gaps'),
    spool: {
      bytes: number('spool_bytes'),
      bytesMax: number('spool_max'),
      batches: number('spool_batches'),
      ageSeconds: typeof stats['spool_age'] === 'number' ? stats['spool_age'] : null,
    },
    lost: report.lost,
    clock:
      typeof stats['clock_skew'] === 'number'
        ? { skewSeconds: stats['clock_skew'], withinSeconds: number('clock_within') }
        : null,
    cpu: number('cpu'),
    memoryMegabytes: number('mem'),
  };
}

export type Listened = { at: Seconds; since: Seconds };

export const troublesOf = ({ stats }: SensorReport): SensorTrouble[] =>
  (Array.isArray(stats['trouble']) ? (stats['trouble'] as unknown[]) : []).filter(
    (one): one is SensorTrouble => typeof one === 'string' && known.has(one),
  );

export function stateOf(
  sensor: Sensor,
  state: SensorState | undefined,
  listened: Listened,
  rules: SensorRules,
): z.input<typeof SensorView>['state'] {
  if (!state) return sensor.lastBatchAt === null ? 'never' : 'files';
  if (state.report.stopping) return 'stopped';
  if (isSilent(state, listened, rules)) return 'silent';
  return troublesOf(state.report).length > 0 ? 'trouble' : 'working';
}

function sensorView(
  sensor: Sensor,
  state: SensorState | undefined,
  wanted: number,
  listened: Listened,
  rules: SensorRules,
): z.input<typeof SensorView> {
  return {
    ...sensor,
    createdAt: formatInstant(sensor.createdAt),
    lastBatchAt: at(sensor.lastBatchAt),
    state: stateOf(sensor, state, listened, rules),
    troubles: state ? troublesOf(state.report) : [],
    report: state ? reportView(state) : null,
    settings: {
      wanted,
      inForce: state?.report.settings.version ?? 0,
      refused: state?.report.settings.refused ?? null,
    },
  };
}

export const listOfSensors = route({
  method: 'get',
  path: '/sensors',
  access: 'estate:read',
  summary: 'The own sensors, how each fares, and when the last batch came.',
  answer: page(SensorView),
  handle: ({ center, scope }) =>
    center.database.scoped(scope, async (tx) => {
      const states = new Map((await listSensorStates(tx)).map((state) => [state.sensor, state]));
      const wanted = new Map((await newestSettings(tx)).map(({ sensor, version }) => [sensor, version]));
      const listened = { at: center.clock.now(), since: center.startedAt };
      return {
        items: (await listSensors(tx)).map((sensor) =>
          sensorView(sensor, states.get(sensor.id), wanted.get(sensor.id) ?? 0, listened, center.sensorRules),
        ),
        next: null,
      };
    }),
});

export const oneSensor = route({
  method: 'get',
  path: '/sensors/{id}',
  access: 'estate:read',
  summary: 'One sensor, with what it brought of each log, and the editions of its settings, newest first.',
  params: Id,
  answer: SensorView.extend({ logs: z.array(SensorLogView), editions: z.array(SensorSettingsView) }),
  handle: ({ center, scope, params }) =>
    center.database.scoped(scope, async (tx) => {
      const sensor = found(await findSensor(tx, params.id));
      const editions = await settingsOf(tx, params.id, editionsShown);
      const state = await findSensorState(tx, params.id);
      const listened = { at: center.clock.now(), since: center.startedAt };
      return {
        ...sensorView(sensor, state, editions[0]?.version ?? 0, listened, center.sensorRules),
        logs: (await logsOfSensor(tx, params.id)).map((one) => ({ ...one, lastAt: formatInstant(one.lastAt) })),
        editions: editions.map(({ version, values, at: setAt, by }) => ({ version, values, at: formatInstant(setAt), by })),
      };
    }),
});

/** When no range is asked for: the last six hours. */
const historySeconds = 21_600;

const Parts = RangeQuery.extend({ buckets: z.coerce.number().int().min(1).max(500).default(120) });

const fields = ['pkts_proc', 'pkts_dropped', 'pkts_if_dropped', 'lost_records'] as const;

/** What each of the sensors reported, in equal parts of a range; one question for all of them. */
async function historiesOf(
  { center, principal }: { center: Center; principal: Principal },
  sensors: readonly string[],
  query: z.output<typeof Parts>,
): Promise<Map<string, z.input<typeof SensorHistoryView>>> {
  const to = query.to ?? center.clock.now();
  const from = query.from ?? to - historySeconds;
  if (from >= to) throw invalid('from', 'The range ends before it begins.', 'Let "from" be earlier than "to".');
  // A report stands for the minute before it: finer parts would show its rhythm instead of the line's, and whole minutes are read from their sums.
  const bucketSeconds = Math.max(1, Math.ceil((to - from) / query.buckets / 60)) * 60;
  const first = Math.floor(from / bucketSeconds);
  const count = Math.floor(to / bucketSeconds) - first + 1;
  const empty = (): number[] => Array.from({ length: count }, () => 0);
  const histories = new Map(
    sensors.map((sensor) => [
      sensor,
      { from: formatInstant(first * bucketSeconds), bucketSeconds, packets: empty(), dropped: empty(), lostRecords: empty() },
    ]),
  );
  const rows = await center.records.sums(recordScopeOf(principal), {
    log: 'stats',
    range: { from: first * bucketSeconds, to: (first + count) * bucketSeconds },
    seconds: bucketSeconds,
    by: '_sensor',
    of: sensors,
    fields,
  });
  for (const { of, bucket, sums } of rows) {
    const history = histories.get(of);
    if (!history) continue;
    const [packets = 0, dropped = 0, cardDropped = 0, lost = 0] = sums;
    history.packets[bucket] = packets;
    history.dropped[bucket] = dropped + cardDropped;
    history.lostRecords[bucket] = lost;
  }
  return histories;
}

export const sensorHistory = route({
  method: 'get',
  path: '/sensors/{id}/history',
  access: 'estate:read',
  summary: 'Packets, dropped packets and lost records of one sensor, in equal parts of a range.',
  params: Id,
  query: Parts,
  answer: SensorHistoryView,
  async handle({ center, principal, scope, params, query }) {
    const { id } = found(await center.database.scoped(scope, (tx) => findSensor(tx, params.id)));
    return (await historiesOf({ center, principal }, [id], query)).get(id)!;
  },
});

export const sensorHistories = route({
  method: 'get',
  path: '/sensor-histories',
  access: 'estate:read',
  summary: 'The same of every own sensor at once.',
  query: Parts,
  answer: page(SensorHistoriesView),
  async handle({ center, principal, scope, query }) {
    const sensors = await center.database.scoped(scope, listSensors);
    const histories = await historiesOf(
      { center, principal },
      sensors.map(({ id }) => id),
      query,
    );
    return { items: [...histories].map(([sensor, history]) => ({ sensor, ...history })), next: null };
  },
});

export const setSensorSettings = route({
  method: 'put',
  path: '/sensors/{id}/settings',
  access: 'accounts:write',
  summary: 'Tells a sensor what to capture; it follows with its next report, and says so or why not.',
  params: Id,
  body: z.strictObject({
    /** The newest version that the writer has seen; 0: none. */
    after: z.number().int().min(0),
    values: SensorSettings,
  }),
  answer: SensorSettingsView,
  status: 201,
  async handle({ center, principal, scope, params, body }) {
    const sensor = found(await center.database.scoped(scope, (tx) => findSensor(tx, params.id)));
    return act(center, principal, async (acting) => {
      const { organisation } = sensor;
      const edition = { sensor: sensor.id, organisation, values: body.values, at: acting.at, by: principal.account };
      const version = await addSettings(acting.tx, { ...edition, after: body.after });
      if (version === undefined) {
        throw new Refusal('sensor.settings.changed', 'Somebody else has changed the settings of this sensor.', {
          place: { field: 'after' },
          advice: 'Look at the newest edition and change that.',
        });
      }
      // What a sensor does not see is found nowhere else: who decided that stands in the audit with all values.
      acting.audit('sensor.settings', `sensor/${sensor.id}`, { version, ...flat(body.values) });
      acting.changed('records', organisation, { organisation });
      return { version, values: body.values, at: formatInstant(acting.at), by: principal.account };
    });
  },
});

const flat = ({ protocolsOff, ...values }: SensorSettings) => ({ ...values, protocolsOff: protocolsOff.join(' ') });
