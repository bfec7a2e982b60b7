/**
 * A subscription at a broker: what it brings is acknowledged there once it is on the disk here, and a connection that is lost is made again.
 *
 *     broker ──▶ messages ──▶ records ──▶ batches ──▶ spool ──▶ acknowledged at the broker
 *
 * At least once: what was not acknowledged when a connection or a sensor ended comes again. What cannot be read is counted with its reason and
 * acknowledged all the same, because it would come again for ever.
 */

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Batch } from '@forewarn/model/batch';
import type { AnyRecord } from '@forewarn/model/records/record';
import { Refusal } from '@forewarn/base/refusal';
import type { Seconds } from '@forewarn/base/time';
import { createShipped } from '@forewarn/sense/logs/shipped';
import { batchLimits, createBatcher } from '../batches.ts';
import type { ClientTls } from '../centre.ts';
import { withoutSecrets } from '../secrets.ts';
import { createPatience } from '../send.ts';
import { openKafka } from './kafka.ts';
import { openMqtt } from './mqtt.ts';
import { openNats } from './nats.ts';
import type { Broker, SubscribeWish } from './wishes.ts';

/** What may wait for its acknowledgement; then it is put on the disk at once. */
const unsettledMax = { messages: 20_000, bytes: 32_000_000 };

/** What came is on the disk, and acknowledged, after so long. */
const settleSeconds = 1;

export const limits = [
  {
    name: 'collect.unsettledMessages',
    value: unsettledMax.messages,
    unit: 'messages per subscription',
    why: 'Taken from a broker and not acknowledged: half a second at 50,000 messages a second. Then they are put on the disk at once.',
  },
  {
    name: 'collect.unsettledBytes',
    value: unsettledMax.bytes,
    unit: 'bytes per subscription',
    why: 'The same for large messages; as records they take some times that.',
  },
] as const;

/** One connection to a broker. */
export type Feed = {
  /** Resolves with the reason when it is over. */
  readonly lost: Promise<string>;
  /** Asks for nothing more until `resume`; what is on its way may still come. */
  pause(): void;
  resume(): void;
  /** All that was handed over is on the disk. */
  acknowledge(): void;
  close(): Promise<void>;
};

export type Taker = {
  /** A message; its bytes are valid during the call only. `at`: when the broker got it, where it says so. `again`: it came before. */
  message(bytes: Uint8Array, at: Seconds | undefined, again: boolean): void;
  /** The broker may be waiting for acknowledgements. */
  settle(): void;
  /** A message was passed over because there is no room, where the broker keeps none. */
  dropped(): void;
};

export type Login = { user: string; password: string };
export type FeedSecrets = { login: Login | undefined; credentials: string | undefined; tls: ClientTls | undefined };

/** Connects. Throws a refusal (`sensor.collect.broker`) where trying again would be of no use, and an error where it may be. */
export type OpenFeed = (wish: SubscribeWish, secrets: FeedSecrets, taker: Taker, attempt: number) => Promise<Feed>;

const feeds: { readonly [broker in Broker]: OpenFeed } = { kafka: openKafka, nats: openNats, mqtt: openMqtt };

export type SubscriptionOptions = {
  wish: SubscribeWish;
  /** Our certificate and the authority of the broker's, where they are given. */
  tls: ClientTls | undefined;
  batchRecords: () => number;
  /** Puts a batch on the disk; throws a refusal when there is no room, and then keeps nothing of it. */
  keep: (batch: Batch) => void;
  clock: { now(): Seconds };
  startedAt: Seconds;
  say: (sentence: string) => void;
  signal: AbortSignal;
  onFault: (fault: unknown) => void;
};

export type SubscriptionCounts = {
  messages: number;
  bytes: number;
  /** Passed over by us, where the broker keeps none (NATS without a stream). */
  dropped: number;
  last: Seconds | undefined;
  /** Connections that were made, and seconds without one. */
  starts: number;
  downSeconds: number;
  down: boolean;
};

export type Subscription = {
  counted(): SubscriptionCounts;
  /** Puts on the disk what has waited long enough. */
  advance(now: Seconds): void;
  /** What was refused, or came again, since the last time: name of the weird record and what it says. */
  told(): [string, string][];
  pause(): void;
  resume(): void;
  close(): Promise<void>;
};

