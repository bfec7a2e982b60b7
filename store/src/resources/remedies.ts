/** What people did about exposures: each is kept, the last one counts. */

import type { RemedyKind } from '@forewarn/model/exposure-api';
import type { Transaction } from '../postgres/database.ts';
import { countExposures, type ExposureRow } from './exposures.ts';

export type Remedy = {
  kind: RemedyKind | 'reopened';
  version: string | null;
  reason: string;
  until: number | null;
  at: number;
  by: string;
};

/** What was done about an exposure, the newest first. */
export function remediesOf(
  tx: Transaction,
  { component, vulnerability }: Pick<ExposureRow, 'component' | 'vulnerability'>,
): Promise<Remedy[]> {
  return tx.query<Remedy>(
    `select kind, version, reason, until, at, by from remedy where component = $1 and vulnerability = $2 order by at desc, id desc limit ${remediesShown}`,
    [component, vulnerability],
  );
}

/** Told of one exposure; each is an act of a person. */
const remediesShown = 100;

export async function addRemedy(
  tx: Transaction,
  exposure: Pick<ExposureRow, 'id' | 'component' | 'vulnerability' | 'organisation'>,
  remedy: Remedy,
): Promise<void> {
  await tx.query(
    `insert into remedy (vulnerability, component, organisation, kind, version, reason, until, at, by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      exposure.vulnerability,
      exposure.component,
      exposure.organisation,
      remedy.kind,
      remedy.version,
      remedy.reason,
      remedy.until,
      remedy.at,
      remedy.by,
    ],
  );
  await tx.query('update exposure set remedy = $2, remedy_until = $3 where id = $1', [
    exposure.id,
    remedy.kind === 'reopened' ? null : remedy.kind,
    remedy.until,
  ]);
  await countExposures(tx, exposure.vulnerability, [exposure.organisation]);
}

/** Exposures whose acceptance is over. */
export function remediesOver(
  tx: Transaction,
  at: number,
  limit: number,
): Promise<Pick<ExposureRow, 'id' | 'component' | 'vulnerability' | 'organisation'>[]> {
  return tx.query(
    `select id, component, vulnerability, organisation from exposure where remedy_until <= $1 order by remedy_until limit ${limit}`,
    [at],
  );
}
