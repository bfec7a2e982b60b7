/** One's own estate in an hour: what is protected, step after step, each a sheet to fill in, paste into or bring as a file. */

import type { EstateKind } from '@forewarn/model/estate';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { keepView } from '../../frame/keep.ts';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { Page } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMe } from '../../session/me.tsx';
import { countsQuery } from './asking.ts';
import type { Sheet } from './sheet.ts';
import { SheetPanel } from './SheetPanel.tsx';
import { useTemplate } from './templates.ts';
import { estateKinds } from './words.ts';

/** The order of the steps: what people know best first, and what is referred to before what refers to it. */
const steps: readonly { kind: EstateKind; means: string; minutes: number }[] = [
  { kind: 'networks', means: 'estate.start.networks', minutes: 10 },
  { kind: 'businesses', means: 'estate.start.businesses', minutes: 10 },
  { kind: 'assets', means: 'estate.start.assets', minutes: 20 },
  { kind: 'links', means: 'estate.start.links', minutes: 5 },
  { kind: 'products', means: 'estate.start.products', minutes: 5 },
  { kind: 'systems', means: 'estate.start.systems', minutes: 5 },
  { kind: 'components', means: 'estate.start.components', minutes: 5 },
];

/** Rows that wait to be filled in; more come with a click or a paste. */
const emptyRows = 3;

export function EstateStartPage() {
  const { t, n } = useTexts();
  const { organisation } = useMe();
  const navigate = useNavigate();
  const template = useTemplate();
  const { data: counts } = useQuery(countsQuery);
  const [at, setAt] = useState(0);
  const [round, setRound] = useState(0);
  const step = steps[at]!;
  const first = { organisation: organisation.id };
  const empty: Sheet = {
    kind: step.kind,
    name: '',
    foreign: {},
    rows: Array.from({ length: emptyRows }, (_, key) => ({ key, line: 0, cells: { ...first } })),
  };
  return (
    <Page
      title={t('estate.start')}
      heading={<ItemHead up={{ to: '/estate', name: t('web.page.estate') }} title={t('estate.start')} />}
    >
      <p className="prose">{t('estate.start.means')}</p>
      <ol className="start-steps">
        {steps.map(({ kind, minutes }, index) => (
          <li key={kind}>
            <button
              type="button"
              className="start-step"
              aria-current={index === at ? 'step' : undefined}
              onClick={() => setAt(index)}
            >
              {(counts?.[kind] ?? 0) > 0 ? <Icon name="check" /> : <span className="start-number">{index + 1}</span>}
              <span>
                {t(estateKinds[kind])}
                <span className="dim small">
                  {t((counts?.[kind] ?? 0) > 0 ? 'estate.start.there' : 'estate.start.minutes', {
                    count: n((counts?.[kind] ?? 0) > 0 ? counts![kind]! : minutes),
                  })}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ol>
      <section aria-label={t(estateKinds[step.kind])} className="start-now">
        <p className="prose">{t(step.means)}</p>
        <div className="start-tools">
          <Button variant="default" size="xs" leftSection={<Icon name="download" />} onClick={() => template(step.kind)}>
            {t('estate.template')}
          </Button>
          <Button
            variant="default"
            size="xs"
            leftSection={<Icon name="upload" />}
            onClick={() => void navigate({ to: '/estate/import', search: keepView })}
          >
            {t('estate.import')}
          </Button>
          {at + 1 < steps.length ? (
            <Button variant="default" size="xs" onClick={() => setAt(at + 1)}>
              {t('estate.start.next')}
            </Button>
          ) : (
            <Button size="xs" onClick={() => void navigate({ to: '/estate/tree', search: keepView })}>
              {t('estate.start.end')}
            </Button>
          )}
        </div>
        <SheetPanel key={`${step.kind}/${round}`} given={empty} first={first} entered done={() => setRound(round + 1)} />
      </section>
    </Page>
  );
}
