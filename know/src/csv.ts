/** Reads CSV after RFC 4180: quoted fields with doubled quotes, line ends of both kinds. Never throws: what is wrong has its line. */

export type CsvRow = { line: number; cells: { readonly [column: string]: string } };
export type CsvTrouble = { line: number; kind: 'quote' | 'columns' | 'header' | 'rows' };

/** Rows of one file: a country's register of 200,000 assets is one; beyond this it is divided. */
export const csvRowsMax = 250_000;

/**
 * The rows by column name, and what was wrong with the others. The first line names the columns; a byte-order mark
 * before it (spreadsheets write one) is skipped, as are empty lines and those that begin with `#`.
 */
export function readCsv(text: string): { rows: CsvRow[]; troubles: CsvTrouble[] } {
  const rows: CsvRow[] = [];
  const troubles: CsvTrouble[] = [];
  let header: string[] | undefined;
  for (const record of records(text.startsWith('\ufeff') ? text.slice(1) : text)) {
    if (record.broken) troubles.push({ line: record.line, kind: 'quote' });
    else if (record.cells.length === 1 && record.cells[0]!.trim() === '') continue;
    else if (!header) {
      header = record.cells.map((cell) => cell.trim());
      if (new Set(header).size !== header.length || header.includes('')) troubles.push({ line: record.line, kind: 'header' });
    } else if (rows.length >= csvRowsMax) {
      troubles.push({ line: record.line, kind: 'rows' });
      break;
    } else if (record.cells.length === header.length) {
      rows.push({ line: record.line, cells: Object.fromEntries(header.map((name, i) => [name, record.cells[i]!.trim()])) });
    } else troubles.push({ line: record.line, kind: 'columns' });
  }
  if (!header) troubles.push({ line: 1, kind: 'header' });
  return { rows, troubles };
}

type Raw = { line: number; cells: string[]; broken: boolean };

function* records(text: string): Generator<Raw> {
  let at = 0;
  let line = 1;
  while (at < text.length) {
    if (text[at] === '#') {
      // A note, or the example of a template.
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end + 1;
      line++;
      continue;
    }
    const record: Raw = { line, cells: [], broken: false };
    for (;;) {
      let cell = '';
      if (text[at] === '"') {
        at++;
        for (;;) {
          const end = text.indexOf('"', at);
          // A quote that is never closed swallows the rest; there is no telling where it should have ended.
          if (end < 0) {
            record.broken = true;
            yield record;
            return;
          }
          cell += text.slice(at, end);
          at = end + 1;
          if (text[at] !== '"') break;
          cell += '"';
          at++;
        }
        for (const c of cell) if (c === '\n') line++;
      }
      const rest = /[,\r\n]/g;
      rest.lastIndex = at;
      const end = rest.exec(text)?.index ?? text.length;
      const bare = text.slice(at, end);
      if (cell !== '' && bare.trim() !== '') record.broken = true;
      record.cells.push(cell === '' ? bare : cell);
      at = end;
      if (text[at] !== ',') break;
      at++;
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    line++;
    yield record;
  }
}
