/** `forewarn grade`: facts → levels, with reasons. */

import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { compileScheme, grade } from '@forewarn/assess/grade';
import { quantityWords, valueWords } from '@forewarn/model/fact-words';
import { nearest } from '@forewarn/base/nearest';
import { Refusal } from '@forewarn/base/refusal';
import { loadContent } from '@forewarn/center/content';
import type { Content } from '@forewarn/model/content';
import { factSheetSchema, readFactSheet, type FactSheet } from '@forewarn/model/factsheet';
import { lowestMark, type Comparison, type Grade, type GradingScheme, type Level, type Mark } from '@forewarn/model/grade';
import { languages, render, type Language, type Words } from '@forewarn/model/text';
import { BadUse, type Command, type Terminal } from './command.ts';
import { gradeBulk } from './grade-bulk.ts';
import { paint, paragraph, table } from './page.ts';

export const command: Command = {
  help: `Usage: forewarn grade FACTS.json [--scheme ID]… [--json]
       forewarn grade --bulk FILE [--collection ID] [--quantified] [--scheme ID]… [--json]
       forewarn grade --schemes [--json]
       forewarn grade --facts

Computes the level of an incident from its facts, in every scheme or in those named. The floor is what the facts
prove, the ceiling what is not known could still make of it. A fact that is not stated is unknown; state 0, false or
the lowest term to exclude it. FACTS.json may be YAML; "-" reads standard input.

    { "facts": { "cii_total_outage_hours": { "value": 90, "unit": "minutes", "by": "duty officer" },
                 "people_affected": { "min": 40000, "max": 200000 }, "persons_leaked": 0 } }

    --scheme ID       only this scheme; may be repeated
    --bulk FILE       grades a whole collection and reports how levels are distributed, what is missing, and where schemes
                      disagree: a line of facts for each incident, or the table of a collection
    --collection ID   the table that FILE is: eurepoc (European Repository of Cyber Incidents 1.1, CSV)
    --quantified      plain words of schemes from quantities, by the proposed quantification table (unsigned)
    --schemes         lists the schemes: id, title, version, confidence
    --facts           prints the JSON Schema of FACTS.json, with every fact
    --language L      en or zh; without it, the locale of the environment
    --json            an array of grades instead of text`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        scheme: { type: 'string', multiple: true },
        bulk: { type: 'string' },
        collection: { type: 'string' },
        quantified: { type: 'boolean' },
        schemes: { type: 'boolean' },
        facts: { type: 'boolean' },
        language: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    const language = chosenLanguage(values.language, terminal);
    const content = await loadContent();
    if (values.facts) {
      refusePositionals(positionals, '--facts');
      terminal.out(`${JSON.stringify(factSheetSchema(content.facts), null, 2)}\n`);
      return 0;
    }
    if (values.schemes) {
      refusePositionals(positionals, '--schemes');
      listSchemes(content, values.json ?? false, language, terminal);
      return 0;
    }
    const schemes = chosen(inOrder(content.schemes), values.scheme, 'scheme');
    if (values.bulk !== undefined) {
      refusePositionals(positionals, '--bulk FILE');
      const [collection] = chosen(content.collections, values.collection === undefined ? [] : [values.collection], 'collection');
      const text = values.bulk === '-' ? new TextDecoder().decode(await terminal.readIn()) : await readText(values.bulk);
      return gradeBulk(
        {
          text,
          file: values.bulk === '-' ? 'standard input' : values.bulk,
          collection: collection?.id,
          quantified: values.quantified ?? false,
        },
        schemes.map((scheme) => compileScheme(scheme, content.facts)),
        content,
        { json: values.json ?? false, language, terminal },
      );
    }
    if (values.collection !== undefined || values.quantified)
      throw new BadUse('--collection and --quantified are about the file of --bulk; name one.');
    const sheet = await readSheet(positionals, content, terminal);
    const grades = schemes.map((scheme) => grade(compileScheme(scheme, content.facts), sheet.facts));
    terminal.out(values.json ? `${JSON.stringify(grades, null, 2)}\n` : show(grades, content, language, terminal));
    return 0;
  },
};

/** The language of an option, or the terminal's. */
export function chosenLanguage(option: string | undefined, terminal: Terminal): Language {
  if (option === undefined) return terminal.language;
  const language = languages.find((candidate) => candidate === option);
  if (!language) throw new BadUse(`There is no language "${option}"; there are ${languages.join(' and ')}.`);
  return language;
}

