/**
 * A subscriber of MQTT 3.1.1 and 5.0 with quality of service 1: a message is acknowledged when it is on the disk, and the session is kept at the
 * broker, so that what comes while the sensor is away waits there. A broker that does not speak version 5 is asked again by 3.1.1.
 */

import { createHash } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls } from 'node:tls';
import {
  connectPacket,
  createPackets,
  disconnectPacket,
  isForGood,
  isOtherVersion,
  packetKinds,
  pingPacket,
  pubacks,
  publishOf,
  reasonOf,
  subackCodes,
  subscribePacket,
  type MqttVersion,
  type Packet,
} from './mqtt-packets.ts';
import { brokerRefusal, type Feed, type FeedSecrets, type OpenFeed, type Taker } from './subscription.ts';
import type { SubscribeWish } from './wishes.ts';

const keepAliveSeconds = 60;

/** Asked so often whether the other side is there; after three without a word it is not. */
const pingMs = 20_000;

/** From the connection to the answer to the subscription. */
const greetingMs = 15_000;

/** Messages wait so long for others to be put on the disk with them. */
const lingerMs = 200;

export const openMqtt: OpenFeed = async (wish, secrets, taker, attempt) => {
  const wanted = wish.options['version'];
  try {
    return await open(wish, secrets, taker, attempt, wanted === '3.1.1' ? 4 : 5);
  } catch (error) {
    if (wanted !== undefined || !(error instanceof OtherVersion)) throw error;
    return open(wish, secrets, taker, attempt, 4);
  }
};

class OtherVersion extends Error {}

async function open(
  wish: SubscribeWish,
  { login, tls }: FeedSecrets,
  taker: Taker,
  attempt: number,
  version: MqttVersion,
): Promise<Feed> {
  const { host, port } = wish.hosts[attempt % wish.hosts.length]!;
  const socket = tls
    ? connectTls({
        host,
        port,
        servername: /^[\d.:]+$/.test(host) ? '' : host,
        minVersion: 'TLSv1.2',
        ...(tls.certificate === undefined ? {} : { cert: tls.certificate, key: tls.key }),
        ...(tls.authority === undefined ? {} : { ca: tls.authority }),
      })
    : connectTcp({ host, port });
  socket.setNoDelay(true);

  let state: 'greeting' | 'subscribing' | 'open' | 'over' = 'greeting';
  let begin: ((feed: Feed) => void) | undefined;
  let fail: ((error: Error) => void) | undefined;
  let lose: ((reason: string) => void) | undefined;
  const lost = new Promise<string>((resolve) => (lose = resolve));
  const acknowledging = createAcknowledging(socket, taker);
  let isPaused = false;
  let heardAt = performance.now();

  const timer = setInterval(() => {
    if (state !== 'open') return;
    // While nothing is read nothing is heard; the broker hears us.
    if (!isPaused && performance.now() - heardAt > 3 * pingMs)
      return over(new Error('nothing was heard of the broker for a minute'));
    socket.write(pingPacket());
  }, pingMs);
  const greeting = setTimeout(() => over(new Error('the broker did not answer')), greetingMs);

  function over(error: Error): void {
    if (state === 'over') return;
    state = 'over';
    clearInterval(timer);
    clearTimeout(greeting);
    acknowledging.end();
    socket.destroy();
    fail?.(error);
    lose?.(error.message);
  }

  function take(packet: Packet): void {
    if (state === 'over') return;
    switch (packet.kind) {
      case packetKinds.publish: {
        const publish = publishOf(packet, version);
        if (!publish) return over(new Error('the broker sent a message that is none'));
        // Some brokers send what waited before they answer the subscription.
        if (publish.qos === 1) acknowledging.came(publish.id);
        taker.message(publish.payload, undefined, publish.again);
        return;
      }
      case packetKinds.connack: {
        const code = packet.body[1] ?? 0x80;
        if (isOtherVersion(code)) return over(new OtherVersion(reasonOf(code)));
        if (code === 0) {
          if (state !== 'greeting') return over(new Error('the broker greeted twice'));
          state = 'subscribing';
          socket.write(subscribePacket(version, 1, wish.topics));
          return;
        }
        const advice = 'Give user:password in a file with ?login=FILE, a name with ?client=NAME, or ask who runs the broker.';
        return over(isForGood(code) ? brokerRefusal(wish, reasonOf(code), advice) : new Error(reasonOf(code)));
      }
      case packetKinds.suback: {
        const refused = subackCodes(packet, version)?.find((code) => code >= 0x80);
        if (refused !== undefined) {
          return over(brokerRefusal(wish, reasonOf(refused), 'Ask who runs the broker for the right to read this topic.'));
        }
        if (state !== 'subscribing') return;
        state = 'open';
        clearTimeout(greeting);
        begin?.(feed);
        return;
      }
      case packetKinds.disconnect:
        return over(new Error(reasonOf(packet.body[0] ?? 0)));
    }
  }

  const packets = createPackets(take);
  socket.once(tls ? 'secureConnect' : 'connect', () => {
    socket.write(connectPacket({ version, client: clientName(wish), keepAliveSeconds, login }));
  });
  socket.on('data', (bytes: Buffer) => {
    heardAt = performance.now();
    if (!packets.push(bytes)) over(new Error('the broker sent something that is no MQTT, or too large a message'));
    else acknowledging.read();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    const isTls = /^(?:ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_)/.test(error.code ?? '');
    over(
      isTls
        ? brokerRefusal(wish, error.message, 'Give the authority of the broker’s certificate with --tls-ca FILE.', error)
        : error,
    );
  });
  socket.on('close', () =>
    over(
      state === 'greeting' && version === 5
        ? new OtherVersion('the broker ended the connection')
        : new Error('the broker ended the connection'),
    ),
  );

  const feed: Feed = {
    lost,
    pause() {
      isPaused = true;
      socket.pause();
    },
    resume() {
      isPaused = false;
      heardAt = performance.now();
      socket.resume();
    },
    acknowledge: () => acknowledging.acknowledge(),
    close: () =>
      new Promise((resolve) => {
        if (state === 'over') return resolve();
        socket.once('close', () => resolve());
        // Said properly, the broker keeps the session, as it was asked to.
        socket.end(disconnectPacket());
        setTimeout(() => socket.destroy(), 1_000).unref();
        socket.resume();
      }),
  };
  return new Promise<Feed>((resolve, reject) => {
    begin = resolve;
    fail = reject;
  });
}

