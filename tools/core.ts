#!/usr/bin/env node
/**
 * Compiles the core of the capture engine (`sense/core`, AssemblyScript) to WebAssembly and writes it, as text, to
 * `sense/src/core/wasm.ts`, which is kept in the repository: who runs the product compiles nothing. `--check` says whether it is up to date.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const target = join(root, 'sense/src/core/wasm.ts');
const folder = mkdtempSync(join(tmpdir(), 'forewarn-core-'));
const output = join(folder, 'core.wasm');

/** `--runtime stub`: the core makes no objects, so there is nothing to collect. */
const options = ['--runtime', 'stub', '--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert', '--importMemory'];
const compiler = join(root, 'node_modules/assemblyscript/bin/asc.js');
const args = ['sense/core/core.ts', '--outFile', output, ...options];
const { status } = spawnSync(process.execPath, [compiler, ...args], { cwd: root, stdio: 'inherit' });
const binary = status === 0 ? readFileSync(output) : undefined;
rmSync(folder, { recursive: true });
if (!binary) process.exit(1);

const text = `/** The compiled core: made by \`npm run build:core\` from \`sense/core\`, not edited by hand. */

export const wasm =
  '${binary.toString('base64')}';
`;
if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  console.error('sense/src/core/wasm.ts is not what sense/core compiles to. Run: npm run build:core');
  process.exit(1);
}
