/**
 * What a sensor is to collect, as it is written on the command line: `netflow=0.0.0.0:2055` and `syslog=tls:[::]:6514` listen,
 * `kafka=tls:broker:9093/logs?group=forewarn` subscribes.
 */

import { Refusal } from '@forewarn/base/refusal';

/** What comes: flows of exporters, or lines of logs. */
export type Collected = 'flows' | 'lines';

export type ListenWish = {
  readonly kind: 'listen';
  /** As it was written: names the source of the records. */
  readonly name: string;
  readonly collected: Collected;
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly host: string;
  readonly port: number;
};

export type Broker = 'kafka' | 'nats' | 'mqtt';

export type SubscribeWish = {
  readonly kind: 'subscribe';
  /** As it was written, without what stands behind the question mark. */
  readonly name: string;
  readonly broker: Broker;
  readonly tls: boolean;
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  /** Topics of Kafka, one subject of NATS, one topic filter of MQTT. */
  readonly topics: readonly string[];
  /** By their names, of `optionNames`. */
  readonly options: { readonly [name: string]: string };
};

export type CollectWish = ListenWish | SubscribeWish;

/** Listeners and subscriptions of one sensor. Each listener of UDP is a thread. */
export const collectorsMax = 16;

/** NetFlow, IPFIX and sFlow are told apart by their bytes: whichever of these is written, all of them are read. */
const exportNames: readonly string[] = ['netflow', 'ipfix', 'sflow'];

const usualPorts: { readonly [broker in Broker]: number } = { kafka: 9_092, nats: 4_222, mqtt: 1_883 };
const usualTlsPorts: { readonly [broker in Broker]: number } = { kafka: 9_093, nats: 4_222, mqtt: 8_883 };

/** What may stand behind the question mark, and how. Logins and credentials are files: what is on the command line everybody on the machine reads. */
const optionNames: { readonly [broker in Broker]: { readonly [name: string]: RegExp } } = {
  kafka: { group: /^[\w.-]{1,200}$/, login: /^.{1,4096}$/, mechanism: /^(?:plain|scram-sha-256|scram-sha-512)$/ },
  nats: {
    stream: /^[^\s.*>/\\]{1,200}$/,
    durable: /^[^\s.*>/\\]{1,200}$/,
    group: /^[\w.-]{1,200}$/,
    login: /^.{1,4096}$/,
    creds: /^.{1,4096}$/,
  },
  mqtt: { client: /^[\w.:-]{1,120}$/, version: /^(?:3\.1\.1|5)$/, login: /^.{1,4096}$/ },
};

const place = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(?::(\d{1,5}))?$/;

/** Reads one wish. Refusals: `sensor.collect`. */
export function collectWish(text: string): CollectWish {
  const wish = /^(?:kafka|nats|mqtt)=/.test(text) ? subscribeWish(text) : listenWish(text);
  if (wish) return wish;
  throw new Refusal('sensor.collect', `"${text.slice(0, 200)}" says nothing that can be collected.`, {
    place: { field: '--collect' },
    advice:
      'Write it as netflow=0.0.0.0:2055, syslog=udp:0.0.0.0:514, syslog=tcp:0.0.0.0:601, syslog=tls:[::]:6514, kafka=HOST:9092/TOPIC, ' +
      'nats=HOST:4222/SUBJECT?stream=NAME or mqtt=tls:HOST:8883/TOPIC; what may follow a question mark tells forewarn sensor --help.',
  });
}

function listenWish(text: string): ListenWish | undefined {
  const parts = /^(\w+)=(?:(udp|tcp|tls):)?(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(text);
  const [, what = '', transport, host = '', digits = ''] = parts ?? [];
  const port = Number(digits);
  const isExport = exportNames.includes(what);
  // Port 0 is any that is free, which is said then.
  if (!parts || (!isExport && what !== 'syslog') || port > 65_535) return undefined;
  if (isExport && transport !== undefined && transport !== 'udp') return undefined;
  return {
    kind: 'listen',
    name: text,
    collected: isExport ? 'flows' : 'lines',
    transport: (transport as 'udp' | 'tcp' | 'tls' | undefined) ?? 'udp',
    host: host.replace(/^\[|\]$/g, ''),
    port,
  };
}

function subscribeWish(text: string): SubscribeWish | undefined {
  const parts = /^(kafka|nats|mqtt)=(tls:)?([^/]+)\/([^?]+)(?:\?(.+))?$/.exec(text);
  if (!parts) return undefined;
  const [, named = '', secure, hostsText = '', topicText = '', optionText = ''] = parts;
  const broker = named as Broker;
  const usual = (secure === undefined ? usualPorts : usualTlsPorts)[broker];
  const hosts = hostsText.split(',').map((one) => {
    const [, host = '', digits] = place.exec(one) ?? [];
    return { host: host.replace(/^\[|\]$/g, ''), port: digits === undefined ? usual : Number(digits) };
  });
  if (hosts.length > 16 || hosts.some(({ host, port }) => host === '' || port < 1 || port > 65_535)) return undefined;
  const topics = broker === 'kafka' ? topicText.split(',') : [topicText];
  if (topics.length > 64 || topics.some((topic) => !isTopic[broker](topic))) return undefined;
  const options: { [name: string]: string } = {};
  for (const option of optionText === '' ? [] : optionText.split('&')) {
    const [, name = '', value = ''] = /^([a-z]+)=(.+)$/.exec(option) ?? [];
    if (!Object.hasOwn(optionNames[broker], name) || !optionNames[broker][name]!.test(value)) return undefined;
    options[name] = value;
  }
  if (options['durable'] !== undefined && options['stream'] === undefined) return undefined;
  return {
    kind: 'subscribe',
    name: text.split('?', 1)[0]!.slice(0, 300),
    broker,
    tls: secure !== undefined,
    hosts,
    topics,
    options,
  };
}

const isTopic: { readonly [broker in Broker]: (topic: string) => boolean } = {
  kafka: (topic) => /^[\w.-]{1,249}$/.test(topic),
  nats: (topic) => /^[^\s/]{1,255}$/.test(topic),
  // MQTT 5.0 §4.7: a plus stands alone between slashes, a number sign alone at the end.
  mqtt: (topic) =>
    topic.length <= 1_024 &&
    topic.split('/').every((level, n, all) => level === '+' || (level === '#' && n === all.length - 1) || !/[+#\0]/.test(level)),
};
