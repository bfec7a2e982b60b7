/** Ctrl-K: pages, things found by name, actions. */

import type { LocalText, Words } from '@forewarn/model/text';
import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useMemo, useState } from 'react';
import { Icon, type IconName } from '../look/icons.tsx';
import { ask, query } from '../session/api.ts';
import { useTexts } from '../session/language.tsx';
import { useMay } from '../session/me.tsx';
import { incidentsQuery } from '../session/resources.ts';
import { keepView } from './keep.ts';
import { pages } from './pages.ts';

export type PaletteAction = { id: string; label: string; icon: IconName; run: () => void };
type Entry = PaletteAction & { note: string };

type Hit = {
  kind: 'incident' | 'finding' | 'warning' | keyof typeof registers;
  id: string;
  number: string | null;
  title: Words | LocalText;
};

const registers = {
  organisation: 'organisations',
  network: 'networks',
  node: 'nodes',
  link: 'links',
  product: 'products',
  business: 'businesses',
  asset: 'assets',
  system: 'systems',
  data: 'data',
  application: 'applications',
  component: 'components',
} as const;

const hitIcons: { [kind: string]: IconName } = { incident: 'incidents', finding: 'findings', warning: 'warnings' };
const hitKeys: { [kind: string]: string } = {
  incident: 'web.page.incidents',
  finding: 'web.page.findings',
  warning: 'web.page.warnings',
};

export function Palette({ opened, close, actions }: { opened: boolean; close: () => void; actions: readonly PaletteAction[] }) {
  const { t } = useTexts();
  return (
    <Modal
      opened={opened}
      onClose={close}
      withCloseButton={false}
      padding={0}
      size="lg"
      yOffset="12vh"
      centered={false}
      aria-label={t('web.palette.title')}
    >
      {opened ? <PaletteBody close={close} actions={actions} /> : null}
    </Modal>
  );
}

function PaletteBody({ close, actions }: { close: () => void; actions: readonly PaletteAction[] }) {
  const texts = useTexts();
  const { t, w, l } = texts;
  const may = useMay();
  const navigate = useNavigate();
  const listId = useId();
  const [text, setText] = useState('');
  const [asked, setAsked] = useState('');
  const [at, setAt] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), 150);
    return () => clearTimeout(timer);
  }, [text]);
  const { data: incidents } = useQuery({ ...incidentsQuery({}), enabled: may('incidents:read') });
  const { data: hits } = useQuery({
    queryKey: ['search', asked],
    queryFn: ({ signal }) => ask<{ items: Hit[] }>('GET', `/search${query({ q: asked })}`, undefined, signal),
    enabled: asked.length >= 2,
    staleTime: 10_000,
  });
  const entries = useMemo<Entry[]>(() => {
    const all: Entry[] = [
      ...pages
        .filter((page) => may(page.needs))
        .map((page) => ({
          id: page.to,
          label: t(page.key),
          icon: page.icon,
          note: `g ${page.letter}`,
          run: () => void navigate({ to: page.to, search: keepView }),
        })),
      ...(incidents?.items ?? []).map((incident) => ({
        id: `incident ${incident.id}`,
        label: `${incident.number} ${w(incident.title)}`,
        icon: 'incidents' as const,
        note: t('web.page.incidents'),
        run: () => void navigate({ to: '/incidents/$id', params: { id: incident.id }, search: keepView }),
      })),
      ...actions.map((action) => ({ ...action, note: t('web.palette.action') })),
    ];
    const words = text
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    const fitting = all.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)));
    const present = new Set(fitting.map(({ id }) => id));
    const found = (hits?.items ?? [])
      .map((hit): Entry => {
        const title = `${hit.number === null ? '' : `${hit.number} `}${'text' in hit.title ? w(hit.title) : l(hit.title)}`;
        return {
          id: `${hit.kind} ${hit.id}`,
          label: title,
          icon: hitIcons[hit.kind] ?? 'estate',
          note: t(hitKeys[hit.kind] ?? 'web.page.estate'),
          run: () => {
            if (hit.kind === 'incident') void navigate({ to: '/incidents/$id', params: { id: hit.id }, search: keepView });
            else if (hit.kind === 'warning') void navigate({ to: '/warnings/$id', params: { id: hit.id }, search: keepView });
            else if (hit.kind === 'finding') void navigate({ to: '/findings/$id', params: { id: hit.id }, search: keepView });
            else {
              const params = { kind: registers[hit.kind], id: hit.id };
              void navigate({ to: '/estate/$kind/$id', params, search: keepView });
            }
          },
        };
      })
      .filter(({ id }) => !present.has(id));
    return [...fitting.slice(0, 12), ...found.slice(0, 12)];
  }, [text, hits, incidents, actions, may, navigate, t, w, l]);
  const chosen = Math.min(at, Math.max(0, entries.length - 1));
  const run = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    close();
    entry.run();
  };
  return (
    <div className="palette">
      <input
        data-autofocus
        className="palette-input"
        role="combobox"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={entries[chosen] === undefined ? undefined : `${listId}-${chosen}`}
        aria-label={t('web.palette.title')}
        placeholder={t('web.palette.placeholder')}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, entries.length - 1));
          else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0));
          else if (event.key === 'Enter') run(entries[chosen]);
          else return;
          event.preventDefault();
        }}
      />
      <ul className="palette-list" role="listbox" id={listId} aria-label={t('web.palette.title')}>
        {entries.map((entry, index) => (
          // The combobox above handles its keys.
          <li
            key={entry.id}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === chosen}
            onMouseMove={() => setAt(index)}
            onClick={() => run(entry)}
          >
            <Icon name={entry.icon} />
            <span className="palette-label">{entry.label}</span>
            <span className="dim">{entry.note}</span>
          </li>
        ))}
        {entries.length === 0 ? <li className="dim palette-none">{t('web.palette.none')}</li> : null}
      </ul>
    </div>
  );
}
