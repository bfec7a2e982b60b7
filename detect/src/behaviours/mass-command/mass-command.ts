/** One client of MQTT publishes to many devices at once, or listens to all of them. Topics are compared by their structure; payloads are in no record. See README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { RecordReference } from '@forewarn/model/finding';
import { BoundedMap } from '../../bounded.ts';
import { ageWords, sureness } from '../age.ts';
import { behaviour, flowOf, hourOf, type Flow } from '../behaviour.ts';

/** Clients and brokers that are remembered, about 300 bytes each, some 30 KB while a client publishes widely. */
const clientsMax = 50_000;
const brokersMax = 2_000;

/** Shapes of one client in a window, and devices of one shape; beyond it enough is known. */
const shapesMax = 64;
const devicesMax = 500;

/** Levels of a topic that are looked at; topics of devices have three to six. */
const levelsMax = 8;

const referencesMax = 100;

/** Names of levels that stand for commands in common schemes (Homie, Tasmota, ThingsBoard, AWS IoT jobs, Azure, Sparkplug B, Zigbee2MQTT). */
const commandLevels = new Set(
  'cmd cmnd command commands set control ctl action actions rpc request ota update firmware jobs down downlink methods ncmd dcmd reboot restart switch'.split(
    ' ',
  ),
);

type Window = { block: number; shapes: Map<string, Set<string>>; references: RecordReference[]; widest: number; told: number };

type Client = {
  first: Seconds;
  window: Window;
  /** Devices of one shape in a window: the most that is habit, and in the window before, which is not yet. */
  most: number;
  before: number;
  /** It listened to everything before. */
  listens: boolean;
};

const newWindow = (block: number): Window => ({ block, shapes: new Map(), references: [], widest: 0, told: 0 });

/** Subscriptions to everything: `#`, `+/#`, `+/+/#`, and the broker's own `$SYS/#`. */
const isWide = (topic: unknown): boolean =>
  typeof topic === 'string' && topic.length <= 64 && /^(?:\+\/)*#$|^\$SYS\/#$/.test(topic);

