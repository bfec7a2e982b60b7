/** Keys. One place says what they do, the help overlay reads it, and nothing here takes a key from somebody who types. */

import { useEffect, useRef } from 'react';

export type KeyHelp = { keys: readonly string[]; text: string };

export const keyHelp: readonly { title: string; keys: readonly KeyHelp[] }[] = [
  {
    title: 'web.keys.anywhere',
    keys: [
      { keys: ['/'], text: 'web.keys.query' },
      { keys: ['t'], text: 'web.keys.time' },
      { keys: ['Ctrl K', '⌘ K'], text: 'web.keys.palette' },
      { keys: ['p'], text: 'web.keys.pause' },
      { keys: ['?'], text: 'web.keys.help' },
      { keys: ['Esc'], text: 'web.keys.leave' },
    ],
  },
  {
    title: 'web.keys.go',
    keys: [
      { keys: ['g s'], text: 'web.page.situation' },
      { keys: ['g i'], text: 'web.page.incidents' },
      { keys: ['g w'], text: 'web.page.warnings' },
      { keys: ['g f'], text: 'web.page.findings' },
      { keys: ['g r'], text: 'noise.rules' },
      { keys: ['g t'], text: 'web.page.traffic' },
      { keys: ['g k'], text: 'investigate.attack' },
      { keys: ['g h'], text: 'investigate.hunt' },
      { keys: ['g n'], text: 'web.page.sensors' },
      { keys: ['g l'], text: 'web.page.links' },
      { keys: ['g e'], text: 'web.page.estate' },
      { keys: ['g d'], text: 'proposals.page' },
      { keys: ['g a'], text: 'web.page.audit' },
      { keys: ['g m'], text: 'web.page.accounts' },
    ],
  },
  {
    title: 'web.keys.lists',
    keys: [
      { keys: ['j', 'k'], text: 'web.keys.rows' },
      { keys: ['Enter'], text: 'web.keys.open' },
      { keys: ['x'], text: 'web.keys.select' },
      { keys: ['←', '→'], text: 'web.keys.values' },
      { keys: ['h'], text: 'noise.hide.selected' },
      { keys: ['Enter', '⇧ F10'], text: 'web.keys.menu' },
    ],
  },
  {
    title: 'proposals.keys',
    keys: [
      { keys: ['a'], text: 'proposals.key.accept' },
      { keys: ['r'], text: 'proposals.key.refuse' },
      { keys: ['m'], text: 'proposals.key.merge' },
      { keys: ['e'], text: 'proposals.key.change' },
    ],
  },
];

/** Whether the key belongs to what the person is writing or choosing in. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.closest(
      'input:not([type=checkbox]):not([type=radio]), textarea, select, [role=menu], [role=listbox], [role=combobox]',
    ) !== null
  );
}

/** The second key of `g s` must come within this. */
const sequenceMs = 1200;

/** Calls `act` with `g s`, `/`, `?`, `j` …; an act that returns false leaves the key to others. */
export function useKeys(act: (key: string, event: KeyboardEvent) => boolean | void): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    let first: { key: string; at: number } | null = null;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k' && !event.altKey && !event.shiftKey) {
        if (latest.current('mod+k', event) !== false) event.preventDefault();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (isTyping(event.target) && event.key !== 'Escape') return;
      const key = event.key;
      if (first !== null && event.timeStamp - first.at < sequenceMs && /^[a-z]$/.test(key)) {
        const sequence = `${first.key} ${key}`;
        first = null;
        if (latest.current(sequence, event) !== false) event.preventDefault();
        return;
      }
      first = null;
      if (key === 'g') {
        first = { key, at: event.timeStamp };
        return;
      }
      if (latest.current(key, event) === true) event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

const rowsNow = () =>
  [...document.querySelectorAll<HTMLElement>('main [data-row]')].filter(
    (row) => row.offsetParent !== null || row.getClientRects().length > 0,
  );

/** Moves between the rows of the page's lists; every list row carries `data-row` and may take focus. */
export function moveRow(step: 1 | -1): boolean {
  const rows = rowsNow();
  if (rows.length === 0) return false;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at === -1 ? (step === 1 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))]!;
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
  return true;
}

/** Opens the row that has focus: its own link or button. */
export function openRow(): boolean {
  const row = document.activeElement;
  if (!(row instanceof HTMLElement) || !row.matches('main [data-row]')) return false;
  const opener = row.matches('a, button') ? row : row.querySelector<HTMLElement>('[data-open]');
  if (opener === null) return false;
  opener.click();
  return true;
}

/** Selects the row that has focus, where rows can be selected. */
export function selectRow(): boolean {
  const box = document.activeElement?.closest('main [data-row]')?.querySelector<HTMLInputElement>('[data-select]');
  if (box === null || box === undefined) return false;
  box.click();
  return true;
}
