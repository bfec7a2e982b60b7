/** An item's fields as a form. Its cells are those of the sheet, so that a form and a spreadsheet mean the same. */

import { isOptionalColumn } from '@forewarn/model/estate-sheet';
import type { EstateKind } from '@forewarn/model/estate';
import { Autocomplete, Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTexts } from '../../session/language.tsx';
import { registerQuery } from './asking.ts';
import { fieldsOf, type Field } from './fields.ts';
import { surfaceKeys } from './words.ts';

type Cells = { readonly [column: string]: string };

export function ItemFields({
  kind,
  cells,
  wrong,
  fixed,
  change,
}: {
  kind: EstateKind;
  cells: Cells;
  /** What the centre found wrong, by column. */
  wrong: { readonly [column: string]: string };
  /** Columns that cannot be changed. */
  fixed: readonly string[];
  change: (column: string, text: string) => void;
}) {
  return (
    <div className="item-fields">
      {fieldsOf(kind).map(([column, field]) => (
        <FieldEntry
          key={column}
          field={field}
          needed={isNeeded(kind, column, field, cells)}
          fixed={fixed.includes(column)}
          wrong={wrong[column]}
          text={cells[column] ?? ''}
          change={(text) => change(column, text)}
        />
      ))}
    </div>
  );
}

/** Lists may be empty, and a name in one language counts for both. */
const isNeeded = (kind: EstateKind, column: string, field: Field, cells: Cells): boolean =>
  !isOptionalColumn(kind, column) &&
  !['list', 'refs', 'surfaces'].includes(field.as) &&
  !(column === 'name_en' && cells['name_zh']) &&
  !(column === 'name_zh' && cells['name_en']);

type Entered = {
  field: Field;
  needed: boolean;
  fixed: boolean;
  wrong: string | undefined;
  text: string;
  change: (text: string) => void;
};

function FieldEntry({ field, needed, fixed, wrong, text, change }: Entered) {
  const { t } = useTexts();
  const common = {
    label: t(field.label),
    description: field.means === undefined ? undefined : t(field.means),
    error: wrong,
    required: needed,
    disabled: fixed,
  };
  const clear = { clearable: !needed && !fixed, clearButtonProps: { 'aria-label': t('web.remove') } };
  switch (field.as) {
    case 'text':
      return <TextInput {...common} value={text} onChange={(event) => change(event.currentTarget.value)} />;
    case 'number':
      // As text: what is no number is told by the centre, and stays to be mended.
      return <TextInput {...common} inputMode="decimal" value={text} onChange={(event) => change(event.currentTarget.value)} />;
    case 'long':
      return (
        <Textarea
          {...common}
          autosize
          minRows={2}
          maxRows={8}
          value={text}
          onChange={(event) => change(event.currentTarget.value)}
        />
      );
    case 'term':
      return (
        <Select
          {...common}
          {...clear}
          data={Object.entries(field.terms).map(([value, key]) => ({ value, label: t(key) }))}
          value={text === '' ? null : text}
          onChange={(value) => change(value ?? '')}
        />
      );
    case 'list':
      return (
        <TagsInput
          {...common}
          splitChars={[',', ';', ' ', '\n']}
          value={entriesOf(text)}
          onChange={(all) => change(joined(all))}
        />
      );
    case 'ref':
      return <Reference common={common} of={field.of} text={text} change={change} />;
    case 'refs':
      return <References common={common} of={field.of} text={text} change={change} />;
    case 'surfaces':
      return <Surfaces common={common} text={text} change={change} />;
    case 'parts':
      return (
        <fieldset className="item-parts">
          <legend>{common.label}</legend>
          <p className="dim small">{common.description}</p>
          <div>
            {Object.entries(field.parts).map(([part, key]) => (
              <Select
                key={part}
                size="xs"
                label={t(key)}
                disabled={fixed}
                clearable
                clearButtonProps={{ 'aria-label': t('web.remove') }}
                data={Object.entries(field.terms).map(([value, term]) => ({ value, label: t(term) }))}
                value={partsOf(text).get(part) ?? null}
                onChange={(value) => {
                  const parts = partsOf(text);
                  if (value === null) parts.delete(part);
                  else parts.set(part, value);
                  change([...parts].map(([name, of]) => `${name}:${of}`).join(';'));
                }}
              />
            ))}
          </div>
          {wrong === undefined ? null : <p className="field-error">{wrong}</p>}
        </fieldset>
      );
  }
}

