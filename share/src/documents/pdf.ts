/**
 * A document as PDF: A4, its marking on every page, fonts cut to its characters and embedded, plots as vectors; tagged, with title and language, so that it can be
 * searched, copied from and read aloud. The same document gives the same bytes.
 */

// oxlint-disable-next-line import/no-named-as-default
import PDFDocument from 'pdfkit';
import type { Typeface } from './font/typeface.ts';
import { barsPlot, fillOf, ink, linesPlot, type Plot } from './plot.ts';
import { tlpGround, tlpInk, tlpSize } from './tlp.ts';
import { textsOf, type Written, type WrittenBlock } from './write.ts';

type Doc = PDFKit.PDFDocument;

/** Points of A4; the margins hold the header and footer. */
const page = { width: 595.28, height: 841.89, side: 48, top: 74, bottom: 70 } as const;
const width = page.width - 2 * page.side;
const sizes = { title: 20, subject: 12, heading: 13, body: 9.5, small: 8, figure: 16, figureSmall: 13 } as const;

/** Pages that a document may have; a table of 500 rows takes some forty. A document that would grow beyond is cut there, and says so. */
export const pagesMax = 200;

/** Printed on every page beside what the document says. */
const always = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('') + '…–•·';

export async function pdfDocument(document: Written, typeface: Typeface): Promise<Uint8Array> {
  const texts = textsOf(document) + document.page(0, 0) + always;
  const regular = Buffer.from(typeface.fontOf(texts, 'regular', document.language));
  const bold = Buffer.from(typeface.fontOf(texts, 'bold', document.language));
  const doc = new PDFDocument({
    size: 'A4',
    margins: { left: page.side, right: page.side, top: page.top, bottom: page.bottom },
    // A font's bytes, where the declarations know names only; without them the library looks for Helvetica on the disk.
    font: regular as unknown as string,
    bufferPages: true,
    pdfVersion: '1.7',
    lang: document.language === 'zh' ? 'zh-CN' : 'en-GB',
    tagged: true,
    displayTitle: true,
    info: {
      Title: `${document.number} ${document.title}`,
      Author: document.issuer,
      Subject: document.marking,
      Creator: 'Forewarn',
      Producer: 'Forewarn',
      CreationDate: new Date(document.madeAt * 1000),
    },
  });
  const chunks: Uint8Array[] = [];
  const whole = new Promise<void>((done, fail) => {
    doc.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    doc.on('end', () => done());
    doc.on('error', fail);
  });
  doc.registerFont('regular', regular);
  doc.registerFont('bold', bold);
  const root = doc.struct('Document');
  doc.addStructure(root);
  const paper = createPaper(doc, root);
  head(paper, document);
  for (const block of document.blocks) {
    if (doc.bufferedPageRange().count >= pagesMax) break;
    draw(paper, block);
  }
  paper.paragraph(`${document.marking} – ${document.handling}`, { size: sizes.small, fill: ink.dim, above: 14 });
  root.end();
  const { count } = doc.bufferedPageRange();
  for (let i = 0; i < count; i++) {
    doc.switchToPage(i);
    edges(doc, document, document.page(i + 1, count));
  }
  doc.end();
  await whole;
  return Buffer.concat(chunks);
}

type Style = { size: number; font?: 'regular' | 'bold'; fill?: string; above?: number; below?: number; tag?: string };

type Paper = {
  readonly doc: Doc;
  readonly root: PDFKit.PDFStructureElement;
  /** Begins a new page when less than this is left of it. */
  need(height: number): void;
  paragraph(text: string, style: Style): void;
  /** Adds a part of the structure whose content is drawn by `work`. */
  part(tag: string, work: () => void, options?: { alt?: string }, parent?: PDFKit.PDFStructureElement): void;
  /** What is drawn and means nothing: rules, grounds. */
  ornament(work: () => void): void;
};

