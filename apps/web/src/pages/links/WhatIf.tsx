/** What falls if the link were gone: services with the users and the value that they would lose. */

import type { LinkDetail, WhatIfView } from '@forewarn/model/api';
import { useQuery } from '@tanstack/react-query';
import { Empty, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { useTexts } from '../../session/language.tsx';
import { useOrganisationName } from '../../session/resources.ts';
import { whatIfQuery } from './queries.ts';

type Fallen = WhatIfView['fallen'][number];

export function WhatIf({ link }: { link: LinkDetail }) {
  const { t, l, n } = useTexts();
  const name = useOrganisationName();
  const query = useQuery(whatIfQuery(link.id));
  const span = ({ least, most }: { least: number; most: number }, digits = 0): string =>
    n(least, digits) === n(most, digits) ? n(most, digits) : `${n(least, digits)} – ${n(most, digits)}`;
  return (
    <Panel title={t('web.whatIf')} count={query.data?.count}>
      <Waiting query={query}>
        {({ fallen, others, users, cnyPerHour }) => (
          <>
            {fallen.length === 0 ? (
              <Empty icon="check" title={t('web.whatIf.nothing')}>
                {t('web.whatIf.nothing.means')}
              </Empty>
            ) : (
              <>
                <p className="prose dim">{t('web.whatIf.means', { users: span(users), value: span(cnyPerHour) })}</p>
                <Table
                  label={t('web.whatIf')}
                  rows={fallen}
                  keyOf={({ business }) => business}
                  form="still"
                  columns={[
                    { head: t('web.whatIf.service'), main: true, cell: (one: Fallen) => l(one.name) },
                    { head: t('web.organisation'), cell: ({ organisation }) => name(organisation) },
                    {
                      head: t('web.whatIf.share'),
                      number: true,
                      cell: ({ share }) => `${span({ least: share.least * 100, most: share.most * 100 })}%`,
                    },
                    { head: t('web.whatIf.users'), number: true, cell: (one) => span(one.users) },
                    { head: t('web.whatIf.value'), number: true, cell: (one) => span(one.cnyPerHour) },
                  ]}
                />
              </>
            )}
            {others === 0 ? null : <p className="prose dim">{t('web.whatIf.others', { count: n(others) })}</p>}
          </>
        )}
      </Waiting>
    </Panel>
  );
}
