/** `forewarn grade --bulk`: a whole collection of incidents under every scheme, as a report. */

import { bulkReport, compileScale, type BulkReport } from '@forewarn/assess/bulk/report';
import { checkHeader, compileCollection, factsOfRow, type BulkIncident } from '@forewarn/assess/bulk/collection';
import { compileQuantification, quantify } from '@forewarn/assess/quantify/quantify';
import type { CompiledScheme } from '@forewarn/assess/grade';
import { csvRows } from '@forewarn/base/csv';
import { Refusal } from '@forewarn/base/refusal';
import type { Content } from '@forewarn/model/content';
import { readFactSheet } from '@forewarn/model/factsheet';
import { render, type Language, type Words } from '@forewarn/model/text';
import type { Terminal } from './command.ts';
import { paint, paragraph, table } from './page.ts';

/** A published collection of all incidents of twenty years has a thousand rows of some kilobytes; this is a ceiling against another kind of file. */
const textMax = 256 * 1024 * 1024;

/** Lines that are complained about by name; the rest is counted. */
const complaintsMax = 20;

export const limits = [
  { name: 'bulk grading: file', value: textMax, unit: 'characters', why: 'A collection of twenty years has four million.' },
  { name: 'bulk grading: complaints', value: complaintsMax, unit: 'lines', why: 'A writer mends the first few and tries again.' },
];

/** What a file held: incidents, and the rows that could not be read. */
type Source = { incidents: Iterable<BulkIncident>; unread: () => number };

/** Grades every row; the exit code is 1 when some could not be read. */
export function gradeBulk(
  { text, file, collection, quantified }: { text: string; file: string; collection: string | undefined; quantified: boolean },
  schemes: readonly CompiledScheme[],
  content: Content,
  { json, language, terminal }: { json: boolean; language: Language; terminal: Terminal },
): number {
  if (text.length > textMax)
    throw new Refusal('file.large', 'The file is too large for a collection of incidents.', {
      place: { file },
      advice: 'Cut it into parts.',
    });
  const complain = complaints(terminal);
  const source =
    collection === undefined ? sheets(text, file, content, complain) : rows(text, file, collection, content, complain);
  const scales = collection === undefined ? [] : [...content.scales.values()].map((scale) => compileScale(scale, content.facts));
  const begun = performance.now();
  const report = bulkReport(schemes, scales, quantified ? withProposedTable(source.incidents, content) : source.incidents);
  const seconds = (performance.now() - begun) / 1000;
  const grades = report.incidents * schemes.length;
  const speed = { seconds: Math.round(seconds * 1000) / 1000, gradesPerSecond: Math.round(grades / Math.max(seconds, 1e-6)) };
  const unread = source.unread();
  terminal.out(
    json
      ? `${JSON.stringify({ ...report, quantified, unread, speed }, null, 2)}\n`
      : show(report, { unread, quantified, ...speed }, schemes, content, language, terminal),
  );
  return unread === 0 ? 0 : 1;
}

/** Plain words from quantities, by the table that the product proposes; nobody signed it, and the report says so. */
function* withProposedTable(incidents: Iterable<BulkIncident>, content: Content): Generator<BulkIncident> {
  const compiled = content.quantification && compileQuantification(content.quantification, content.facts);
  for (const incident of incidents) yield compiled ? { ...incident, facts: quantify(compiled, incident.facts).facts } : incident;
}

function complaints(terminal: Terminal): (refusal: Refusal) => void {
  let told = 0;
  return ({ place, message }) => {
    if (++told <= complaintsMax) terminal.err(`forewarn: ${place.file}:${place.line ?? 1} ${message}\n`);
  };
}

/** A table of a known collection. */
function rows(text: string, file: string, id: string, content: Content, complain: (refusal: Refusal) => void): Source {
  const compiled = compileCollection(content.collections.get(id)!, content.facts);
  let unread = 0;
  function* read(): Generator<BulkIncident> {
    let header: string[] | undefined;
    for (const { line, cells } of csvRows(text)) {
      if (header === undefined) {
        header = cells ?? [];
        checkHeader(compiled, header, file);
      } else if (cells?.length !== header.length) {
        unread++;
        complain(
          new Refusal('collection.row', `The row has ${cells?.length ?? 'no readable'} cells, the header ${header.length}.`, {
            place: { file, line },
          }),
        );
      } else yield factsOfRow(compiled, new Map(header.map((column, i) => [column, cells[i]!])));
    }
  }
  return { incidents: read(), unread: () => unread };
}

/** Lines of fact sheets, each with an `id` or known by its line. */
function sheets(text: string, file: string, content: Content, complain: (refusal: Refusal) => void): Source {
  let unread = 0;
  function* read(): Generator<BulkIncident> {
    let line = 0;
    for (const one of text.split('\n')) {
      line++;
      if (one.trim() === '') continue;
      const sheet = readFactSheet(one, content.facts, file);
      if (!sheet.ok) {
        unread++;
        complain(new Refusal('collection.row', sheet.refusals[0]!.message, { place: { file, line } }));
        continue;
      }
      yield { id: String(line), name: undefined, facts: sheet.value.facts, contradicted: [] };
    }
  }
  return { incidents: read(), unread: () => unread };
}

