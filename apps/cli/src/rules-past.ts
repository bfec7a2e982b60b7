/** `forewarn rules try RULE --past 30d`: a rule tried on what a centre has stored, by the centre itself or in the folder of a stopped one. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { formatInstant } from '@forewarn/base/time';
import { startTrial, type Tried } from '@forewarn/center/trials/trial';
import { triedRule, triedText } from '@forewarn/center/trials/tried';
import type { DetectionContent } from '@forewarn/detect/content';
import { recordTypes } from '@forewarn/model/records/index';
import { Trial } from '@forewarn/model/trials';
import { openRecords } from '@forewarn/store/clickhouse/records';
import { lockDataFolder } from '@forewarn/store/folder';
import { readRunning } from './audit.ts';
import { BadUse, type Terminal } from './command.ts';

export type PastAsked = {
  rule: string;
  /** As it was written: `30d`. */
  past: string;
  data: string | undefined;
  url: string | undefined;
  token: string | undefined;
  json: boolean;
};

const unitSeconds: { readonly [unit: string]: number } = { m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** Whoever tries a rule in a folder of his own may wait an hour; a centre has its own ceiling. */
const secondsMax = 3_600;

/** Between two looks at how far it is. */
const lookMs = 250;

/** A centre that is asked how far it is answers at once. */
const answerMsMax = 30_000;

export async function tryPast(asked: PastAsked, detection: DetectionContent, terminal: Terminal): Promise<number> {
  const span = /^(\d{1,5})([mhdw])$/.exec(asked.past);
  const seconds = span ? Number(span[1]) * unitSeconds[span[2]!]! : 0;
  if (seconds <= 0) throw new BadUse(`"${asked.past}" is no span of time; write it as 12h, 30d or 8w.`);
  if (asked.url !== undefined && asked.data !== undefined) throw new BadUse('Name a folder or an address, not both.');
  const to = terminal.now();
  const range = { from: to - seconds, to };
  const text = existsSync(asked.rule) ? readFileSync(asked.rule, 'utf8') : undefined;
  // What does not compile is told here, with the name of its own file.
  const tried = text === undefined ? triedRule(detection, asked.rule) : triedText(detection, text, asked.rule);
  if (!tried && asked.url === undefined) throw unknownRule(asked.rule);
  const body = text === undefined ? { rule: asked.rule } : { text };
  const show = showing(terminal);
  let trial: Trial;
  try {
    if (asked.url !== undefined) {
      const token = asked.token ?? process.env.FOREWARN_TOKEN;
      if (token === undefined) throw new BadUse('Give a token of the centre: --token TOKEN.');
      trial = await atCentre({ url: asked.url, token }, { ...body, ...written(range) }, show.look);
    } else trial = await inFolder(asked.data ?? process.env.FOREWARN_DATA ?? '.forewarn', tried!, range, body, show.look);
  } finally {
    show.end();
  }
  terminal.out(asked.json ? `${JSON.stringify(trial)}\n` : summary(trial));
  if (trial.trouble) terminal.err(`forewarn: ${trial.trouble.message} ${trial.trouble.advice}\n`);
  return trial.state === 'done' ? 0 : 1;
}

const written = ({ from, to }: { from: number; to: number }) => ({ from: formatInstant(from), to: formatInstant(to) });

const unknownRule = (name: string): Refusal =>
  new Refusal('rule.reference', `There is no file and no rule "${name}".`, {
    advice: 'Name a file with a Sigma rule, or the id of a rule of the product.',
  });

async function inFolder(
  dir: string,
  tried: Tried,
  range: { from: number; to: number },
  body: object,
  look: (trial: Trial) => void,
): Promise<Trial> {
  if (!existsSync(join(dir, 'clickhouse'))) {
    throw new Refusal('records.absent', 'There are no records in this folder.', {
      place: { file: dir },
      advice: 'Name the data folder of a centre with --data DIR.',
    });
  }
  let folder;
  try {
    folder = lockDataFolder(dir);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'store.folder.held') throw error;
    const running = readRunning(join(dir, 'center.json'));
    if (!running) throw error;
    return atCentre(running, { ...body, ...written(range) }, look);
  }
  try {
    const records = await openRecords({ dir: join(dir, 'clickhouse'), recordTypes });
    try {
      const watch = (): number => performance.now() / 1000;
      const trial = startTrial({ records, scope: 'all', tried, range, id: 'folder', watch, secondsMax });
      const timer = setInterval(() => look(trial.shown()), lookMs);
      try {
        await trial.done;
      } finally {
        clearInterval(timer);
      }
      return trial.shown();
    } finally {
      await records.close();
    }
  } finally {
    folder.release();
  }
}

