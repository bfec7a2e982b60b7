/**
 * The house's borders, proven from the code itself: who imports whom, what a `package.json` names, where SQL, markup and STIX may
 * stand, and that ARCHITECTURE.md tells the same.
 */

import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

const verbs = ['know', 'sense', 'detect', 'assess', 'respond', 'share', 'prepare', 'guard'] as const;

/** What each package may import, of ours. `base ← model ← verbs ← store ← apps`; the verbs never import one another. */
const allowed: { [workspace: string]: readonly string[] } = {
  base: [],
  model: ['base'],
  ...Object.fromEntries(verbs.map((verb) => [verb, ['base', 'model']])),
  store: ['base', 'model', ...verbs],
  'apps/web': ['base', 'model'],
  'apps/sensor': ['base', 'model', 'sense'],
  'apps/center': ['base', 'model', ...verbs, 'store', 'sensor'],
  'apps/cli': ['base', 'model', ...verbs, 'store', 'center', 'sensor'],
};

/** Packages from elsewhere that would bring a database, a server or a browser below the apps. */
const foreign: { [workspace: string]: readonly RegExp[] } = {
  base: [/./],
  model: [/^(?!zod|yaml)/],
  ...Object.fromEntries(verbs.map((verb) => [verb, [/^(?!zod|yaml)/]])),
  // Documents are set by libraries that reach no disk and no network for what they are given as bytes.
  share: [/^(?!zod|yaml|pdfkit$|fontkit$)/],
};

/** The world outside: `node:` modules that are pure computation may be used anywhere. */
const pureNode = new Set(['node:crypto', 'node:zlib', 'node:util', 'node:buffer']);

type Source = { path: string; workspace: string; text: string; imports: string[]; isTest: boolean };

function walk(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'dist', '.build', '.git', '.forewarn'].includes(entry.name)) return [];
    const path = join(directory, entry.name);
    return entry.isDirectory() ? walk(path) : /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

const importPattern = /^\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

const sources: Source[] = Object.keys(allowed).flatMap((workspace) =>
  walk(join(root, workspace)).map((path) => {
    const text = readFileSync(path, 'utf8');
    // Comments may name whatever they like.
    const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
    const imports = [...code.matchAll(importPattern)].map((match) => (match[1] ?? match[2])!);
    return {
      path: relative(root, path),
      workspace,
      text: code,
      imports,
      isTest: /\.(test|conformance)\.tsx?$|\/testing\/|\/conformance\/|\/dev\//.test(path),
    };
  }),
);

const packageNames = new Map(
  Object.keys(allowed).map((workspace) => [
    JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')).name as string,
    workspace,
  ]),
);

const short = (workspace: string) => workspace.replace('apps/', '');

function ourImports(source: Source): string[] {
  return source.imports.flatMap((name) => {
    const match = /^(@forewarn\/[^/]+)/.exec(name);
    if (match) return [short(packageNames.get(match[1]!) ?? match[1]!)];
    if (!name.startsWith('.')) return [];
    const target = relative(root, resolve(root, dirname(source.path), name));
    return target.startsWith(`${source.workspace}/`) ? [] : [target];
  });
}

