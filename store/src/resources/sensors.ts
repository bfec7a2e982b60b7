/** Sensors: where records come from, when the last batch came, how they fare and what they are told to do. */

import type { OpenFindings } from '@forewarn/detect/sensors/watch';
import type { Envelope } from '@forewarn/model/batch';
import type { SensorReport, SensorSettings } from '@forewarn/model/sensor';
import type { Transaction } from '../postgres/database.ts';

export type Sensor = {
  id: string;
  organisation: string;
  name: string;
  link: string | null;
  networkType: Envelope['networkType'];
  marking: Envelope['marking'];
  createdAt: number;
  lastBatchAt: number | null;
  records: number;
};

const columns = `id, organisation, name, link, network_type as "networkType", marking, created_at as "createdAt",
  last_batch_at as "lastBatchAt", records`;

export function listSensors(tx: Transaction): Promise<Sensor[]> {
  return tx.query<Sensor>(`select ${columns} from sensor order by id`);
}

export async function findSensor(tx: Transaction, id: string): Promise<Sensor | undefined> {
  return (await tx.query<Sensor>(`select ${columns} from sensor where id = $1`, [id]))[0];
}

/** Registers one; false when the id is taken. */
export async function addSensor(tx: Transaction, sensor: Omit<Sensor, 'lastBatchAt' | 'records'>): Promise<boolean> {
  const rows = await tx.query(
    `insert into sensor (id, organisation, name, link, network_type, marking, created_at) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (id) do nothing returning id`,
    [sensor.id, sensor.organisation, sensor.name, sensor.link, sensor.networkType, sensor.marking, sensor.createdAt],
  );
  return rows.length === 1;
}

/** What a batch brought of one log. `lastAt`: of its newest record; `withheld`: fields of it that were not stored because no policy lets them in. */
export type LogCount = { log: string; records: number; lastAt: number; withheld: number };

/** Counts a batch that was taken for the first time, and what it brought of each log. */
export async function countBatch(
  tx: Transaction,
  batch: { sensor: string; organisation: string; at: number; records: number; logs: readonly LogCount[] },
): Promise<void> {
  await tx.query(
    `update sensor set last_batch_at = greatest(coalesce(last_batch_at, 0), $2), records = records + $3 where id = $1`,
    [batch.sensor, batch.at, batch.records],
  );
  if (batch.logs.length === 0) return;
  // What claims to be newer than its arrival came now: a clock that is ahead must not make a source look alive for days.
  await tx.query(
    `insert into sensor_log (sensor, organisation, log, records, last_at, withheld)
     select $1, $2, one.log, one.records, least(one.last_at, $3), one.withheld
     from sensor, unnest($4::text[], $5::double precision[], $6::double precision[], $7::double precision[])
       as one (log, records, last_at, withheld)
     where sensor.id = $1
     on conflict (sensor, log) do update set records = sensor_log.records + excluded.records,
       withheld = sensor_log.withheld + excluded.withheld,
       last_at = greatest(sensor_log.last_at, excluded.last_at)`,
    [
      batch.sensor,
      batch.organisation,
      batch.at,
      batch.logs.map(({ log }) => log),
      batch.logs.map(({ records }) => records),
      batch.logs.map(({ lastAt }) => lastAt),
      batch.logs.map(({ withheld }) => withheld),
    ],
  );
}

/** What came of each log from the sensors that the transaction sees, by sensor. */
export async function logsOfSensors(tx: Transaction): Promise<Map<string, LogCount[]>> {
  const rows = await tx.query<LogCount & { sensor: string }>(
    `select sensor, log, records, last_at as "lastAt", withheld from sensor_log order by sensor, log`,
  );
  const bySensor = new Map<string, LogCount[]>();
  for (const { sensor, ...one } of rows) {
    const logs = bySensor.get(sensor);
    if (logs) logs.push(one);
    else bySensor.set(sensor, [one]);
  }
  return bySensor;
}

/** What came of each log from one sensor, the most first. */
export function logsOfSensor(tx: Transaction, sensor: string): Promise<LogCount[]> {
  return tx.query<LogCount>(
    `select log, records, last_at as "lastAt", withheld from sensor_log where sensor = $1 order by records desc, log`,
    [sensor],
  );
}

export type SensorState = {
  sensor: string;
  organisation: string;
  /** By the centre's clock. */
  reportedAt: number;
  report: SensorReport;
  /** Findings about it that are going on. */
  open: OpenFindings;
};

const stateColumns = `sensor, organisation, reported_at as "reportedAt", report, open`;

export function listSensorStates(tx: Transaction): Promise<SensorState[]> {
  return tx.query<SensorState>(`select ${stateColumns} from sensor_state order by sensor`);
}

export async function findSensorState(tx: Transaction, sensor: string): Promise<SensorState | undefined> {
  return (await tx.query<SensorState>(`select ${stateColumns} from sensor_state where sensor = $1`, [sensor]))[0];
}

/** What a sensor reported last takes the place of what it reported before. */
export async function putSensorState(tx: Transaction, state: SensorState): Promise<void> {
  await tx.query(
    `insert into sensor_state (sensor, organisation, reported_at, report, open) values ($1, $2, $3, $4, $5)
     on conflict (sensor) do update set reported_at = excluded.reported_at, report = excluded.report, open = excluded.open`,
    [state.sensor, state.organisation, state.reportedAt, JSON.stringify(state.report), JSON.stringify(state.open)],
  );
}

export type SettingsEdition = { sensor: string; version: number; values: SensorSettings; at: number; by: string };

const settingsColumns = `sensor, version, wanted as "values", at, by`;

/** The newest settings of each sensor that has any. */
export function newestSettings(tx: Transaction): Promise<SettingsEdition[]> {
  return tx.query<SettingsEdition>(
    `select distinct on (sensor) ${settingsColumns} from sensor_settings order by sensor, version desc`,
  );
}

/** The editions of one sensor, newest first. */
export function settingsOf(tx: Transaction, sensor: string, limit: number): Promise<SettingsEdition[]> {
  return tx.query<SettingsEdition>(
    `select ${settingsColumns} from sensor_settings where sensor = $1 order by version desc limit $2`,
    [sensor, limit],
  );
}

/** Adds an edition after the newest, which must be `after` (0: none); undefined when somebody else was faster. */
export async function addSettings(
  tx: Transaction,
  edition: Omit<SettingsEdition, 'version'> & { organisation: string; after: number },
): Promise<number | undefined> {
  const rows = await tx.query<{ version: number }>(
    `insert into sensor_settings (sensor, organisation, version, wanted, at, by)
     select $1, $2, $3::integer + 1, $4, $5, $6
     where coalesce((select max(version) from sensor_settings where sensor = $1), 0) = $3::integer
     on conflict (sensor, version) do nothing returning version`,
    [edition.sensor, edition.organisation, edition.after, JSON.stringify(edition.values), edition.at, edition.by],
  );
  return rows[0]?.version;
}
