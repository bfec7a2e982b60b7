/** Rows of a CSV text (RFC 4180: quoted cells may hold commas, quotation marks and line ends). */

/** A row; `cells` is missing where a quotation never closes or the row is too long, `bare` is its first line as it stands. */
export type CsvRow = { line: number; cells: string[] | undefined; bare: string };

/** Longest row; a URL of four thousand characters with its note fits. */
export const csvRowMax = 20_000;

/** Reads row after row, without empty lines and lines that begin with `#`. */
export function* csvRows(text: string): Generator<CsvRow> {
  let at = text.startsWith('\ufeff') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    let end = text.indexOf('\n', at);
    if (end < 0) end = text.length;
    const bare = text.slice(at, end).replace(/\r$/, '');
    if (bare.trim() === '' || bare.trimStart().startsWith('#')) {
      at = end + 1;
      line++;
      continue;
    }
    if (!bare.includes('"')) {
      yield { line, cells: bare.length > csvRowMax ? undefined : bare.split(','), bare };
      at = end + 1;
      line++;
      continue;
    }
    const row = quotedRow(text, at);
    yield { line, cells: row?.cells, bare };
    // A quotation that never closes spoils its own line only.
    const next = row?.end ?? end;
    for (let i = at; i < next; i++) if (text.charCodeAt(i) === 10) line++;
    line++;
    at = next + 1;
  }
}

function quotedRow(text: string, from: number): { cells: string[]; end: number } | undefined {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  const limit = Math.min(text.length, from + csvRowMax);
  for (let i = from; i <= limit; i++) {
    const c = text[i];
    if (quoted) {
      if (c === undefined) return undefined;
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') {
        cell += '"';
        i++;
      } else quoted = false;
    } else if (c === '"' && cell.trim() === '') {
      quoted = true;
      cell = '';
    } else if (c === ',') {
      cells.push(cell);
      cell = '';
    } else if (c === '\n' || c === undefined) {
      cells.push(cell.replace(/\r$/, ''));
      return { cells, end: i };
    } else cell += c;
  }
  return undefined;
}