/** How many missing facts and pairs a person reads before they blur. */
const shownMax = 6;

function show(
  report: BulkReport,
  {
    unread,
    quantified,
    seconds,
    gradesPerSecond,
  }: { unread: number; quantified: boolean; seconds: number; gradesPerSecond: number },
  schemes: readonly CompiledScheme[],
  content: Content,
  language: Language,
  terminal: Terminal,
): string {
  const catalogue = content.texts[language];
  const say = (text: string, values?: Words['values']): string =>
    render({ text, ...(values ? { values } : {}) }, catalogue, language);
  const share = (part: number, whole: number): string => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`);
  const dim = (text: string): string => paint(text, 'dim', terminal);
  const lines: string[] = [
    paint(say('assess.bulk.title', { incidents: report.incidents, schemes: schemes.length }), 'bold', terminal),
    say('assess.bulk.speed', { seconds, speed: gradesPerSecond }),
  ];
  if (quantified) lines.push(say('assess.bulk.quantified'));
  if (unread > 0) lines.push(say('assess.bulk.unread', { count: unread }));
  if (report.contradicted.incidents > 0)
    lines.push(
      say('assess.bulk.contradicted', {
        count: report.contradicted.incidents,
        fact: { text: `fact.${report.contradicted.facts[0]!.fact}` },
      }),
    );
  for (const told of report.schemes) {
    const { scheme } = schemes.find((one) => one.scheme.id === told.scheme)!;
    lines.push('', paint(scheme.title[language], 'bold', terminal));
    const row = (name: string, proven: number, possible: number): string[] => [
      name,
      String(proven),
      share(proven, report.incidents),
      String(possible),
      share(possible, report.incidents),
    ];
    lines.push(
      table([
        [dim(say('assess.bulk.level')), dim(say('assess.show.proven')), '', dim(say('assess.show.possible')), ''],
        ...scheme.levels.map((level) =>
          row(`${level.roman} ${level.name[language]}`, told.proven[level.level] ?? 0, told.possible[level.level] ?? 0),
        ),
        row(say('assess.grade.none'), told.proven.none ?? 0, told.possible.none ?? 0),
      ]),
    );
    lines.push(
      paragraph(
        say('assess.bulk.settled', {
          settled: share(told.settled, report.incidents),
          met: share(told.withCriterion, report.incidents),
        }),
        terminal,
        2,
      ),
    );
    if (told.score)
      lines.push(
        paragraph(
          say('assess.bulk.score', {
            least: told.score.least.toFixed(1),
            mean: told.score.mean.toFixed(1),
            greatest: told.score.greatest.toFixed(1),
          }),
          terminal,
          2,
        ),
      );
    if (told.missing.length > 0) {
      lines.push(`  ${dim(say('assess.show.missing'))}`);
      lines.push(
        table(
          told.missing
            .slice(0, shownMax)
            .map(({ fact, incidents }) => [String(incidents), share(incidents, report.incidents), say(`fact.${fact}`)]),
          4,
        ),
      );
      if (told.missing.length > shownMax)
        lines.push(`    ${dim(say('assess.show.more', { count: told.missing.length - shownMax }))}`);
    }
  }
  if (report.scales.length > 0) {
    lines.push('', paint(say('assess.bulk.scales'), 'bold', terminal));
    lines.push(
      table(
        report.scales.map(({ scale, known, values }) => [
          say(`scale.${scale}`),
          say('assess.bulk.known', { count: known }),
          Object.entries(values)
            .map(([value, count]) => `${value}: ${count}`)
            .join('  '),
        ]),
      ),
    );
  }
  const pairs = report.pairs.filter(({ opposed }) => opposed !== null).toSorted((a, b) => b.opposed! - a.opposed!);
  if (pairs.length > 0) {
    lines.push('', paint(say('assess.bulk.pairs'), 'bold', terminal));
    lines.push(paragraph(dim(say('assess.bulk.pairs.means')), terminal, 2));
    lines.push(
      table([
        [dim(say('assess.bulk.pair')), dim(say('assess.bulk.opposed')), dim(say('assess.bulk.alone')), ''],
        ...pairs
          .slice(0, 2 * shownMax)
          .map(({ schemes: [a, b], opposed, oneAlone }) => [
            `${say(`grade.${a}`)} / ${say(`grade.${b}`)}`,
            `${(100 * opposed!).toFixed(1)} %`,
            String(oneAlone[0]),
            String(oneAlone[1]),
          ]),
      ]),
    );
    if (pairs.length > 2 * shownMax) lines.push(`  ${dim(say('assess.show.more', { count: pairs.length - 2 * shownMax }))}`);
  }
  if (report.furthestApart.length > 0) {
    lines.push('', paint(say('assess.bulk.apart'), 'bold', terminal));
    lines.push(
      table(
        report.furthestApart.map(({ id, name, apart, highest, lowest }) => [
          id,
          apart.toFixed(2),
          `${say(`grade.${highest}`)} > ${say(`grade.${lowest}`)}`,
          (name ?? '').slice(0, 50),
        ]),
      ),
    );
  }
  return `${lines.join('\n')}\n`;
}
