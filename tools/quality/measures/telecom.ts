/** Fraud and abuse among the calls of offices and the sessions of a mobile core. */

import type { Random } from '@forewarn/prepare/random';
import { composed, type Line, type Measure } from './measure.ts';
import { recordOf, restart, start } from './ordinary.ts';

const day = 86_400;
const trunk = '198.51.100.5';
const exchange = (i: number): string => `10.20.8.${10 + i}`;
const gateway = '10.80.0.1';
const partner = (i: number): string => `198.51.100.${20 + i}`;

const call = (ts: number, from: string, code: string | undefined, status: number): Line =>
  recordOf('sip', ts, from, trunk, 5060, {
    is_orig: true,
    method: 'INVITE',
    status_code: status,
    uri: `ps-${Math.round(ts * 7) % 9_000}`,
    ...(code !== undefined && { called_code: code }),
  });
const register = (ts: number, from: string, to: string, name: string, status: number | undefined, method = 'REGISTER'): Line =>
  recordOf('sip', ts, from, to, 5060, {
    is_orig: true,
    method,
    uri: name,
    request_to: name,
    ...(status !== undefined && { status_code: status }),
  });
const gtp = (ts: number, from: string, message: string, more: object = {}): Line =>
  recordOf('gtp', ts, from, gateway, 2123, { is_orig: true, version: 2, message, ...more });

/** Five days of three offices that call by day, a tenth of it abroad, each to countries of its own; and of a carrier that calls everywhere. */
export function calls(random: Random): Line[] {
  restart();
  const lines: Line[] = [];
  for (let i = 0; i < 3; i++) {
    const abroad = random.shuffle(['+44', '+1212', '+49', '+81', '+33', '+65']).slice(0, 3);
    for (let d = 0; d < 5; d++)
      for (let n = random.whole(250, 400); n > 0; n--) {
        const status = random.chance(0.7) ? 200 : random.pick([486, 487, 480, 404]);
        lines.push(
          call(
            start + d * day + random.draw([0, 36_000]),
            exchange(i),
            random.chance(0.1) ? random.pick(abroad) : undefined,
            status,
          ),
        );
      }
    // A campaign abroad, to a country that is called anyway.
    for (let n = 0; n < 25; n++) lines.push(call(start + 4 * day + 9_000 + n * 30, exchange(i), abroad[0], 200));
  }
  for (let n = 0; n < 4_000; n++)
    lines.push(
      call(start + random.draw([0, 5 * day]), '10.20.8.90', `+${random.whole(210, 390)}`, random.chance(0.5) ? 200 : 503),
    );
  return lines;
}