export function refusePositionals(positionals: readonly string[], option: string): void {
  if (positionals.length > 0) throw new BadUse(`${option} takes no file; "${positionals[0]}" is one too many.`);
}

/** The things named, or all; an unknown name is answered with the nearest one. */
export function chosen<T>(all: ReadonlyMap<string, T>, ids: readonly string[] | undefined, what: string): T[] {
  if (!ids) return [...all.values()];
  return [...new Set(ids)].map((id) => {
    const found = all.get(id);
    if (found !== undefined) return found;
    const near = nearest(id, all.keys());
    throw new Refusal('content.unknown', `There is no ${what} "${id}".${near === undefined ? '' : ` Did you mean "${near}"?`}`, {
      place: { field: `--${what}` },
      advice: `There are ${[...all.keys()].join(', ')}.`,
    });
  });
}

/** Reads the fact sheet that was named; every complaint about it at once. */
export async function readSheet(positionals: readonly string[], content: Content, terminal: Terminal): Promise<FactSheet> {
  const [file, ...more] = positionals;
  if (file === undefined) throw new BadUse('Name a file of facts, or "-" for standard input.');
  if (more.length > 0) throw new BadUse(`One file of facts is read at a time; "${more[0]}" is one too many.`);
  const text = file === '-' ? new TextDecoder().decode(await terminal.readIn()) : await readText(file);
  const read = readFactSheet(text, content.facts, file === '-' ? 'standard input' : file);
  if (!read.ok) throw new AggregateError(read.refusals, 'facts');
  return read.value;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why: { [code: string]: string } = {
      ENOENT: 'There is no such file.',
      EACCES: 'The file may not be read.',
      EISDIR: 'This is a folder, not a file.',
    };
    throw new Refusal('file.unreadable', why[code] ?? 'The file could not be read.', {
      place: { file },
      cause: error,
      advice: 'Name a readable file of facts.',
    });
  }
}

/** Schemes in force before withdrawn ones, the newest first. */
function inOrder(schemes: ReadonlyMap<string, GradingScheme>): ReadonlyMap<string, GradingScheme> {
  const key = (scheme: GradingScheme): string => `${scheme.withdrawn === undefined ? 1 : 0}${scheme.effective ?? ''}`;
  return new Map([...schemes].sort(([, a], [, b]) => (key(a) < key(b) ? 1 : -1)));
}

/** The least sure mark among all values of a scheme. */
function schemeMark(scheme: GradingScheme): Mark {
  const citations = [
    ...scheme.criteria,
    ...(scheme.matrices ?? []),
    ...(scheme.residual ? [scheme.residual] : []),
    ...(scheme.score ? [...scheme.score.parts, ...scheme.score.bands] : []),
  ].flatMap((part) => part.citations);
  return lowestMark(citations.map((citation) => citation.mark));
}

function listSchemes(content: Content, json: boolean, language: Language, terminal: Terminal): void {
  const say = (text: string, values?: Words['values']): string =>
    render({ text, ...(values ? { values } : {}) }, content.texts[language], language);
  const schemes = [...inOrder(content.schemes).values()];
  if (json) {
    const list = schemes.map((scheme) => ({
      id: scheme.id,
      title: scheme.title[language],
      version: scheme.version,
      confidence: schemeMark(scheme),
      titles: scheme.title,
      jurisdiction: scheme.jurisdiction,
      effective: scheme.effective ?? null,
      withdrawn: scheme.withdrawn ?? null,
    }));
    terminal.out(`${JSON.stringify(list, null, 2)}\n`);
    return;
  }
  const since = (scheme: GradingScheme): string =>
    scheme.withdrawn
      ? say('assess.show.withdrawn', { date: scheme.withdrawn })
      : scheme.effective
        ? say('assess.show.effective', { date: scheme.effective })
        : '';
  terminal.out(`${table(schemes.map((scheme) => [scheme.id, schemeMark(scheme), since(scheme), scheme.title[language]]))}\n\n`);
  terminal.out(`  ${(['H', 'M', 'U'] as const).map((mark) => say(`assess.mark.${mark}`)).join('   ')}\n`);
}

/** How many thresholds and unknown facts a person reads before they blur. */
const shownMax = 5;

