/** `forewarn audit verify`: whether the chain of the audit holds, asked of a running centre or read from a stopped one's folder. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { loadContent } from '@forewarn/center/content';
import { render, Words } from '@forewarn/model/text';
import { verifyAudit } from '@forewarn/store/audit';
import { lockDataFolder } from '@forewarn/store/folder';
import { openPostgres, StatementFault } from '@forewarn/store/postgres/database';
import { databaseTemplateFile, buildFolder } from '@forewarn/store/postgres/template';
import { BadUse, type Command } from './command.ts';
import { chosenLanguage } from './grade.ts';

/** As `GET /api/v1/audit/verify` answers. */
const Verdict = z.object({ ok: z.boolean(), entries: z.number(), place: z.number().nullable(), trouble: Words.nullable() });
type Verdict = z.infer<typeof Verdict>;

/** Recomputing a million entries takes about half a minute; ten times that is a centre that does not answer. */
const answerMsMax = 300_000;

export const command: Command = {
  help: `Usage: forewarn audit verify [--data DIR] [--json]
       forewarn audit verify --url URL [--token TOKEN] [--json]

Recomputes the audit's chain of hashes and compares it with the hashes kept outside the database. A changed entry, a missing
one and an end that was cut off are found, and the place is named.

    --data DIR     a data folder (default: FOREWARN_DATA of the environment, or ./.forewarn). While its centre runs, that
                   centre is asked; otherwise the folder is read, and nobody can start it meanwhile
    --url URL      a running centre, such as https://centre.example:4180
    --token TOKEN  a token of the centre's; without it, FOREWARN_TOKEN of the environment
    --language L   en or zh; without it, the locale of the environment
    --json         { ok, entries, place, trouble }

Exit code 0: it holds. 1: it does not, or could not be read.`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        data: { type: 'string' },
        url: { type: 'string' },
        token: { type: 'string' },
        language: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    if (positionals.length !== 1 || positionals[0] !== 'verify') throw new BadUse('Say what to do with the audit: verify.');
    if (values.url !== undefined && values.data !== undefined) throw new BadUse('Name a folder or an address, not both.');
    const language = chosenLanguage(values.language, terminal);
    const verdict =
      values.url === undefined
        ? await verifyFolder(values.data ?? process.env.FOREWARN_DATA ?? '.forewarn')
        : await askCentre(values.url, values.token ?? process.env.FOREWARN_TOKEN);
    if (values.json) terminal.out(`${JSON.stringify(verdict)}\n`);
    else {
      const { texts } = await loadContent();
      const words: Words = verdict.trouble ?? { text: 'guard.audit.whole', values: { entries: verdict.entries } };
      terminal[verdict.ok ? 'out' : 'err'](`${render(words, texts[language], language)}\n`);
    }
    return verdict.ok ? 0 : 1;
  },
};

async function verifyFolder(dir: string): Promise<Verdict> {
  // Locking makes the folder; a wrong name should not.
  if (!existsSync(join(dir, 'postgres'))) throw nothingThere(dir);
  let folder;
  try {
    folder = lockDataFolder(dir);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'store.folder.held') throw error;
    const running = readRunning(join(dir, 'center.json'));
    if (!running) throw error;
    return askCentre(running.url, running.token);
  }
  try {
    const database = await openPostgres({ dir: join(dir, 'postgres'), template: databaseTemplateFile(buildFolder) });
    try {
      const { intact, entries, seq, trouble } = await verifyAudit({ file: join(dir, 'audit.head'), database });
      return { ok: intact, entries, place: seq, trouble };
    } catch (error) {
      // 42P01: no such table.
      if (error instanceof StatementFault && error.state === '42P01') throw nothingThere(dir);
      throw error;
    } finally {
      await database.close();
    }
  } finally {
    folder.release();
  }
}

const nothingThere = (dir: string): Refusal =>
  new Refusal('audit.absent', 'There is no audit in this folder.', {
    place: { file: dir },
    advice: 'Name the data folder of a centre with --data DIR.',
  });

const Running = z.object({ url: z.string(), token: z.string() });

/** What a running centre left for the command line on its machine. */
export function readRunning(file: string): z.infer<typeof Running> | undefined {
  try {
    return Running.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

async function askCentre(base: string, token: string | undefined): Promise<Verdict> {
  if (token === undefined) throw new BadUse('Give a token of the centre: --token TOKEN.');
  if (!URL.canParse(base)) throw new BadUse(`"${base}" is no address; write it as https://centre.example:4180.`);
  const url = new URL('/api/v1/audit/verify', base);
  const failed = (message: string, cause?: unknown): Refusal =>
    new Refusal('audit.unanswered', `The centre at ${url.origin} ${message}.`, {
      advice: 'Check that it runs and that the token is of an administrator or regulator of the centre.',
      cause,
    });
  let response: Response;
  try {
    response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(answerMsMax) });
  } catch (cause) {
    throw failed('does not answer', cause);
  }
  if (!response.ok) throw failed(`answers ${response.status}`);
  const answer = Verdict.safeParse(await response.json().catch(() => undefined));
  if (!answer.success) throw failed('answers something else');
  return answer.data;
}
