/** Exceptions, maintenance windows and snoozes: what they would have hidden, making them, lifting them. */

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { formatInstant, type Seconds } from '@forewarn/base/time';
import { exceptionPredicate } from '@forewarn/detect/noise/noise';
import { knownZone } from '@forewarn/detect/noise/weekly';
import type { EstateIndex } from '@forewarn/know/concern';
import { page, type FindingView } from '@forewarn/model/api';
import {
  exceptionSecondsMax,
  exceptionsMax,
  exceptionStates,
  previewDaysMax,
  snoozeSecondsMax,
  type ExceptionTerms,
} from '@forewarn/model/noise';
import { ExceptionAsked, ExceptionPreview, ExceptionView } from '@forewarn/model/noise-api';
import type { FindingFilter, FindingScope } from '@forewarn/store/clickhouse/finding-search';
import type { Scope } from '@forewarn/store/postgres/database';
import { findFindings } from '@forewarn/store/resources/findings';
import {
  addException,
  endException,
  exceptionsInForce,
  findException,
  hideFindings,
  listExceptions,
  showFindings,
  type StoredException,
} from '@forewarn/store/resources/noise';
import { act, type Acting } from '../act.ts';
import { findingView } from '../api/findings.ts';
import { route } from '../api/route.ts';
import { At, Id, PageQuery } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import { findingScopeOf } from '../findings/filter.ts';
import type { Principal } from '../ports.ts';
import { denied, found, invalid } from '../refusals.ts';

/** What a form says; the same for a preview and for the making. */
const Asked = ExceptionAsked.extend({ from: At.nullable().default(null), until: At });

/** Findings that one act hides afterwards: some seconds of writing. What is older stays shown, and the answer says so. */
const pastMax = 10_000;

export const exceptionView = ({ terms, at, ended, lastHitAt, ...rest }: StoredException): z.input<typeof ExceptionView> => ({
  ...rest,
  ...terms,
  from: terms.from === null ? null : formatInstant(terms.from),
  until: formatInstant(terms.until),
  at: formatInstant(at),
  ended: ended && { ...ended, at: formatInstant(ended.at) },
  lastHitAt: lastHitAt === null ? null : formatInstant(lastHitAt),
});

/** Refuses what may not be, with the field. */
function checkTerms(terms: ExceptionTerms, principal: Principal, index: EstateIndex, now: Seconds): void {
  const { kind, organisation, rule, entity, condition, from, weekly, until } = terms;
  if (until <= now) throw invalid('until', 'Its end is past.', 'Choose an end in the future.');
  if (until > now + exceptionSecondsMax) {
    throw invalid('until', 'It would last longer than a year.', 'Choose an end within a year; it can be made again then.');
  }
  if (kind === 'snooze' && until > now + snoozeSecondsMax) {
    throw invalid('until', 'A snooze lasts 30 days at most.', 'For longer, make an exception with its reason.');
  }
  if (from !== null && from >= until) throw invalid('from', 'It would end before it begins.', 'Let it begin earlier.');
  if (kind === 'window' && from === null && weekly === null) {
    throw invalid('from', 'A maintenance window needs its times.', 'Say from when to when, or on which days of each week.');
  }
  if (weekly !== null && !knownZone(weekly.zone)) {
    throw invalid('weekly', `There is no time zone "${weekly.zone}".`, 'Write it as Asia/Shanghai or Europe/Paris.');
  }
  // Of an organisation's whole network one may say that it is being worked on, for a while; of no more.
  if (rule === null && entity === null && condition === '' && !(kind === 'window' && organisation !== null)) {
    throw new Refusal('noise.everything', 'It would hide every finding.', {
      place: { field: 'condition' },
      advice: 'Name a rule, a host, network, domain or service, or write a condition.',
    });
  }
  if (organisation !== null && !principal.centre && organisation !== principal.organisation) {
    throw denied('Only the centre hides findings of other organisations.');
  }
  if (organisation !== null && !index.organisation(organisation)) {
    throw invalid('organisation', 'There is no such organisation.', 'Choose one of the register.');
  }
  exceptionPredicate(terms);
}

