/** Sensors: where records come from, and when the last batch came. */

import type { Envelope } from '@forewarn/model/batch';
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

/** Counts a batch that was taken for the first time. */
export async function countBatch(tx: Transaction, batch: { sensor: string; at: number; records: number }): Promise<void> {
  await tx.query(
    `update sensor set last_batch_at = greatest(coalesce(last_batch_at, 0), $2), records = records + $3 where id = $1`,
    [batch.sensor, batch.at, batch.records],
  );
}
