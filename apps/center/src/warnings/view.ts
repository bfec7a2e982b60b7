/** Warnings as the API tells them, cut to what the asker may see by the one exit. */

import { formatInstant } from '@forewarn/base/time';
import type { EstateIndex } from '@forewarn/know/concern';
import type { WarningView } from '@forewarn/model/api';
import { projectWarning } from '@forewarn/share/projection/warning';
import type { Transaction } from '@forewarn/store/postgres/database';
import { findIncident } from '@forewarn/store/resources/incidents';
import { audiencesOf, type Addressee, type Warning } from '@forewarn/store/resources/warnings';
import { scopeShownTo } from '../estate/shown.ts';
import type { Principal } from '../ports.ts';

const instant = (at: number | null): string | null => (at === null ? null : formatInstant(at));

export function wholeView(warning: Warning, audience: readonly Addressee[]): WarningView {
  const { startAt, measuresDueAt, ...body } = warning.body;
  return {
    id: warning.id,
    number: warning.number,
    state: warning.state,
    colour: warning.colour,
    ...body,
    startTime: formatInstant(startAt),
    measuresDeadline: instant(measuresDueAt),
    incident: warning.incident,
    createdAt: formatInstant(warning.createdAt),
    issuedAt: instant(warning.issuedAt),
    issuedBy: warning.issuedBy,
    validUntil: instant(warning.validUntil),
    liftedAt: instant(warning.liftedAt),
    audience: audience.map(({ organisation, reasons, deliveredAt, acknowledgedAt }) => ({
      organisation,
      reasons,
      deliveredAt: formatInstant(deliveredAt),
      acknowledgedAt: instant(acknowledgedAt),
    })),
  };
}

export async function warningViews(
  tx: Transaction,
  index: EstateIndex,
  asker: Pick<Principal, 'organisation' | 'centre'>,
  warnings: readonly Warning[],
): Promise<WarningView[]> {
  const audiences = await audiencesOf(
    tx,
    warnings.map(({ id }) => id),
  );
  const shown = scopeShownTo(index, asker.organisation);
  const views: WarningView[] = [];
  for (const warning of warnings) {
    const seen = warning.incident !== null && (await findIncident(tx, warning.incident)) !== undefined;
    // Who drafted it does not learn whose address is whose from the centre's issuing it: itself, and those it oversees.
    const audience = audiences
      .get(warning.id)!
      .filter(
        ({ organisation }) =>
          asker.centre ||
          organisation === asker.organisation ||
          index.organisation(organisation)?.overseenBy === asker.organisation,
      );
    const viewer = { organisation: asker.organisation, centre: asker.centre, owns: warning.owner === asker.organisation };
    views.push(projectWarning(wholeView(warning, audience), viewer, shown, seen));
  }
  return views;
}