/** What the terms mean for findings that are there. Hidden ones are hidden already. */
function filterOf(terms: ExceptionTerms, range: { from?: Seconds; to?: Seconds }): FindingFilter {
  const everything = terms.rule === null && terms.entity === null && terms.condition === '';
  return {
    ...range,
    ...(everything ? {} : { where: exceptionPredicate(terms) }),
    ...(terms.organisation === null ? {} : { seenBy: terms.organisation }),
    times: { from: null, until: Math.max(terms.until, range.to ?? 0), weekly: terms.weekly },
  };
}

const aloneOf = (principal: Principal): { alone?: string } => (principal.centre ? {} : { alone: principal.organisation });

const examplesShown = 5;
const graveShown = 20;

async function viewsOf(center: Center, scope: Scope, principal: Principal, ids: readonly string[]): Promise<FindingView[]> {
  const index = await center.estate.index();
  const rows = await center.database.scoped(scope, (tx) => findFindings(tx, ids));
  return rows.map((row) => findingView(row, index, principal)).toReversed();
}

export const previewException = route({
  method: 'post',
  path: '/exceptions/preview',
  access: 'findings:write',
  summary: 'What an exception would have hidden in the past days, and what of it was confirmed or became an incident.',
  body: Asked.extend({
    reason: z.string().max(1_000).default(''),
    days: z.number().int().min(1).max(previewDaysMax).default(30),
  }),
  answer: ExceptionPreview,
  async handle({ center, principal, scope, body: { days, ...asked } }) {
    const now = center.clock.now();
    const terms: ExceptionTerms = asked;
    checkTerms(terms, principal, await center.estate.index(), now);
    await center.findings.settled();
    const range = { from: now - days * 86_400, to: now };
    const whose: FindingScope = findingScopeOf(principal);
    const search = center.records.findings;
    const [would, totals] = await Promise.all([
      search.preview(whose, filterOf(terms, range), aloneOf(principal)),
      search.totals(whose, range),
    ]);
    return {
      days,
      from: formatInstant(range.from),
      to: formatInstant(range.to),
      count: would.count,
      of: totals.count,
      levels: would.levels,
      rules: would.rules,
      perDay: would.days.map(({ at, count }) => ({ at: formatInstant(at), count })),
      examples: await viewsOf(center, scope, principal, would.ids.slice(0, examplesShown)),
      grave: {
        count: would.grave,
        findings: await viewsOf(center, scope, principal, would.graveIds.slice(0, graveShown)),
      },
      effect: {
        text: 'center.noise.effect',
        values: { count: would.count - would.grave, grave: would.grave, days, most: pastMax },
      },
    };
  },
});

export const makeException = route({
  method: 'post',
  path: '/exceptions',
  access: 'findings:write',
  summary: 'Hides findings from now on: an exception, a maintenance window or a snooze, with a reason and an end.',
  body: Asked.extend({
    /** Days of which findings that are there are hidden as well; 0: none. */
    pastDays: z.number().int().min(0).max(previewDaysMax).default(0),
  }),
  answer: ExceptionView.extend({ hiddenNow: z.number().int().describe('Findings that were there and are hidden now.') }),
  status: 201,
  async handle({ center, principal, body: { pastDays, ...terms } }) {
    const now = center.clock.now();
    checkTerms(terms, principal, await center.estate.index(), now);
    await center.findings.settled();
    const past =
      pastDays === 0
        ? []
        : await center.records.findings.matching(
            findingScopeOf(principal),
            filterOf(terms, { from: now - pastDays * 86_400, to: now }),
            { ...aloneOf(principal), limit: pastMax },
          );
    const id = randomUUID();
    const made = await act(center, principal, async (acting) => {
      const { tx, at } = acting;
      if ((await exceptionsInForce(tx, exceptionsMax)).length >= exceptionsMax) {
        throw new Refusal('noise.many', `There are ${exceptionsMax} exceptions in force already.`, {
          advice: 'Lift those that hide nothing any more.',
        });
      }
      await addException(tx, {
        id,
        owner: principal.organisation,
        centre: principal.centre,
        terms,
        at,
        by: principal.account,
      });
      const hiddenNow = await hideFindings(tx, id, past, at);
      acting.audit('exception.make', `exception/${id}`, { ...auditOf(terms), hidden: hiddenNow });
      told(acting, id, principal.organisation, terms.organisation);
      return { ...exceptionView((await findException(tx, id))!), hiddenNow };
    });
    await settle(center);
    return made;
  },
});

