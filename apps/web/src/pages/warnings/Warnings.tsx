/** Warnings: drafts first for those who issue, then what is in force, then what was lifted. */

import type { WarningView } from '@forewarn/model/api';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { useOrganisationName, warningsQuery } from '../../session/resources.ts';
import { useQueryText } from '../../session/view.ts';
import { filterOf } from '../../values/terms.ts';
import { WarningTable } from './WarningTable.tsx';

export function Warnings() {
  const { t, l } = useTexts();
  const may = useMay();
  const navigate = useNavigate();
  const name = useOrganisationName();
  const text = useQueryText();
  const query = useQuery(warningsQuery);
  const shown = useMemo(() => {
    const fits = filterOf<WarningView>(
      text,
      (warning) =>
        `${warning.number} ${l(warning.title)} ${warning.audience.map(({ organisation }) => name(organisation)).join(' ')}`,
    );
    return (query.data?.items ?? [])
      .filter(fits)
      .toSorted((a, b) => (b.issuedAt ?? b.createdAt).localeCompare(a.issuedAt ?? a.createdAt));
  }, [query.data, text, l, name]);
  const groups = [
    { title: t('web.warnings.drafts'), warnings: shown.filter(({ state }) => state === 'draft') },
    { title: t('web.warnings.inForce'), warnings: shown.filter(({ state }) => state === 'issued' || state === 'adjusted') },
    { title: t('web.warnings.lifted'), warnings: shown.filter(({ state }) => state === 'lifted') },
  ];
  return (
    <Page
      title={t('web.page.warnings')}
      tools={
        may('warnings:draft') ? (
          <Button leftSection={<Icon name="plus" size={14} />} onClick={() => void navigate({ to: '/warnings/new' })}>
            {t('web.warnings.new')}
          </Button>
        ) : undefined
      }
    >
      <Waiting query={query}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty icon="warnings" title={t('web.warnings.none')}>
              {t('web.warnings.none.means')}
            </Empty>
          ) : shown.length === 0 ? (
            <Empty icon="search" title={t('web.warnings.noneFit')}>
              {t('web.noneFit.means')}
            </Empty>
          ) : (
            groups
              .filter(({ warnings }) => warnings.length > 0)
              .map((group) => (
                <Panel key={group.title} title={group.title} count={group.warnings.length}>
                  <WarningTable warnings={group.warnings} />
                </Panel>
              ))
          )
        }
      </Waiting>
    </Page>
  );
}
