/** Sheets on their way to the centre: short ones are answered at once, long ones become a job that is asked about until it ends. */

import type { EstateKind } from '@forewarn/model/estate';
import { ask, query } from '../../session/api.ts';
import type { Fault } from './sheet.ts';

export type Taken = { imported: number; faults: Fault[]; faultCount: number };
export type Progress = { done: number; total: number | null };

type Job = {
  id: string;
  state: 'reading' | 'checking' | 'writing' | 'done' | 'faulty' | 'failed' | 'cancelled';
  rows: { read: number; checked: number; written: number; total: number | null };
  faults?: Fault[];
  faultCount: number;
};

/** What the centre takes at once (`POST /estate/import`). */
const atOnceMax = 2000;
const askedEveryMs = 1000;

/** Checks or imports a sheet as CSV; nothing is changed while one row is wrong. */
export async function sendSheet(
  { kind, text, rows, name, check }: { kind: EstateKind; text: string; rows: number; name: string; check: boolean },
  tell: (progress: Progress) => void,
): Promise<Taken> {
  if (rows <= atOnceMax) {
    const { imported, faults } = await ask<{ imported: number; faults: Fault[] }>('POST', '/estate/import', {
      kind,
      format: 'csv',
      text,
      check,
    });
    return { imported, faults, faultCount: faults.length };
  }
  const path = `/estate/imports${query({ kind, format: 'csv', name, check: check ? 'true' : undefined })}`;
  let job = await ask<Job>('POST', path, new Blob([text], { type: 'text/plain' }));
  while (job.state === 'reading' || job.state === 'checking' || job.state === 'writing') {
    tell({ done: job.state === 'writing' ? job.rows.written : Math.max(job.rows.read, job.rows.checked), total: job.rows.total });
    await new Promise((resolve) => setTimeout(resolve, askedEveryMs));
    job = await ask<Job>('GET', `/estate/imports/${encodeURIComponent(job.id)}`);
  }
  if (job.state === 'failed' || job.state === 'cancelled') throw new Error(job.state);
  return { imported: job.state === 'done' ? job.rows.written : 0, faults: job.faults ?? [], faultCount: job.faultCount };
}

/** What a file of another kind tells, as sheets. */
export type ReadForeign = {
  sheets: { kind: EstateKind; text: string }[];
  notes: { text: string; values?: { [name: string]: string | number } }[];
};

export const readForeign = (
  format: 'nmap' | 'cyclonedx',
  text: string,
  into: { organisation: string; asset: string },
): Promise<ReadForeign> => ask('POST', '/estate/read', { format, text, ...into });

export const readRegions = (file: Blob, organisation: string): Promise<ReadForeign> =>
  ask('POST', `/estate/regions${query({ organisation })}`, new Blob([file], { type: 'application/octet-stream' }));