function createPaper(doc: Doc, root: PDFKit.PDFStructureElement): Paper {
  const end = page.height - page.bottom;
  const paper: Paper = {
    doc,
    root,
    need(height) {
      if (doc.y + Math.min(height, end - page.top) > end) doc.addPage();
    },
    part(tag, work, options = {}, parent = root) {
      const part = doc.struct(tag, options, work);
      parent.add(part);
      part.end();
    },
    ornament(work) {
      doc.markContent('Artifact', { type: 'Layout' });
      work();
      doc.endMarkedContent();
    },
    paragraph(text, { size, font = 'regular', fill = ink.text, above = 0, below = 4, tag = 'P' }) {
      if (text === '') return;
      doc.y += above;
      paper.need(size * 3);
      paper.part(tag, () => {
        doc
          .font(font)
          .fontSize(size)
          .fillColor(fill)
          .text(text, page.side, doc.y, { width, lineGap: size * 0.1 });
      });
      doc.y += below;
    },
  };
  return paper;
}

function head(paper: Paper, document: Written): void {
  paper.paragraph(document.title, { size: sizes.title, font: 'bold', tag: 'H1', below: 2 });
  paper.paragraph(document.subject, { size: sizes.subject, font: 'bold' });
  paper.paragraph(document.period, { size: sizes.body, fill: ink.dim, below: 1 });
  paper.paragraph(document.state, {
    size: sizes.body,
    font: document.draft ? 'bold' : 'regular',
    fill: document.draft ? '#a01515' : ink.dim,
  });
}

function draw(paper: Paper, block: WrittenBlock): void {
  const { doc } = paper;
  switch (block.kind) {
    case 'heading':
      // A heading stays with the beginning of what it heads.
      doc.y += 14;
      paper.need(110);
      paper.paragraph(block.text, { size: sizes.heading, font: 'bold', tag: 'H2', below: 1 });
      paper.ornament(() =>
        doc
          .moveTo(page.side, doc.y)
          .lineTo(page.side + width, doc.y)
          .lineWidth(0.5)
          .strokeColor(ink.rule)
          .stroke(),
      );
      doc.y += 6;
      return;
    case 'text':
      for (const one of block.paragraphs) paper.paragraph(one, { size: sizes.body });
      return;
    case 'note':
      return note(paper, block.text);
    case 'figures':
      return figures(paper, block.items);
    case 'table':
      return table(paper, block);
    case 'bars':
      return plot(paper, block.caption, barsPlot(block, width));
    case 'lines':
      plot(paper, block.caption, linesPlot(block, width));
      return table(paper, {
        kind: 'table',
        caption: '',
        columns: block.summaryHead.map((label, i) => ({ label, end: i > 0, share: i === 0 ? 3 : 1 })),
        rows: block.lines.map(({ summary }) => ({ colour: null, cells: summary })),
        more: '',
        empty: '',
      });
  }
}

function note({ doc, part, ornament, need }: Paper, text: string): void {
  doc.font('regular').fontSize(sizes.body);
  const height = doc.heightOfString(text, { width: width - 20 }) + 10;
  need(height + 6);
  const { y } = doc;
  ornament(() => {
    doc.rect(page.side, y, width, height).fill(ink.ground);
    doc.rect(page.side, y, 3, height).fill(ink.dim);
  });
  part('P', () => doc.fillColor(ink.text).text(text, page.side + 12, y + 5, { width: width - 20 }));
  doc.y = y + height + 6;
}

