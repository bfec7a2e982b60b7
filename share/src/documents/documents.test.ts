/** Documents before they meet a page: what hostile texts become, what plots draw, and what a sheet of HTML holds. PDFs are read back in the centre's tests. */

import { describe, expect, test } from 'vitest';
import * as fontkit from 'fontkit';
import { Document, type Block } from '@forewarn/model/document';
import { languages, type Catalogue } from '@forewarn/model/text';
import type { Outline } from './font/outlines.ts';
import { rangesOf } from './font/outlines.ts';
import { trueTypeFont } from './font/truetype.ts';
import { htmlDocument } from './html.ts';
import { barsPlot, fitted, aboutWidth, linesPlot } from './plot.ts';
import { tlpInk } from './tlp.ts';
import { printable, writeDocument, type WrittenBlock } from './write.ts';

const catalogue: Catalogue = new Map([
  ['report.document.period', '{from} to {to}'],
  ['report.document.more', 'and {count} more'],
  ['report.document.draft', 'DRAFT'],
]);

const at = 1_764_000_000;
const documentOf = (blocks: Block[], more: Partial<Document> = {}): Document =>
  Document.parse({
    title: { en: 'Daily report', zh: '日报' },
    subject: null,
    number: 'SR-2025-0001',
    marking: 'TLP:AMBER+STRICT',
    issuer: { en: 'The centre', zh: '中心' },
    from: at - 86_400,
    to: at,
    madeAt: at,
    released: null,
    demo: false,
    blocks,
    ...more,
  });
const htmlOf = (blocks: Block[], more: Partial<Document> = {}, language: 'en' | 'zh' = 'en'): string =>
  htmlDocument(writeDocument(documentOf(blocks, more), { language, catalogue }));

