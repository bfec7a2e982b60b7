/** Points from which several links can be watched together, with the coverage gained and lost. */

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { keepView } from '../../frame/keep.ts';
import { Empty, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { useTexts } from '../../session/language.tsx';
import { observationPlanQuery } from './queries.ts';

export function ObservationPoints({ nameOf }: { nameOf: (link: string) => string }) {
  const { t, n } = useTexts();
  const query = useQuery(observationPlanQuery);
  const percent = (share: number): string => `${n(share * 100)}%`;
  const names = (links: readonly string[]) => (
    <ul className="link-names">
      {links.map((id) => (
        <li key={id}>
          <Link to="/links/$id" params={{ id }} search={keepView}>
            {nameOf(id)}
          </Link>
        </li>
      ))}
    </ul>
  );
  return (
    <Panel className="link-points" title={t('web.weight.plan')} count={query.data?.points.length}>
      <Waiting query={query}>
        {({ before, points, lost, loss }) => (
          <>
            <p className="prose dim">{t('web.weight.plan.means', { before: percent(before) })}</p>
            {points.length === 0 ? (
              <Empty icon="link" title={t('web.weight.plan.none')}>
                {t('web.weight.plan.none.means')}
              </Empty>
            ) : (
              <Table
                label={t('web.weight.plan')}
                rows={points}
                keyOf={({ network }) => network}
                columns={[
                  { head: t('web.weight.plan.at'), main: true, cell: ({ network }) => <span className="mono">{network}</span> },
                  { head: t('web.weight.plan.links'), cell: ({ links }) => names(links) },
                  { head: t('web.weight.plan.gained'), number: true, cell: ({ gained }) => n(gained.length) },
                  { head: t('web.weight.plan.gain'), number: true, cell: ({ gain }) => percent(gain) },
                  { head: t('web.weight.plan.coverage'), number: true, cell: ({ coverage }) => percent(coverage) },
                ]}
              />
            )}
            {lost.length === 0 || points.length === 0 ? null : (
              <div className="prose">
                {t('web.weight.plan.lost', { loss: percent(loss) })}
                {names(lost)}
              </div>
            )}
          </>
        )}
      </Waiting>
    </Panel>
  );
}
