#!/usr/bin/env node
/**
 * Generates `docs/reference/` from the code and content, so that the surface of the product is reviewed whenever it
 * changes. `--check` compares instead of writing.
 */

import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { routes as apiRoutes } from '@forewarn/center/api/routes';
import { loadContent } from '@forewarn/center/content';
import { lowestMark, type Condition } from '@forewarn/model/grade';
import { permissions, roles } from '@forewarn/model/permissions';
import { recordTypes } from '@forewarn/model/records/index';
import { migrations } from '@forewarn/store/migrations/index';

const root = resolve(import.meta.dirname, '..');
const target = join(root, 'docs/reference');

function walk(directory: string, pattern: RegExp): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.')) return [];
    const path = join(directory, entry.name);
    return entry.isDirectory() ? walk(path, pattern) : pattern.test(path) ? [path] : [];
  });
}

const sources = walk(root, /\/src\/.*(?<!\.test|\.conformance)\.tsx?$/).sort();

const cell = (text: unknown) => String(text).replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');

function table(head: string[], rows: unknown[][]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');
}

function records(): string {
  const parts = recordTypes.map(
    (type) =>
      `## ${type.log}\n\n${type.means} Source: ${type.source}.\n\n${table(
        ['Column', 'Type', 'Unit', 'Class', 'Meaning'],
        Object.entries(type.columns).map(([name, column]) => [
          `\`${name}\``,
          column.type + (column.always ? '' : ', may be absent'),
          column.unit ?? '',
          column.class,
          column.means,
        ]),
      )}`,
  );
  return `# Records\n\nClass \`content\` and \`personal\` columns do not reach the centre in clear by default; \`secret\` ones are never written.\n\n${parts.join('\n\n')}\n`;
}

function rights(): string {
  return `# Permissions and roles\n\n${table(['Permission', 'Allows'], Object.entries(permissions))}\n\n${table(
    ['Role', 'Permissions'],
    Object.entries(roles).map(([role, list]) => [role, list.join(', ')]),
  )}\n`;
}

/** Every `new Refusal('code', message, { advice })` and what it says, read from the sources. */
function refusals(): string {
  const found = new Map<string, { message: string; advice: string; files: Set<string> }>();
  for (const path of sources) {
    const text = readFileSync(path, 'utf8');
    for (const match of text.matchAll(
      /(?:new Refusal|refus\w*|refusal)\(\s*'([a-z0-9-]+(?:\.[a-z0-9-]+)+)',\s*((?:`(?:[^`\\]|\\.)*`|'(?:[^'\\]|\\.)*'))?(?=([\s\S]{0,600}))/g,
    )) {
      const advice = /advice:\s*(?:`((?:[^`\\]|\\.)*)`|'((?:[^'\\]|\\.)*)')/.exec(match[3]!.split(/new Refusal/)[0]!);
      const entry = found.get(match[1]!) ?? { message: '', advice: '', files: new Set<string>() };
      entry.message ||= (match[2] ?? '').slice(1, -1);
      entry.advice ||= advice?.[1] ?? advice?.[2] ?? '';
      entry.files.add(relative(root, path));
      found.set(match[1]!, entry);
    }
  }
  const plain = (text: string) => text.replaceAll(/\$\{[^}]*\}/g, '…').replaceAll("\\'", "'");
  return `# Refusals\n\nStable codes: in the API's problem documents and on the command line's standard error.\n\n${table(
    ['Code', 'Says', 'What to do', 'From'],
    [...found]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([code, entry]) => [`\`${code}\``, plain(entry.message), plain(entry.advice), [...entry.files].join(', ')]),
  )}\n`;
}

type Limit = { name: string; value: number; unit: string; why: string };

/** Every module that exports `limits` as a list of `{ name, value, unit, why }`. */
async function limits(): Promise<string> {
  const parts: string[] = [];
  for (const path of sources.filter((file) => /export const limits\b/.test(readFileSync(file, 'utf8')))) {
    const module = (await import(pathToFileURL(path).href)) as { limits: unknown };
    const list = (Array.isArray(module.limits) ? module.limits : Object.values(module.limits as object)) as Limit[];
    if (!list.every((limit) => typeof limit === 'object' && limit !== null && 'why' in limit)) continue;
    parts.push(
      `## ${relative(root, path)}\n\n${table(
        ['Limit', 'Value', 'Unit', 'Why'],
        list.map((limit) => [limit.name, limit.value, limit.unit, limit.why]),
      )}`,
    );
  }
  return `# Limits\n\nEvery table, queue and loop that hostile input could grow has a ceiling.\n\n${parts.join('\n\n')}\n`;
}

async function oddities(): Promise<string> {
  const { oddities: catalogue } = (await import('@forewarn/sense/oddities')) as { oddities: { [name: string]: string } };
  return `# Oddities\n\nNames that a \`weird\` record may carry.\n\n${table(
    ['Name', 'Meaning'],
    Object.entries(catalogue).sort(([a], [b]) => (a < b ? -1 : 1)),
  )}\n`;
}

