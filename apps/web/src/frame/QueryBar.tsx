import { findingFields } from '@forewarn/model/finding-fields';
/**
 * One query bar for all pages, in the model's query language. On lists it filters the list; where there is none it looks
 * into traffic. Terms become pills that can be turned round (NOT) or taken away.
 */

import { Combobox, Pill, PillsInput, useCombobox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { Icon } from '../look/icons.tsx';
import { ask, query as queryString } from '../session/api.ts';
import { useTexts } from '../session/language.tsx';
import { keep, recall } from '../session/preferences.ts';
import { recordTypesQuery } from '../session/resources.ts';
import { useQueryText, useRange, useSetView } from '../session/view.ts';
import { opposite, readQuery, writeQuery, type Term } from '../values/terms.ts';

type Scope =
  | { kind: 'records'; log: string }
  | { kind: 'list'; placeholder: string; fields: readonly string[] }
  | { kind: 'elsewhere' };

/** What each list can be asked for, beside words found anywhere. */
const lists: { [path: string]: { placeholder: string; fields: readonly string[] } } = {
  '/findings': {
    placeholder: 'web.query.findings',
    fields: Object.keys(findingFields.columns),
  },
  '/rules': {
    placeholder: 'noise.query.rules',
    fields: ['name', 'kind', 'level', 'technique', 'tactic', 'status', 'logs', 'tested', 'hits', 'precision.value', 'costMicros'],
  },
  '/incidents': {
    placeholder: 'web.query.incidents',
    fields: [
      'number',
      'state',
      'grade.floor',
      'grade.ceiling',
      'organisations',
      'lead.organisation',
      'techniques',
      'marking',
      'stage.stage',
      'findings',
    ],
  },
  '/warnings': {
    placeholder: 'web.query.warnings',
    fields: ['number', 'state', 'colour', 'marking', 'incidentType', 'issuingAuthority', 'audience.organisation'],
  },
  '/estate': {
    placeholder: 'web.query.estate',
    fields: (
      'organisation kind type importance sector region network node product asset system businesses ' +
      'tier role from to maker origin replaceability supplier vendor version exposure'
    ).split(' '),
  },
  '/exposure': { placeholder: 'exposures.query', fields: [] },
  '/audit': { placeholder: 'web.query.audit', fields: ['actor', 'action', 'object', 'organisation', 'seq'] },
};

function scopeOf(path: string): Scope {
  const traffic = /^\/traffic\/(?!flow\/)([\w-]+)$/.exec(path);
  if (traffic !== null) return { kind: 'records', log: traffic[1]! };
  for (const [start, list] of Object.entries(lists)) {
    // Registers have one address for each kind; pages of single things, and those where they are entered, are no lists.
    const isRegister = start === '/estate' && /^\/estate\/(?!import$|start$)[a-z]+$/.test(path);
    if (path === start || isRegister) return { kind: 'list', ...list };
  }
  return { kind: 'elsewhere' };
}

/** More suggestions than this are not read. */
const suggestionsMax = 12;
const historyMax = 30;

/** The piece of text before the caret that is being typed. */
function typed(text: string, caret: number): { start: number; word: string } {
  const before = text.slice(0, caret);
  const start = Math.max(before.lastIndexOf(' '), before.lastIndexOf('(')) + 1;
  return { start, word: before.slice(start) };
}

export function QueryBar() {
  const { t } = useTexts();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const scope = useMemo(() => scopeOf(path), [path]);
  const applied = useQueryText();
  const view = useRange();
  const setView = useSetView();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [caret, setCaret] = useState(0);
  const [problem, setProblem] = useState<string | null>(null);
  const [back, setBack] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const { data: types } = useQuery({ ...recordTypesQuery, enabled: scope.kind !== 'list' });

  const shown = scope.kind === 'elsewhere' ? '' : applied;
  const reading = useMemo(() => readQuery(shown), [shown]);
  // What stands in the address but cannot be read is given back to be mended.
  useEffect(() => {
    if (reading.refusal === null) return;
    setText(shown);
    setProblem(`${reading.refusal.message} ${reading.refusal.advice}`);
  }, [reading, shown]);

  const fields = useMemo<readonly { name: string; means: string }[]>(() => {
    if (scope.kind === 'list') return scope.fields.map((name) => ({ name, means: '' }));
    const log = scope.kind === 'records' ? scope.log : 'conn';
    return (types ?? []).find((type) => type.log === log)?.columns.filter((column) => column.class !== 'secret') ?? [];
  }, [scope, types]);

  const { word } = typed(text, caret);
  const asked = /^([\w.]+):(.*)$/.exec(word);
  const askedField = asked !== null && fields.some(({ name }) => name === asked[1]) ? asked[1]! : null;
  const { data: values } = useQuery({
    queryKey: ['top', scope.kind === 'records' ? scope.log : '', askedField, view.text],
    queryFn: ({ signal }) =>
      ask<{ items: { value: unknown; count: number }[] }>(
        'GET',
        `/records/${scope.kind === 'records' ? scope.log : 'conn'}/top${queryString({ field: askedField, from: view.from, to: view.to, n: suggestionsMax, rough: 'true' })}`,
        undefined,
        signal,
      ),
    enabled: scope.kind === 'records' && askedField !== null,
    staleTime: 60_000,
  });

  const suggestions = useMemo(() => {
    if (askedField !== null) {
      const start = asked![2]!.replace(/^"/, '').toLowerCase();
      const items = values?.items ?? [];
      return items
        .map(({ value, count }) => ({ value: String(value), count }))
        .filter(({ value }) => value.toLowerCase().startsWith(start))
        .slice(0, suggestionsMax)
        .map(({ value, count }) => ({
          insert: `${askedField}:${/^[\w.@/+-]+$/.test(value) ? value : JSON.stringify(value)} `,
          label: value,
          note: String(count),
        }));
    }
    const start = word.toLowerCase();
    if (start === '' || asked !== null) return [];
    return [
      ...fields.filter(({ name }) => name.toLowerCase().startsWith(start)),
      ...fields.filter(({ name }) => !name.toLowerCase().startsWith(start) && name.toLowerCase().includes(start)),
    ]
      .slice(0, suggestionsMax)
      .map(({ name, means }) => ({ insert: `${name}:`, label: name, note: means }));
  }, [askedField, asked, values, fields, word]);

  const apply = (q: string) => {
    if (scope.kind === 'elsewhere') {
      void navigate({
        to: '/traffic/$log',
        params: { log: 'conn' },
        search: ((previous: Record<string, unknown>) => ({
          ...(previous['range'] === undefined ? {} : { range: previous['range'] }),
          q,
        })) as never,
      });
    } else setView({ q: q === '' ? undefined : q });
  };

  const submit = () => {
    combobox.closeDropdown();
    if (text.trim() === '') return;
    const added = readQuery(text);
    if (added.refusal !== null) {
      setProblem(`${added.refusal.message} ${added.refusal.advice}`);
      input.current?.setSelectionRange(added.refusal.offset, text.length);
      return;
    }
    const present = reading.refusal === null ? reading.terms : [];
    const fresh = added.terms.filter((term) => !present.some((old) => old.text === term.text));
    const q = writeQuery([...present, ...fresh]);
    keep('queries', [q, ...recall<string[]>('queries', []).filter((old) => old !== q)].slice(0, historyMax));
    setText('');
    setProblem(null);
    setBack(-1);
    apply(q);
  };

  const without = (term: Term) => writeQuery(reading.terms.filter((each) => each !== term));
  const turned = (term: Term) =>
    writeQuery(reading.terms.map((each) => (each === term ? { ...each, predicate: opposite(each.predicate) } : each)));

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter') {
      if (combobox.dropdownOpened && combobox.getSelectedOptionIndex() !== -1) return;
      event.preventDefault();
      submit();
    } else if (event.key === 'Backspace' && text === '' && reading.terms.length > 0) {
      event.preventDefault();
      const last = reading.terms.at(-1)!;
      setText(last.text);
      apply(without(last));
    } else if (
      event.key === 'ArrowUp' &&
      (text === '' || back >= 0) &&
      !(combobox.dropdownOpened && suggestions.length > 0 && back < 0)
    ) {
      const queries = recall<string[]>('queries', []);
      const next = Math.min(back + 1, queries.length - 1);
      if (next >= 0) {
        event.preventDefault();
        setBack(next);
        setText(queries[next]!);
      }
    } else if (event.key === 'Escape') {
      if (combobox.dropdownOpened) combobox.closeDropdown();
      else input.current?.blur();
      event.stopPropagation();
    }
  };

  const placeholder =
    scope.kind === 'records' ? t('web.query.records') : scope.kind === 'list' ? t(scope.placeholder) : t('web.query.elsewhere');
  return (
    <div className="query-bar" role="search">
      <Combobox
        store={combobox}
        onOptionSubmit={(insert) => {
          const { start } = typed(text, caret);
          const next = text.slice(0, start) + insert + text.slice(caret);
          setText(next);
          setCaret(start + insert.length);
          if (insert.endsWith(' ')) combobox.closeDropdown();
          requestAnimationFrame(() => input.current?.setSelectionRange(start + insert.length, start + insert.length));
        }}
      >
        <Combobox.DropdownTarget>
          <PillsInput
            size="sm"
            leftSection={<Icon name="search" />}
            error={problem !== null}
            onClick={() => input.current?.focus()}
          >
            <Pill.Group gap={4}>
              {reading.refusal === null
                ? reading.terms.map((term) => (
                    <span className="query-pill" key={term.text} data-negated={term.negated || undefined}>
                      <button
                        type="button"
                        className="query-pill-not"
                        aria-pressed={term.negated}
                        title={t('web.query.turn')}
                        aria-label={t('web.query.turnTerm', { term: term.text })}
                        onClick={(event) => {
                          event.stopPropagation();
                          apply(turned(term));
                        }}
                      >
                        {t('web.query.not')}
                      </button>
                      <span className="query-pill-text">{term.negated ? term.text.replace(/^not /, '') : term.text}</span>
                      <button
                        type="button"
                        className="query-pill-remove"
                        aria-label={t('web.query.removeTerm', { term: term.text })}
                        onClick={(event) => {
                          event.stopPropagation();
                          apply(without(term));
                          input.current?.focus();
                        }}
                      >
                        <Icon name="close" size={12} />
                      </button>
                    </span>
                  ))
                : null}
              <Combobox.EventsTarget>
                <PillsInput.Field
                  data-query
                  ref={input}
                  value={text}
                  placeholder={reading.terms.length === 0 ? placeholder : ''}
                  aria-label={placeholder}
                  aria-invalid={problem !== null}
                  aria-describedby={problem === null ? undefined : 'query-problem'}
                  autoComplete="off"
                  autoCapitalize="off"
                  spellCheck={false}
                  onChange={(event) => {
                    setText(event.currentTarget.value);
                    setCaret(event.currentTarget.selectionStart ?? event.currentTarget.value.length);
                    setProblem(null);
                    setBack(-1);
                    combobox.openDropdown();
                  }}
                  onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
                  onBlur={() => combobox.closeDropdown()}
                  onKeyDown={onKeyDown}
                />
              </Combobox.EventsTarget>
            </Pill.Group>
          </PillsInput>
        </Combobox.DropdownTarget>
        <Combobox.Dropdown hidden={suggestions.length === 0} className="query-suggestions">
          <Combobox.Options aria-label={t('web.query.suggestions')}>
            {suggestions.map(({ insert, label, note }) => (
              <Combobox.Option value={insert} key={insert}>
                <span className="mono">{label}</span>
                <span className="dim query-note">{note}</span>
              </Combobox.Option>
            ))}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      {problem === null ? null : (
        <div id="query-problem" role="alert" className="query-problem">
          {problem}
        </div>
      )}
    </div>
  );
}