/** Subscribes. Refusals: `sensor.collect.broker`, `sensor.collect.login`. A broker that is away is tried again and again. */
export async function openSubscription(options: SubscriptionOptions): Promise<Subscription> {
  const { wish, clock, signal, say } = options;
  const secrets = readSecrets(wish, options.tls);
  if (secrets.login && !wish.tls && wish.hosts.some(({ host }) => !/^(?:127\.|::1$|localhost$)/.test(host))) {
    say(`The login of ${wish.name} goes over the network unencrypted; write ${wish.broker}=tls:… where the broker can.`);
  }

  // ---- what comes -------------------------------------------------------------------------------------------------

  const counts: SubscriptionCounts = {
    messages: 0,
    bytes: 0,
    dropped: 0,
    last: undefined,
    starts: 0,
    downSeconds: 0,
    down: true,
  };
  let downSince = clock.now();
  let feed: Feed | undefined;
  /** Full batches that found no room. */
  const waiting: Batch[] = [];
  let unsettled = { messages: 0, bytes: 0, since: 0 };
  let repeated = 0;
  let now: Seconds = clock.now();
  /** Why nothing is asked for: the sensor's spool is nearly full, or it took a batch no more. */
  const held = { byRoom: false, byDisk: false };
  const told = new Map<string, number>();

  const batcher = createBatcher({
    // Not to be guessed: equal events of two subscriptions are two.
    origin: `${wish.name}/${options.startedAt}/${randomUUID()}`,
    source: wish.name,
    limits: {
      ...batchLimits,
      get recordsMax() {
        return options.batchRecords();
      },
    },
    deliver(batch) {
      waiting.push(batch);
      keepWaiting();
    },
  });
  const record = (log: string, of: AnyRecord): void => batcher.record(log, withoutSecrets(log, of));
  const shipped = createShipped({ name: 'ecs', at: () => now }, { record });

  /** Puts what waits on the disk, in order; false while there is no room. */
  function keepWaiting(): boolean {
    while (waiting.length > 0) {
      try {
        options.keep(waiting[0]!);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (!held.byDisk) say(`${error.message} ${wish.name} waits.`);
        held.byDisk = true;
        feed?.pause();
        return false;
      }
      waiting.shift();
    }
    if (held.byDisk) {
      held.byDisk = false;
      if (!held.byRoom) feed?.resume();
    }
    return true;
  }

  function settle(): void {
    if (unsettled.messages === 0 && waiting.length === 0) return;
    shipped.flush();
    batcher.end();
    if (!keepWaiting()) return;
    unsettled = { messages: 0, bytes: 0, since: 0 };
    feed?.acknowledge();
  }

  const taker: Taker = {
    message(bytes, at, again) {
      const came = clock.now();
      now = at ?? came;
      if (unsettled.messages === 0) unsettled.since = came;
      unsettled.messages++;
      unsettled.bytes += bytes.length;
      counts.messages++;
      counts.bytes += bytes.length;
      counts.last = came;
      if (again) repeated++;
      shipped.message(bytes);
      if (unsettled.messages >= unsettledMax.messages || unsettled.bytes >= unsettledMax.bytes) settle();
    },
    settle,
    dropped: () => void counts.dropped++,
  };
  /** What a feed calls: a fault of ours ends the sensor, and not only the feed. */
  const guarded: Taker = {
    message: (...of) => guard(() => taker.message(...of)),
    settle: () => guard(settle),
    dropped: taker.dropped,
  };
  function guard(act: () => void): void {
    try {
      act();
    } catch (fault) {
      options.onFault(fault);
    }
  }

  // ---- the connection ---------------------------------------------------------------------------------------------

  const life = { closing: false };
  let attempt = 0;
  let saidAway = '';
  const patience = createPatience(signal, (reason, seconds) => {
    if (reason !== saidAway) say(`${wish.name}: ${reason}. Trying again in ${seconds.toFixed(1)} s, and later less often.`);
    saidAway = reason;
  });

  async function connect(): Promise<void> {
    const opened = await feeds[wish.broker](wish, secrets, guarded, attempt++);
    feed = opened;
    counts.starts++;
    counts.downSeconds += clock.now() - downSince;
    counts.down = false;
    saidAway = '';
    if (held.byRoom || held.byDisk) opened.pause();
    say(`Subscribed to ${wish.name}.`);
  }

  async function keepConnected(failure: string | undefined): Promise<void> {
    let reason = failure;
    while (!signal.aborted && !life.closing) {
      if (feed) {
        const began = clock.now();
        reason = await feed.lost;
        // What it brought is no longer its to acknowledge; it is kept all the same, and comes again.
        feed = undefined;
        downSince = clock.now();
        counts.down = true;
        if (clock.now() - began > 10) patience.reset();
        if (life.closing || signal.aborted) return;
      }
      await patience.wait(reason ?? 'the connection ended');
      if (signal.aborted || life.closing) return;
      try {
        await connect();
      } catch (error) {
        reason = why(error);
      }
    }
  }

  let failure: string | undefined;
  try {
    await connect();
  } catch (error) {
    // At the start somebody is there to mend what will not mend itself.
    if (error instanceof Refusal) throw error;
    failure = why(error);
  }
  const connected = keepConnected(failure).catch(options.onFault);

  return {
    counted: () => ({ ...counts, downSeconds: counts.downSeconds + (counts.down ? clock.now() - downSince : 0) }),
    advance(at) {
      if (waiting.length > 0 || (unsettled.messages > 0 && at - unsettled.since >= settleSeconds)) settle();
    },
    told() {
      const sentences: [string, string][] = [];
      for (const [reason, count] of Object.entries(shipped.refused())) {
        const fresh = count - (told.get(reason) ?? 0);
        if (fresh === 0) continue;
        told.set(reason, count);
        sentences.push(['log_event_refused', `${reason} (${fresh})`]);
      }
      if (repeated > 0) sentences.push(['log_message_repeated', `(${repeated})`]);
      repeated = 0;
      return sentences;
    },
    pause() {
      if (held.byRoom) return;
      held.byRoom = true;
      feed?.pause();
    },
    resume() {
      if (!held.byRoom) return;
      held.byRoom = false;
      if (!held.byDisk) feed?.resume();
    },
    async close() {
      life.closing = true;
      settle();
      await feed?.close();
      await connected;
      // What still came while it was closed is kept; without an acknowledgement it comes again.
      settle();
      shipped.flush();
      batcher.end();
      keepWaiting();
    },
  };
}

