#!/usr/bin/env node
/**
 * All that CI checks besides the tests, in the order in which trouble is cheapest to mend: format, lint, types, unused code, generated
 * reference, and the conformance suites where their data is present. `--quick` leaves the last out.
 */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);
const dataSet = process.env['FOREWARN_DATA_SET'] ?? resolve(root, '../shared/data');

const steps: { name: string; command: string[]; when?: boolean }[] = [
  { name: 'format', command: [bin('oxfmt'), '--check', '.'] },
  { name: 'lint', command: [bin('oxlint'), '--deny-warnings', '.'] },
  { name: 'types', command: [bin('tsc'), '-p', '.'] },
  { name: 'types of the workbench', command: [bin('tsc'), '-p', 'apps/web'] },
  { name: 'unused code', command: [bin('knip')] },
  { name: 'licences', command: [process.execPath, 'tools/notice.ts', '--check'] },
  { name: 'the capture core is what its source compiles to', command: [process.execPath, 'tools/core.ts', '--check'] },
  { name: 'reference is up to date', command: [process.execPath, 'tools/reference.ts', '--check'] },
  {
    name: 'conformance',
    command: [bin('vitest'), 'run', '--config', 'vitest.conformance.config.ts'],
    when: !process.argv.includes('--quick') && existsSync(dataSet),
  },
];

for (const step of steps) {
  if (step.when === false) {
    console.log(`not run: ${step.name}`);
    continue;
  }
  console.log(`\n== ${step.name}`);
  const [command, ...args] = step.command;
  const { status } = spawnSync(command!, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    console.error(`\n${step.name} failed. Run it alone: ${step.command.map((part) => part.replace(`${root}/`, '')).join(' ')}`);
    process.exit(1);
  }
}
console.log('\nAll checks hold.');
