/**
 * A consumer of Kafka, as a member of a group: the offset of a partition is committed when what stands before it is on the disk. Members of one
 * group share the partitions; a group that is new begins with the oldest record that is there.
 */

import { Consumer, type Message } from '@platformatic/kafka';
import { brokerRefusal, type Feed, type OpenFeed } from './subscription.ts';
import type { SubscribeWish } from './wishes.ts';

/** Asked of a broker at a time; records that are longer come alone. */
const fetchBytes = 8_000_000;

/** Records that were fetched and not read yet. */
const waitingRecords = 4_096;

/** A broker answers at the latest so, also with nothing. */
const fetchWaitMs = 1_000;

const connectMs = 10_000;

/** A member that is gone without a word has its partitions given to others after so long; at a fifth of it, it says that it is there. */
const sessionMs = 15_000;

export const limits = [
  {
    name: 'collect.kafkaFetchBytes',
    value: fetchBytes,
    unit: 'bytes',
    why: 'Asked of one broker at a time: a sixth of a second at 50,000 records of 1 kB a second.',
  },
  {
    name: 'collect.kafkaWaitingRecords',
    value: waitingRecords,
    unit: 'records',
    why: 'Fetched and not read yet; with more no further ones are asked for.',
  },
] as const;

export const openKafka: OpenFeed = async (wish, { login, tls }, taker) => {
  const mechanism = (wish.options['mechanism'] ?? 'scram-sha-512').toUpperCase() as 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  const consumer = new Consumer({
    clientId: 'forewarn',
    groupId: wish.options['group'] ?? 'forewarn',
    bootstrapBrokers: wish.hosts.map(({ host, port }) => ({ host, port })),
    autocommit: false,
    autocreateTopics: false,
    retries: 1,
    connectTimeout: connectMs,
    highWaterMark: waitingRecords,
    sessionTimeout: sessionMs,
    heartbeatInterval: sessionMs / 5,
    ...(login ? { sasl: { mechanism, username: login.user, password: login.password } } : {}),
    ...(tls
      ? {
          tls: {
            ...(tls.certificate === undefined ? {} : { cert: tls.certificate, key: tls.key! }),
            ...(tls.authority === undefined ? {} : { ca: tls.authority }),
          },
          tlsServerName: true,
        }
      : {}),
  });
  const close = async (): Promise<void> => {
    // A broker that is gone is not told.
    await consumer.close(true).catch(() => undefined);
  };
  try {
    const stream = await consumer.consume({
      topics: [...wish.topics],
      mode: 'committed',
      fallbackMode: 'earliest',
      autocommit: false,
      maxBytes: fetchBytes,
      maxWaitTime: fetchWaitMs,
    });
    let lose: ((reason: string) => void) | undefined;
    const lost = new Promise<string>((resolve) => (lose = resolve));
    /** Of each partition the newest that was handed over. */
    const newest = new Map<string, Message>();
    let isOver = false;
    const over = (reason: string): void => {
      if (isOver) return;
      isOver = true;
      void close();
      lose?.(reason);
    };
    stream.on('data', (message: Message) => {
      newest.set(`${message.topic}/${message.partition}`, message);
      const at = Number(message.timestamp) / 1000;
      // A record without a value takes away what had its key; it tells nothing.
      if (message.value !== null && message.value !== undefined) taker.message(message.value, at > 0 ? at : undefined, false);
    });
    stream.on('error', (error: Error) => over(innermost(error)));
    stream.on('close', () => over('the stream ended'));
    return {
      lost,
      pause: () => void stream.pause(),
      resume: () => void stream.resume(),
      acknowledge() {
        const messages = [...newest.values()];
        newest.clear();
        // A partition that was given to another member cannot be committed by us any more; that member reads it again.
        for (const message of messages) void Promise.resolve(message.commit()).catch(() => undefined);
      },
      async close() {
        isOver = true;
        lose?.('it was closed');
        await stream.close().catch(() => undefined);
        await close();
      },
    } satisfies Feed;
  } catch (error) {
    await close();
    throw refusedOr(wish, error);
  }
};

/** What brokers say stands within what the client says. */
function* within(error: unknown): Generator<Error> {
  if (!(error instanceof Error)) return;
  yield error;
  for (const inner of (error as { errors?: readonly unknown[] }).errors ?? []) yield* within(inner);
  yield* within(error.cause);
}
const innermost = (error: unknown): string => [...within(error)].at(-1)?.message ?? String(error);

function refusedOr(wish: SubscribeWish, error: unknown): unknown {
  for (const one of within(error)) {
    const { code, apiId } = one as { code?: string; apiId?: string };
    if (code === 'PLT_KFK_AUTHENTICATION' || apiId === 'SASL_AUTHENTICATION_FAILED' || apiId?.endsWith('_AUTHORIZATION_FAILED')) {
      const advice =
        'Give user:password in a file with ?login=FILE, the way with ?mechanism=, and let the user read topic and group.';
      return brokerRefusal(wish, one.message, advice, error);
    }
    if (apiId === 'UNKNOWN_TOPIC_OR_PARTITION' || apiId === 'INVALID_TOPIC_EXCEPTION') {
      return brokerRefusal(wish, one.message, 'Make the topic at the broker first, or look how it is written.', error);
    }
    if (/^(?:DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_|ERR_TLS_CERT)/.test(code ?? '')) {
      return brokerRefusal(wish, one.message, 'Give the authority of the broker’s certificate with --tls-ca FILE.', error);
    }
  }
  return new Error(innermost(error), { cause: error });
}
