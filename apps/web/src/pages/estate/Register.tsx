/** A register as a table: asked of the centre with its filters, page after page. */

import { estateFilters, type EstateKind } from '@forewarn/model/estate';
import { Button, Select, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Empty, Waiting } from '../../frame/Page.tsx';
import { Table, type Column } from '../../frame/Table.tsx';
import { useTexts } from '../../session/language.tsx';
import { useQueryText, useSetView } from '../../session/view.ts';
import { equalTo, readQuery, withCondition, writeQuery } from '../../values/terms.ts';
import { registerQuery, useDayShown, wantedOf, type Item } from './asking.ts';
import { fieldsOf } from './fields.ts';
import { FieldValue, ItemLink } from './values.tsx';
import { estateKinds } from './words.ts';

export function Register({ kind }: { kind: EstateKind }) {
  const { t, l, n } = useTexts();
  const text = useQueryText();
  const wanted = useMemo(() => wantedOf(kind, text), [kind, text]);
  const { at } = useDayShown();
  const query = useInfiniteQuery(registerQuery(kind, { ...wanted, at }));
  const columns = useMemo<Column<Item>[]>(
    () => [
      {
        head: t('web.estate.name'),
        main: true,
        cell: (item) => (
          <>
            <ItemLink kind={kind} id={item.id}>
              {l(item.name)}
            </ItemLink>
            <div className="dim mono small">{item.id}</div>
          </>
        ),
      },
      ...fieldsOf(kind)
        .filter(([, field]) => field.listed)
        .map(([column, field]) => ({
          head: t(field.label),
          number: field.as === 'number',
          cell: (item: Item) => <FieldValue column={column} field={field} value={item[column]} />,
        })),
    ],
    [kind, t, l],
  );
  const asks = text.trim() !== '';
  return (
    <>
      <Filters kind={kind} />
      {wanted.unknown.length === 0 ? null : (
        <p role="status" className="field-error">
          {t('estate.query.unknown', { conditions: wanted.unknown, fields: ['organisation', ...estateFilters[kind]] })}
        </p>
      )}
      <Waiting query={query}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) {
            return (
              <Empty icon={asks ? 'search' : 'estate'} title={t(asks ? 'web.estate.noneFit' : 'web.estate.none')}>
                {t(asks ? 'web.noneFit.means' : 'web.estate.none.means')}
              </Empty>
            );
          }
          return (
            <>
              <Table label={t(estateKinds[kind])} rows={items} keyOf={({ id }) => id} columns={columns} />
              <div className="sheet-end">
                <span className="dim" role="status">
                  {t(query.hasNextPage ? 'estate.shownMore' : 'estate.shownAll', { count: n(items.length) })}
                </span>
                {query.hasNextPage ? (
                  <Button
                    variant="default"
                    size="xs"
                    loading={query.isFetchingNextPage}
                    onClick={() => void query.fetchNextPage()}
                  >
                    {t('estate.more')}
                  </Button>
                ) : null}
              </div>
            </>
          );
        }}
      </Waiting>
    </>
  );
}

/** Filters with terms are chosen here; all of them can be written in the query bar. */
function Filters({ kind }: { kind: EstateKind }) {
  const { t } = useTexts();
  const text = useQueryText();
  const setView = useSetView();
  const navigate = useNavigate();
  const { day } = useDayShown();
  const { filters } = useMemo(() => wantedOf(kind, text), [kind, text]);
  const chosen = fieldsOf(kind).flatMap(([column, field]) =>
    field.as === 'term' && estateFilters[kind].includes(column) ? [{ column, field, terms: field.terms }] : [],
  );
  const without = (column: string) => {
    const terms = readQuery(text).terms.filter(({ predicate }) => !(predicate.kind === 'text' && predicate.field === column));
    return writeQuery(terms);
  };
  return (
    <div className="register-filters" role="group" aria-label={t('estate.filters')}>
      {chosen.map(({ column, field, terms }) => (
        <Select
          key={column}
          size="xs"
          aria-label={t(field.label)}
          placeholder={t(field.label)}
          clearable
          clearButtonProps={{ 'aria-label': t('web.remove') }}
          data={Object.entries(terms).map(([value, key]) => ({ value, label: t(key) }))}
          value={filters[column] ?? null}
          onChange={(value) =>
            setView({ q: value === null ? without(column) : withCondition(without(column), equalTo(column, value)) })
          }
        />
      ))}
      <TextInput
        type="date"
        size="xs"
        aria-label={t('estate.day')}
        title={t('estate.day')}
        value={day ?? ''}
        onChange={(event) => {
          const { value } = event.currentTarget;
          void navigate({
            to: '.',
            search: ((previous: Record<string, unknown>) => ({ ...previous, day: value === '' ? undefined : value })) as never,
          });
        }}
      />
      {day === undefined ? null : (
        <span role="status" className="dim">
          {t('estate.day.means', { day })}
        </span>
      )}
    </div>
  );
}
