/** The index in a panel: the number, what it is made of, and where it stands worst. Every number opens. */

import type { SituationCellView, SituationIndexView } from '@forewarn/model/situation-api';
import type { SituationDimension } from '@forewarn/model/situation';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { keepAnd, keepView } from '../../frame/keep.ts';
import { Empty, Panel } from '../../frame/Page.tsx';
import { At } from '../../marks/Marks.tsx';
import { useNamed, useTexts } from '../../session/language.tsx';
import { Problem } from '../../session/api.ts';
import { Band, Change, RiskBar, Ruler, Seen, useRangeText } from './parts.tsx';
import { indexQuery } from './queries.ts';
import { componentKeys, dimensionKeys } from './words.ts';

/** Places that the page names of each dimension; the others stand on the page of the whole. */
const shownPlaces = 6;

const dimensions = ['network-type', 'sector', 'region', 'tier', 'organisation'] as const satisfies readonly SituationDimension[];

/** The way to a place, and there to one component. */
export function PlaceLink({
  place,
  component,
  children,
  className,
  open = false,
}: {
  place: { dimension: string; key: string };
  component?: string;
  children: React.ReactNode;
  className?: string;
  open?: boolean;
}) {
  return (
    <Link
      to="/situation/$dimension/$key"
      params={{ dimension: place.dimension, key: place.key }}
      search={keepAnd({ component })}
      className={className}
      data-open={open || undefined}
    >
      {children}
    </Link>
  );
}

export function IndexPanel() {
  const { t } = useTexts();
  const query = useQuery(indexQuery());
  const wall = (
    <Link to="/wall" search={keepView}>
      {t('situations.wall')}
    </Link>
  );
  if (query.data === undefined) {
    const none = query.error instanceof Problem && query.error.code === 'situation.no-reading';
    return (
      <Panel title={t('situations.index')} tools={wall} className="index-panel">
        {none ? (
          <Empty title={t('situations.none')}>{t('situations.none.means')}</Empty>
        ) : (
          <p className="loading">{query.isError ? t('web.problem.again') : t('web.loading')}</p>
        )}
      </Panel>
    );
  }
  return (
    <Panel title={t('situations.index')} tools={wall} className="index-panel">
      <IndexFigure cell={query.data.whole} index={query.data} />
      <Components cell={query.data.whole} />
      <p className="index-note dim small">
        {t('situations.rules', { version: query.data.rules.version, mark: query.data.rules.confidence })} ·{' '}
        <At at={query.data.at} />
      </p>
    </Panel>
  );
}

/** The number, large, with its band, its ruler, what changed, and how much is seen. */
export function IndexFigure({ cell, index }: { cell: SituationCellView; index: Pick<SituationIndexView, 'rules'> }) {
  const range = useRangeText();
  return (
    <div className="index-figure">
      <PlaceLink place={cell} className="index-number">
        {range(cell)}
      </PlaceLink>
      <Band band={cell.band} />
      <Ruler of={cell} rules={index.rules} />
      <span className="index-beside small">
        <Change of={cell} />
        <span className="dim">
          <Seen seen={cell.seen} />
        </span>
      </span>
    </div>
  );
}

/** The six components: what each adds to the number. */
function Components({ cell }: { cell: SituationCellView }) {
  const { t, n } = useTexts();
  const range = useRangeText(1);
  return (
    <ul className="index-parts">
      {cell.components.map(({ id, risk, points, events }) => (
        <li key={id}>
          <PlaceLink place={cell} component={id}>
            <span className="index-part-name">{t(componentKeys[id])}</span>
            <RiskBar floor={risk.floor} ceiling={risk.ceiling} />
            <span className="number">{range(points)}</span>
            <span className="visually-hidden">{t('situations.events.count', { count: n(events) })}</span>
          </PlaceLink>
        </li>
      ))}
    </ul>
  );
}

/** Where it stands worst: by network type, sector, region, tier and organisation. */
export function Places() {
  const { t } = useTexts();
  const { data } = useQuery(indexQuery());
  if (data === undefined) return null;
  const all = [...data.cells, ...data.organisations];
  return (
    <Panel title={t('situations.places')}>
      <div className="index-places">
        {dimensions.map((dimension) => {
          const cells = all.filter((cell) => cell.dimension === dimension);
          if (cells.length === 0) return null;
          return (
            <section key={dimension}>
              <h3>{t(dimensionKeys[dimension])}</h3>
              <PlaceList cells={cells.slice(0, shownPlaces)} rules={data.rules} />
              {cells.length > shownPlaces ? (
                <PlaceLink place={data.whole} className="small">
                  {t('situations.places.more', { count: cells.length - shownPlaces })}
                </PlaceLink>
              ) : null}
            </section>
          );
        })}
      </div>
    </Panel>
  );
}

export function PlaceList({ cells, rules }: { cells: readonly SituationCellView[]; rules: SituationIndexView['rules'] }) {
  const named = useNamed();
  const range = useRangeText();
  return (
    <ul className="index-place-list">
      {cells.map((cell) => (
        <li key={`${cell.dimension} ${cell.key}`} data-row tabIndex={-1}>
          <PlaceLink place={cell} open>
            <span className="index-place-name">{named(cell.name)}</span>
            <Ruler of={cell} rules={rules} />
            <span className="number">{range(cell)}</span>
          </PlaceLink>
        </li>
      ))}
    </ul>
  );
}