/**
 * Brokers send so many messages and then wait (mosquitto: 20 as it comes). Nobody says how many to a client of 3.1.1, so it is learned: where a
 * broker stops twice after the same number, the next so many are acknowledged at once.
 */
function createAcknowledging(socket: Socket, taker: Taker) {
  let ids: number[] = [];
  let window = Infinity;
  let stoppedAt = 0;
  let readAt = 0;
  let linger: NodeJS.Timeout | undefined;

  function waited(): void {
    linger = undefined;
    if (ids.length === 0) return;
    const isStopped = performance.now() - readAt > lingerMs / 4;
    if (isStopped && ids.length === stoppedAt) window = ids.length;
    stoppedAt = isStopped ? ids.length : 0;
    taker.settle();
  }

  return {
    came(id: number): void {
      ids.push(id);
    },
    /** All that came in one piece was handed over. */
    read(): void {
      readAt = performance.now();
      if (ids.length === 0) return;
      if (ids.length > window) window = Infinity;
      if (ids.length === window) taker.settle();
      else linger ??= setTimeout(waited, lingerMs);
    },
    acknowledge(): void {
      if (ids.length === 0) return;
      if (socket.writable) socket.write(pubacks(ids));
      ids = [];
    },
    end(): void {
      clearTimeout(linger);
      ids = [];
    },
  };
}

/** The same after each start, so that the broker knows its session again, and another on each machine and for each subscription. */
function clientName(wish: SubscribeWish): string {
  const own = createHash('sha256').update(`${hostname()}\0${wish.name}`).digest('hex').slice(0, 12);
  return wish.options['client'] ?? `forewarn-${own}`;
}
