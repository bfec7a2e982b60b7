/** What one asset is exposed to: a section of its page. */

import { useInfiniteQuery } from '@tanstack/react-query';
import { Panel, Waiting } from '../../frame/Page.tsx';
import { useTexts } from '../../session/language.tsx';
import { More } from './Exposure.tsx';
import { ExposureTable } from './ExposureTable.tsx';
import { exposuresQuery } from './queries.ts';

export function AssetExposures({ asset }: { asset: string }) {
  const { t } = useTexts();
  const query = useInfiniteQuery(exposuresQuery({ asset, state: 'all' }));
  return (
    <Panel title={t('exposures.page')}>
      <Waiting query={query}>
        {({ pages }) => {
          const rows = pages.flatMap(({ items }) => items);
          return rows.length === 0 ? (
            <p className="panel-note dim">{t('exposures.asset.none')}</p>
          ) : (
            <>
              <ExposureTable rows={rows} about="asset" />
              <More query={query} />
            </>
          );
        }}
      </Waiting>
    </Panel>
  );
}
