import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { Table, type Column } from './Table.tsx';

type Link = { id: string; name: string; bytes: number; closed: boolean };

const links: readonly Link[] = [
  { id: 'north', name: 'North', bytes: 7, closed: false },
  { id: 'south', name: 'South', bytes: 0, closed: true },
];

const columns: readonly Column<Link>[] = [
  { head: 'Name', main: true, cell: ({ name }) => name },
  { head: 'Bytes', number: true, className: 'mono', cell: ({ bytes }) => bytes },
  { head: 'Acts', headHidden: true, cell: () => 'Close' },
];

const markup = (more: object = {}) =>
  renderToStaticMarkup(
    createElement(Table<Link>, { label: 'Links', rows: links.slice(0, 1), keyOf: ({ id }) => id, columns, ...more }),
  );

test('a card says beside each value what its column is called, save beside its title and its buttons', () => {
  expect(markup()).toBe(
    '<div class="table-scroll" role="region" aria-label="Links" tabindex="0"><table class="table table-cards">' +
      '<thead><tr><th scope="col">Name</th><th scope="col" class="number">Bytes</th>' +
      '<th scope="col"><span class="visually-hidden">Acts</span></th></tr></thead>' +
      '<tbody><tr data-row="true" tabindex="-1"><td class="cell-main">North</td>' +
      '<td class="number mono" data-label="Bytes">7</td><td>Close</td></tr></tbody></table></div>',
  );
});

test('what stays rows has no labels; what is still is passed by the keys and may head its rows', () => {
  expect(markup({ form: 'rows' })).not.toContain('data-label');
  expect(markup({ form: 'rows' })).toContain('data-row');
  const still = markup({ form: 'still', columns: [{ head: 'Name', rowHead: true, cell: ({ name }: Link) => name }] });
  expect(still).toContain('<table class="table">');
  expect(still).toContain('<tr><th scope="row">North</th></tr>');
});

test('what is over stands back', () => {
  const rows = markup({ rows: links, over: ({ closed }: Link) => closed }).match(/<tr data-row[^>]*>/g)!;
  expect(rows.map((row) => row.includes('data-over="true"'))).toEqual([false, true]);
});
