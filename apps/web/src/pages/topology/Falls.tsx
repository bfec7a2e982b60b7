/** What falls, as a plot of spans and as a table: services with users, value, regions, and for how long. */

import type { WhatIfView } from '@forewarn/model/api';
import { Link } from '@tanstack/react-router';
import { keepView } from '../../frame/keep.ts';
import { Empty } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { useTexts } from '../../session/language.tsx';
import { useOrganisationName } from '../../session/resources.ts';
import { replaceabilityKeys } from '../estate/words.ts';

type Span = { least: number; most: number };
type Fallen = WhatIfView['fallen'][number];

/** Services that the plot shows; the table shows all. */
const plottedMax = 12;

/** `1,200 – 3,400`, or one number where both are alike. */
export function useSpan(): (span: Span, digits?: number) => string {
  const { n } = useTexts();
  return ({ least, most }, digits = 0) =>
    n(least, digits) === n(most, digits) ? n(most, digits) : `${n(least, digits)} – ${n(most, digits)}`;
}

/** A span on a scale: what is certain is full, what may be is lighter. */
export function SpanBar({ span, full }: { span: Span; full: number }) {
  const part = (value: number) => `${full > 0 ? Math.min(100, (value / full) * 100) : 0}%`;
  return (
    <span className="span-bar" aria-hidden>
      <span className="span-may" style={{ inlineSize: part(span.most) }} />
      <span className="span-is" style={{ inlineSize: part(span.least) }} />
    </span>
  );
}

export function Falls({ answer }: { answer: WhatIfView }) {
  const { t, l, n } = useTexts();
  const name = useOrganisationName();
  const write = useSpan();
  const { fallen, regions, others, users, cnyPerHour, count } = answer;
  const most = Math.max(1, ...fallen.map((one) => one.users.most));
  const away = others === 0 ? null : <p className="prose dim">{t('web.whatIf.others', { count: n(others) })}</p>;
  if (fallen.length === 0) {
    return (
      <>
        <Empty icon="check" title={t('web.whatIf.nothing')}>
          {t('web.whatIf.nothing.means')}
        </Empty>
        {away}
      </>
    );
  }
  return (
    <>
      <p className="prose">{t('topology.falls.sum', { count: n(count), users: write(users), value: write(cnyPerHour) })}</p>
      <p className="prose dim">{t('topology.falls.means')}</p>
      <figure className="span-plot" aria-hidden>
        {fallen.slice(0, plottedMax).map((one) => (
          <div key={one.business} className="span-row">
            <span className="span-name">{l(one.name)}</span>
            <SpanBar span={one.users} full={most} />
            <span className="tabular dim">{write(one.users)}</span>
          </div>
        ))}
        <figcaption className="dim small">
          <span className="span-key" data-of="is" /> {t('topology.falls.certain')} <span className="span-key" data-of="may" />{' '}
          {t('topology.falls.possible')}
        </figcaption>
      </figure>
      <Table
        label={t('topology.falls.services')}
        rows={fallen}
        keyOf={({ business }) => business}
        columns={[
          {
            head: t('web.whatIf.service'),
            main: true,
            cell: (one: Fallen) => (
              <Link data-open to="/businesses/$id" params={{ id: one.business }} search={keepView}>
                {l(one.name)}
              </Link>
            ),
          },
          { head: t('web.organisation'), cell: ({ organisation }) => name(organisation) },
          {
            head: t('web.whatIf.share'),
            number: true,
            cell: ({ share }) => `${write({ least: share.least * 100, most: share.most * 100 })}%`,
          },
          { head: t('web.whatIf.users'), number: true, cell: (one) => write(one.users) },
          { head: t('web.whatIf.value'), number: true, cell: (one) => write(one.cnyPerHour) },
          { head: t('topology.regions'), cell: (one) => one.regions.join(', ') || '–' },
          {
            head: t('topology.falls.through'),
            cell: ({ through, itself }) => (
              <>
                {itself ? <div>{t('topology.falls.itself')}</div> : null}
                {through.length === 0 ? null : <div className="dim">{through.map((one) => l(one.name)).join(', ')}</div>}
              </>
            ),
          },
          { head: t('topology.falls.lasts'), cell: (one) => <Lasting of={one} /> },
        ]}
      />
      {away}
      <h3 className="link-sub">{t('topology.regions')}</h3>
      <Table
        label={t('topology.regions')}
        rows={regions}
        keyOf={({ region }) => region}
        form="still"
        columns={[
          { head: t('topology.region'), main: true, cell: ({ region }) => region },
          { head: t('topology.falls.services'), number: true, cell: ({ services }) => n(services) },
          { head: t('topology.falls.regionUsers'), number: true, cell: (one) => write(one.users) },
        ]}
      />
    </>
  );
}

/** How long it lasts, against what its users bear. */
function Lasting({ of: { lasts, toleratedOutageHours, outlasts } }: { of: Fallen }) {
  const { t, n } = useTexts();
  return (
    <>
      <div>{lasts === null ? t('topology.falls.unknown') : t(replaceabilityKeys[lasts])}</div>
      {toleratedOutageHours === null ? null : (
        <div className={outlasts ? 'lasting-long' : 'dim'}>
          {outlasts
            ? t('topology.falls.outlasts', { hours: n(toleratedOutageHours, 2) })
            : t('topology.falls.tolerated', { hours: n(toleratedOutageHours, 2) })}
        </div>
      )}
    </>
  );
}
