/** How a warning came about, what it brought about, and whom it was sent after. */

import type { WarningView } from '@forewarn/model/api';
import type { ChaseView, WarningEffect } from '@forewarn/model/warning-view';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { keepView } from '../../frame/keep.ts';
import { Panel } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { ColourMark } from '../../marks/Grade.tsx';
import { At } from '../../marks/Marks.tsx';
import { ask } from '../../session/api.ts';
import { useSpan } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useActorName } from '../../session/people.ts';
import { useOrganisationName } from '../../session/resources.ts';
import { Share } from './marks.tsx';

type Step = {
  at: string;
  kind: 'draft' | 'approve' | 'drop' | 'issue' | 'propose' | 'adjust' | 'lift';
  by: string;
  reason: string | null;
  alone: string | null;
  colour: WarningView['colour'] | null;
  audience: number | null;
};
export type WarningCourse = { effect: WarningEffect; steps: Step[]; chases: ChaseView[] };

export const useCourse = (id: string) =>
  useQuery({
    queryKey: ['warning', id, 'course'],
    queryFn: ({ signal }) => ask<WarningCourse>('GET', `/warnings/${encodeURIComponent(id)}/course`, undefined, signal),
  });

type Stage = WarningView['state'];
const stageKeys: { [stage in Stage]: string } = {
  draft: 'warnings.life.draft',
  approved: 'warnings.life.approved',
  dropped: 'warnings.life.dropped',
  issued: 'warnings.life.issued',
  adjusted: 'warnings.life.adjusted',
  lifted: 'warnings.life.lifted',
};

/** The stages that it went through or has before it. */
const wayOf = ({ state, approvedBy, edition }: WarningView): Stage[] =>
  state === 'dropped'
    ? ['draft', ...(approvedBy === null ? [] : (['approved'] as const)), 'dropped']
    : ['draft', 'approved', 'issued', ...(edition > 1 ? (['adjusted'] as const) : []), 'lifted'];

