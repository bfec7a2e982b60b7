/** For tests with real senders and brokers: whether they are on this machine, and when they are ready. */

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from '@forewarn/base/refusal';
import type { Batch } from '@forewarn/model/batch';
import { openSubscription, type Subscription } from '../collect/subscription.ts';
import { collectWish, type SubscribeWish } from '../collect/wishes.ts';

/** Debian's daemons stand beside what everybody's path names. */
export const toolPath = `${process.env['PATH']}:/usr/sbin`;

/** Whether a tool is here; where `CI` is true it must be. */
export function has(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], { env: { ...process.env, PATH: toolPath } });
    return true;
  } catch {
    if (process.env['CI'] === 'true') throw new Error(`${tool} is missing; .ci/packages names what tests need.`);
    console.log(`not run: ${tool} is not on this machine`);
    return false;
  }
}

/** Waits for a condition, not for a time; two minutes without it are a failure. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 120_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`It did not come about within two minutes: ${holds.toString()}`);
    await sleep(20);
  }
}

/** A port that nothing listens at now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve((socket.destroy(), true)));
    socket.on('error', () => resolve(false));
  });

export type Daemon = { readonly process: ChildProcess; stop(): Promise<void> };

/** Starts a server and waits until its port answers. */
export async function startDaemon(tool: string, words: readonly string[], port: number): Promise<Daemon> {
  const child = spawn(tool, words, { stdio: 'ignore', env: { ...process.env, PATH: toolPath } });
  const ended = new Promise((done) => child.on('exit', done));
  await until(() => answers(port));
  return {
    process: child,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A subscription and what it put on the disk, which here is a list. */
export type SubscriptionTrial = {
  readonly kept: Batch[];
  readonly said: string[];
  subscribe(wish: string, keep?: (batch: Batch) => void, tls?: { authority: string }): Promise<Subscription>;
  /** Texts of the events that no format knows. */
  messages(): unknown[];
  /** As a sensor that is stopped. */
  end(): Promise<void>;
};

export function subscriptionTrial(): SubscriptionTrial {
  const kept: Batch[] = [];
  const said: string[] = [];
  let stop = new AbortController();
  let open: Subscription | undefined;
  let clockwork: NodeJS.Timeout | undefined;
  return {
    kept,
    said,
    async subscribe(wish, keep = (batch) => void kept.push(batch), tls = undefined) {
      const opened = await openSubscription({
        wish: collectWish(wish) as SubscribeWish,
        tls,
        batchRecords: () => 2_000,
        keep,
        clock: { now: () => Date.now() / 1000 },
        startedAt: 1,
        say: (sentence) => said.push(sentence),
        signal: stop.signal,
        onFault(fault) {
          throw fault;
        },
      });
      clockwork = setInterval(() => opened.advance(Date.now() / 1000), 100);
      open = opened;
      return opened;
    },
    messages: () => kept.flatMap(({ logs }) => (logs['ecs'] ?? []).map((record) => record['message'])),
    async end() {
      stop.abort();
      clearInterval(clockwork);
      await open?.close();
      open = undefined;
      stop = new AbortController();
    },
  };
}

/** A disk without room. */
export const full = (): never => {
  throw new Refusal('sensor.spool.full', 'The spool is full.');
};

/** An event of a shipper, and its text. */
export const event = (n: number): string => JSON.stringify({ '@timestamp': '2026-11-22T08:00:00Z', message: textOf(n) });
export const textOf = (n: number): string => `event ${n}`;
export const texts = (count: number): string[] => Array.from({ length: count }, (_, n) => textOf(n)).toSorted();
