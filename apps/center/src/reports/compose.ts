/** One copy of a report: gathered in the scope of who reads it, and put together by its template. */

import { createHash } from 'node:crypto';
import type { EstateIndex } from '@forewarn/know/concern';
import type { IncidentView } from '@forewarn/model/api';
import { Document } from '@forewarn/model/document';
import type { Tlp } from '@forewarn/model/markings';
import type { ReportTemplate } from '@forewarn/model/report';
import type { Frame } from '@forewarn/share/reports/blocks';
import { incidentDocument } from '@forewarn/share/reports/incident';
import type { SituationNumbers } from '@forewarn/share/reports/picture';
import { situationDocument } from '@forewarn/share/reports/situation';
import { warningDocument } from '@forewarn/share/reports/warning';
import type { Scope, Transaction } from '@forewarn/store/postgres/database';
import { factsOf } from '@forewarn/store/resources/facts';
import { findIncident } from '@forewarn/store/resources/incidents';
import type { Report } from '@forewarn/store/resources/reports';
import { findWarning, listWarnings } from '@forewarn/store/resources/warnings';
import { systemAccount } from '../act.ts';
import type { Center } from '../center-parts.ts';
import { factWords } from '../incidents/grade-view.ts';
import { incidentView } from '../incidents/view.ts';
import { warningViews } from '../warnings/view.ts';
import { forecastRows } from './forecasts.ts';
import { situationLists, situationNumbers, type Reader, type Step } from './gather.ts';

/** A document of the longest template with two hundred rows in each table is some 300 kB; a larger one is our own fault. */
const documentBytesMax = 4 * 1024 * 1024;

/** Warnings of one incident in its brief. */
const warningsMax = 20;

export type Copy = { document: Document; marking: Tlp; digest: string };

export const readerOf = (index: EstateIndex, organisation: string): Reader => ({
  organisation,
  centre: index.organisation(organisation)?.kind === 'centre',
});

/** Steps of gathering, each in the reader's scope. */
function stepsOf(center: Center, { organisation, centre }: Reader): Step {
  const scope: Scope = { organisation, centre, account: systemAccount };
  return (work) => center.database.scoped(scope, work);
}

/** What all copies of a report of the situation have in common; nothing for the others. */
export async function commonOf(
  center: Center,
  report: Pick<Report, 'about' | 'owner' | 'from' | 'to'>,
): Promise<SituationNumbers | null> {
  if (report.about !== 'situation') return null;
  const owner = readerOf(await center.estate.index(), report.owner);
  return situationNumbers(stepsOf(center, owner), center, owner, report);
}

/**
 * The copy for a reader; undefined when it does not see what the report is of. `released`: by whom it is released, for the copies that
 * leave; null for a draft.
 */
export async function composeCopy(
  center: Center,
  {
    report,
    template,
    common,
    reader,
    released,
  }: {
    report: Omit<Report, 'id'>;
    template: ReportTemplate;
    common: SituationNumbers | null;
    reader: Reader;
    released: { at: number; by: string } | null;
  },
): Promise<Copy | undefined> {
  const index = await center.estate.index();
  const naming = (organisation: string) => index.organisation(organisation)?.name ?? organisation;
  const frame: Frame = {
    title: template.title,
    subject: null,
    number: report.number,
    issuer: naming(report.owner),
    from: report.from,
    to: report.to,
    madeAt: report.madeAt,
    released,
    demo: center.demo,
  };
  const { remark } = report;
  const step = stepsOf(center, reader);
  const document = await made();
  return document && copyOf(document);

  async function made(): Promise<Document | undefined> {
    switch (report.about) {
      case 'situation': {
        const lists = await situationLists(step, center, index, reader, report);
        return situationDocument({ frame, template, remark, numbers: common!, lists, naming });
      }
      case 'incident':
        return step(ofIncident);
      case 'warning':
        return step(ofWarning);
    }
  }

  async function ofIncident(tx: Transaction): Promise<Document | undefined> {
    const found = await findIncident(tx, report.subject!);
    if (!found) return undefined;
    const incident = await incidentView(tx, center, index, reader, found);
    const { items } = await listWarnings(tx, { limit: warningsMax, incident: found.id });
    const warnings = await warningViews(tx, index, reader, items);
    const facts = new Map((await factsOf(tx, found.id)).map((fact) => [fact.id, fact]));
    const valueOf = ({ id }: IncidentView['facts'][number]) => {
      const fact = facts.get(id);
      return fact === undefined ? null : factWords(center.content.facts.get(fact.fact), fact.fact, fact.value);
    };
    const [forecast = null] = await forecastRows(tx, center, [found]);
    const schemes = center.schemes.map(({ scheme }) => scheme);
    return incidentDocument({ frame, template, remark, incident, warnings, forecast, schemes, naming, valueOf });
  }

  async function ofWarning(tx: Transaction): Promise<Document | undefined> {
    const found = await findWarning(tx, report.subject!);
    if (!found) return undefined;
    const [warning] = await warningViews(tx, index, reader, [found]);
    return warningDocument({ frame, template, remark, warning: warning!, naming, audience: warning!.audience });
  }
}

/** Checked, and with the digest by which it is known again. */
function copyOf(made: Document): Copy {
  const document = Document.parse(made);
  const text = JSON.stringify(document);
  if (text.length > documentBytesMax) throw new Error(`A document of ${text.length} characters; ${documentBytesMax} are kept.`);
  return { document, marking: document.marking, digest: digestOf(document) };
}

export const digestOf = (document: Document): string => createHash('sha256').update(canonical(document)).digest('hex');

/** JSON with its keys in order: the database keeps none. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`; // oxfmt-ignore
}