function figures({ doc, part, ornament, need }: Paper, items: (WrittenBlock & { kind: 'figures' })['items']): void {
  // Five stand in one row; more in rows of four.
  const across = items.length === 5 ? 5 : Math.min(items.length, 4);
  const gap = 8;
  const each = (width - gap * (across - 1)) / across;
  const inner = { width: each - 16 };
  const valueSize = across === 5 ? sizes.figureSmall : sizes.figure;
  for (let i = 0; i < items.length; i += across) {
    const row = items.slice(i, i + across);
    const heights = row.map(({ label, value, note: noted }) => ({
      label: doc.font('regular').fontSize(sizes.small).heightOfString(label, inner),
      value: doc.font('bold').fontSize(valueSize).heightOfString(value, inner),
      note: noted === '' ? 0 : doc.font('regular').fontSize(sizes.small).heightOfString(noted, inner),
    }));
    const label = Math.max(...heights.map((one) => one.label));
    const height = 14 + label + Math.max(...heights.map((one) => one.value + one.note));
    need(height + gap);
    const top = doc.y;
    row.forEach((item, k) => {
      const x = page.side + k * (each + gap);
      ornament(() => {
        doc.rect(x, top, each, height).lineWidth(0.5).strokeColor(ink.rule).stroke();
        if (item.colour !== null) doc.rect(x, top, 3, height).fill(fillOf(item.colour));
      });
      part('P', () => {
        doc
          .font('regular')
          .fontSize(sizes.small)
          .fillColor(ink.dim)
          .text(item.label, x + 9, top + 6, inner);
        doc
          .font('bold')
          .fontSize(valueSize)
          .fillColor(ink.text)
          .text(item.value, x + 9, top + 7 + label, inner);
        if (item.note !== '')
          doc
            .font('regular')
            .fontSize(sizes.small)
            .fillColor(ink.dim)
            .text(item.note, x + 9, doc.y, inner);
      });
    });
    doc.x = page.side;
    doc.y = top + height + gap;
  }
}

function table(paper: Paper, block: WrittenBlock & { kind: 'table' }): void {
  const { doc } = paper;
  if (block.caption !== '') {
    paper.need(60);
    paper.paragraph(block.caption, { size: sizes.body, font: 'bold', above: 4, below: 3 });
  }
  if (block.rows.length === 0) {
    paper.paragraph(block.empty, { size: sizes.body, fill: ink.dim });
    return;
  }
  const shares = block.columns.reduce((sum, { share }) => sum + share, 0);
  const widths = block.columns.map(({ share }) => (share / shares) * width);
  const gutter = 12;
  const cellWidth = (i: number): number => widths[i]! - gutter - (i === 0 ? 6 : 0);
  const heightOf = (cells: readonly string[]): number =>
    Math.max(...cells.map((cell, i) => doc.heightOfString(cell, { width: cellWidth(i) }))) + 6;
  const end = page.height - page.bottom;
  const structure = doc.struct('Table');
  paper.root.add(structure);
  const line = (cells: readonly string[], colour: string | null, isHead: boolean): void => {
    doc.font(isHead ? 'bold' : 'regular').fontSize(sizes.small);
    // A cell taller than a page would be cut by its end; none of ours is, and what comes from outside is limited in length.
    const height = Math.min(heightOf(cells), end - page.top);
    const top = doc.y;
    paper.ornament(() => {
      if (colour !== null) doc.rect(page.side, top + 1, 3, height - 2).fill(fillOf(colour));
      doc
        .moveTo(page.side, top + height)
        .lineTo(page.side + width, top + height)
        .lineWidth(isHead ? 0.8 : 0.4)
        .strokeColor(ink.rule)
        .stroke();
    });
    const row = doc.struct('TR');
    structure.add(row);
    let x = page.side;
    cells.forEach((cell, i) => {
      const left = x + (i === 0 ? 6 : 0);
      const set = (): void => {
        doc
          .font(isHead ? 'bold' : 'regular')
          .fontSize(sizes.small)
          .fillColor(isHead ? ink.dim : ink.text)
          .text(cell, left, top + 3, {
            width: cellWidth(i),
            height: height - 4,
            ellipsis: '…',
            align: block.columns[i]!.end ? 'right' : 'left',
          });
      };
      paper.part(isHead ? 'TH' : 'TD', set, {}, row);
      x += widths[i]!;
    });
    row.end();
    doc.x = page.side;
    doc.y = top + height;
  };
  const labels = block.columns.map(({ label }) => label);
  const headed = (): void => line(labels, null, true);
  doc.font('bold').fontSize(sizes.small);
  paper.need(heightOf(labels) + 30);
  headed();
  for (const { cells, colour } of block.rows) {
    doc.font('regular').fontSize(sizes.small);
    if (doc.y + heightOf(cells) > end) {
      if (doc.bufferedPageRange().count >= pagesMax) break;
      doc.addPage();
      headed();
    }
    line(cells, colour, false);
  }
  structure.end();
  doc.y += 4;
  paper.paragraph(block.more, { size: sizes.small, fill: ink.dim });
  doc.y += 4;
}

