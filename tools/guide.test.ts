/** The guide is run: each command that needs no server is executed where a newcomer would stand, with the guide's own files. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const guide = readFileSync(join(root, 'docs/guide.md'), 'utf8');
const script = join(root, 'apps/cli/src/forewarn.ts');

/** Fenced blocks; one with a name after its language is a file of that name. */
const blocks = [...guide.matchAll(/^```(\S*)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, language, name, text]) => ({
  language: language!,
  name,
  text: text!,
}));

/** These need a centre, or become one. */
const needsCentre = /^npx forewarn (start|sensor|audit) /;
const commands = blocks
  .filter(({ language }) => language === '')
  .flatMap(({ text }) => text.split('\n'))
  .filter((line) => line.startsWith('npx forewarn '));

const folder = mkdtempSync(join(tmpdir(), 'forewarn-guide-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
for (const { name, text } of blocks) if (name !== undefined) writeFileSync(join(folder, name), text);

const forewarn = (args: readonly string[]) =>
  spawnSync(process.execPath, [script, ...args], { cwd: folder, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });

describe('commands that need no server end well, in the order of the guide', () => {
  test.each(commands.filter((line) => !needsCentre.test(line)))('%s', (line) => {
    const { status, stdout, stderr } = forewarn(line.split(/\s+/).slice(2));
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringMatching(/forewarn:|Error/) });
    expect(stdout).not.toBe('');
  });
});

test('the options of the other commands are those that their help tells', () => {
  const others = commands.filter((line) => needsCentre.test(line));
  expect(others.length).toBeGreaterThan(0);
  for (const line of others) {
    const [name, ...rest] = line.split(/\s+/).slice(2);
    const help = forewarn([name!, '--help']).stdout;
    for (const option of rest.filter((word) => word.startsWith('--'))) expect(help).toContain(option);
  }
});

test('what the guide links to is there', () => {
  const links = [...guide.matchAll(/\]\(([^)#:]+)\)/g)].map((link) => link[1]!);
  expect(links.filter((link) => !existsSync(join(root, 'docs', link)))).toEqual([]);
});

test('words in bold that name something on a page are the workbench’s own words', () => {
  const labels = new Set(Object.values(JSON.parse(readFileSync(join(root, 'content/text/en/web.json'), 'utf8')) as object));
  const named = ['Needs a person now', 'Acted before the harm', 'Open incident', 'Verify the chain', 'State a fact'];
  named.push('Only a span is known', 'Not known yet', 'Next thresholds', 'Grade and why', 'Time limits', 'Record event');
  named.push('Ask an organisation', 'Hand over', 'Draft warning', 'Keep draft', 'Review and issue', 'Change', 'Lift');
  named.push(
    'New sensor',
    'New person',
    'New token',
    'My account',
    'Set up an authenticator',
    'Enter the demo as',
    'Switch person',
  );
  for (const name of named) expect(guide).toContain(`**${name}**`);
  expect(named.filter((name) => !labels.has(name))).toEqual([]);
});
