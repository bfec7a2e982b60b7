/** What the browser suite drives: an address that is given, or a demo of its own in a temporary folder. */

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type Workbench = {
  /** Its origin, without a slash at the end. */
  url: string;
  end(): Promise<void>;
};

const root = join(import.meta.dirname, '../../../..');

/** A demo shows an incident and its warning within ninety seconds; a busy machine takes longer. */
const storyMs = 240_000;

/** `FOREWARN_WORKBENCH_URL`, or the built workbench served by a centre that is started as a person starts it. */
export async function openWorkbench(): Promise<Workbench> {
  const given = process.env['FOREWARN_WORKBENCH_URL'];
  if (given !== undefined) return { url: new URL(given).origin, end: async () => undefined };
  // Builds only what is older than its sources.
  await promisify(execFile)(process.execPath, ['tools/build.ts'], { cwd: root });
  const data = await mkdtemp(join(tmpdir(), 'forewarn-workbench-'));
  const center = spawn(process.execPath, ['apps/cli/src/forewarn.ts', 'start', '--demo', '--data', data, '--port', '0'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, FOREWARN_DATA: undefined, PORT: undefined },
  });
  const end = async () => {
    if (center.exitCode === null) {
      const gone = new Promise((resolve) => center.once('exit', resolve));
      center.kill('SIGTERM');
      await gone;
    }
    await rm(data, { recursive: true, force: true });
  };
  try {
    const url = await addressOf(center);
    await storyTold(url);
    return { url, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The centre prints one line with its address once it is ready. */
function addressOf(center: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    center.stdout!.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const url = /https?:\/\/[^\s/]+/.exec(printed);
      if (url !== null) resolve(url[0]);
    });
    center.once('exit', (code) => reject(new Error(`The centre ended with ${code}: ${printed}`)));
  });
}

/** Waits until the demo has an incident, its warning and findings, so that every page has something to show. */
async function storyTold(url: string): Promise<void> {
  const headers = { origin: url, 'content-type': 'application/json' };
  const people = (await (await fetch(`${url}/api/v1/sessions/demo`)).json()) as { role: string; link: string }[];
  const token = people
    .find(({ role }) => role === 'administrator')!
    .link.split('/')
    .at(-1);
  const entered = await fetch(`${url}/api/v1/sessions/link`, { method: 'POST', headers, body: JSON.stringify({ token }) });
  const cookie = entered.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  const until = Date.now() + storyMs;
  for (;;) {
    const counts = await Promise.all(
      ['incidents', 'warnings', 'findings'].map(async (list) => {
        const answer = (await (await fetch(`${url}/api/v1/${list}`, { headers: { cookie } })).json()) as { items?: unknown[] };
        return answer.items?.length ?? 0;
      }),
    );
    if (counts.every((count) => count > 0)) return;
    if (Date.now() > until) throw new Error(`The demo told no story: ${counts.join(', ')} incidents, warnings, findings.`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