function plot(paper: Paper, caption: string, { height, shapes, means }: Plot): void {
  const { doc } = paper;
  paper.need(height + 30);
  paper.paragraph(caption, { size: sizes.body, font: 'bold', above: 4, below: 3 });
  paper.need(height);
  const top = doc.y;
  const left = page.side;
  paper.part(
    'Figure',
    () => {
      for (const shape of shapes) {
        if (shape.kind === 'rect') doc.rect(left + shape.x, top + shape.y, shape.width, shape.height).fill(shape.fill);
        else if (shape.kind === 'dot') doc.circle(left + shape.x, top + shape.y, shape.radius).fill(shape.fill);
        else if (shape.kind === 'area') {
          doc.polygon(...shape.points.map(([x, y]) => [left + x, top + y] as [number, number])).fill(shape.fill);
        } else if (shape.kind === 'line') {
          shape.points.forEach(([x, y], i) => (i === 0 ? doc.moveTo(left + x, top + y) : doc.lineTo(left + x, top + y)));
          if (shape.dash) doc.dash(4, { space: 3 });
          doc.lineWidth(shape.width).strokeColor(shape.stroke).stroke();
          if (shape.dash) doc.undash();
        } else {
          doc.font('regular').fontSize(shape.size).fillColor(shape.fill);
          const long = doc.widthOfString(shape.text);
          const x = shape.anchor === 'start' ? shape.x : shape.anchor === 'end' ? shape.x - long : shape.x - long / 2;
          // A shape's text stands on its line; the library places a text by its top.
          doc.text(shape.text, left + x, top + shape.y - shape.size * 1.05, { lineBreak: false });
        }
      }
    },
    { alt: means },
  );
  doc.x = left;
  doc.y = top + height + 8;
}

/** Header and footer: the marking to the right, 12 points, as the protocol asks; beside it whose document this is, and which page. */
function edges(doc: Doc, document: Written, numbered: string): void {
  // Writing below the bottom margin would begin a page of its own.
  doc.page.margins.bottom = 0;
  doc.markContent('Artifact', { type: 'Pagination' });
  const status = [document.draft ? document.state : '', document.demo].filter((one) => one !== '').join(' · ');
  for (const [y, said, more] of [
    [28, document.issuer, document.number],
    [page.height - 44, `${document.number} · ${numbered}`, status],
  ] as const) {
    doc.font('bold').fontSize(tlpSize);
    const long = doc.widthOfString(document.marking);
    const left = page.width - page.side - long - 12;
    doc.rect(left, y - 3, long + 12, 22).fill(tlpGround);
    doc.fillColor(tlpInk[document.marking]).text(document.marking, left + 6, y, { lineBreak: false });
    doc.font('regular').fontSize(sizes.small).fillColor(ink.dim);
    const room = left - page.side - 12;
    doc.text(said, page.side, y - 2, { width: room, height: 10, ellipsis: '…' });
    if (more !== '') doc.text(more, page.side, y + 9, { width: room, height: 10, ellipsis: '…' });
  }
  doc.endMarkedContent();
}