export const liftException = route({
  method: 'post',
  path: '/exceptions/{id}/lift',
  access: 'findings:write',
  summary: 'Ends an exception with a reason; what it hid is shown again if asked for.',
  params: Id,
  body: z.strictObject({ reason: z.string().trim().min(3).max(1_000), show: z.boolean().default(false) }),
  answer: ExceptionView,
  async handle({ center, principal, scope, params, body }) {
    const seen = found(await center.database.scoped(scope, (tx) => findException(tx, params.id)));
    if (!principal.centre && seen.owner !== principal.organisation) throw denied('Whoever made it lifts it, or the centre.');
    const lifted = await act(center, principal, async (acting) => {
      const { tx, at } = acting;
      const ended = await endException(tx, seen.id, { state: 'lifted', at, by: principal.account, reason: body.reason });
      if (!ended) {
        throw new Refusal('noise.over', 'It is not in force any more.', { advice: 'Look at it again.' });
      }
      const shown = body.show ? await showFindings(tx, seen.id) : 0;
      acting.audit('exception.lift', `exception/${seen.id}`, { reason: body.reason, shown });
      told(acting, seen.id, seen.owner, seen.terms.organisation);
      return exceptionView((await findException(tx, seen.id))!);
    });
    await settle(center);
    return lifted;
  },
});

export const listOfExceptions = route({
  method: 'get',
  path: '/exceptions',
  access: 'findings:read',
  summary: 'Exceptions, maintenance windows and snoozes, with what each has hidden; the last made first.',
  query: PageQuery.extend({ state: z.enum(exceptionStates).optional(), rule: z.string().max(200).optional() }),
  answer: page(ExceptionView),
  async handle({ center, scope, query }) {
    const { items, next } = await center.database.scoped(scope, (tx) => listExceptions(tx, query));
    return { items: items.map(exceptionView), next };
  },
});

export const oneException = route({
  method: 'get',
  path: '/exceptions/{id}',
  access: 'findings:read',
  summary: 'One exception.',
  params: Id,
  answer: ExceptionView,
  async handle({ center, scope, params }) {
    return exceptionView(found(await center.database.scoped(scope, (tx) => findException(tx, params.id))));
  },
});

/** The whole of it in words and numbers: who hid what and why must be readable when the thing itself is long over. */
const auditOf = ({ kind, organisation, rule, entity, condition, from, weekly, reason, until }: ExceptionTerms) => ({
  kind,
  ...(organisation === null ? {} : { organisation }),
  ...(rule === null ? {} : { rule }),
  ...(entity === null ? {} : { [entity.kind]: entity.value }),
  ...(condition === '' ? {} : { condition }),
  ...(from === null ? {} : { from: formatInstant(from) }),
  ...(weekly === null ? {} : { weekly: `${weekly.days.join(',')} ${weekly.start} ${weekly.minutes} min ${weekly.zone}` }),
  reason,
  until: formatInstant(until),
});

/** Those who see the exception look at it again, and at their findings. */
export function told(acting: Acting, id: string, owner: string, organisation: string | null): void {
  acting.changed('finding', id, { organisation: owner });
  if (organisation !== null && organisation !== owner) acting.changed('finding', id, { organisation });
}

/** Whoever changed something sees it changed. */
export async function settle(center: Center): Promise<void> {
  await center.noise.load();
  await center.findings.settled();
}
