/** Dispatch: one line to find the command, one place where trouble becomes a sentence and an exit code. */

import { nearest } from '@forewarn/base/nearest';
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
    return report(error, list.some((entry) => entry.name === name) ? name : undefined, terminal);
  }
}

function help(list: readonly CommandEntry[]): string {
  const width = Math.max(0, ...list.map((entry) => entry.name.length));
  const lines = list.map((entry) => `    forewarn ${entry.name.padEnd(width)}   ${entry.summary}`);
  return `Usage: forewarn COMMAND …\n\n${lines.join('\n')}\n\nEvery command answers --help. Exit codes: 0 done; 1 something could not be opened, recognised or held; 2 bad use.\n`;
}

/** Complaints printed at once: a screen; the rest are counted. */
const refusalsMax = 20;

/** Prints what went wrong and what to do, and names the exit code. */
function report(error: unknown, name: string | undefined, terminal: Terminal): number {
  const hint = `See forewarn ${name === undefined ? '' : `${name} `}--help.`;
  if (error instanceof BadUse) {
    terminal.err(`forewarn: ${error.message}\n${hint}\n`);
    return 2;
  }
  // `parseArgs` of Node tells wrong options with these codes; its sentences are already meant for people.
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
    // Its second sentence is about options that look like files; nobody who mistyped one needs it.
    terminal.err(`forewarn: ${error.message.split('. ')[0]!.replace(/\.?$/, '.')}\n${hint}\n`);
    return 2;
  }
  if (error instanceof AggregateError && error.errors.every((one) => one instanceof Refusal)) {
    for (const refusal of error.errors.slice(0, refusalsMax)) terminal.err(`forewarn: ${describe(refusal)}\n`);
    if (error.errors.length > refusalsMax) terminal.err(`forewarn: and ${error.errors.length - refusalsMax} more.\n`);
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
