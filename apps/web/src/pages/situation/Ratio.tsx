/** Did we act before the harm? Every incident that counts, with what was done first; and every one that does not, and why. */

import type { RatedIncidentView, ResponseRatioView } from '@forewarn/model/situation-api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { keepView } from '../../frame/keep.ts';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table, type Column } from '../../frame/Table.tsx';
import { At } from '../../marks/Marks.tsx';
import { useSpan } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useOrganisationName } from '../../session/resources.ts';
import { RatioFigure } from './parts.tsx';
import { ratioQuery } from './queries.ts';

export function ResponseRatioPage() {
  const { t } = useTexts();
  const query = useQuery(ratioQuery);
  return (
    <Page
      title={t('web.ratio.title')}
      heading={<ItemHead up={{ to: '/situation', name: t('web.page.situation') }} title={t('web.ratio.title')} />}
    >
      <Waiting query={query}>{(data) => <RatioBody data={data} />}</Waiting>
    </Page>
  );
}

function RatioBody({ data }: { data: ResponseRatioView }) {
  const { t } = useTexts();
  const of = (...outcomes: RatedIncidentView['outcome'][]) => data.items.filter(({ outcome }) => outcomes.includes(outcome));
  return (
    <div className="stack">
      <Figures data={data} />
      <Incidents title={t('situations.ratio.before')} items={of('before')} none={t('situations.ratio.before.none')} />
      <Incidents title={t('situations.ratio.late')} items={of('late', 'unknown')} none={t('situations.ratio.late.none')} />
      <Incidents title={t('situations.ratio.averted')} items={of('averted')} none={t('situations.ratio.averted.none')} />
      <Incidents title={t('situations.ratio.excluded')} items={of('excluded')} none={t('situations.ratio.excluded.none')} />
    </div>
  );
}

function Figures({ data }: { data: ResponseRatioView }) {
  const { t, n } = useTexts();
  const span = useSpan();
  const { before, of, unknown, averted, excluded, leadSecondsMedian } = data;
  return (
    <Panel title={t('web.ratio.title')} count={t('situations.ratio.span')}>
      <div className="ratio">
        <RatioFigure before={before} of={of} />
        <dl className="pairs">
          <div>
            <dt>{t('situations.ratio.lead')}</dt>
            <dd>{leadSecondsMedian === null ? '–' : span(leadSecondsMedian)}</dd>
          </div>
          <div>
            <dt>{t('web.ratio.unknown')}</dt>
            <dd>{n(unknown)}</dd>
          </div>
          <div>
            <dt>{t('web.ratio.averted')}</dt>
            <dd>{n(averted)}</dd>
          </div>
          <div>
            <dt>{t('situations.ratio.excluded')}</dt>
            <dd>{n(excluded)}</dd>
          </div>
        </dl>
        <p className="dim small">{t('situations.ratio.means')}</p>
        {data.cut ? <p className="small">{t('situations.ratio.cut', { count: data.items.length })}</p> : null}
      </div>
      <Leads items={data.items} />
    </Panel>
  );
}

/** Marks of the plot: a minute, an hour, a day, a month, each as far from the next as it is in powers of ten. */
const marks = [60, 3600, 86_400, 30 * 86_400];
const far = Math.log10(90 * 86_400);
const placeOf = (lead: number): number => 50 + (Math.sign(lead) * Math.min(far, Math.log10(Math.abs(lead) + 1)) * 48) / far;

/** How early and how late: one dot an incident, harm in the middle, what came before it on the right. The tables below are its twin. */
function Leads({ items }: { items: readonly RatedIncidentView[] }) {
  const { t, w } = useTexts();
  const span = useSpan();
  const timed = items.filter((one): one is RatedIncidentView & { leadSeconds: number } => one.leadSeconds !== null);
  if (timed.length === 0) return null;
  return (
    <figure className="leads" role="img" aria-label={t('situations.ratio.plot', { count: timed.length })}>
      <div className="leads-field">
        <span className="leads-late small">{t('situations.ratio.plot.late')}</span>
        <span className="leads-early small">{t('situations.ratio.plot.early')}</span>
        <span className="leads-harm" style={{ left: '50%' }} />
        {marks.flatMap((seconds) =>
          [-seconds, seconds].map((lead) => (
            <span
              key={lead}
              className="leads-mark"
              data-fine={seconds === 3600 || undefined}
              style={{ left: `${placeOf(lead)}%` }}
            >
              {span(seconds)}
            </span>
          )),
        )}
        {timed.map((one) => (
          <span
            key={one.id}
            className="leads-dot"
            data-early={one.leadSeconds > 0 || undefined}
            style={{ left: `${placeOf(one.leadSeconds)}%` }}
            title={`${one.number} · ${w(one.title)} · ${span(Math.abs(one.leadSeconds))}`}
          />
        ))}
      </div>
    </figure>
  );
}

function Incidents({ title, items, none }: { title: string; items: readonly RatedIncidentView[]; none: string }) {
  const { t, w } = useTexts();
  const name = useOrganisationName();
  const span = useSpan();
  const harmOf = ({ harm }: RatedIncidentView) =>
    harm === null ? (
      '–'
    ) : (
      <>
        {harm.from === null ? t('situations.ratio.harm.unknown') : <At at={harm.from} />}
        {harm.to === null || harm.to === harm.from ? null : (
          <>
            {' – '}
            <At at={harm.to} />
          </>
        )}
      </>
    );
  const columns: Column<RatedIncidentView>[] = [
    {
      head: t('web.incident'),
      main: true,
      cell: ({ id, number, title: incident }) => (
        <>
          <Link to="/incidents/$id" params={{ id }} search={keepView} data-open>
            {w(incident)}
          </Link>
          <div className="dim mono small">{number}</div>
        </>
      ),
    },
    { head: t('situations.ratio.hit'), cell: ({ hit }) => hit.map(name).join(t('web.list')) || '–' },
    { head: t('situations.ratio.harm'), cell: harmOf },
    {
      head: t('situations.ratio.action'),
      cell: ({ action, evidence }) => {
        const shown = action === null ? evidence : [action];
        return shown.length === 0
          ? '–'
          : shown.map((one) => (
              <div key={one.id}>
                {t(one.kind === 'warning' ? 'situations.ratio.warning' : 'situations.ratio.measure', { what: one.what })} ·{' '}
                <At at={one.at} />
              </div>
            ));
      },
    },
    {
      head: t('situations.ratio.lead'),
      number: true,
      cell: ({ leadSeconds }) =>
        leadSeconds === null ? (
          '–'
        ) : leadSeconds > 0 ? (
          span(leadSeconds)
        ) : (
          <span className="late">{t('web.clock.lateBy', { span: span(-leadSeconds) })}</span>
        ),
    },
    { head: t('situations.ratio.why'), cell: ({ reason }) => w(reason) },
  ];
  return (
    <Panel title={title} count={items.length}>
      {items.length === 0 ? (
        <Empty title={none} />
      ) : (
        <Table label={title} rows={items} keyOf={({ id }) => id} columns={columns} />
      )}
    </Panel>
  );
}
