/** Devices of MQTT, transport streams and public warnings: what is done to them among ordinary days. */

import type { Random } from '@forewarn/prepare/random';
import { composed, type Line, type Measure } from './measure.ts';
import { recordOf, restart, start } from './ordinary.ts';

const day = 86_400;
const broker = '10.70.0.1';
const app = '10.70.0.20';

const publish = (ts: number, from: string, topic: string): Line =>
  recordOf('mqtt_publish', ts, from, broker, 1883, {
    from_client: true,
    retain: false,
    qos: 'at least once',
    status: 'ok',
    topic,
    payload_len: 30,
  });
const subscribe = (ts: number, from: string, topics: string[]): Line =>
  recordOf('mqtt_subscribe', ts, from, broker, 1883, { action: 'MQTT::SUBSCRIBE', topics, ack: true });

/** Six hours: two gateways with 40 and 25 meters each, sensors by themselves, an application that switches a few things now and then. */
export function fleet(random: Random): Line[] {
  restart();
  const lines: Line[] = [];
  for (const [gateway, meters, every] of [
    ['10.70.0.30', 40, 300],
    ['10.70.0.31', 25, 600],
  ] as const)
    for (let t = random.draw([0, every]); t < 6 * 3_600; t += every)
      for (let i = 0; i < meters; i++) lines.push(publish(start + t + i / 5, gateway, `town/${gateway}/meter${i}/state`));
  for (let i = 0; i < 60; i++)
    for (let t = random.draw([0, 600]); t < 6 * 3_600; t += random.draw([500, 900]))
      lines.push(publish(start + t, `10.70.1.${i}`, `town/lamp${i}/state`));
  for (let t = random.draw([0, 600]); t < 6 * 3_600; t += random.draw([200, 1_200]))
    for (let n = random.whole(1, 4); n > 0; n--) lines.push(publish(start + t + n, app, `town/lamp${random.whole(0, 59)}/set`));
  lines.push(
    subscribe(start + 5, app, ['town/+/state']),
    subscribe(start + 6, '10.70.0.40', ['#']),
    subscribe(start + 9_000, '10.70.0.40', ['#']),
  );
  return lines;
}

const stream = (ts: number, group: number, from: string, more: object = {}): Line =>
  recordOf('mpeg_ts', ts, from, `239.1.1.${group}`, 5004, {
    is_orig: true, carriage: 'rtp', duration: 10, packets: 26_000, bitrate: 4_000_000, transport_stream_id: group, programs: [100 + group],
    services: [`Channel ${group}`], pids: [0, 17, 256, 257, 258], ...more,
  }); // oxfmt-ignore

/** An hour and a half of twelve groups with varying rates; two have two sources that take turns, one changes its sound. */
export function headend(random: Random): Line[] {
  restart();
  const lines: Line[] = [];
  for (let group = 1; group <= 12; group++)
    for (let t = random.draw([0, 10]); t < 5_400; t += 10) {
      const from = group <= 2 && Math.floor(t / 120) % 2 === 1 ? `10.75.1.${group}` : `10.75.0.${group}`;
      lines.push(
        stream(start + t, group, from, {
          bitrate: Math.round(4e6 * random.draw([0.8, 1.2])),
          ...(random.chance(0.05) && { services: [] }),
          ...(group === 5 && t > 3_000 && { pids: [0, 17, 256, 258, 259] }),
        }),
      );
    }
  return lines;
}

const warning = (ts: number, sender: string, from: string, more: object = {}): Line =>
  recordOf('cap_alert', ts, from, '10.76.0.1', 443, {
    sender,
    status: 'Actual',
    msgType: 'Alert',
    info: 1,
    infos: 1,
    signed: true,
    severity: 'Moderate',
    urgency: 'Expected',
    ...more,
  });