const why = (error: unknown): string => (error instanceof Error ? error.message : String(error)).replace(/\.$/, '').slice(0, 300);

/** What a broker refuses for good. */
export const brokerRefusal = (wish: SubscribeWish, reason: string, advice: string, cause?: unknown): Refusal =>
  new Refusal('sensor.collect.broker', `${wish.name}: ${reason.replace(/\.$/, '').slice(0, 300)}.`, {
    place: { field: '--collect' },
    advice,
    ...(cause === undefined ? {} : { cause }),
  });

/** Logins stand in files or in the environment, never on the command line, which everybody on the machine can read. */
function readSecrets(wish: SubscribeWish, tls: ClientTls | undefined): FeedSecrets {
  const read = (file: string): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch (cause) {
      throw new Refusal('sensor.collect.login', `The login of ${wish.name} cannot be read: ${(cause as Error).message}.`, {
        place: { file },
        advice: 'Name a file that this user may read.',
        cause,
      });
    }
  };
  const { login: file, creds } = wish.options;
  const text = file === undefined ? process.env['FOREWARN_COLLECT_LOGIN'] : read(file);
  const [line = ''] = text?.split(/\r?\n/, 1) ?? [];
  const colon = line.indexOf(':');
  if (text !== undefined && creds === undefined && colon < 1) {
    throw new Refusal('sensor.collect.login', `The login of ${wish.name} is not written as user:password.`, {
      place: file === undefined ? { field: 'FOREWARN_COLLECT_LOGIN' } : { file },
      advice: 'Write user, colon and password on its first line.',
    });
  }
  return {
    login: colon < 1 ? undefined : { user: line.slice(0, colon), password: line.slice(colon + 1) },
    credentials: creds === undefined ? undefined : read(creds),
    tls: wish.tls ? (tls ?? {}) : undefined,
  };
}
