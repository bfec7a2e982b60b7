#!/usr/bin/env node
/**
 * Generates `docs/reference/` from the code and content, so that the surface of the product is reviewed whenever it
 * changes. `--check` compares instead of writing.
 */

import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { permissions, roles } from '@forewarn/model/permissions';
import { recordTypes } from '@forewarn/model/records/index';

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
      /(?:new Refusal|refus\w*|refusal)\(\s*'([a-z0-9-]+(?:\.[a-z0-9-]+)+)',\s*((?:`(?:[^`\\]|\\.)*`|'(?:[^'\\]|\\.)*'))?([\s\S]{0,600})/g,
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

const pages: { [name: string]: () => string | Promise<string> } = {
  'records.md': records,
  'permissions.md': rights,
  'refusals.md': refusals,
  'limits.md': limits,
  'oddities.md': oddities,
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
