/**
 * A subscriber of NATS. With a stream (JetStream) through a durable consumer: a message is acknowledged when it is on the disk, and what comes while the
 * sensor is away waits there. Without one NATS keeps nothing: what comes while nobody listens is gone, and what finds no room here is dropped
 * and counted.
 */

import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager, type Consumer, type JsMsg } from '@nats-io/jetstream';
import { connect, credsAuthenticator, nanos, type NatsConnection } from '@nats-io/transport-node';
import { brokerRefusal, type Feed, type OpenFeed, type Taker } from './subscription.ts';
import type { SubscribeWish } from './wishes.ts';

/** Asked for at a time. */
const fetchMessages = 2_000;

/** Answered at the latest, also with nothing. */
const fetchMs = 5_000;

/** What was sent and not acknowledged by then is sent again. */
const ackWaitMs = 60_000;

/** On their way without acknowledgement, of all sensors that share the consumer. */
const ackPendingMax = 100_000;

const connectMs = 10_000;

export const limits = [
  {
    name: 'collect.natsFetchMessages',
    value: fetchMessages,
    unit: 'messages',
    why: 'Asked of a stream at a time: a batch of records. Messages have up to 1 MB, as servers come.',
  },
] as const;

export const openNats: OpenFeed = async (wish, { login, credentials, tls }, taker) => {
  const connection = await connect({
    servers: wish.hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`),
    name: 'forewarn',
    // It is made again by whoever holds the subscription.
    reconnect: false,
    timeout: connectMs,
    ...(credentials === undefined ? {} : { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) }),
    ...(login && credentials === undefined ? { user: login.user, pass: login.password } : {}),
    ...(tls
      ? {
          tls: {
            ...(tls.certificate === undefined ? {} : { cert: tls.certificate, key: tls.key! }),
            ...(tls.authority === undefined ? {} : { ca: tls.authority }),
          },
        }
      : {}),
  }).catch((error: unknown) => {
    throw refusedOr(wish, error);
  });
  try {
    return await (wish.options['stream'] === undefined
      ? fromSubject(connection, wish, taker)
      : fromStream(connection, wish, taker));
  } catch (error) {
    await connection.close().catch(() => undefined);
    throw refusedOr(wish, error);
  }
};

const lostOf = (connection: NatsConnection): Promise<string> =>
  connection.closed().then((error) => (error instanceof Error ? error.message : 'the server ended the connection'));

/** As it is published, to one of the group. */
function fromSubject(connection: NatsConnection, wish: SubscribeWish, taker: Taker): Promise<Feed> {
  let isPaused = false;
  let refused: ((reason: string) => void) | undefined;
  const permission = new Promise<string>((resolve) => (refused = resolve));
  connection.subscribe(wish.topics[0]!, {
    ...(wish.options['group'] === undefined ? {} : { queue: wish.options['group'] }),
    callback(error, message) {
      if (error) refused?.(error.message);
      else if (isPaused) taker.dropped();
      else taker.message(message.data, undefined, false);
    },
  });
  return connection.flush().then(() => ({
    lost: Promise.race([lostOf(connection), permission]),
    pause: () => void (isPaused = true),
    resume: () => void (isPaused = false),
    acknowledge: () => undefined,
    close: () => connection.close(),
  }));
}

async function fromStream(connection: NatsConnection, wish: SubscribeWish, taker: Taker): Promise<Feed> {
  const stream = wish.options['stream']!;
  const durable = wish.options['durable'] ?? 'forewarn';
  const manager = await jetstreamManager(connection);
  const there = await manager.consumers.info(stream, durable).catch((error: unknown) => {
    if ((error as { code?: number }).code === 10_014) return undefined;
    throw error;
  });
  if (!there) {
    await manager.consumers.add(stream, {
      durable_name: durable,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: ackPendingMax,
      deliver_policy: DeliverPolicy.All,
      filter_subject: wish.topics[0]!,
    });
  } else if (there.config.ack_policy !== AckPolicy.Explicit || there.config.deliver_subject !== undefined) {
    const advice = 'Give another name with ?durable=NAME, or make it a pull consumer with explicit acknowledgement.';
    throw brokerRefusal(wish, `the consumer ${durable} is of another kind`, advice);
  }
  const consumer = await jetstream(connection).consumers.get(stream, durable);
  const feed = createPull(consumer, taker);
  const lost = Promise.race([lostOf(connection), feed.failed]);
  return {
    lost,
    pause: feed.pause,
    resume: feed.resume,
    acknowledge: feed.acknowledge,
    async close() {
      feed.end();
      // Acknowledgements that are on their way arrive first.
      await connection.flush().catch(() => undefined);
      await connection.close();
    },
  };
}

/** Asks for messages, again and again; while it is paused it does not. */
function createPull(consumer: Consumer, taker: Taker) {
  let unacknowledged: JsMsg[] = [];
  const life = { isOver: false, isPaused: false };
  let wake: (() => void) | undefined;
  let fail: ((reason: string) => void) | undefined;
  const failed = new Promise<string>((resolve) => (fail = resolve));

  async function pull(): Promise<void> {
    while (!life.isOver) {
      if (life.isPaused) {
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      const messages = await consumer.fetch({ max_messages: fetchMessages, expires: fetchMs });
      for await (const message of messages) {
        if (life.isOver) return;
        unacknowledged.push(message);
        const { timestampNanos, redelivered } = message.info;
        taker.message(message.data, timestampNanos > 0 ? timestampNanos / 1e9 : undefined, redelivered);
      }
    }
  }
  pull().catch((error: unknown) => fail?.(error instanceof Error ? error.message : String(error)));

  return {
    failed,
    pause: () => void (life.isPaused = true),
    resume(): void {
      life.isPaused = false;
      wake?.();
    },
    acknowledge(): void {
      for (const message of unacknowledged) message.ack();
      unacknowledged = [];
    },
    end(): void {
      life.isOver = true;
      wake?.();
    },
  };
}

/** What will be the same tomorrow: who asks, what for, and by which certificate. */
function refusedOr(wish: SubscribeWish, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message } = error;
  if (
    /^(?:AuthorizationError|PermissionViolationError|UserAuthenticationExpiredError)$/.test(name) ||
    /authorization violation/i.test(message)
  ) {
    return brokerRefusal(
      wish,
      message,
      'Give user:password in a file with ?login=FILE, or a file of credentials with ?creds=FILE.',
      error,
    );
  }
  if (/^(?:StreamNotFoundError|JetStreamNotEnabled)$/.test(name) || (error as { code?: number }).code === 10_059) {
    return brokerRefusal(
      wish,
      message,
      'Make the stream at the server first, or leave ?stream= away and read the subject as it is published.',
      error,
    );
  }
  if (/certificate|self.signed|unable to verify/i.test(`${message} ${(error.cause as Error | undefined)?.message ?? ''}`)) {
    return brokerRefusal(wish, message, 'Give the authority of the server’s certificate with --tls-ca FILE.', error);
  }
  return error;
}
