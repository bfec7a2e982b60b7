#!/usr/bin/env node
/**
 * Writes NOTICE: the third-party packages that are installed with the product, and their licences, from the lock file. `--check`
 * compares instead, and fails on a licence that is not permissive.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const permissive =
  /^\(?(MIT|MIT-0|ISC|Apache-2\.0|BSD-2-Clause|BSD-3-Clause|0BSD|BlueOak-1\.0\.0|CC0-1\.0|Unlicense|PostgreSQL|Python-2\.0|CC-BY-4\.0|MPL-2\.0|OFL-1\.1)\b/;

/** Packages that state their licence in a file only; read there. */
const stated: { readonly [name: string]: string } = { 'png-js 2.0.0': 'MIT' };

type Locked = { version?: string; license?: string; dev?: boolean; link?: boolean };
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: { [path: string]: Locked } };

const rows: string[] = [];
const wrong: string[] = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  const name = path.split('node_modules/').pop()!;
  if (!path.includes('node_modules/') || entry.link || name.startsWith('@forewarn/')) continue;
  const licence = entry.license ?? stated[`${name} ${entry.version}`] ?? 'unknown';
  if (!permissive.test(licence)) wrong.push(`${name} ${entry.version}: ${licence}`);
  if (!entry.dev) rows.push(`${name} ${entry.version} – ${licence}`);
}

const text = `Forewarn
Copyright the Forewarn authors. Licensed under the Apache License, Version 2.0.

Installed with it from npm, each under its own licence (the text stands in its package):

${[...new Set(rows)].sort().join('\n')}

Sigma rules in content/rules are our own, under the Detection Rule License 1.1. Record and field names follow Zeek; no code of it
is used but its table of DCE-RPC interfaces (sense/src/protocols/dce_rpc, BSD-3-Clause, LICENSE.zeek beside it). JA3, JA3S, JA4 and HASSH are
computed after their authors' descriptions (all BSD-3-Clause).

Technique and tactic names in content/attack are those of MITRE ATT&CK: © The MITRE Corporation. This work is reproduced and distributed with
the permission of The MITRE Corporation.
`;

if (wrong.length > 0) {
  console.error(`Licences that are not permissive or not stated:\n${wrong.join('\n')}`);
  process.exitCode = 1;
}
if (!process.argv.includes('--check')) writeFileSync(join(root, 'NOTICE'), text);
else if (readFileSync(join(root, 'NOTICE'), 'utf8') !== text) {
  console.error('NOTICE is out of date. Run: node tools/notice.ts');
  process.exitCode = 1;
}
