/** Floods and reflection among the traffic of an office with a website of its own. */

import type { Random } from '@forewarn/prepare/random';
import { composed, type Line, type Measure } from './measure.ts';
import { flow, office, resolver, start } from './ordinary.ts';

const website = '10.20.0.80';
const clock = '10.20.0.12';

const udp = (ts: number, from: string, to: string, port: number, sent: number, back: number, more: object = {}): Line =>
  flow(ts, from, to, port, { proto: 'udp', conn_state: 'SF', history: 'Dd', orig_bytes: sent, resp_bytes: back, orig_pkts: Math.ceil(sent / 1_400) || 1, resp_pkts: Math.ceil(back / 1_400), duration: 0.2, ...more }); // oxfmt-ignore

/** An hour: customers of the website, and for ten minutes a crowd of them; questions to own servers from outside. */
export function siteHour(random: Random): Line[] {
  const lines = office(random.split('office'), { computers: 20, seconds: 3_600 });
  for (let i = 0; i < 3_000; i++)
    lines.push(flow(start + random.draw([0, 3_600]), `198.19.${i % 120}.${1 + (i % 200)}`, website, 443));
  for (let i = 0; i < 6_000; i++)
    lines.push(flow(start + random.draw([1_800, 2_400]), `198.19.${128 + (i % 120)}.${1 + (i % 200)}`, website, 443));
  for (let i = 0; i < 1_500; i++)
    lines.push(udp(start + random.draw([0, 3_600]), `198.19.${i % 50}.53`, resolver, 53, 44, random.whole(60, 900)));
  for (let i = 0; i < 300; i++) lines.push(udp(start + random.draw([0, 3_600]), `198.19.${i % 50}.9`, clock, 123, 48, 48));
  return lines;
}

const forged = (random: Random): string =>
  `${random.pick(['203.0', '192.0', '198.51'])}.${random.whole(0, 255)}.${random.whole(1, 254)}`;

export const floods: readonly Measure[] = [
  composed({
    behaviour: 'flood',
    on: 'website',
    about:
      'a flood of SYN from forged addresses (40 to 100 a second) and one of UDP from three hundred hosts; customers come, and a crowd of them for ten minutes.',
    compose: (random) => {
      const lines = siteHour(random.split('hour'));
      const at = start + random.draw([2_700, 3_000]);
      const rate = random.draw([40, 100]);
      for (let i = 0; i < rate * 120; i++)
        lines.push(
          flow(at + i / rate, forged(random), website, 443, {
            conn_state: 'S1',
            history: 'Sh',
            orig_bytes: 0,
            resp_bytes: 0,
            duration: 0,
          }),
        );
      for (let i = 0; i < 900; i++)
        lines.push(
          udp(at + 200 + (i % 300) / 5 + i / 1_000, `203.0.${i % 100}.${1 + (i % 3)}`, '10.20.0.90', 4_000, 180_000, 0, {
            conn_state: 'S0',
            history: 'D',
            orig_pkts: 130,
            resp_pkts: 0,
            duration: 0,
          }),
        );
      return {
        lines,
        signs: [
          { id: 'SYN', target: website, from: at },
          { id: 'UDP', target: '10.20.0.90', from: at + 200 },
        ],
      };
    },
  }),
  composed({
    behaviour: 'reflection',
    on: 'own servers and hosts',
    about:
      'forged questions to the own name server (factor 30) and to a memcached, answers of 60 to 200 reflectors to an own host; a name server and a clock that are asked by many.',
    compose: (random) => {
      const lines = siteHour(random.split('hour'));
      const at = start + random.draw([600, 3_000]);
      for (let i = 0; i < 100; i++) lines.push(udp(at + i, '203.0.113.5', resolver, 53, 640, 640 * random.draw([25, 35])));
      for (let i = 0; i < 20; i++)
        lines.push(udp(at + 100 + i, '203.0.113.6', '10.20.0.91', 11_211, 15, random.whole(80_000, 700_000)));
      const reflectors = random.whole(60, 200);
      for (let i = 0; i < reflectors * 3; i++)
        lines.push(
          udp(at + 200 + (i * 40) / (reflectors * 3), `192.0.${i % reflectors}.7`, '10.20.0.92', 40_000 + i, 20_000, 0, {
            'id.orig_p': 389,
            history: 'D',
            resp_pkts: 0,
            conn_state: 'S0',
          }),
        );
      return {
        lines,
        signs: [
          { id: 'name server', source: resolver, target: '203.0.113.5', from: at },
          { id: 'memcached', source: '10.20.0.91', target: '203.0.113.6', from: at + 100 },
          { id: 'victim', target: '10.20.0.92', from: at + 200 },
        ],
      };
    },
  }),
];
