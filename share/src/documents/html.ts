/** A document as one HTML file: nothing fetched, nothing run, plots as vectors, printed as well as read. */

import { barsPlot, fillOf, linesPlot, type Plot, type Shape } from './plot.ts';
import { tlpGround, tlpInk } from './tlp.ts';
import type { Written, WrittenBlock } from './write.ts';

/** Points of an A4 page between its margins; plots are drawn to it and scale. */
const width = 499;

const languageTag = { en: 'en-GB', zh: 'zh-CN' } as const;

export function htmlDocument(document: Written): string {
  const marking = `<span class="tlp" style="color:${tlpInk[document.marking]}">${escaped(document.marking)}</span>`;
  const line = (inner: string): string => (inner === '' ? '' : `<span>${escaped(inner)}</span>`);
  const strip = `${line(document.issuer)}${line(document.number)}${line(document.demo)}${marking}`;
  return `<!doctype html>
<html lang="${languageTag[document.language]}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(`${document.number} ${document.title} – ${document.marking}`)}</title>
<style>${style}</style>
</head>
<body>
<header class="strip">${strip}</header>
<main>
<h1>${escaped(document.title)}</h1>
${document.subject === '' ? '' : `<p class="subject">${escaped(document.subject)}</p>\n`}<p class="dim">${escaped(document.period)}</p>
<p class="${document.draft ? 'draft' : 'dim'}">${escaped(document.state)}</p>
${document.blocks.map(blockHtml).join('\n')}
<p class="dim">${escaped(`${document.marking} – ${document.handling}`)}</p>
</main>
<footer class="strip">${strip}</footer>
</body>
</html>
`;
}

