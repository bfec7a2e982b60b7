import { columnsOf } from '@forewarn/model/estate-sheet';
import { expect, test } from 'vitest';
import { wantedOf } from './asking.ts';
import {
  cellOf,
  faultsByRow,
  oddRows,
  pasted,
  placed,
  readSheets,
  templateOf,
  withCell,
  withIds,
  written,
  type Sheet,
} from './sheet.ts';
import { examplesOf } from './templates.ts';

const read = (name: string, text: string): Sheet => readSheets(name, text, 'assets')![0]!;

test('faults stand beside the cell of their row, whatever lines the rows have', () => {
  const sheet = read(
    'businesses.csv',
    'id,name_en,name_zh,organisation,usersServed,valuePerHourCny,surfaces\r\n# a note\na,"A\nof two lines",甲,water,many,1,web:x\nb,B,乙,water,1,1,\n',
  );
  expect(sheet.kind).toBe('businesses');
  expect(sheet.rows.map(({ line }) => line)).toEqual([3, 5]);
  const { text, lines, rows } = written(sheet);
  expect(rows).toBe(2);
  expect([...lines]).toEqual([
    [2, 0],
    [4, 1],
  ]);
  expect(text.split('\n')[3]).toMatch(/^b,B/);
  const message = { text: 'know.import.field', values: { problem: 'x' } };
  const faults = faultsByRow(
    'businesses',
    [
      { line: 2, field: 'usersServed', message },
      { line: 4, field: 'name.zh', message },
      { line: 4, field: 'surfaces.0.kind', message },
      { line: 1, field: 'domain', message },
    ],
    lines,
  );
  expect([...faults].map(([row, columns]) => [row, Object.keys(columns)])).toEqual([
    [0, ['usersServed']],
    [1, ['name_zh', 'surfaces']],
    [-1, ['']],
  ]);
  expect(written(withCell(sheet, 0, 'usersServed', '7')).text).toContain('water,7,1,web:x');
});

test('a row with too many cells waits for somebody who looks at it', () => {
  const sheet = read('assets.csv', `${columnsOf('assets').slice(0, 3).join(',')}\na,A,甲,what is this\nb,B,乙\n`);
  expect([...oddRows(sheet).keys()]).toEqual([0]);
  expect([...oddRows(withCell(sheet, 0, 'kind', 'server')).keys()]).toEqual([]);
});

test('a column that the file calls otherwise gets its place; an unknown one is left out', () => {
  const sheet = read('estate.csv', 'ID,Name en,Vendor,Hersteller,Note,purl\na,A,Acme,Beta,hello,\n');
  expect(sheet.kind).toBe('components');
  expect(Object.keys(sheet.foreign)).toEqual(['Hersteller', 'Note']);
  const named = placed(sheet, 'Hersteller', 'version');
  expect(cellOf(named, named.rows[0]!, 'version')).toBe('Beta');
  expect(written(named, { organisation: 'water' }).text.split('\n')[1]).toBe('a,A,,water,,,Acme,Beta,,,,');
});

test('JSON of one kind, of several at once, and what is neither', () => {
  const items = '[{"id":"a","name":{"en":"A","zh":"甲"},"addresses":["192.0.2.1","192.0.2.2"]}]';
  expect(read('assets.json', items).rows[0]!.cells).toMatchObject({ id: 'a', name_zh: '甲', addresses: '192.0.2.1;192.0.2.2' });
  expect(
    readSheets('estate.json', `{"networks":${items},"assets":${items},"other":1}`, 'assets')!.map(({ kind }) => kind),
  ).toEqual(['networks', 'assets']);
  for (const text of ['{', '{"a":1}', '']) expect(readSheets('x.json', text, 'assets')).toBeUndefined();
});

test('a block from a spreadsheet fills cells to the right and rows below', () => {
  const sheet: Sheet = { kind: 'networks', name: '', foreign: {}, rows: [{ key: 0, line: 0, cells: { organisation: 'water' } }] };
  const next = pasted(sheet, { key: 0, column: 'name_en' }, 'A\t甲\r\nB\t乙\r\n', { organisation: 'water' });
  expect(next.rows.map(({ cells }) => cells)).toEqual([
    { organisation: 'water', name_en: 'A', name_zh: '甲' },
    { organisation: 'water', name_en: 'B', name_zh: '乙' },
  ]);
  // A row that holds only what every row begins with is none.
  expect(written(pasted(sheet, { key: 0, column: 'id' }, '', {}), { organisation: 'water' }).rows).toBe(0);
});

test('rows that are typed in get ids from their names, each its own', () => {
  const first = { organisation: 'water' };
  const row = (key: number, cells: { [column: string]: string }) => ({ key, line: 0, cells: { ...first, ...cells } });
  const sheet: Sheet = {
    kind: 'networks',
    name: '',
    foreign: {},
    rows: [row(0, { name_en: 'Plant (north)' }), row(1, { name_en: 'plant north' }), row(2, { name_zh: '水厂' }), row(3, {}), row(4, { id: 'water-x' })], // oxfmt-ignore
  };
  expect(withIds(sheet, first).rows.map(({ cells }) => cells['id'])).toEqual([
    'water-plant-north',
    'water-plant-north-2',
    'water-networks',
    undefined,
    'water-x',
  ]);
});

test('a template holds all columns and one example that is passed by', () => {
  const text = templateOf('assets', 'Written\nin two lines', examplesOf('hospital').assets);
  expect(text.startsWith(`\ufeff${columnsOf('assets').join(',')}\r\n# Written in two lines\r\n#hospital-records,`)).toBe(true);
  expect(read('assets.csv', text).rows).toEqual([]);
  expect(read('assets.csv', text.replace('\r\n#h', '\r\nh')).rows).toMatchObject([{ cells: { kind: 'server' } }]);
});

test('the query bar asks the register for words and for what fields equal, and tells what it cannot ask', () => {
  expect(wantedOf('assets', 'kind:server and records and 10.20.1.21 and not importance:general')).toEqual({
    q: 'records 10.20.1.21',
    filters: { kind: 'server' },
    unknown: ['not importance:general'],
  });
  expect(wantedOf('networks', 'organisation:water and kind:server')).toEqual({
    filters: { organisation: 'water' },
    unknown: ['kind:server'],
  });
});