export const telecoms: readonly Measure[] = [
  composed({
    behaviour: 'toll-fraud',
    on: 'exchanges',
    about:
      'an exchange calls two countries that it never called at night (four to ten calls a minute), another by day, a third services of the world; offices call abroad by day, one has a campaign, a carrier calls everywhere.',
    compose: (random) => {
      const lines = calls(random.split('calls'));
      const night = start + 4 * day + 18 * 3_600;
      const midday = start + 4 * day + 4 * 3_600;
      const burst = (from: number, source: string, codes: string[], count: number) => {
        const every = 60 / random.draw([4, 10]);
        for (let n = 0; n < count; n++)
          lines.push(call(from + n * every, source, codes[n % codes.length], random.chance(0.8) ? 200 : 503));
      };
      burst(night, exchange(0), ['+252', '+371'], 80);
      burst(midday, exchange(1), ['+224'], 60);
      burst(night + 3_600, exchange(2), ['+979', '+882'], 50);
      return {
        lines,
        signs: [
          { id: 'at night', source: exchange(0), from: night },
          { id: 'by day', source: exchange(1), from: midday },
          { id: 'services of the world', source: exchange(2), from: night + 3_600 },
        ],
      };
    },
  }),
  composed({
    behaviour: 'sip-enumeration',
    on: 'exchanges',
    about:
      'a stranger tries 200 names at an exchange (1 to 5 a second), another asks 60 hosts, an own host 30; telephones register, people call wrong numbers, a monitor asks hosts that are down.',
    compose: (random) => {
      restart();
      const lines: Line[] = [];
      for (let n = 0; n < 4_000; n++) {
        const at = start + random.draw([0, 7_200]);
        const telephone = `10.20.9.${1 + (n % 200)}`;
        lines.push(
          register(at, telephone, exchange(0), `ps-${n % 200}`, 401),
          register(at + 0.1, telephone, exchange(0), `ps-${n % 200}`, 200),
        );
        if (n % 4 === 0)
          lines.push(register(at + 2, telephone, exchange(0), `ps-c${n}`, random.pick([200, 200, 486, 487, 404]), 'INVITE'));
      }
      for (let n = 0; n < 1_440; n++)
        lines.push(
          register(start + n * 5, '10.20.0.50', `10.20.8.${10 + (n % 24)}`, 'ps-m', n % 24 < 6 ? undefined : 200, 'OPTIONS'),
        );
      for (let n = 0; n < 240; n++) lines.push(register(start + n * 30, '10.20.9.201', exchange(0), 'ps-old', 403));
      const from = start + random.draw([600, 5_000]);
      const every = 1 / random.draw([1, 5]);
      for (let n = 0; n < 200; n++)
        lines.push(register(from + n * every, '203.0.113.77', exchange(0), `ps-x${n}`, random.pick([403, 404])));
      for (let n = 0; n < 60; n++)
        lines.push(
          register(from + 300 + n, '203.0.113.78', `10.20.8.${100 + n}`, 'ps-y', n % 20 === 0 ? 200 : undefined, 'OPTIONS'),
        );
      for (let n = 0; n < 30; n++)
        lines.push(register(from + 500 + n * 4, '10.20.9.210', `10.20.8.${100 + n}`, 'ps-z', undefined, 'OPTIONS'));
      return {
        lines,
        signs: [
          { id: 'names', source: '203.0.113.77', from },
          { id: 'hosts', source: '203.0.113.78', from: from + 300 },
          { id: 'hosts from inside', source: '10.20.9.210', from: from + 500 },
        ],
      };
    },
  }),
  composed({
    behaviour: 'gtp-abuse',
    on: 'roaming',
    about:
      'a stranger asks for sessions, a partner for twenty a second, another guesses sessions, a telephone speaks to the core; twelve partners of different size, one of which restarts.',
    compose: (random) => {
      restart();
      const lines: Line[] = [];
      for (let i = 0; i < 12; i++) {
        const every = random.draw([60, 2_400]);
        for (let t = random.draw([0, every]); t < 2 * day; t += every * random.draw([0.5, 1.5])) {
          lines.push(
            gtp(start + t, partner(i), 'create_session_request'),
            gtp(start + t + 0.1, partner(i), 'create_session_response', { is_orig: false, cause: 16 }),
          );
          if (random.chance(0.7))
            lines.push(
              gtp(start + t + 40, partner(i), 'delete_session_request'),
              gtp(start + t + 40.1, partner(i), 'delete_session_response', {
                is_orig: false,
                cause: random.chance(0.02) ? 64 : 16,
              }),
            );
        }
      }
      for (let n = 0; n < 250; n++) lines.push(gtp(start + 1.2 * day + n / 5, partner(0), 'create_session_request'));
      const at = start + 2 * day + random.draw([0, 600]);
      lines.push(gtp(at, '203.0.113.66', 'create_session_request'));
      for (let n = 0; n < 1_200; n++) lines.push(gtp(at + 60 + n / 20, partner(3), 'create_session_request'));
      for (let n = 0; n < 150; n++)
        lines.push(
          gtp(at + 200 + n / 5, partner(5), 'delete_session_request'),
          gtp(at + 200.05 + n / 5, partner(5), 'delete_session_response', { is_orig: false, cause: 64 }),
        );
      lines.push(
        { log: 'tunnel', record: { ts: at + 300, uid: 'Qtunnel', 'id.orig_h': partner(1), 'id.resp_h': gateway, 'id.orig_p': 2152, 'id.resp_p': 2152, tunnel_type: 'Tunnel::GTPv1', action: 'Tunnel::DISCOVER' } },
        recordOf('conn', at + 310, '10.200.3.4', gateway, 2123, { proto: 'udp', tunnel_parents: ['Qtunnel'], orig_bytes: 40, resp_bytes: 40 }),
      ); // oxfmt-ignore
      return {
        lines,
        signs: [
          { id: 'stranger', source: '203.0.113.66', from: at },
          { id: 'flood', source: partner(3), from: at + 60 },
          { id: 'guesses', source: partner(5), from: at + 200 },
          { id: 'from within', source: '10.200.3.4', from: at + 310 },
        ],
      };
    },
  }),
];
