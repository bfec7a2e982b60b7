import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { readCsv } from './csv.ts';
import { columnsOf } from '@forewarn/model/estate-sheet';
import { readEstateFile } from './import.ts';

/** Columns that may be missing are left away. */
const header = columnsOf('networks').slice(0, 7).join(',');

describe('an estate from a file', () => {
  test('a network with lists, quotes and both line ends', () => {
    const text = `\ufeff${header}\r\nwater-plant,"Plant, ""north""",水厂,water,control,192.0.2.0/24;2001:db8::/32,water.example\n\n`;
    expect(readEstateFile('networks', 'csv', text)).toEqual({
      faults: [],
      lines: [2],
      items: [
        {
          id: 'water-plant',
          name: { en: 'Plant, "north"', zh: '水厂' },
          organisation: 'water',
          type: 'control',
          addresses: ['192.0.2.0/24', '2001:db8::/32'],
          domains: ['water.example'],
        },
      ],
    });
  });

  test('each fault has its line and field, and nothing is taken', () => {
    const text = [
      header,
      'a,A,甲,water,control,192.0.2.1/24,x..example',
      'b,B,乙,water,pipes,,',
      'c,C,丙,water',
      'a,A,甲,water,control,,',
    ].join('\n');
    const { items, faults } = readEstateFile('networks', 'csv', text);
    expect(items).toEqual([]);
    expect(faults.map(({ line, field, message }) => [line, field, message.text])).toEqual([
      [4, '', 'know.import.columns'],
      [2, 'addresses', 'know.import.address'],
      [2, 'domains', 'know.import.name'],
      [3, 'type', 'know.import.choose'],
      [5, 'id', 'know.import.twice'],
    ]);
  });

  test('notes and the example of a template are passed by', () => {
    const text = `# what the columns mean\n${header}\n#example,A,甲,water,control,,\na,A,甲,water,control,,\n`;
    expect(readEstateFile('networks', 'csv', text)).toMatchObject({ faults: [], lines: [4], items: [{ id: 'a' }] });
  });

  test('a misspelt or missing column is told', () => {
    const { faults } = readEstateFile('networks', 'csv', `${header.replace('domains', 'domain')}\na,A,甲,water,control,,\n`);
    expect(faults.map(({ field, message }) => [field, message.text])).toEqual([
      ['domains', 'know.import.column'],
      ['domain', 'know.import.unknown'],
    ]);
  });

  test('JSON: the place in the list', () => {
    const { faults } = readEstateFile('businesses', 'json', '[{"id":"a"}, 3]');
    expect(new Set(faults.map(({ line }) => line))).toEqual(new Set([1, 2]));
    expect(readEstateFile('businesses', 'json', '{').faults[0]!.message.text).toBe('know.import.json');
    expect(readEstateFile('businesses', 'json', '{}').faults[0]!.message.text).toBe('know.import.list');
  });

  test('an empty number is not zero', () => {
    const columns = columnsOf('businesses').slice(0, 7).join(',');
    const { faults } = readEstateFile('businesses', 'csv', `${columns}\na,A,甲,water,,1,web:x.example\n`);
    expect(faults.map(({ field, message }) => [field, message.text])).toEqual([['usersServed', 'know.import.number']]);
  });

  test('what is wrong is told in words of every language', () => {
    const columns = columnsOf('products').join(',');
    const { faults } = readEstateFile('products', 'csv', `${columns}\nA b,A,甲,,,de,soon,\n`);
    expect(faults.map(({ field, message }) => [field, message.text])).toEqual([
      ['id', 'know.import.slug'],
      ['organisation', 'know.import.missing'],
      ['maker', 'know.import.missing'],
      ['origin', 'know.import.origin'],
      ['replaceability', 'know.import.choose'],
    ]);
    const parts = readEstateFile('assets', 'json', '[{"targets":{"speed":"high"},"protection":{"detect":7},"addresses":3}]');
    expect(parts.faults.find(({ field }) => field === 'targets')!.message).toEqual({
      text: 'know.import.part',
      values: { names: ['speed'] },
    });
    expect(parts.faults.find(({ field }) => field === 'protection.detect')!.message).toEqual({
      text: 'know.import.most',
      values: { max: 4 },
    });
  });

  test('what was written by the rules of RFC 4180 is read back', () => {
    const cell = fc.string().map((text) => text.trim().replaceAll('\r', ''));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
        const kept = rows.filter(([a, b]) => a !== '' || b !== '');
        const text = kept.map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(',')).join('\r\n');
        const { rows: read, troubles } = readCsv(`x,y\n${text}`);
        expect(troubles).toEqual([]);
        expect(read.map(({ cells }) => [cells.x, cells.y])).toEqual(kept);
      }),
    );
  });

  test('any text ends, without a throw', () => {
    fc.assert(fc.property(fc.string(), (text) => void readEstateFile('assets', 'csv', text)));
    fc.assert(fc.property(fc.json(), (text) => void readEstateFile('assets', 'json', text)));
  });
});