function blockHtml(block: WrittenBlock): string {
  switch (block.kind) {
    case 'heading':
      return `<h2>${escaped(block.text)}</h2>`;
    case 'text':
      return block.paragraphs.map((one) => `<p>${escaped(one)}</p>`).join('\n');
    case 'note':
      return `<p class="note">${escaped(block.text)}</p>`;
    case 'figures': {
      const items = block.items.map(
        ({ label, value, note, colour }) =>
          `<div${edge(colour)}><dt>${escaped(label)}</dt><dd>${escaped(value)}</dd>${note === '' ? '' : `<dd class="dim">${escaped(note)}</dd>`}</div>`,
      );
      return `<dl class="figures">${items.join('')}</dl>`;
    }
    case 'table': {
      if (block.rows.length === 0) return `<p><strong>${escaped(block.caption)}</strong><br>${escaped(block.empty)}</p>`;
      const shares = block.columns.reduce((sum, { share }) => sum + share, 0);
      const columns = block.columns.map(({ share }) => `<col style="width:${((share / shares) * 100).toFixed(1)}%">`).join('');
      const head = block.columns.map(({ label, end }) => `<th scope="col"${end ? ' class="end"' : ''}>${escaped(label)}</th>`);
      const rows = block.rows.map(
        ({ colour, cells }) =>
          `<tr${edge(colour)}>${cells.map((cell, i) => `<td${block.columns[i]!.end ? ' class="end"' : ''}>${escaped(cell)}</td>`).join('')}</tr>`,
      );
      return table(block.caption, head, rows, columns, block.more);
    }
    case 'bars': {
      const rows = block.bars.map(
        ({ label, said }) => `<tr><td>${escaped(label)}</td><td class="end">${escaped(said)}</td></tr>`,
      );
      return figure(block.caption, barsPlot(block, width), `<table><tbody>${rows.join('')}</tbody></table>`);
    }
    case 'lines': {
      const head = block.summaryHead.map((one, i) => `<th scope="col"${i > 0 ? ' class="end"' : ''}>${escaped(one)}</th>`);
      const rows = block.lines.map(
        ({ summary }) => `<tr>${summary.map((one, i) => `<td${i > 0 ? ' class="end"' : ''}>${escaped(one)}</td>`).join('')}</tr>`,
      );
      const twin = `<table><thead><tr>${head.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
      return figure(block.caption, linesPlot(block, width), twin);
    }
  }
}

const edge = (colour: string | null): string => (colour === null ? '' : ` class="edge" style="--edge:${fillOf(colour)}"`);

function table(caption: string, head: readonly string[], rows: readonly string[], columns: string, more: string): string {
  const end = more === '' ? '' : `<p class="dim">${escaped(more)}</p>`;
  return `<div class="wide"><table><caption>${escaped(caption)}</caption><colgroup>${columns}</colgroup><thead><tr>${head.join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>${end}`;
}

function figure(caption: string, plot: Plot, twin: string): string {
  return `<figure><figcaption>${escaped(caption)}</figcaption>
<svg viewBox="0 0 ${plot.width} ${plot.height}" role="img" aria-label="${escaped(plot.means)}">${plot.shapes.map(shapeSvg).join('')}</svg>
<div class="twin">${twin}</div></figure>`;
}

const n = (value: number): string => String(Math.round(value * 10) / 10);
const path = (points: readonly (readonly [number, number])[]): string => points.map(([x, y]) => `${n(x)},${n(y)}`).join(' ');

function shapeSvg(shape: Shape): string {
  switch (shape.kind) {
    case 'rect':
      return `<rect x="${n(shape.x)}" y="${n(shape.y)}" width="${n(shape.width)}" height="${n(shape.height)}" fill="${shape.fill}"/>`;
    case 'line':
      return `<polyline points="${path(shape.points)}" fill="none" stroke="${shape.stroke}" stroke-width="${shape.width}"${shape.dash ? ' stroke-dasharray="4 3"' : ''}/>`;
    case 'area':
      return `<polygon points="${path(shape.points)}" fill="${shape.fill}"/>`;
    case 'dot':
      return `<circle cx="${n(shape.x)}" cy="${n(shape.y)}" r="${shape.radius}" fill="${shape.fill}"/>`;
    case 'text':
      return `<text x="${n(shape.x)}" y="${n(shape.y)}" font-size="${shape.size}" text-anchor="${shape.anchor}" fill="${shape.fill}">${escaped(shape.text)}</text>`;
  }
}

const entities: { readonly [char: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => entities[char]!);

/** Light on every screen: it is a sheet of paper, and is printed as it is read. */
const style = `
:root{color-scheme:light}
body{margin:0;background:#fff;color:#1b1f24;font:15px/1.5 "Noto Sans","Noto Sans SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:760px;margin:0 auto;padding:16px}
.strip{display:flex;flex-wrap:wrap;gap:4px 16px;align-items:center;padding:6px 16px;border-bottom:1px solid #c9ced6;color:#5b6470;font-size:13px}
footer.strip{border:0;border-top:1px solid #c9ced6}
.tlp{margin-left:auto;background:${tlpGround};padding:1px 8px;font-size:16px;font-weight:600;white-space:nowrap}
h1{font-size:26px;line-height:1.25;margin:12px 0 4px}
h2{font-size:18px;line-height:1.3;margin:28px 0 8px;padding-bottom:4px;border-bottom:1px solid #c9ced6}
p{margin:6px 0;overflow-wrap:anywhere}
.subject{font-size:18px;font-weight:600}
.dim{color:#5b6470;font-size:13px}
.draft{border:1px solid #c62828;color:#a01515;padding:6px 10px;font-weight:600}
.note{border-left:4px solid #5b6470;background:#eef1f4;padding:6px 10px}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:8px;margin:10px 0}
.figures>div{border:1px solid #c9ced6;padding:8px 10px}
.figures dt{color:#5b6470;font-size:13px}
.figures dd{margin:0;font-size:18px;line-height:1.35;font-weight:600;overflow-wrap:break-word}
.figures dd.dim{font-size:13px;font-weight:400}
div.edge{border-left:4px solid var(--edge)}
tr.edge td:first-child{box-shadow:inset 4px 0 var(--edge);padding-left:10px}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:10px 0;font-size:13px}
caption,figcaption{text-align:left;font-weight:600;font-size:14px;padding:4px 0}
th,td{text-align:left;vertical-align:top;padding:4px 8px 4px 0;border-bottom:1px solid #e1e5ea;overflow-wrap:anywhere}
th{color:#5b6470;font-weight:600;overflow-wrap:normal}
.end{text-align:right}
figure{margin:14px 0}
svg{display:block;width:100%;height:auto}
svg text{font-family:inherit}
.twin table{font-size:12px;color:#5b6470}
@page{size:A4;margin:16mm}
@media print{main{max-width:none;padding:0}h2{break-after:avoid}figure,tr,.figures>div{break-inside:avoid}.strip{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
@media (max-width:480px){body{font-size:14px}h1{font-size:21px}.strip{padding:6px 10px}main{padding:10px}}
`;
