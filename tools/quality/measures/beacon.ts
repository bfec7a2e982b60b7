/** Beacons of all paces among the traffic of an office. */

import { composed, type Line, type Measure, type Sign } from './measure.ts';
import { computer, flow, office, start } from './ordinary.ts';

export const beacons: readonly Measure[] = [
  composed({
    behaviour: 'beacon',
    on: 'jitter',
    about: 'eight hosts report every 10 s to 10 min with a jitter of 0 to 40 % either way, sizes spread by up to 20 %.',
    compose: (random) => {
      const seconds = 4 * 3_600;
      const lines: Line[] = office(random.split('office'), { computers: 40, seconds });
      const signs: Sign[] = [];
      for (let i = 0; i < 8; i++) {
        const source = computer(2 + i * 4);
        const interval = random.draw([10, 600]);
        const jitter = (i * 0.4) / 7;
        const bytes = random.draw([200, 2_000]);
        const from = start + random.draw([0, 600]);
        for (let at = from; at < start + seconds; at += interval * (1 + random.draw([-jitter, jitter]))) {
          lines.push(
            flow(at, source, `198.51.100.${20 + i}`, 443, {
              orig_bytes: Math.round(bytes * random.draw([0.8, 1.2])),
              resp_bytes: 300,
            }),
          );
        }
        signs.push({ id: `jitter ${Math.round(jitter * 100)} %`, source, target: `198.51.100.${20 + i}`, from });
      }
      return { lines, signs };
    },
  }),
];
