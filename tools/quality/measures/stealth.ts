/** What stays below the thresholds of single hosts and minutes: slow and shared scans, sprayed passwords, vain calls. */

import { composed, type Line, type Measure, type Sign } from './measure.ts';
import { computer, flow, office, recordOf, silent, start } from './ordinary.ts';

export const stealth: readonly Measure[] = [
  composed({
    behaviour: 'slow-scan',
    on: 'day',
    about:
      'over twelve hours two inside hosts ask one host in 4 to 20 minutes; eight outside hosts share a network of 60; strangers ask one host of it each; printers and servers that are down are asked again and again.',
    compose: (random) => {
      const seconds = 12 * 3_600;
      const lines: Line[] = office(random.split('office'), { computers: 30, seconds });
      const signs: Sign[] = [];
      for (let i = 0; i < 2; i++) {
        const source = computer(4 + i * 9);
        const from = start + random.draw([100, 3_000]);
        const every = random.draw([240, 1_200]);
        const port = random.pick([22, 445, 3389]);
        for (let n = 0; n < 32; n++)
          lines.push(
            (random.chance(0.1) ? flow : silent)(
              from + n * every * random.draw([0.6, 1.4]),
              source,
              `10.30.${i}.${n * 3 + 1}`,
              port,
            ),
          );
        signs.push({ id: `one in ${Math.round(every / 60)} min`, source, from });
      }
      const from = start + random.draw([5_000, 30_000]);
      for (let n = 0; n < 60; n++) lines.push(silent(from + n * 20, `203.0.113.${20 + (n % 8)}`, `10.20.9.${n + 1}`, 3389));
      signs.push({ id: 'shared by eight', target: '10.20.9.9', from });
      for (let n = 0; n < 600; n++)
        lines.push(
          silent(
            start + random.draw([0, seconds]),
            `198.19.${random.whole(0, 255)}.${random.whole(1, 250)}`,
            `10.20.9.${random.whole(1, 250)}`,
            random.pick([22, 23, 445, 3389]),
          ),
        );
      return { lines, signs };
    },
  }),
  composed({
    behaviour: 'spraying',
    on: 'logins',
    about:
      'one host tries a password at 40 accounts of the directory, one at twelve servers, twelve outside ones share the guessing at a portal; people mistype, and a shared computer sees thirty of them.',
    compose: (random) => {
      const lines: Line[] = office(random.split('office'), { computers: 30, seconds: 3_600 });
      const signs: Sign[] = [];
      const ticket = (ts: number, source: string, account: number, refused: boolean): Line =>
        recordOf('kerberos', ts, source, '10.20.0.10', 88, {
          request_type: 'AS',
          client: `account${account}`,
          success: !refused,
          ...(refused && { error_msg: 'KDC_ERR_PREAUTH_FAILED' }),
        });
      const web = (ts: number, source: string, target: string, refused: boolean): Line =>
        recordOf('http', ts, source, target, 80, { method: 'POST', uri: '/login', status_code: refused ? 401 : 200 });
      for (let i = 0; i < 60; i++) {
        const at = start + random.draw([0, 3_400]);
        const source = i < 30 ? '10.20.0.200' : computer(i);
        if (random.chance(0.3)) lines.push(ticket(at, source, 500 + i, true));
        lines.push(ticket(at + 5, source, 500 + i, false), web(at + 9, computer(i), '10.20.0.80', random.chance(0.2)));
      }
      const from = start + random.draw([200, 800]);
      const every = random.draw([5, 40]);
      for (let n = 0; n < 40; n++) lines.push(ticket(from + n * every, computer(7), n, n !== 33));
      signs.push({ id: 'accounts', source: computer(7), from });
      for (let n = 0; n < 12; n++) lines.push(web(from + n * 60, computer(13), `10.20.5.${n + 1}`, true));
      signs.push({ id: 'servers', source: computer(13), from });
      for (let n = 0; n < 120; n++) lines.push(web(from + n * 15, `203.0.113.${60 + (n % 12)}`, '10.20.0.81', true));
      signs.push({ id: 'shared', target: '10.20.0.81', from });
      return { lines, signs };
    },
  }),
  composed({
    behaviour: 'reconnecting',
    on: 'masters gone',
    about:
      'four hosts call a master that is gone, every 0.5 to 20 s; one program’s server is closed and asked with growing pauses, printers are down.',
    compose: (random) => {
      const lines: Line[] = office(random.split('office'), { computers: 40, seconds: 3_600 });
      const signs: Sign[] = [];
      for (let n = 0, at = start; n < 40; n++, at += Math.min(1_800, 2 ** n))
        lines.push(silent(at, computer(1), '198.18.77.7', 443));
      for (let i = 0; i < 4; i++) {
        const source = computer(3 + i * 5);
        const from = start + random.draw([100, 1_000]);
        const every = random.draw([0.5, 20]);
        for (let n = 0; n < 120; n++) lines.push(silent(from + n * every, source, `198.51.100.${30 + i}`, 4_444));
        signs.push({ id: `every ${every.toFixed(1)} s`, source, from });
      }
      return { lines, signs };
    },
  }),
];