function routes(): string {
  return `# Routes\n\nBelow \`/api/v1\`; shapes stand in \`/api/v1/openapi.json\`. At the root: \`/healthz\`, \`/readyz\`, \`/metrics\`.\n\n${table(
    ['Method', 'Path', 'Needs', 'Does'],
    apiRoutes.map((route) => [route.method.toUpperCase(), `\`${route.path}\``, route.access, route.summary]),
  )}\n`;
}

function condition(when: Condition): string {
  if ('all' in when) return when.all.map(condition).join(' and ');
  if ('any' in when) return `(${when.any.map(condition).join(' or ')})`;
  if ('count' in when) return `at least ${when.count} of (${when.of.map(condition).join('; ')})`;
  if ('is' in when) return `${when.fact} is ${when.is}`;
  const [sign, threshold] = 'above' in when ? ['>', when.above] : ['≥', when.atLeast];
  return `${when.fact} ${sign} ${typeof threshold === 'object' ? `${threshold.value} ${threshold.unit}` : threshold}`;
}

async function gradings(): Promise<string> {
  const { schemes, scales, classes } = await loadContent();
  const parts = [...schemes.values()].map((scheme) => {
    const criteria = table(
      ['Level', 'Criterion', 'When', 'Article', 'Mark'],
      scheme.criteria.map((one) => [
        one.level,
        one.means.en,
        one.unread ? `unread; not without ${condition(one.when)}` : condition(one.when),
        one.article,
        lowestMark(one.citations.map(({ mark }) => mark)),
      ]),
    );
    const matrices = (scheme.matrices ?? []).map((matrix) => {
      const columns = [...new Set(Object.values(matrix.cells).flatMap((row) => Object.keys(row)))];
      return `${matrix.means.en} (${matrix.article})\n\n${table(
        [`${matrix.rows} \\ ${matrix.columns}`, ...columns],
        Object.entries(matrix.cells).map(([row, cells]) => [row, ...columns.map((column) => cells[column] ?? '')]),
      )}`;
    });
    const score = scheme.score
      ? [
          `${scheme.score.means.en} (${scheme.score.article})`,
          table(
            ['Fact', 'Weight', 'Values'],
            scheme.score.parts.map(({ fact, weight, values }) => [
              fact,
              weight,
              Object.entries(values)
                .map(([term, value]) => `${term} ${value}`)
                .join(', '),
            ]),
          ),
          table(
            ['Level', 'From a score of', 'Article', 'Mark'],
            scheme.score.bands.map((band) => [
              band.level,
              band.from ?? 'unread',
              band.article,
              lowestMark(band.citations.map(({ mark }) => mark)),
            ]),
          ),
        ]
      : [];
    return [
      `## ${scheme.id} – ${scheme.title.en}`,
      scheme.note?.en ?? '',
      ...(scheme.criteria.length === 0 ? [] : [criteria]),
      ...matrices,
      ...score,
    ]
      .filter((part) => part !== '')
      .join('\n\n');
  });
  const scaleParts = [...scales.values()].map(
    (scale) =>
      `## ${scale.id} – ${scale.title.en}\n\n${scale.note?.en ?? ''}\n\n${table(
        ['Fact', 'Weight', 'Values'],
        scale.score.parts.map(({ fact, weight, values }) => [
          fact,
          weight,
          Object.entries(values)
            .map(([term, value]) => `${term} ${value}`)
            .join(', '),
        ]),
      )}`,
  );
  const classParts = [...classes.values()].map(
    (catalogue) =>
      `## Classes of ${catalogue.title.en} (fact \`${catalogue.fact}\`)\n\n${catalogue.note?.en ?? ''}\n\n${table(
        ['Code', 'Class', 'Mark', 'Chosen'],
        catalogue.classes.flatMap((one) =>
          [{ ...one }, ...one.subclasses].map(({ code, name, mark }) => [
            code,
            name.en,
            mark,
            one.byHandOnly ? 'by a person, and handed over' : 'by a person',
          ]),
        ),
      )}`,
  );
  const all = [...parts, ...scaleParts, ...classParts].join('\n\n');
  return `# Gradings\n\nMarks: H read in primary text, M in part or second hand, U unverified.\n\n${all}\n`;
}

async function laws(): Promise<string> {
  const { laws: all } = await loadContent();
  const parts = [...all.values()].map(
    (law) =>
      `## ${law.id} – ${law.title.en}\n\n${table(
        ['Duty', 'Who', 'From level', 'To', 'Within', 'Started by', 'Met by', 'Article', 'Mark'],
        law.duties.map((duty) => [
          duty.means.en,
          duty.reporter.join(', '),
          duty.fromLevel ?? '–',
          duty.to.join(', '),
          duty.within,
          duty.startedBy,
          duty.metBy,
          duty.article,
          lowestMark(duty.citations.map(({ mark }) => mark)),
        ]),
      )}`,
  );
  return `# Laws and their clocks\n\n${parts.join('\n\n')}\n`;
}

function sql(): string {
  const parts = migrations.map(({ id, sql: text }) => `## ${id}\n\n\`\`\`sql\n${text.trim()}\n\`\`\``);
  return `# SQL\n\nThe tables of what people change, as the migrations make them, with their row-level security.\n\n${parts.join('\n\n')}\n`;
}

const pages: { [name: string]: () => string | Promise<string> } = {
  'records.md': records,
  'permissions.md': rights,
  'refusals.md': refusals,
  'limits.md': limits,
  'oddities.md': oddities,
  'routes.md': routes,
  'gradings.md': gradings,
  'laws.md': laws,
  'sql.md': sql,
};

const check = process.argv.includes('--check');
let stale = 0;
mkdirSync(target, { recursive: true });
for (const [name, make] of Object.entries(pages)) {
  const path = join(target, name);
  const text = `<!-- Generated by tools/reference.ts. -->\n\n${await make()}`;
  if (!check) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    console.error(`docs/reference/${name} is out of date. Run: node tools/reference.ts`);
    stale++;
  }
}
process.exitCode = stale > 0 ? 1 : 0;