describe('borders', () => {
  test('the walk sees the code', () => expect(sources.length).toBeGreaterThan(20));

  test.each(Object.keys(allowed))('%s imports only what stands below it', (workspace) => {
    const wrong = sources
      .filter((source) => source.workspace === workspace && !source.isTest)
      .flatMap((source) =>
        ourImports(source)
          .filter((name) => !allowed[workspace]!.includes(name))
          .map((name) => `${source.path} imports ${name}`),
      );
    expect(wrong).toEqual([]);
  });

  test.each(Object.keys(allowed))('package.json of %s names only what stands below it, and all that it imports', (workspace) => {
    const manifest = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as {
      dependencies?: { [name: string]: string };
      devDependencies?: { [name: string]: string };
    };
    const named = Object.keys(manifest.dependencies ?? {});
    const ours = named.filter((name) => packageNames.has(name)).map((name) => short(packageNames.get(name)!));
    expect(ours.filter((name) => !allowed[workspace]!.includes(name))).toEqual([]);
    const imported = new Set(
      sources
        .filter((source) => source.workspace === workspace && !source.isTest)
        .flatMap((source) => source.imports)
        .filter((name) => !name.startsWith('.') && !name.startsWith('node:') && !name.startsWith('virtual:'))
        .map((name) =>
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
        ),
    );
    const known = [...named, ...Object.keys(manifest.devDependencies ?? {})];
    expect([...imported].filter((name) => !known.includes(name))).toEqual([]);
  });

  test('no database, server or browser below the apps and the store', () => {
    const wrong = sources
      .filter((source) => foreign[source.workspace] && !source.isTest)
      .flatMap((source) =>
        source.imports
          .filter((name) => !name.startsWith('.') && !name.startsWith('@forewarn/') && !name.startsWith('node:'))
          .filter((name) => foreign[source.workspace]!.some((pattern) => pattern.test(name)))
          .map((name) => `${source.path} imports ${name}`),
      );
    expect(wrong).toEqual([]);
  });

  test('clocks, sockets, disks and randomness reach the verbs as arguments', () => {
    const below = new Set(['base', 'model', ...verbs]);
    const wrong = sources
      .filter((source) => below.has(source.workspace) && !source.isTest)
      .flatMap((source) => [
        ...source.imports
          .filter((name) => name.startsWith('node:') && !pureNode.has(name))
          .map((name) => `${source.path} imports ${name}`),
        ...(/\bDate\.now\(\)|\bnew Date\(\)|\bMath\.random\(\)|\bperformance\.now\(\)/.test(source.text)
          ? [`${source.path} asks the time of day or chance`]
          : []),
      ]);
    expect(wrong).toEqual([]);
  });

  test('only the store speaks SQL', () => {
    const sql =
      /['"`]\s*(select\s[\s\S]{0,200}?\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|create\s+(table|policy|role|index)\s|alter\s+table\s)/i;
    const wrong = sources
      .filter((source) => source.workspace !== 'store' && !source.isTest && sql.test(source.text))
      .map((source) => source.path);
    expect(wrong).toEqual([]);
  });

  test('only the workbench and the documents have markup', () => {
    const wrong = sources
      .filter((source) => source.workspace !== 'apps/web' && !source.path.startsWith('share/src/documents/') && !source.isTest)
      // What imaginary websites answer in a recording is not shown to anybody.
      .filter((source) => source.path !== 'prepare/src/activities/pages.ts')
      .filter((source) => source.path.endsWith('.tsx') || /['"`]\s*<(!doctype|html|body|div|table|span)\b/i.test(source.text))
      .map((source) => source.path);
    expect(wrong).toEqual([]);
  });

  test('content is loaded, never imported', () => {
    const wrong = sources
      .filter((source) => source.imports.some((name) => /(^|\/)content\/.*\.(ya?ml|json|csv)$/.test(name)))
      .map((source) => source.path);
    expect(wrong).toEqual([]);
  });

  test('detect cannot reach the truth of a scenario', () => {
    const wrong = sources
      .filter((source) => source.workspace === 'detect' && source.imports.some((name) => name.includes('prepare')))
      .map((source) => source.path);
    expect(wrong).toEqual([]);
  });

  test('ARCHITECTURE.md holds the same table', () => {
    const path = join(root, 'ARCHITECTURE.md');
    expect(existsSync(path)).toBe(true);
    // The formatter pads the cells of tables.
    const text = readFileSync(path, 'utf8').replaceAll(/ +\|/g, ' |');
    expect(text).toContain(`base ← model ← ${verbs.join(' · ')} ← store ← apps`);
    for (const [workspace, below] of Object.entries(allowed)) {
      expect(text).toContain(`| ${workspace} | ${below.join(' · ') || '–'} |`);
    }
  });
});
