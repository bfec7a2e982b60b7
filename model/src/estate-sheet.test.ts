import { csvRows } from '@forewarn/base/csv';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { estateKinds, type EstateKind } from './estate.ts';
import { cellsOfItem, columnsOf, csvLine, csvOf, estateCells, itemOfCells } from './estate-sheet.ts';

const kinds = Object.keys(estateKinds) as EstateKind[];

test('every field of every kind has its column, and no column is of nothing', () => {
  for (const kind of kinds) {
    expect(['name', ...Object.keys(estateCells[kind])].sort()).toEqual(Object.keys(estateKinds[kind].shape).sort());
  }
});

test('what is written in cells is read again, whatever its signs', () => {
  // Blanks at the ends are nobody's meaning, and are taken away.
  const text = fc.string({ minLength: 1 }).map((each) => `${each.trim().replaceAll('\u0000', '')}x`);
  const business = fc.record(
    {
      id: fc.constant('a'),
      name: fc.record({ en: text, zh: text }),
      organisation: fc.constant('b'),
      usersServed: fc.nat(),
      valuePerHourCny: fc.double({ min: 0, noNaN: true }).map(Math.abs),
      surfaces: fc.array(fc.record({ kind: fc.constantFrom('web', 'desk'), name: text })),
      importance: fc.constantFrom('special', 'general'),
      importanceReason: text,
      regions: fc.array(text, { minLength: 1 }),
      toleratedOutageHours: fc.nat(),
    },
    { requiredKeys: ['id', 'name', 'organisation', 'usersServed', 'valuePerHourCny', 'surfaces'] },
  );
  const trimmed = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (_, one: unknown) => (typeof one === 'string' ? one.trim() : one)));
  fc.assert(
    fc.property(business, (item) => {
      const columns = columnsOf('businesses');
      const [row] = [...csvRows(csvOf('businesses', [item]).slice(`${csvLine(columns)}\r\n`.length))];
      const cells = Object.fromEntries(columns.map((name, i) => [name, row!.cells![i]!.trim()]));
      expect(trimmed(itemOfCells('businesses', cells))).toEqual(trimmed(item));
    }),
  );
});

test('parts, an absent overseer and formulas', () => {
  const asset = itemOfCells('assets', {
    id: 'a',
    name_zh: '甲',
    targets: 'availability:high; integrity:low',
    protection: 'detect:3',
  });
  expect(asset).toMatchObject({
    name: { en: '甲', zh: '甲' },
    targets: { availability: 'high', integrity: 'low' },
    protection: { detect: 3 },
    addresses: [],
  });
  expect(Object.keys(asset)).not.toContain('node');
  expect(itemOfCells('organisations', {})).toMatchObject({ overseenBy: null });
  expect(csvLine(['=SUM(A1)', '-73.9', '+86 20 8333', "'@x", '-a'])).toBe("'=SUM(A1),-73.9,+86 20 8333,''@x,'-a");
  expect(itemOfCells('organisations', { contact: "'=SUM(A1)" })).toMatchObject({ contact: '=SUM(A1)' });
});

test('a whole sheet, and things that are no items', () => {
  expect(csvOf('networks', [{ id: 'a', name: { en: 'A, "b"', zh: '甲' }, addresses: ['192.0.2.0/24', '::/0'] }])).toBe(
    `${columnsOf('networks').join(',')}\r\na,"A, ""b""",甲,,,192.0.2.0/24;::/0,,,\r\n`,
  );
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.dictionary(fc.string(), fc.jsonValue()), (kind, item) => {
      itemOfCells(kind, cellsOfItem(kind, item));
    }),
  );
});
