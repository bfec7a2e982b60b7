/**
 * What others send to this sensor, and what it fetches from brokers: flows of exporters, lines and events of logs. Each listener and subscription has
 * a batcher of its own, so that batches name it as their source; what comes goes the same way as everything that is read.
 *
 *     datagrams, connections ──▶ exports, logs ──▶ records ──▶ without secrets ──▶ batches ──▶ spool
 */

import { randomUUID } from 'node:crypto';
import type { Batch } from '@forewarn/model/batch';
import { recordType } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Seconds } from '@forewarn/base/time';
import { createExportReader } from '@forewarn/sense/exports/reader';
import { logFormats } from '@forewarn/sense/logs/index';
import { createLogIntake, knowsLine, type LogIntake } from '@forewarn/sense/logs/intake';
import { batchLimits, createBatcher, type Batcher } from '../batches.ts';
import { withoutSecrets } from '../secrets.ts';
import { openDatagrams, type Datagrams } from './datagrams.ts';
import { openStreams, type Sender, type Streams, type StreamTls } from './streams.ts';
import { openSubscription, type Subscription } from './subscription.ts';
import type { ClientTls } from '../centre.ts';
import type { CollectWish, ListenWish } from './wishes.ts';

/** Senders of datagrams whose formats keep something between lines; whoever is silent for longest is given up first. */
const sendersMax = 1_024;

/** Batches that wait for more records leave so often. */
const tickMs = 250;

/** Refusals are told so often, in `weird`. */
const tellSeconds = 60;

export const limits = [
  {
    name: 'collect.sendersMax',
    value: sendersMax,
    unit: 'senders of datagrams per listener',
    why: 'Lines of several senders are kept apart where a format joins them; addresses can be forged, so the number is bounded.',
  },
] as const;

export type CollectOptions = {
  wishes: readonly CollectWish[];
  /** What listeners over TLS show. */
  tls: StreamTls | undefined;
  /** What brokers are shown, and the authority of theirs. */
  brokerTls?: ClientTls | undefined;
  batchRecords: () => number;
  /** Puts a batch on the disk; where there is no room something is dropped and counted, because what came is not sent again. */
  deliver: (batch: Batch) => void;
  /** The same of what is sent again: throws a refusal where there is no room, and keeps nothing then. */
  keep: (batch: Batch) => void;
  clock: { now(): Seconds };
  startedAt: Seconds;
  say: (sentence: string) => void;
  signal: AbortSignal;
  /** Resolves when the spool has room; connections wait for it, datagrams do not. */
  room: () => Promise<void>;
};

export type CollectCounts = {
  /** Datagrams and messages that were read. */
  messages: number;
  bytes: number;
  /** Dropped by the kernel or by us, before they were read. */
  dropped: number;
  /** Newest arrival. */
  last: Seconds | undefined;
  /** Connections to brokers that were made, seconds without one, and whether one is missing now. */
  starts: number;
  downSeconds: number;
  down: boolean;
};

export type Collecting = {
  counted(): CollectCounts;
  /** Where it listens, in the order they were given: with the ports that were free where 0 was asked for. */
  readonly ports: readonly number[];
  /** Resolves when the signal has ended it, or something failed, and all that was received is delivered. */
  readonly done: Promise<void>;
};

type Listener = {
  readonly wish: ListenWish;
  readonly batcher: Batcher;
  datagrams: Datagrams | undefined;
  streams: Streams | undefined;
  /** Events that were refused, by reason, since they were told. */
  readonly refused: Map<string, number>;
  readonly senders: Set<Lines>;
};

/** What reads the lines of one sender. */
type Lines = {
  line(text: string, at: Seconds): void;
  /** What is held of several lines is written. */
  flush(): void;
  /** Adds what was refused since the last time to the listener's. */
  tell(): void;
  end(): void;
};