function show(grades: readonly Grade[], content: Content, language: Language, terminal: Terminal): string {
  const catalogue = content.texts[language];
  const say = (text: string, values?: Words['values']): string =>
    render({ text, ...(values ? { values } : {}) }, catalogue, language);
  const level = (each: Level | null): string =>
    each === null ? say('assess.grade.none') : paint(`${each.roman} ${each.name[language]}`, each.colour, terminal);
  const parts: string[] = [];
  const head = ['scheme', 'proven', 'possible', 'mark'].map((key) => paint(say(`assess.show.${key}`), 'dim', terminal));
  const rows = grades.map((each) => [
    say(`grade.${each.scheme}`),
    level(each.floorLevel),
    level(each.ceilingLevel),
    each.confidence,
  ]);
  parts.push(`${table([head, ...rows])}\n`);
  for (const each of grades) {
    const lines: string[] = ['', paint(content.schemes.get(each.scheme)!.title[language], 'bold', terminal)];
    for (const words of each.words) lines.push(paragraph(render(words, catalogue, language), terminal, 2));
    if (each.fired.length > 0) {
      lines.push('', `  ${paint(say('assess.show.why'), 'dim', terminal)}`);
      for (const criterion of each.fired) {
        lines.push(
          paragraph(
            `${criterion.means[language]} [${criterion.mark}] ${criterion.article}${criterion.judged ? ` · ${say('assess.show.judged')}` : ''}`,
            terminal,
            6,
            '    ● ',
          ),
        );
        const compared = criterion.comparisons.filter((comparison) => comparison.holds === 'yes');
        lines.push(
          table(
            compared.map((comparison) => comparisonRow(comparison, content, language)),
            6,
          ),
        );
      }
    }
    if (each.disputes.length > 0) {
      lines.push('', `  ${paint(say('assess.show.dispute'), 'dim', terminal)}`);
      for (const dispute of each.disputes)
        lines.push(paragraph(render(dispute.words, catalogue, language), terminal, 6, '    △ '));
    }
    if (each.nextThresholds.length > 0) {
      lines.push('', `  ${paint(say('assess.show.next'), 'dim', terminal)}`);
      for (const next of each.nextThresholds.slice(0, shownMax))
        lines.push(paragraph(`${render(next.words, catalogue, language)} [${next.mark}]`, terminal, 6, '    ▲ '));
      if (each.nextThresholds.length > shownMax)
        lines.push(`      ${paint(say('assess.show.more', { count: each.nextThresholds.length - shownMax }), 'dim', terminal)}`);
    }
    if (each.factsMissing.length > 0) {
      lines.push('', `  ${paint(say('assess.show.missing'), 'dim', terminal)}`);
      const romanOf = (number: number): string =>
        content.schemes.get(each.scheme)!.levels.find((one) => one.level === number)?.roman ?? String(number);
      const missing = each.factsMissing.slice(0, 2 * shownMax);
      lines.push(
        table(
          missing.map(({ fact, couldReach }) => [`≤ ${romanOf(couldReach)}`, say(`fact.${fact}`), fact]),
          4,
        ),
      );
      if (each.factsMissing.length > missing.length)
        lines.push(
          `      ${paint(say('assess.show.more', { count: each.factsMissing.length - missing.length }), 'dim', terminal)}`,
        );
    }
    parts.push(`${lines.join('\n')}\n`);
  }
  return parts.join('');
}

function comparisonRow(comparison: Comparison, content: Content, language: Language): string[] {
  const say = (words: Words): string => render(words, content.texts[language], language);
  const stated = say(valueWords(comparison.fact, comparison.stated, comparison.unit));
  const { fact, atLeast, above, unit, points } = comparison;
  const wanted = (value: number | string): Words =>
    typeof value === 'number' && unit ? quantityWords(value, unit) : { text: `fact.${fact}.${value}` };
  const threshold = points
    ? say(
        points.min === points.max
          ? { text: 'assess.show.points', values: { points: points.min, of: points.of } }
          : { text: 'assess.show.points.range', values: points },
      )
    : above !== undefined
      ? say({ text: 'assess.show.above', values: { above: wanted(above) } })
      : atLeast !== undefined
        ? say({ text: 'assess.show.at-least', values: { atLeast: wanted(atLeast) } })
        : '';
  return [say({ text: `fact.${comparison.fact}` }), stated, threshold];
}
