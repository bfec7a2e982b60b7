#!/usr/bin/env node
/**
 * What `npm start` needs besides the packages: the workbench, and the prepared database directory. Each is made only when what it is
 * made from has changed.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

type Product = { name: string; inputs: string[]; output: string; make(): boolean };

function run(command: string, args: string[]): boolean {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) process.stderr.write(`${stdout}${stderr}`);
  return status === 0;
}

const products: Product[] = [
  {
    name: 'the workbench',
    inputs: ['apps/web', 'model/src', 'base/src', 'package-lock.json'],
    output: 'apps/web/dist/index.html',
    make: () => run('npm', ['run', '--silent', 'build', '-w', 'apps/web']),
  },
  {
    name: 'the database template',
    inputs: ['store/src/postgres', 'package-lock.json'],
    output: '.build/postgres.tar.gz',
    make: () => run(process.execPath, ['store/src/postgres/template.ts', join(root, '.build/postgres.tar.gz')]),
  },
];

function files(path: string): string[] {
  const whole = join(root, path);
  if (!existsSync(whole)) return [];
  if (!readdirSafe(whole)) return [path];
  return readdirSafe(whole)!.flatMap((entry) => (['node_modules', 'dist'].includes(entry) ? [] : files(join(path, entry))));
}

function readdirSafe(path: string): string[] | undefined {
  try {
    return readdirSync(path).sort();
  } catch {
    return undefined;
  }
}

function digest(inputs: string[]): string {
  const hash = createHash('sha256');
  for (const file of inputs.flatMap(files))
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

mkdirSync(join(root, '.build'), { recursive: true });
for (const product of products) {
  const stamp = join(root, '.build', `${product.output.replaceAll('/', '-')}.stamp`);
  const now = digest(product.inputs);
  if (existsSync(join(root, product.output)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === now) continue;
  process.stderr.write(`Building ${product.name} … `);
  const startedAt = Date.now();
  if (!product.make()) {
    process.stderr.write(`failed. Run \`npm run build\` to see it again.\n`);
    process.exit(1);
  }
  writeFileSync(stamp, now);
  process.stderr.write(`${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
}