/** Listens and subscribes. Refusals: `sensor.collect.listen`, `sensor.collect.broker`, `sensor.collect.login`. */
export async function openCollecting(options: CollectOptions): Promise<Collecting> {
  const { clock, signal, say } = options;
  const listeners: Listener[] = [];
  const subscriptions: { subscription: Subscription; name: string }[] = [];
  let messages = 0;
  let bytes = 0;
  let last: Seconds | undefined;
  const life: { failure: { cause: unknown } | undefined } = { failure: undefined };
  let fail: (() => void) | undefined;
  const failed = new Promise<void>((resolve) => {
    fail = resolve;
  });
  const onFault = (cause: unknown): void => {
    life.failure ??= { cause };
    fail?.();
  };

  function listener(wish: ListenWish): Listener {
    const batcher = createBatcher({
      // Not to be guessed, and never twice: what comes over the network comes once.
      origin: `${wish.name}/${options.startedAt}/${randomUUID()}`,
      source: wish.name,
      limits: {
        ...batchLimits,
        get recordsMax() {
          return options.batchRecords();
        },
      },
      deliver: options.deliver,
    });
    return { wish, batcher, datagrams: undefined, streams: undefined, refused: new Map(), senders: new Set() };
  }

  /** What comes now came at `at`. */
  function arrived(at: Seconds, length: number): void {
    messages++;
    bytes += length;
    last = at;
  }

  const recordTo = (of: Listener) => (log: string, record: AnyRecord) => of.batcher.record(log, withoutSecrets(log, record));

  function openFlows(of: Listener): Promise<Datagrams> {
    const record = recordTo(of);
    const reader = createExportReader({
      record,
      weird: (name, ts, addl) => record('weird', { ts, name, source: of.wish.name, ...(addl === undefined ? {} : { addl }) }),
    });
    return openDatagrams(
      of.wish,
      ({ sender, at, bytes: block, start, end, port }) => {
        arrived(at, end - start);
        reader.read({ bytes: block, start, end, exporter: sender, port, at, datagram: true });
      },
      onFault,
    );
  }

  /** Lines of one sender; a relay's are not its own, so its address stands beside the name that a line gives. */
  function openLines(of: Listener, sender: string): Lines {
    const take = recordTo(of);
    const record = (log: string, given: AnyRecord): void => {
      const wants = given['fromhost-ip'] === undefined && Object.hasOwn(recordType(log)?.columns ?? {}, 'fromhost-ip');
      take(log, wants ? { ...given, 'fromhost-ip': sender } : given);
    };
    let now: Seconds = clock.now();
    const told = new Map<string, number>();
    const intake: LogIntake = createLogIntake({ name: 'ecs', at: () => now }, { record });
    const lines: Lines = {
      line(text, at) {
        now = at;
        // Whatever comes to such a port is a message (RFC 3164 §4.3.3); one that says nothing of itself is one of a user, to be noticed.
        intake.line(/^[<{]/.test(text) || knowsLine(text, logFormats) ? text : `<13>${text}`);
      },
      flush: () => intake.flush(),
      tell() {
        for (const [reason, { count }] of Object.entries(intake.account().refused)) {
          const fresh = count - (told.get(reason) ?? 0);
          if (fresh === 0) continue;
          told.set(reason, count);
          of.refused.set(reason, (of.refused.get(reason) ?? 0) + fresh);
        }
      },
      end() {
        lines.flush();
        lines.tell();
        of.senders.delete(lines);
      },
    };
    of.senders.add(lines);
    return lines;
  }

  function openLineDatagrams(of: Listener): Promise<Datagrams> {
    const decoder = new TextDecoder();
    const senders = new Map<string, Lines>();
    return openDatagrams(
      of.wish,
      ({ sender, at, bytes: block, start, end }) => {
        arrived(at, end - start);
        let lines = senders.get(sender);
        if (lines) senders.delete(sender);
        else {
          lines = openLines(of, sender);
          if (senders.size >= sendersMax) {
            const [oldest, silent] = senders.entries().next().value!;
            senders.delete(oldest);
            silent.end();
          }
        }
        senders.set(sender, lines);
        let stop = end;
        while (stop > start && (block[stop - 1] === 0x0a || block[stop - 1] === 0x0d || block[stop - 1] === 0)) stop--;
        if (stop > start) lines.line(decoder.decode(block.subarray(start, stop)), at);
      },
      onFault,
    );
  }

  function openLineStreams(of: Listener): Promise<Streams> {
    const decoder = new TextDecoder();
    const open = (address: string): Sender => {
      const lines = openLines(of, address);
      return {
        message(message) {
          const at = clock.now();
          arrived(at, message.length);
          lines.line(decoder.decode(message), at);
        },
        end: () => lines.end(),
      };
    };
    return openStreams(of.wish, options.tls, open, onFault);
  }

  async function closeAll(): Promise<void> {
    await Promise.allSettled(listeners.flatMap(({ datagrams, streams }) => [datagrams?.close(), streams?.close()]));
    for (const of of listeners) {
      for (const lines of of.senders) lines.end();
      tellRefused(of);
      of.batcher.end();
    }
    await Promise.allSettled(subscriptions.map(({ subscription }) => subscription.close()));
    tellSubscribed();
  }

  /** In batches of their own: they are not the broker's, and wait for no acknowledgement. */
  function tellSubscribed(): void {
    const ts = clock.now();
    for (const { subscription, name } of subscriptions) {
      const weird = subscription.told().map(([oddity, addl]) => ({ ts, name: oddity, addl, source: name }));
      if (weird.length > 0) options.deliver(noted(name, weird));
    }
  }

  function tellRefused(of: Listener): void {
    const { refused, streams } = of;
    for (const lines of of.senders) lines.tell();
    const record = recordTo(of);
    const ts = clock.now();
    for (const [reason, count] of refused) {
      record('weird', { ts, name: 'log_event_refused', addl: `${reason} (${count})`, source: of.wish.name });
    }
    refused.clear();
    if (!streams) return;
    const { counts } = streams;
    const told: readonly [keyof typeof counts, string][] = [
      ['refused', 'connection_refused'],
      ['unframed', 'connection_unframed'],
      ['cut', 'message_cut'],
    ];
    for (const [name, weird] of told) {
      if (counts[name] === 0) continue;
      record('weird', { ts, name: `log_${weird}`, addl: `(${counts[name]})`, source: of.wish.name });
      counts[name] = 0;
    }
  }

  try {
    for (const wish of options.wishes) {
      if (wish.kind === 'subscribe') {
        const { brokerTls, batchRecords, keep, startedAt } = options;
        const subscription = await openSubscription({
          wish,
          tls: brokerTls,
          batchRecords,
          keep,
          clock,
          startedAt,
          say,
          signal,
          onFault,
        });
        subscriptions.push({ subscription, name: wish.name });
        continue;
      }
      const of = listener(wish);
      listeners.push(of);
      if (wish.transport !== 'udp') of.streams = await openLineStreams(of);
      else of.datagrams = await (wish.collected === 'flows' ? openFlows(of) : openLineDatagrams(of));
      const port = (of.datagrams ?? of.streams)!.port;
      say(`Listening for ${wish.name}${wish.port === port ? '' : ` on port ${port}`}.`);
      if (of.datagrams && of.datagrams.receiveBytes < of.datagrams.wantedBytes) {
        say(
          `The kernel buffers ${Math.round(of.datagrams.receiveBytes / 1024)} KiB of it; for bursts let it buffer more: ` +
            `sysctl -w net.core.rmem_max=${of.datagrams.wantedBytes}.`,
        );
      }
    }
  } catch (error) {
    await closeAll();
    throw error;
  }

  async function run(): Promise<void> {
    let toldAt = clock.now();
    while (!signal.aborted && !life.failure) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(over, tickMs);
        function over(): void {
          clearTimeout(timer);
          signal.removeEventListener('abort', over);
          resolve();
        }
        signal.addEventListener('abort', over, { once: true });
        void failed.then(over);
      });
      const now = clock.now();
      const tell = now - toldAt >= tellSeconds;
      if (tell) toldAt = now;
      for (const of of listeners) {
        if (tell) tellRefused(of);
        of.batcher.advance(now);
      }
      for (const { subscription } of subscriptions) subscription.advance(now);
      if (tell) tellSubscribed();
      await wait();
    }
    await closeAll();
    if (life.failure) throw life.failure.cause;
  }

  /** While the spool is nearly full connections and brokers wait; datagrams go on, and push out what is oldest. */
  let waiting = false;
  async function wait(): Promise<void> {
    if (waiting) return;
    waiting = true;
    let isOver = false;
    const room = options.room().finally(() => {
      isOver = true;
      waiting = false;
      for (const { streams } of listeners) streams?.resume();
      for (const { subscription } of subscriptions) subscription.resume();
    });
    await Promise.race([room, new Promise((resolve) => setImmediate(resolve))]);
    if (isOver) return;
    for (const { streams } of listeners) streams?.pause();
    for (const { subscription } of subscriptions) subscription.pause();
  }

  return {
    ports: listeners.map(({ datagrams, streams }) => (datagrams ?? streams)!.port),
    done: run(),
    counted() {
      const sum: CollectCounts = { messages, bytes, dropped: 0, last, starts: 1, downSeconds: 0, down: false };
      for (const { datagrams } of listeners) {
        const counts = datagrams?.counts();
        if (counts) sum.dropped += counts.dropped + (counts.kernelDropped ?? 0);
      }
      for (const { subscription } of subscriptions) {
        const counts = subscription.counted();
        for (const name of ['messages', 'bytes', 'dropped', 'starts', 'downSeconds'] as const) sum[name] += counts[name];
        sum.down ||= counts.down;
        sum.last = Math.max(sum.last ?? 0, counts.last ?? 0) || undefined;
      }
      return sum;
    },
  };
}

/** Weird records of a source, in a batch of their own. */
const noted = (source: string, weird: readonly AnyRecord[]): Batch => ({
  id: (randomUUID() + randomUUID()).replaceAll('-', ''),
  source,
  logs: { weird: [...weird] },
});