describe('text from outside', () => {
  test('is shown as text, never taken as markup', () => {
    const hostile = `</p><script>alert(1)</script><img src=x onerror="x">'&`;
    const html = htmlOf([
      { kind: 'heading', text: hostile },
      { kind: 'text', paragraphs: [hostile] },
      { kind: 'note', text: hostile },
      { kind: 'figures', items: [{ label: hostile, value: hostile, note: hostile, colour: 'red' }] },
      {
        kind: 'table',
        caption: hostile,
        columns: [{ label: hostile, end: false, share: 1 }],
        rows: [{ colour: null, cells: [hostile] }],
        more: 3,
        empty: '',
      },
      { kind: 'bars', caption: hostile, max: 1, bars: [{ label: hostile, value: 1, said: hostile, colour: null }] },
      {
        kind: 'lines',
        caption: hostile,
        from: 0,
        to: 10,
        max: 1,
        lines: [{ label: hostile, points: [{ at: 5, value: 1 }] }],
      },
    ], { title: hostile, subject: hostile, issuer: hostile, number: '<b>1' }); // oxfmt-ignore
    expect(html).not.toMatch(/<script|<img|<b>/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('and 3 more');
  });

  test('loses what turns it around or hides in it, and breaks where it would run off the page', () => {
    expect(printable('a\u0000b\u202ec\u200bd\ufeff\ud800')).toBe('a b c d \ufffd');
    expect(printable('x'.repeat(130)).split(' ').map((part) => part.length)).toEqual([60, 60, 10]); // oxfmt-ignore
    expect(printable('能源'.repeat(60))).not.toContain(' ');
  });

  test('keeps an author’s paragraphs apart', () => {
    const [block] = writeDocument(documentOf([{ kind: 'text', paragraphs: ['One.\r\n\r\nTwo.\nThree.'] }]), {
      language: 'en',
      catalogue,
    }).blocks;
    expect(block).toEqual({ kind: 'text', paragraphs: ['One.', 'Two.', 'Three.'] });
  });
});

describe('a sheet of HTML', () => {
  test('fetches and runs nothing, says its language, and is marked above and below in FIRST’s colours', () => {
    for (const language of languages) {
      const html = htmlOf([], {}, language);
      expect(html).toContain(`<html lang="${language === 'zh' ? 'zh-CN' : 'en-GB'}">`);
      expect(html).toContain(`default-src 'none'`);
      expect(html).not.toMatch(/src=|url\(|@import|<link/);
      expect(html.match(/class="tlp"/g)).toHaveLength(2);
      expect(html).toContain(`color:${tlpInk['TLP:AMBER+STRICT']}`);
    }
  });

  test('of a draft says so', () => {
    expect(htmlOf([])).toContain('class="draft"');
    expect(htmlOf([], { released: { at, by: 'officer' } })).not.toContain('class="draft"');
  });

  test('an empty table says that there is nothing', () => {
    const html = htmlOf([
      {
        kind: 'table',
        caption: 'Incidents',
        columns: [{ label: 'No.', end: false, share: 1 }],
        rows: [],
        more: 0,
        empty: 'None.',
      },
    ]);
    expect(html).toContain('None.');
    expect(html).not.toContain('<table>');
  });
});

describe('plots', () => {
  const bars: WrittenBlock & { kind: 'bars' } = {
    kind: 'bars',
    caption: 'Levels',
    max: 8,
    bars: [
      { label: 'I', value: 8, said: '8', colour: 'red' },
      { label: 'II', value: 4, said: '4', colour: 'orange' },
      { label: 'III', value: 0, said: '0', colour: 'yellow' },
      { label: 'IV', value: null, said: '–', colour: 'blue' },
    ],
  };

  test('a bar is as long as its number; none has no bar, and nothing known has none either', () => {
    const { shapes, means } = barsPlot(bars, 500);
    const filled = shapes.flatMap((one) => (one.kind === 'rect' && one.fill !== '#eef1f4' ? [one.width] : []));
    expect(filled).toHaveLength(2);
    expect(filled[0]! / filled[1]!).toBeCloseTo(2);
    expect(means).toBe('Levels: I 8; II 4; III 0; IV –');
  });

  test('a line has a gap where nothing is known, and stays in its frame whatever the numbers', () => {
    const point = (second: number, value: number | null) => ({ at: second, value, low: undefined, high: undefined });
    const { shapes, width, height } = linesPlot(
      {
        kind: 'lines',
        caption: '',
        from: 0,
        to: 100,
        max: 10,
        summaryHead: [],
        lines: [
          {
            label: 'a',
            points: [point(-50, 1), point(10, 5000), point(20, null), point(30, -9), point(400, 2)],
            summary: ['a'],
          },
        ],
      },
      500,
    );
    const lines = shapes.filter((one) => one.kind === 'line' && one.width === 1.6);
    // The line of the legend, and two parts.
    expect(lines).toHaveLength(3);
    for (const shape of shapes) {
      if (shape.kind !== 'line') continue;
      for (const [x, y] of shape.points) expect(x >= 0 && x <= width && y >= 0 && y <= height).toBe(true);
    }
  });

  test('a label too long is cut and says so', () => {
    const cut = fitted('国家能源局电力调度通信中心第一分中心', 9, 60);
    expect(cut.endsWith('…')).toBe(true);
    expect(aboutWidth(cut, 9)).toBeLessThanOrEqual(60);
  });
});

describe('a font of a document', () => {
  const square = (advance: number): Outline => ({
    advance,
    contours: [
      [
        { x: 0, y: 0, on: true },
        { x: 0, y: 500, on: true },
        { x: 500, y: 500, on: true },
        { x: 500, y: 0, on: true },
      ],
    ],
  });
  const vertical = { ascent: 1160, descent: -288, capHeight: 733, xHeight: 543 };
  const bytes = trueTypeFont(new Map([[0x4e2d, square(1000)], [0x41, square(600)], [0x42, square(610)], [0x1f600, square(1000)]]), { family: 'Test', style: 'Regular', weight: 400 }, vertical); // oxfmt-ignore

  test('is read by another program, character by character', () => {
    const font = fontkit.create(Buffer.from(bytes)) as fontkit.Font;
    expect(font.postscriptName).toBe('Test-Regular');
    expect([...font.characterSet].sort((a, b) => a - b)).toEqual([0x41, 0x42, 0x4e2d, 0x1f600]);
    expect(font.glyphsForString('中A😀').map(({ advanceWidth }) => advanceWidth)).toEqual([1000, 600, 1000]);
    expect(font.glyphForCodePoint(0x4e2d).path.toSVG()).toBe('M0 0L0 500L500 500L500 0Z');
    // What it lacks is an empty box.
    expect(font.glyphForCodePoint(0x43).id).toBe(0);
    expect([font.ascent, font.descent, font.unitsPerEm]).toEqual([1160, -288, 1000]);
  });

  test('its checksum is that of the format', () => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let sum = 0;
    for (let i = 0; i < bytes.length; i += 4) sum = (sum + view.getUint32(i)) >>> 0;
    expect(sum).toBe(0xb1b0_afba);
  });
});

test('a unicode-range is read', () => {
  expect(rangesOf('U+0000-00FF, U+20AC,U+1f1e9-1f1f5')).toEqual([
    [0, 0xff],
    [0x20ac, 0x20ac],
    [0x1f1e9, 0x1f1f5],
  ]);
});