/** Ten days of warnings: a weather and a flood service that sign, a road service that does not, exercises. */
export function warnings(random: Random): Line[] {
  restart();
  const lines: Line[] = [];
  for (let t = random.draw([0, 3_600]); t < 10 * day; t += random.draw([600, 4_000])) {
    const [sender, from, signed] = random.pick([
      ['weather.example', '198.51.100.20', true],
      ['floods.example', '198.51.100.21', true],
      ['roads.example', '198.51.100.22', false],
    ] as const);
    lines.push(
      warning(start + t, sender, from, {
        signed,
        status: random.chance(0.05) ? 'Exercise' : 'Actual',
        severity: random.pick(['Minor', 'Moderate', 'Severe']),
      }),
    );
  }
  return lines;
}

export const things: readonly Measure[] = [
  composed({
    behaviour: 'mass-command',
    on: 'fleet',
    about:
      'the application switches 40 to 60 lamps at once, a stranger publishes to 30 meters, another listens to everything; gateways with 40 and 25 meters, lamps, a monitor that always listened.',
    compose: (random) => {
      const lines = fleet(random.split('fleet'));
      const at = start + random.draw([4 * 3_600, 5 * 3_600]);
      const lamps = random.whole(40, 60);
      for (let i = 0; i < lamps; i++) lines.push(publish(at - (at % 60) + 5 + i / 4, app, `town/lamp${i}/set`));
      for (let i = 0; i < 30; i++)
        lines.push(publish(at + 605 - (at % 60) + i / 10, '10.70.9.9', `town/10.70.0.30/meter${i}/state`));
      lines.push(subscribe(at + 900, '10.70.9.10', ['#']));
      return {
        lines,
        signs: [
          { id: 'lamps', source: app, from: at - (at % 60) },
          { id: 'meters', source: '10.70.9.9', from: at + 600 - (at % 60) },
          { id: 'listener', source: '10.70.9.10', from: at + 900 },
        ],
      };
    },
  }),
  composed({
    behaviour: 'stream-replaced',
    on: 'headend',
    about:
      'a stranger sends another programme to a group, one the same beside the true source, and one source changes its programme; rates vary, redundant sources take turns, a sound is exchanged.',
    compose: (random) => {
      const lines = headend(random.split('headend'));
      const at = start + random.draw([3_000, 4_500]);
      for (let t = 0; t < 300; t += 10) {
        lines.push(
          stream(at + t, 7, '10.75.9.66', { programs: [1], services: ['Other'], transport_stream_id: 99, bitrate: 2_500_000 }),
        );
        lines.push(stream(at + t + 3, 8, '10.75.9.67'));
      }
      for (const line of lines)
        if (line.record['id.resp_h'] === '239.1.1.9' && (line.record['ts'] as number) > at)
          Object.assign(line.record, { programs: [5], services: ['Other'] });
      return {
        lines,
        signs: [
          { id: 'replaced', source: '10.75.9.66', target: '239.1.1.7', from: at, harmAt: at },
          { id: 'beside', source: '10.75.9.67', target: '239.1.1.8', from: at },
          { id: 'other content', source: '10.75.0.9', target: '239.1.1.9', from: at },
        ],
      };
    },
  }),
  composed({
    behaviour: 'strange-alert',
    on: 'area',
    about:
      'a sender that nobody knows, one that always signed and does not, one by another way; ten days of three services, one of which never signs, with exercises.',
    compose: (random) => {
      const lines = warnings(random.split('area'));
      const at = start + 10 * day;
      lines.push(
        warning(at, 'defence.example', '203.0.113.66', { severity: 'Extreme', urgency: 'Immediate' }),
        warning(at + 7_300, 'weather.example', '198.51.100.20', { signed: false }),
        warning(at + 14_600, 'floods.example', '203.0.113.67'),
      );
      return {
        lines,
        signs: [
          { id: 'sender', source: '203.0.113.66', from: at },
          { id: 'signature', source: '198.51.100.20', from: at + 7_300 },
          { id: 'way', source: '203.0.113.67', from: at + 14_600 },
        ],
      };
    },
  }),
];