export const massCommand = behaviour({
  id: 'mass-command',
  technique: ['T0801', 'T0855'],
  logs: ['mqtt_publish', 'mqtt_subscribe'],
  parameters: ['within', 'devicesMin', 'timesUsual', 'learnSeconds', 'seasonSeconds', 'sureYoung', 'sureOld', 'listenSure'],
  start({ parameters, inside, rule, sight }) {
    const clients = new BoundedMap<string, Client>(clientsMax);
    const brokers = new BoundedMap<string, Seconds>(brokersMax);

    const meet = ({ source, target, ts }: Flow): { client: Client; watched: Seconds } => {
      const since = brokers.touch(target);
      if (since === undefined || ts < since) brokers.set(target, ts);
      const key = `${source} ${target}`;
      let client = clients.touch(key);
      if (!client) {
        client = { first: ts, window: newWindow(-Infinity), most: 0, before: 0, listens: false };
        clients.set(key, client);
      }
      client.first = Math.min(client.first, ts);
      return { client, watched: ts - (since ?? ts) };
    };

    /** Puts the topic under each shape that it has with one level left open; answers the shape with most devices. */
    const shape = (window: Window, topic: string): { shape: string; devices: number } => {
      const levels = topic.split('/', levelsMax);
      let widest = { shape: topic, devices: 0 };
      for (let i = 0; i < levels.length; i++) {
        const open = levels.with(i, '+').join('/');
        let devices = window.shapes.get(open);
        if (!devices) {
          if (window.shapes.size >= shapesMax) {
            // The narrowest make room: a wide shape grows, single topics do not.
            for (const [other, { size }] of window.shapes)
              if (size <= 1 && window.shapes.size >= shapesMax) window.shapes.delete(other);
            if (window.shapes.size >= shapesMax) continue;
          }
          devices = new Set();
          window.shapes.set(open, devices);
        }
        if (devices.size < devicesMax) devices.add(levels[i]!);
        if (devices.size > widest.devices) widest = { shape: open, devices: devices.size };
      }
      return widest;
    };

    const published = (flow: Flow, topic: string): void => {
      const { client, watched } = meet(flow);
      const { ts, source, target, reference } = flow;
      const block = Math.floor(ts / parameters.within);
      if (block < client.window.block) return;
      if (block > client.window.block) {
        // Only what is older than a window is habit, so that a burst does not hide itself; what was told is none.
        client.most = Math.max(client.most, client.before);
        client.before = client.window.told > 0 ? 0 : client.window.widest;
        if (block > client.window.block + 1) Object.assign(client, { most: Math.max(client.most, client.before), before: 0 });
        client.window = newWindow(block);
      }
      const { window } = client;
      if (window.references.length < referencesMax) window.references.push(reference);
      const { shape: widest, devices } = shape(window, topic);
      window.widest = Math.max(window.widest, devices);
      const usual = Math.max(client.most, client.before);
      if (devices < parameters.devicesMin || devices < parameters.timesUsual * usual || watched < parameters.learnSeconds) return;
      if (devices <= window.told) return;
      const begun = window.told > 0;
      const added = begun ? devices - window.told : devices;
      window.told = devices;
      const isCommand = widest
        .toLowerCase()
        .split('/')
        .some((level) => commandLevels.has(level));
      const age = ts - client.first;
      sight({
        rule,
        subject: `${source} ${target}`,
        window: hourOf(ts),
        from: ts,
        to: ts,
        technique: ['T0855'],
        tactic: ['impair-process-control'],
        level: isCommand ? 'high' : 'medium',
        // Of a client that just came it is not known what it always does.
        confidence:
          Math.round(
            100 *
              sureness(age, { young: parameters.sureYoung, old: parameters.sureOld, full: parameters.seasonSeconds }) *
              (isCommand ? 1 : 0.7),
          ) / 100,
        explanation: {
          text: isCommand ? 'detect.mass-command.command' : 'detect.mass-command.publish',
          values: { source, target, devices, shape: widest.slice(0, 200), seconds: parameters.within, usual, age: ageWords(age) },
        },
        source,
        targets: [target],
        names: [widest.slice(0, 300)],
        records: begun ? [reference] : window.references,
        recordCount: added,
        harm: null,
      });
    };

    const subscribed = (flow: Flow, topics: readonly unknown[]): void => {
      const { client, watched } = meet(flow);
      const wide = topics.find(isWide);
      if (wide === undefined) return;
      const isHabit = client.listens;
      client.listens = true;
      if (isHabit || watched < parameters.learnSeconds) return;
      const { ts, source, target, reference } = flow;
      sight({
        rule,
        subject: `${source} ${target} listens`,
        window: hourOf(ts),
        from: ts,
        to: ts,
        technique: ['T0801'],
        tactic: ['collection'],
        level: inside(source) === 'inside' ? 'medium' : 'high',
        confidence: parameters.listenSure,
        explanation: {
          text: 'detect.mass-command.listen',
          values: { source, target, topic: wide as string, age: ageWords(watched), client: ageWords(ts - client.first) },
        },
        source,
        targets: [target],
        names: [],
        records: [reference],
        recordCount: 1,
        harm: null,
      });
    };

    return {
      evictions: () => clients.evictions + brokers.evictions,
      push(log, record) {
        const flow = flowOf(log, record);
        if (!flow) return;
        if (log === 'mqtt_publish') {
          const { topic, from_client: isClient, reason_code: reason } = record;
          if (isClient === true && typeof topic === 'string' && topic !== '' && !(typeof reason === 'number' && reason >= 128))
            published(flow, topic.slice(0, 500));
          return;
        }
        const { action, topics, granted_qos_level: granted } = record;
        if (action === 'MQTT::SUBSCRIBE' && Array.isArray(topics) && !(typeof granted === 'number' && granted >= 128))
          subscribed(flow, (topics as unknown[]).slice(0, 50));
      },
      advance() {
        // Who publishes to whom is worth remembering for as long as there is room.
      },
    };
  },
});
