/** Signalling that has no business between networks, and bursts on a social platform. */

import { composed, type Line, type Measure } from './measure.ts';
import { recordOf, restart, start } from './ordinary.ts';

const day = 86_400;
const register = '10.90.0.10';
const subscribers = '10.90.0.20';
const partner = (i: number): string => `198.51.100.${40 + i}`;
const realm = (country: string): string => `epc.mnc001.mcc${country}.3gppnetwork.org`;

/** A dialogue of MAP that one element opens with another. */
const map = (ts: number, from: string, to: string, operation: string): Line =>
  recordOf('sccp', ts, from, to, 2905, {
    is_orig: true,
    opc: 2_001,
    dpc: 1_001,
    tcap: 'begin',
    application: 'map',
    components: ['invoke'],
    operations: [operation],
  });
const diameter = (ts: number, from: string, to: string, application: number, country: string): Line =>
  recordOf('diameter', ts, from, to, 3868, {
    is_orig: true,
    is_request: true,
    command: 'request',
    application_id: application,
    origin_host: `mme1.${realm(country)}`,
    origin_realm: realm(country),
    destination_realm: realm('460'),
  });

const event = (ts: number, address: string, action: string, outcome = 'success'): Line => ({
  log: 'platform_event',
  record: {
    ts,
    'event.action': action,
    'event.outcome': outcome,
    'service.type': 'mastodon',
    hostname: 'www.talk.example',
    'source.ip': address,
  },
});
const platform = 'mastodon www.talk.example';

export const operators: readonly Measure[] = [
  composed({
    behaviour: 'inner-signalling',
    on: 'roaming',
    about:
      'strangers ask where a subscriber is, for routes and for subscription data; twelve partners send what roaming needs (locations updated, authentication, short messages), and own elements ask one another everything.',
    compose: (random) => {
      restart();
      const lines: Line[] = [];
      for (let n = 0; n < 6_000; n++) {
        const at = start + random.draw([0, day]);
        const other = partner(n % 12);
        const usual = random.pick([
          'updateLocation',
          'sendAuthenticationInfo',
          'sendRoutingInfoForSM',
          'purgeMS',
          'cancelLocation',
        ]);
        lines.push(random.chance(0.5) ? map(at, other, register, usual) : diameter(at, other, subscribers, 16_777_251, '262'));
        const inner = random.pick(['sendRoutingInfo', 'anyTimeInterrogation', 'provideSubscriberLocation', 'checkIMEI']);
        lines.push(map(at + 1, '10.90.0.30', register, inner));
        if (n % 3 === 0) lines.push(diameter(at + 2, '10.90.0.31', subscribers, 16_777_217, '460'));
        // Own questions to others about own subscribers abroad.
        if (n % 5 === 0) lines.push(map(at + 3, register, other, 'anyTimeInterrogation'));
      }
      const at = start + random.draw([10_000, 60_000]);
      lines.push(map(at, '203.0.113.40', register, 'anyTimeInterrogation'));
      for (let n = 0; n < 40; n++) lines.push(map(at + 600 + n * 30, '203.0.113.41', register, 'sendRoutingInfo'));
      lines.push(diameter(at + 900, '203.0.113.42', subscribers, 16_777_217, '310'));
      return {
        lines,
        localNetworks: ['10.0.0.0/8'],
        signs: [
          { id: 'where somebody is', source: '203.0.113.40', from: at },
          { id: 'routes', source: '203.0.113.41', from: at + 600 },
          { id: 'subscription data', source: '203.0.113.42', from: at + 900 },
        ],
      };
    },
  }),
  composed({
    behaviour: 'platform-burst',
    on: 'platform',
    about:
      'registrations from many addresses, refused sign-ins from one, passwords and addresses changed one after the other; four days of a platform with its hours, on one of which a programme on television doubles the registrations.',
    compose: (random) => {
      restart();
      const lines: Line[] = [];
      const address = (): string => `198.18.${random.whole(0, 250)}.${random.whole(1, 250)}`;
      for (let interval = 0; interval < 4 * 144; interval++) {
        const hour = (interval % 144) / 6;
        const busy = hour < 14 ? 1 : 0.3;
        const shown = interval > 300 && interval < 306 ? 2 : 1;
        for (const [action, outcome, usual] of [
          ['registration', 'success', 20 * shown],
          ['sign-in', 'failure', 30],
          ['sign-in', 'success', 30],
          ['password-change', 'success', 6],
        ] as const) {
          const count = Math.round(usual * busy * random.draw([0.6, 1.4]));
          for (let n = 0; n < count; n++)
            lines.push(event(start + (interval + random.draw([0, 1])) * 600, address(), action, outcome));
        }
      }
      const at = start + 4 * day + 3_600;
      for (let n = 0; n < 400; n++) lines.push(event(at + n, address(), 'registration'));
      for (let n = 0; n < 1_000; n++) lines.push(event(at + 7_200 + n / 2, '203.0.113.90', 'sign-in', 'failure'));
      for (let n = 0; n < 120; n++)
        lines.push(event(at + 14_400 + n * 4, address(), n % 2 === 0 ? 'password-change' : 'email-change'));
      return {
        lines,
        signs: [
          { id: 'registrations and takeovers', source: platform, from: at },
          { id: 'sign-ins from one address', source: '203.0.113.90', from: at + 7_200 },
        ],
      };
    },
  }),
];
