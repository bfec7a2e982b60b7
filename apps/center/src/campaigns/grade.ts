/** The grades of a campaign: what its incidents' facts are together, under every scheme. */

import { formatInstant } from '@forewarn/base/time';
import { takeTogether, type TakenTogether } from '@forewarn/assess/campaign/together';
import { grade } from '@forewarn/assess/grade';
import type { Fact, Facts } from '@forewarn/model/facts';
import type { QuantificationTable } from '@forewarn/model/quantification';
import type { Transaction } from '@forewarn/store/postgres/database';
import {
  addCampaignGrade,
  campaignGradesOf,
  membersOf,
  newestFactsOf,
  settleCampaign,
  staleCampaigns,
} from '@forewarn/store/resources/campaigns';
import { centreScope, type Acting } from '../act.ts';
import type { Center } from '../center-parts.ts';
import type { Origins } from '../grading/desk.ts';
import { tableInForce, withTable, type InForce } from '../grading/table.ts';

/** Where no table is signed and none proposed: everything overlaps, which claims the least. */
const nothingSaid: QuantificationTable['together'] = { families: {}, source: '', confidence: 'U' };

/** The incidents' facts as one; what the table makes of them is left to whoever grades. */
export async function factsTogether(
  tx: Transaction,
  center: Center,
  table: InForce | null,
  incidents: readonly string[],
  source: string,
): Promise<TakenTogether & { origins: Origins }> {
  const rows = await newestFactsOf(tx, incidents);
  const byIncident = new Map<string, { [id: string]: Fact }>(incidents.map((id) => [id, {}]));
  for (const { incident, fact, value } of rows) byIncident.get(incident)![fact] = { id: fact, value };
  const together = (table?.compiled.table ?? center.content.quantification)?.together ?? nothingSaid;
  const taken = takeTogether([...byIncident.values()] as Facts[], center.content.facts, together, source);
  const origins: Origins = new Map(
    Object.keys(taken.facts).map((id) => [id, { origin: 'together' as const, source: null, at: null }]),
  );
  return { ...taken, origins };
}

/** Grades a campaign anew and keeps what moved. Run in the transaction of every act on it, and by the centre's jobs when an incident changed. */
export async function gradeCampaign({ tx, center, at, audit }: Acting, campaign: { id: string; number: string }): Promise<void> {
  const members = (await membersOf(tx, campaign.id)).filter(({ removedAt }) => removedAt === null);
  const table = await tableInForce(tx, center);
  const incidents = members.map(({ incident }) => incident);
  const { facts: stated } = await factsTogether(tx, center, table, incidents, campaign.number);
  const { facts } = withTable(table, stated);
  const newest = new Map((await campaignGradesOf(tx, campaign.id)).map(({ grade: one }) => [one.scheme, one]));
  const moved: { [scheme: string]: { version: string; floor: number | null; ceiling: number | null } } = {};
  for (const scheme of center.schemes) {
    const next = grade(scheme, facts);
    const last = newest.get(next.scheme);
    if (last && last.floor === next.floor && last.ceiling === next.ceiling && last.version === next.version) continue;
    await addCampaignGrade(tx, campaign.id, { at, grade: next });
    moved[next.scheme] = { version: next.version, floor: next.floor, ceiling: next.ceiling };
  }
  if (Object.keys(moved).length > 0) audit('campaign.graded', `campaign/${campaign.number}`, { grades: moved });
  await settleCampaign(tx, campaign.id);
}

/** Every level that a campaign had under each scheme. */
export async function historyOf(tx: Transaction, campaign: string) {
  return (await campaignGradesOf(tx, campaign)).map(({ at, grade: { scheme, floor, ceiling } }) => ({
    at: formatInstant(at),
    scheme,
    floor,
    ceiling,
  }));
}

/** Campaigns of one look; the others follow in the next. */
const campaignsMax = 20;

/** Campaigns whose incidents changed since they were graded. */
export async function campaignsDue(center: Center): Promise<string[]> {
  return center.database.scoped(await centreScope(center), (tx) => staleCampaigns(tx, campaignsMax));
}
