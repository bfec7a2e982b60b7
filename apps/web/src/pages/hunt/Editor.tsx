/**
 * Where a hunt is written: a plain text area, so that everything a browser and a screen reader know of writing holds. Beneath it what may stand
 * at the caret; behind it a line under what cannot be read. The list opens while one types or by Ctrl+Space, and takes the arrow keys, Enter
 * and Tab only while an entry of it is chosen.
 */

import { complete, type Completions } from '@forewarn/model/kql/complete';
import { kqlText } from '@forewarn/model/kql/print';
import type { RecordType } from '@forewarn/model/records/record';
import { useQuery } from '@tanstack/react-query';
import { useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { ask, query as queryString } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';
import type { ResolvedRange } from '../../session/view.ts';
import type { Fault } from './reading.ts';

/** Entries that are in sight; the rest comes by typing on. */
const shownMax = 12;

type Entry = { label: string; insert: string; note: string };

export function Editor({
  text,
  setText,
  run,
  fault,
  recordTypes,
  range,
}: {
  text: string;
  setText: (text: string) => void;
  run: () => void;
  fault: Fault | null;
  recordTypes: readonly RecordType[];
  range: ResolvedRange;
}) {
  const { t } = useTexts();
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const behind = useRef<HTMLPreElement>(null);
  const [caret, setCaret] = useState(0);
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const completions = useMemo<Completions | null>(
    () => (open ? complete(text, caret, recordTypes) : null),
    [open, text, caret, recordTypes],
  );
  const wanted = completions?.values ?? null;
  const { data: values } = useQuery({
    queryKey: ['top', wanted?.log, wanted?.field, range.text],
    queryFn: ({ signal }) =>
      ask<{ items: { value: unknown; count: number }[] }>(
        'GET',
        `/records/${wanted!.log}/top${queryString({ field: wanted!.field, from: range.from, to: range.to, n: 50, rough: 'true' })}`,
        undefined,
        signal,
      ),
    enabled: wanted !== null && wanted.log !== '',
    staleTime: 60_000,
  });
  const entries = useMemo<Entry[]>(() => {
    if (completions === null) return [];
    if (wanted !== null) {
      const start = text.slice(completions.from, caret).replace(/^["']/, '').toLowerCase();
      return (values?.items ?? [])
        .map(({ value, count }) => ({
          label: String(value),
          insert: `${wanted.quoted ? kqlText(String(value)) : String(value)} `,
          note: String(count),
        }))
        .filter(({ label }) => label.toLowerCase().startsWith(start))
        .slice(0, shownMax);
    }
    return completions.items.slice(0, shownMax).map(({ label, insert, means }) => ({ label, insert, note: means }));
  }, [completions, wanted, values, text, caret]);
  const listed = open && entries.length > 0;
  const active = listed && chosen >= 0 && chosen < entries.length ? chosen : -1;

  const take = (entry: Entry) => {
    if (completions === null || area.current === null) return;
    const next = text.slice(0, completions.from) + entry.insert + text.slice(caret);
    const at = completions.from + entry.insert.length;
    setText(next);
    setCaret(at);
    setChosen(-1);
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(at, at);
    });
  };
  const close = () => {
    setOpen(false);
    setChosen(-1);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && (event.shiftKey || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      close();
      run();
    } else if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault();
      setCaret(event.currentTarget.selectionStart);
      setOpen(true);
      setChosen(0);
    } else if (listed && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setChosen(active < 0 ? (step === 1 ? 0 : entries.length - 1) : (active + step + entries.length) % entries.length);
    } else if (active >= 0 && (event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey) {
      event.preventDefault();
      take(entries[active]!);
    } else if (event.key === 'Escape') {
      if (listed) close();
      else area.current?.blur();
      event.stopPropagation();
    }
  };

  return (
    <div className="hunt-editor">
      <div className="hunt-text">
        <pre className="hunt-behind" aria-hidden="true" ref={behind}>
          {fault === null ? (
            text
          ) : (
            <>
              {text.slice(0, fault.from)}
              <span className="hunt-fault">{text.slice(fault.from, fault.to) || ' '}</span>
              {text.slice(fault.to)}
            </>
          )}
          {'\n'}
        </pre>
        <textarea
          ref={area}
          data-hunt
          value={text}
          rows={Math.min(14, Math.max(3, text.split('\n').length))}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          aria-label={t('investigate.hunt.question')}
          aria-describedby={fault === null ? `${id}-help` : `${id}-fault`}
          aria-invalid={fault !== null}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={listed ? `${id}-list` : undefined}
          aria-activedescendant={active < 0 ? undefined : `${id}-${active}`}
          placeholder="conn | where id.resp_p == 443 | summarize n = count() by id.resp_h"
          onChange={(event) => {
            setText(event.currentTarget.value);
            setCaret(event.currentTarget.selectionStart);
            setOpen(true);
            setChosen(-1);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onScroll={(event) => {
            if (behind.current !== null) behind.current.scrollTop = event.currentTarget.scrollTop;
          }}
          onKeyDown={onKeyDown}
          onBlur={close}
        />
      </div>
      <ul id={`${id}-list`} className="hunt-list" role="listbox" aria-label={t('web.query.suggestions')} hidden={!listed}>
        {entries.map((entry, index) => (
          <li
            key={entry.label}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            // The text keeps the focus.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(entry)}
          >
            <span className="mono">{entry.label === '' ? '""' : entry.label}</span>
            <span className="dim hunt-note">{entry.note}</span>
          </li>
        ))}
      </ul>
      <p className="visually-hidden" role="status">
        {listed ? t('investigate.hunt.listed', { count: entries.length }) : ''}
      </p>
      {fault === null ? (
        <p className="dim small" id={`${id}-help`}>
          {t('investigate.hunt.help')}
        </p>
      ) : (
        <p className="field-error" id={`${id}-fault`}>
          {fault.message} {fault.advice}
        </p>
      )}
    </div>
  );
}
