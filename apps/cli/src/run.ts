/** Dispatch: one line to find the command, one place where trouble becomes a sentence and an exit code. */

import { Refusal, describe } from '@forewarn/base/refusal';
import { languages, type Language } from '@forewarn/model/text';
import { BadUse, type CommandEntry, type Terminal } from './command.ts';
import { commands } from './commands.ts';

/** Runs a command line (without `node` and the script) and returns the exit code. */
export async function run(args: readonly string[], terminal: Terminal = processTerminal(), list = commands): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
      terminal.out(help(list));
      return name === undefined ? 2 : 0;
    }
    const entry = list.find((candidate) => candidate.name === name);
    if (!entry) {
      const near = nearest(
        name,
        list.map((candidate) => candidate.name),
      );
      throw new BadUse(`There is no command "${name}".${near === undefined ? '' : ` Did you mean "${near}"?`}`);
    }
    const { command } = await entry.load();
    if (rest.includes('--help') || rest.includes('-h')) {
      terminal.out(`${command.help.trim()}\n`);
      return 0;
    }
    return await command.run(rest, terminal);
  } catch (error) {
    return report(error, name ?? '', terminal);
  }
}

function help(list: readonly CommandEntry[]): string {
  const width = Math.max(0, ...list.map((entry) => entry.name.length));
  const lines = list.map((entry) => `    forewarn ${entry.name.padEnd(width)}   ${entry.summary}`);
  return `Usage: forewarn COMMAND …\n\n${lines.join('\n')}\n\nEvery command answers --help. Exit codes: 0 done; 1 something could not be opened, recognised or held; 2 bad use.\n`;
}

/** Prints what went wrong and what to do, and names the exit code. */
function report(error: unknown, name: string, terminal: Terminal): number {
  if (error instanceof BadUse) {
    terminal.err(`forewarn: ${error.message}\nSee forewarn ${name === '' ? '' : `${name} `}--help.\n`);
    return 2;
  }
  // `parseArgs` of Node tells wrong options with these codes; its sentences are already meant for people.
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
    terminal.err(`forewarn: ${error.message}\nSee forewarn ${name} --help.\n`);
    return 2;
  }
  if (error instanceof AggregateError && error.errors.every((one) => one instanceof Refusal)) {
    for (const refusal of error.errors) terminal.err(`forewarn: ${describe(refusal)}\n`);
    return 1;
  }
  if (error instanceof Refusal) {
    terminal.err(`forewarn: ${describe(error)}\n`);
    return 1;
  }
  if (error instanceof Error && 'syscall' in error) {
    terminal.err(`forewarn: ${error.message}\n`);
    return 1;
  }
  throw error;
}

/**
 * The nearest of some names by edit distance, for "did you mean"; `undefined` when none is near. Letters only have to
 * be few in error: a third of the word, at least two.
 */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(previous[j]! + 1, row[j - 1]! + 1, substitution));
    }
    previous = row;
  }
  return previous[b.length]!;
}

function processTerminal(): Terminal {
  const interactive = process.stdout.isTTY === true;
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    interactive,
    colour: interactive && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
    width: process.stdout.columns ?? 100,
    language: languageOf(
      process.env.FOREWARN_LANGUAGE ?? process.env.LC_ALL ?? process.env.LC_MESSAGES ?? process.env.LANG ?? '',
    ),
    now: () => Date.now() / 1000,
    readIn: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
  };
}

/** `zh_CN.UTF-8` → `zh`; anything unknown is English. */
function languageOf(locale: string): Language {
  return languages.find((language) => locale.toLowerCase().startsWith(language)) ?? 'en';
}
