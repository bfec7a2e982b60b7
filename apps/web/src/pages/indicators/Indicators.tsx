/** Lists of indicators: what is looked for, who says so, what came of it; and whether a value is on any. */

import { Button, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { keepAnd, keepView } from '../../frame/keep.ts';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { TlpBadge } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { useOrganisationName } from '../../session/resources.ts';
import { useQueryText } from '../../session/view.ts';
import { filterOf } from '../../values/terms.ts';
import { BringList } from './BringList.tsx';
import { LookUp } from './LookUp.tsx';
import { AtSeconds, formatNames, Rating, SearchState } from './parts.tsx';
import { indicatorListsQuery } from './queries.ts';

export function Indicators() {
  const { t, n } = useTexts();
  const may = useMay();
  const actor = useActorName();
  const organisation = useOrganisationName();
  const [retired, setRetired] = useState(false);
  const [bringing, setBringing] = useState(false);
  const query = useQuery(indicatorListsQuery(retired));
  const text = useQueryText();
  const bring = may('indicators:write') ? (
    <Button size="xs" leftSection={<Icon name="upload" />} onClick={() => setBringing(true)}>
      {t('indicators.bring')}
    </Button>
  ) : undefined;
  return (
    <Page
      title={t('indicators.page')}
      tools={
        <>
          <Switch
            size="xs"
            label={t('indicators.showRetired')}
            checked={retired}
            onChange={(event) => setRetired(event.currentTarget.checked)}
          />
          {bring}
        </>
      }
    >
      <LookUp />
      <Panel title={t('indicators.lists')} count={query.data === undefined ? undefined : n(query.data.items.length)}>
        <Waiting query={query}>
          {({ items }) => {
            const shown = items.filter(filterOf(text, ({ name, source }) => `${name} ${source}`));
            return shown.length === 0 ? (
              <Empty icon="list" title={t(items.length === 0 ? 'indicators.none' : 'indicators.noneFit')}>
                {t(items.length === 0 ? 'indicators.none.means' : 'web.noneFit.means')}
              </Empty>
            ) : (
              <Table
                label={t('indicators.lists')}
                rows={shown}
                keyOf={({ id }) => id}
                over={(list) => list.retired !== null}
                columns={[
                  {
                    head: t('indicators.name'),
                    main: true,
                    cell: (list) => (
                      <>
                        <Link data-open to="/indicators/$id" params={{ id: list.id }} search={keepView}>
                          {list.name}
                        </Link>
                        <div className="dim small">
                          {list.source} · {formatNames[list.format] ?? list.format}
                          {list.retired === null ? null : <> · {t('indicators.retired')}</>}
                        </div>
                      </>
                    ),
                  },
                  { head: t('indicators.rating'), cell: (list) => <Rating list={list} /> },
                  { head: t('indicators.marking'), cell: ({ marking }) => <TlpBadge marking={marking} /> },
                  { head: t('indicators.loaded'), number: true, cell: ({ loaded }) => n(loaded) },
                  {
                    head: t('indicators.refused'),
                    number: true,
                    cell: ({ refused }) => (refused === 0 ? <span className="dim">0</span> : n(refused)),
                  },
                  {
                    head: t('indicators.hits'),
                    number: true,
                    cell: ({ id, hits }) =>
                      hits === 0 ? (
                        <span className="dim">0</span>
                      ) : (
                        <Link to="/findings" search={keepAnd({ rule: `indicator:${id}` })}>
                          {n(hits)}
                        </Link>
                      ),
                  },
                  { head: t('indicators.search'), cell: ({ search }) => <SearchState search={search} /> },
                  {
                    head: t('indicators.brought'),
                    cell: (list) => (
                      <>
                        <AtSeconds at={list.at} />
                        <div className="dim small">
                          {actor(list.by)} · {organisation(list.organisation)}
                        </div>
                      </>
                    ),
                  },
                ]}
              />
            );
          }}
        </Waiting>
      </Panel>
      {bringing ? <BringList close={() => setBringing(false)} /> : null}
    </Page>
  );
}
