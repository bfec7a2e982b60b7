/** Guessed passwords at web pages and at encrypted logins. */

import { composed, type Line, type Measure, type Sign } from './measure.ts';
import { computer, flow, office, recordOf, start } from './ordinary.ts';

export const guesses: readonly Measure[] = [
  composed({
    behaviour: 'brute-force',
    on: 'logins',
    about:
      'three hosts guess at a web login (4 to 40 a minute), three at SSH; people mistype, jobs keep an old password, administrators come and go.',
    compose: (random) => {
      const lines: Line[] = office(random.split('office'), { computers: 40, seconds: 3_600 });
      const signs: Sign[] = [];
      const web = (ts: number, source: string, status: number): Line =>
        recordOf('http', ts, source, '10.20.0.80', 80, {
          method: 'POST',
          host: 'portal.office.example',
          uri: '/login',
          status_code: status,
          trans_depth: 1,
        });
      for (let i = 0; i < 40; i++) {
        const at = start + random.draw([0, 3_500]);
        const mistakes = random.whole(0, 3);
        for (let n = 0; n <= mistakes; n++) lines.push(web(at + n * 6, computer(i), n < mistakes ? 401 : 302));
      }
      // A job with an old password, once a minute.
      for (let n = 0; n < 60; n++) lines.push(web(start + n * 60, '10.20.0.77', 401));
      // An administrator's day.
      for (let n = 0; n < 12; n++)
        lines.push(
          flow(start + random.draw([0, 3_400]), '10.20.0.5', '10.20.0.20', 22, {
            service: 'ssh',
            duration: random.draw([20, 900]),
            orig_bytes: random.whole(3_000, 90_000),
            resp_bytes: random.whole(3_000, 900_000),
          }),
        );
      for (let i = 0; i < 3; i++) {
        const source = i === 0 ? '203.0.113.50' : computer(5 + i);
        const from = start + random.draw([200, 1_800]);
        const every = 60 / random.draw([4, 40]);
        for (let n = 0; n < 60; n++) lines.push(web(from + n * every, source, 401));
        signs.push({ id: `web login every ${every.toFixed(1)} s`, source, from });
      }
      for (let i = 0; i < 3; i++) {
        const source = i === 0 ? '203.0.113.60' : computer(15 + i);
        const from = start + random.draw([200, 1_200]);
        const every = random.draw([2, 20]);
        for (let n = 0; n < 70; n++)
          lines.push(
            flow(from + n * every, source, '10.20.0.22', 22, {
              service: 'ssh',
              duration: random.draw([1, 4]),
              orig_bytes: 1_900 + random.whole(0, 64),
              resp_bytes: 2_300,
            }),
          );
        signs.push({ id: `SSH every ${every.toFixed(1)} s`, source, from });
      }
      return { lines, signs };
    },
  }),
];