const Said = z.object({ detail: z.string(), advice: z.string().optional(), code: z.string() });

async function atCentre(
  { url, token }: { url: string; token: string },
  body: object,
  look: (trial: Trial) => void,
): Promise<Trial> {
  if (!URL.canParse(url)) throw new BadUse(`"${url}" is no address; write it as https://centre.example:4180.`);
  const ask = async (method: string, path: string, given?: object): Promise<Trial> => {
    const address = new URL(`/api/v1${path}`, url);
    let response: Response;
    try {
      response = await fetch(address, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(given ? { 'content-type': 'application/json' } : {}) },
        ...(given ? { body: JSON.stringify(given) } : {}),
        signal: AbortSignal.timeout(answerMsMax),
      });
    } catch (cause) {
      throw new Refusal('trial.unanswered', `The centre at ${address.origin} does not answer.`, {
        advice: 'Check that it runs.',
        cause,
      });
    }
    const answer: unknown = await response.json().catch(() => undefined);
    const said = Said.safeParse(answer);
    if (!response.ok && said.success) throw new Refusal(said.data.code, said.data.detail, { advice: said.data.advice ?? '' });
    const trial = Trial.safeParse(answer);
    if (trial.success) return trial.data;
    throw new Refusal('trial.unanswered', `The centre at ${address.origin} answers ${response.status}, or something else.`, {
      advice: 'Check that its edition is the same, and that the token may read records.',
    });
  };
  let trial = await ask('POST', '/trials', body);
  while (trial.state === 'running') {
    look(trial);
    await setTimeout(lookMs);
    trial = await ask('GET', `/trials/${trial.id}`);
  }
  return trial;
}

/** On a terminal a line with how far it is and how long it will take. */
function showing(terminal: Terminal): { look(trial: Trial): void; end(): void } {
  let drawn = false;
  return {
    look({ progress, read, hits, reached }) {
      if (!terminal.interactive) return;
      drawn = true;
      const left = progress > 0 ? `, ${Math.ceil((read.seconds / progress) * (1 - progress))} s left` : '';
      terminal.err(`\r\u001B[K${Math.floor(100 * progress)} % down to ${reached}, ${hits} hits${left}`);
    },
    end() {
      if (drawn) terminal.err('\r\u001B[K');
    },
  };
}

/** Columns of the bars of days. */
const barColumns = 40;

/** What a trial found, for people. */
export function summary(
  trial: Pick<Trial, 'of' | 'hits' | 'first' | 'last' | 'days' | 'subjects' | 'examples' | 'missing'> & Partial<Trial>,
): string {
  const { of, hits, first, last, days, subjects, examples, missing, read, from, to, reached } = trial;
  const lines = [`${of.title}: ${hits} ${hits === 1 ? 'hit' : 'hits'}${first === null ? '' : `, ${first} to ${last}`}`];
  if (read && from && to) {
    const looked = reached === from ? '' : `, of which down to ${reached}`;
    lines.push(
      `  looked at ${from} to ${to}${looked}: ${read.rows} rows, ${(read.bytes / 1e6).toFixed(1)} MB, ${read.seconds.toFixed(1)} s`,
    );
  }
  const most = Math.max(1, ...days.map((day) => day.hits));
  const width = String(most).length;
  for (const { day, hits: own } of days) {
    lines.push(`  ${day}  ${String(own).padStart(width)}  ${'█'.repeat(Math.max(1, Math.round((own / most) * barColumns)))}`);
  }
  for (const { organisation, field, value, hits: own } of subjects) {
    lines.push(`  ${String(own).padStart(width)}  ${field}=${value}${organisation === null ? '' : ` (${organisation})`}`);
  }
  for (const { log, record } of examples) lines.push(`  ${JSON.stringify({ _log: log, ...record })}`);
  for (const { log, fields } of missing) {
    lines.push(`  In ${log}, no or only part of what these hold is kept unless a link's policy names them: ${fields.join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
}