type Common = { label: string; description: string | undefined; error: string | undefined; required: boolean; disabled: boolean };

/** Ids that are suggested while somebody types. */
const suggestedMax = 20;

/** Items of some kinds that fit what was typed. */
function useSuggestions(of: readonly EstateKind[], typed: string): string[] {
  const [q] = useDebouncedValue(typed.trim(), 200);
  const asked = { filters: {}, ...(q === '' ? {} : { q }) };
  const first = useInfiniteQuery(registerQuery(of[0]!, asked, suggestedMax));
  const second = useInfiniteQuery({ ...registerQuery(of[1] ?? of[0]!, asked, suggestedMax), enabled: of.length > 1 });
  const found = [first, ...(of.length > 1 ? [second] : [])].flatMap(({ data }) => data?.pages[0]?.items ?? []);
  return [...new Set(found.map(({ id }) => id))];
}

function Reference({
  common,
  of,
  text,
  change,
}: {
  common: Common;
  of: readonly EstateKind[];
  text: string;
  change: (text: string) => void;
}) {
  const suggestions = useSuggestions(of, text);
  return <Autocomplete {...common} data={suggestions} filter={({ options }) => options} value={text} onChange={change} />;
}

function References({
  common,
  of,
  text,
  change,
}: {
  common: Common;
  of: readonly EstateKind[];
  text: string;
  change: (text: string) => void;
}) {
  const [typed, setTyped] = useState('');
  const suggestions = useSuggestions(of, typed);
  return (
    <TagsInput
      {...common}
      data={suggestions}
      filter={({ options }) => options}
      splitChars={[',', ';', ' ']}
      searchValue={typed}
      onSearchChange={setTyped}
      value={entriesOf(text)}
      onChange={(all) => change(joined(all))}
    />
  );
}

function Surfaces({ common, text, change }: { common: Common; text: string; change: (text: string) => void }): ReactNode {
  const { t } = useTexts();
  const all = entriesOf(text).map((each) => {
    const colon = each.indexOf(':');
    return { kind: each.slice(0, Math.max(colon, 0)), name: each.slice(colon + 1) };
  });
  // One line more than there is, to write the next.
  const shown = [...all, { kind: 'web', name: '' }];
  const set = (index: number, to: { kind: string; name: string }) =>
    change(joined(shown.with(index, to).flatMap(({ kind, name }) => (name.trim() === '' ? [] : [`${kind}:${name}`]))));
  return (
    <fieldset className="item-parts">
      <legend>{common.label}</legend>
      <p className="dim small">{common.description}</p>
      {shown.map((surface, index) => (
        <div key={index} className="item-surface">
          <Select
            size="xs"
            disabled={common.disabled}
            aria-label={t('estate.surface.kind', { number: index + 1 })}
            allowDeselect={false}
            data={Object.entries(surfaceKeys).map(([value, key]) => ({ value, label: t(key) }))}
            value={surface.kind}
            onChange={(kind) => set(index, { ...surface, kind: kind ?? 'web' })}
          />
          <TextInput
            size="xs"
            disabled={common.disabled}
            aria-label={t('estate.surface.name', { number: index + 1 })}
            value={surface.name}
            onChange={(event) => set(index, { ...surface, name: event.currentTarget.value })}
          />
        </div>
      ))}
      {common.error === undefined ? null : <p className="field-error">{common.error}</p>}
    </fieldset>
  );
}

/** A cell's entries (`model/estate-sheet.ts`): semicolons between them, `\;` within. */
const entriesOf = (text: string): string[] =>
  (text.match(/(?:\\[\\;]|[^;])+/g) ?? [])
    .map((entry) => entry.replace(/\\([\\;])/g, '$1').trimStart())
    .filter((entry) => entry !== '');
const joined = (entries: readonly string[]): string => entries.map((entry) => entry.replace(/[\\;]/g, '\\$&')).join(';');
const partsOf = (text: string): Map<string, string> =>
  new Map(entriesOf(text).map((each) => [each.slice(0, each.indexOf(':')), each.slice(each.indexOf(':') + 1).trim()]));