/** Where it stands in its life: a line of steps, the present one marked. */
export function LifeLine({ warning }: { warning: WarningView }) {
  const { t } = useTexts();
  const actor = useActorName();
  const way = wayOf(warning);
  const at = way.indexOf(warning.state);
  const who = (stage: Stage): string | null => {
    if (stage === 'draft') return warning.author === null ? null : actor(warning.author);
    if (stage === 'approved')
      return warning.approvedBy === null ? (warning.alone === null ? null : t('warnings.alone')) : actor(warning.approvedBy);
    if (stage === 'issued') return warning.issuedBy === null ? null : actor(warning.issuedBy);
    return stage === 'adjusted' && warning.edition > 1 ? t('warnings.edition', { edition: warning.edition }) : null;
  };
  const when: { readonly [stage in Stage]?: string | null } = {
    draft: warning.createdAt,
    issued: warning.issuedAt,
    lifted: warning.liftedAt,
  };
  return (
    <ol className="life" aria-label={t('warnings.life')}>
      {way.map((stage, i) => {
        const passed = i <= at;
        const instant = when[stage] ?? null;
        return (
          <li
            key={stage}
            data-passed={(passed && !(stage === 'approved' && warning.alone !== null)) || undefined}
            aria-current={stage === warning.state ? 'step' : undefined}
          >
            <span className="life-name">{t(stageKeys[stage])}</span>
            <span className="small dim">
              {who(stage)}
              {instant === null ? null : (
                <>
                  {who(stage) === null ? null : ' · '}
                  <At at={instant} />
                </>
              )}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

/** What it brought about. */
export function Effect({ warning, effect }: { warning: WarningView; effect: WarningEffect }) {
  const { t, n } = useTexts();
  const span = useSpan();
  const { acknowledged, exposure, chased, leads } = effect;
  const [lead] = leads.toSorted((a, b) => a.least - b.least);
  return (
    <Panel title={t('warnings.effect')}>
      <dl className="figures">
        <div>
          <dt>{t('warnings.effect.lead')}</dt>
          <dd>
            {lead === undefined ? (
              <>
                <strong>{effect.quietSeconds === null ? '–' : span(effect.quietSeconds)}</strong>
                <span className="small dim">
                  {t(warning.state === 'lifted' ? 'warnings.effect.quiet.lifted' : 'warnings.effect.quiet')}
                </span>
              </>
            ) : (
              <>
                <strong className={lead.least < 0 ? 'late' : 'good'}>{span(Math.abs(lead.least))}</strong>
                <span className="small dim">
                  {t(lead.least < 0 ? 'warnings.effect.tooLate' : 'warnings.effect.before')}{' '}
                  <Link to="/incidents/$id" params={{ id: lead.incident }} search={keepView}>
                    {lead.number}
                  </Link>
                </span>
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>{t('warnings.effect.answers')}</dt>
          <dd>
            <Share part={acknowledged.count} of={acknowledged.of} label={t('web.warning.acknowledged')} />
            <span className="small dim">
              {acknowledged.seconds === null
                ? t('warnings.effect.noAnswer')
                : t('warnings.effect.half', { span: span(acknowledged.seconds.median), most: span(acknowledged.seconds.most) })}
            </span>
          </dd>
        </div>
        {exposure === null ? null : (
          <div>
            <dt>{t('warnings.effect.exposed')}</dt>
            <dd>
              <strong>{t('warnings.effect.exposed.thenNow', { before: n(exposure.before), now: n(exposure.now) })}</strong>
              <span className="small dim">
                {t('warnings.effect.exposed.organisations', {
                  before: n(exposure.organisationsThen),
                  now: n(exposure.organisationsNow),
                })}
              </span>
            </dd>
          </div>
        )}
        <div>
          <dt>{t('warnings.effect.seen')}</dt>
          <dd>
            <strong className={effect.seenAgain > 0 ? 'late' : undefined}>{n(effect.seenAgain)}</strong>
            <span className="small dim">{t('warnings.effect.seen.means')}</span>
          </dd>
        </div>
        <div>
          <dt>{t('warnings.chased')}</dt>
          <dd>
            <strong>{n(chased.reminders + chased.climbs)}</strong>
            <span className="small dim">
              {t('warnings.chased.counts', { reminded: n(chased.reminders), climbed: n(chased.climbs) })}
            </span>
          </dd>
        </div>
      </dl>
    </Panel>
  );
}

const stepKeys: { [kind in Step['kind']]: string } = {
  draft: 'warnings.step.draft',
  approve: 'warnings.step.approve',
  drop: 'warnings.step.drop',
  issue: 'warnings.step.issue',
  propose: 'warnings.step.propose',
  adjust: 'warnings.step.adjust',
  lift: 'warnings.step.lift',
};

/** Who did what, in its order. */
export function Steps({ steps }: { steps: readonly Step[] }) {
  const { t, n } = useTexts();
  const actor = useActorName();
  if (steps.length === 0) return null;
  return (
    <Panel title={t('warnings.steps')} count={steps.length}>
      <Table
        label={t('warnings.steps')}
        form="still"
        rows={steps.map((step, index) => ({ ...step, index }))}
        keyOf={({ index }) => index}
        columns={[
          { head: t('warnings.at'), cell: ({ at }) => <At at={at} exact /> },
          {
            head: t('warnings.step'),
            main: true,
            cell: ({ kind, colour }) => (
              <span className="row-line">
                {t(stepKeys[kind])} {colour === null ? null : <ColourMark colour={colour} />}
              </span>
            ),
          },
          { head: t('warnings.by'), cell: ({ by }) => actor(by) },
          {
            head: t('warnings.reason'),
            cell: ({ reason, alone, audience }) => (
              <>
                {reason ?? (audience === null ? '–' : t('warnings.step.reached', { count: n(audience) }))}
                {alone === null ? null : <div className="soon small">{t('warnings.alone.because', { reason: alone })}</div>}
              </>
            ),
          },
        ]}
      />
    </Panel>
  );
}

const chaseKeys: { [kind: string]: string } = {
  'warning-reminder': 'warnings.chase.reminder',
  'warning-escalated': 'warnings.chase.climb',
  'measure-due': 'warnings.chase.measure',
};

/** Reminders and climbs, the last first. */
export function Chases({ warning, chases }: { warning: WarningView; chases: readonly ChaseView[] }) {
  const { t } = useTexts();
  const name = useOrganisationName();
  if (chases.length === 0) return null;
  const textOf = (id: string | null) => warning.measures.find((measure) => measure.id === id)?.text ?? null;
  return (
    <Panel title={t('warnings.chases')} count={chases.length}>
      <Table
        label={t('warnings.chases')}
        form="still"
        rows={chases.map((chase, index) => ({ ...chase, index }))}
        keyOf={({ index }) => index}
        columns={[
          { head: t('warnings.at'), cell: ({ at }) => <At at={at} exact /> },
          {
            head: t('warnings.chase'),
            main: true,
            cell: ({ kind, measure, count }) => (
              <>
                {t(chaseKeys[kind] ?? 'warnings.chase.reminder', { count })}
                {measure === null ? null : <div className="dim small">{textOf(measure)}</div>}
              </>
            ),
          },
          { head: t('warnings.chase.told'), cell: ({ recipient }) => name(recipient) },
          { head: t('warnings.chase.of'), cell: ({ organisation }) => name(organisation) },
        ]}
      />
    </Panel>
  );
}
