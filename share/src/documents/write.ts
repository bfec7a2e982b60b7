/** A document written out in one language: every text a plain string, nothing left to look up. HTML and PDF are both made from this, so they say the same. */

import type { Tlp } from '@forewarn/model/markings';
import {
  written,
  writtenCell,
  writtenInstant,
  writtenNumber,
  type Block,
  type Document,
  type Piece,
  type Writing,
} from '@forewarn/model/document';

export type Line = {
  label: string;
  points: { at: number; value: number | null; low: number | undefined; high: number | undefined }[];
  /** First, lowest, highest and last value: what the plot says in words. */
  summary: string[];
};

export type WrittenBlock =
  | { kind: 'heading'; text: string }
  | { kind: 'text'; paragraphs: string[] }
  | { kind: 'note'; text: string }
  | { kind: 'figures'; items: { label: string; value: string; note: string; colour: string | null }[] }
  | {
      kind: 'table';
      caption: string;
      columns: { label: string; end: boolean; share: number }[];
      rows: { colour: string | null; cells: string[] }[];
      /** How many rows are not shown; empty when all are. */
      more: string;
      empty: string;
    }
  | {
      kind: 'bars';
      caption: string;
      max: number;
      bars: { label: string; value: number | null; said: string; colour: string | null }[];
    }
  | { kind: 'lines'; caption: string; from: number; to: number; max: number; lines: Line[]; summaryHead: string[] };

export type Written = {
  language: Writing['language'];
  title: string;
  subject: string;
  number: string;
  marking: Tlp;
  issuer: string;
  /** Of what time it speaks. */
  period: string;
  /** Made when, released when and by whom – or that it is a draft. */
  state: string;
  draft: boolean;
  demo: string;
  blocks: WrittenBlock[];
  /** How to handle it, after its marking. */
  handling: string;
  madeAt: number;
  page: (page: number, of: number) => string;
};

/** Signs that no page shows and that could turn text around or break markup. */
// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/** Longest run without a place to break; what is longer is broken so that it stays on its page. */
const runMax = 60;

/** Text from outside as a page can show it. */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\r\n', '\n')
    .replaceAll(unprintable, ' ')
    .replaceAll(new RegExp(`[^\\s\\u2e80-\\u9fff]{${runMax}}(?=\\S)`, 'gu'), '$& ');
}

const inLine = (text: string): string => printable(text).replaceAll(/\s+/g, ' ').trim();

export function writeDocument(document: Document, writing: Writing): Written {
  const say = (piece: Piece): string => inLine(written(piece, writing));
  const words = (text: string, values: { [name: string]: string | number } = {}): string => say({ text, values });
  const { released, from, to, madeAt } = document;
  return {
    language: writing.language,
    title: say(document.title),
    subject: document.subject === null ? '' : say(document.subject),
    number: inLine(document.number),
    marking: document.marking,
    issuer: say(document.issuer),
    period:
      from === to
        ? words('report.document.at', { at: writtenInstant(to) })
        : words('report.document.period', { from: writtenInstant(from), to: writtenInstant(to) }),
    state: released
      ? words('report.document.released', { at: writtenInstant(released.at), by: released.by })
      : words('report.document.draft', { at: writtenInstant(madeAt) }),
    draft: released === null,
    demo: document.demo ? words('report.document.demo') : '',
    handling: words(`report.document.handling.${document.marking.slice(4).toLowerCase()}`),
    madeAt,
    page: (number, pages) => words('report.document.page', { page: number, pages }),
    blocks: document.blocks.map((block) => writeBlock(block, writing, say)),
  };
}

function writeBlock(block: Block, writing: Writing, say: (piece: Piece) => string): WrittenBlock {
  switch (block.kind) {
    case 'heading':
    case 'note':
      return { kind: block.kind, text: say(block.text) };
    case 'text':
      // An author's own paragraphs stay apart.
      return {
        kind: 'text',
        paragraphs: block.paragraphs
          .flatMap((one) => written(one, writing).split('\n'))
          .map(inLine)
          .filter((one) => one !== ''),
      };
    case 'figures':
      return {
        kind: 'figures',
        items: block.items.map(({ label, value, note, colour }) => ({
          label: say(label),
          value: inLine(writtenCell(value, writing)),
          note: note === null ? '' : say(note),
          colour,
        })),
      };
    case 'table':
      return {
        kind: 'table',
        caption: say(block.caption),
        columns: block.columns.map(({ label, end, share }) => ({ label: say(label), end, share })),
        rows: block.rows.map(({ colour, cells }) => ({
          colour,
          cells: block.columns.map((_, i) => inLine(writtenCell(cells[i] ?? null, writing))),
        })),
        more: block.more === 0 ? '' : say({ text: 'report.document.more', values: { count: block.more } }),
        empty: say(block.empty),
      };
    case 'bars':
      return {
        kind: 'bars',
        caption: say(block.caption),
        max: block.max,
        bars: block.bars.map(({ label, value, said, colour }) => ({
          label: say(label),
          value,
          said: inLine(writtenCell(said, writing)),
          colour,
        })),
      };
    case 'lines':
      return {
        kind: 'lines',
        caption: say(block.caption),
        from: block.from,
        to: block.to,
        max: block.max,
        summaryHead: ['series', 'first', 'lowest', 'highest', 'last'].map((one) => say({ text: `report.document.${one}` })),
        lines: block.lines.map(({ label, points }) => {
          const known = points.flatMap(({ value }) => (value === null ? [] : [value]));
          const numbers = known.length === 0 ? [] : [known[0]!, Math.min(...known), Math.max(...known), known.at(-1)!];
          return {
            label: say(label),
            points: points.map(({ at, value, low, high }) => ({ at, value, low, high })),
            summary: [
              say(label),
              ...[0, 1, 2, 3].map((i) => (numbers[i] === undefined ? '–' : writtenNumber(numbers[i], writing))),
            ],
          };
        }),
      };
  }
}

/** Every text of it, for the characters that its font must hold. */
export function textsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null) return Object.values(value).map(textsOf).join('');
  return '';
}
