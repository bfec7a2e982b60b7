/** Warnings: what waits for a person first, then what is in force, then what was lifted, and what never left. */

import type { WarningView } from '@forewarn/model/api';
import { Button, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { keepView } from '../../frame/keep.ts';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { waitsForPerson } from '../../marks/Stage.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { useOrganisationName, warningsQuery } from '../../session/resources.ts';
import { useQueryText } from '../../session/view.ts';
import { filterOf } from '../../values/terms.ts';
import { inForce, urgencies, useUrgencyName, type Urgency } from './marks.tsx';
import { WarningTable } from './WarningTable.tsx';

export function Warnings() {
  const { t, l } = useTexts();
  const may = useMay();
  const navigate = useNavigate();
  const name = useOrganisationName();
  const { name: urgencyName } = useUrgencyName();
  const text = useQueryText();
  const query = useQuery(warningsQuery);
  const [urgency, setUrgency] = useState<Urgency | 'all'>('all');
  const shown = useMemo(() => {
    const fits = filterOf<WarningView>(
      text,
      (warning) =>
        `${warning.number} ${l(warning.title)} ${warning.audience.map(({ organisation }) => name(organisation)).join(' ')}`,
    );
    return (query.data?.items ?? [])
      .filter((warning) => (urgency === 'all' || warning.urgency === urgency) && fits(warning))
      .toSorted((a, b) => (b.issuedAt ?? b.createdAt).localeCompare(a.issuedAt ?? a.createdAt));
  }, [query.data, text, l, name, urgency]);
  const groups = [
    {
      title: t('warnings.waiting'),
      warnings: shown.filter(waitsForPerson),
    },
    { title: t('web.warnings.inForce'), warnings: shown.filter((warning) => inForce(warning) && warning.proposed === null) },
    { title: t('web.warnings.lifted'), warnings: shown.filter(({ state }) => state === 'lifted') },
    { title: t('warnings.dropped'), warnings: shown.filter(({ state }) => state === 'dropped') },
  ];
  return (
    <Page
      title={t('web.page.warnings')}
      tools={
        <>
          <SegmentedControl
            size="xs"
            aria-label={t('warnings.urgency')}
            value={urgency}
            onChange={(value) => setUrgency(value as Urgency | 'all')}
            data={[
              { value: 'all', label: t('warnings.urgency.all') },
              ...urgencies.map((value) => ({ value, label: urgencyName(value) })),
            ]}
          />
          {may('warnings:draft') ? (
            <Button
              leftSection={<Icon name="plus" size={14} />}
              onClick={() => void navigate({ to: '/warnings/new', search: keepView })}
            >
              {t('web.warnings.new')}
            </Button>
          ) : null}
        </>
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
            <>
              {groups
                .filter(({ warnings }) => warnings.length > 0)
                .map((group) => (
                  <Panel key={group.title} title={group.title} count={group.warnings.length}>
                    <WarningTable warnings={group.warnings} />
                  </Panel>
                ))}
              {data.next === null ? null : <p className="dim small">{t('warnings.more')}</p>}
            </>
          )
        }
      </Waiting>
    </Page>
  );
}
