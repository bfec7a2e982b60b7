/** Scans among the traffic of an office. */

import { composed, type Line, type Measure, type Sign } from './measure.ts';
import { computer, flow, office, silent, start } from './ordinary.ts';

export const scans: readonly Measure[] = [
  composed({
    behaviour: 'scan',
    on: 'sweeps',
    about: 'four inside hosts sweep a network (1 to 20 hosts a second), three outside ones do; every tenth host answers.',
    compose: (random) => {
      const lines: Line[] = office(random.split('office'), { computers: 60, seconds: 3_600 });
      const signs: Sign[] = [];
      for (let i = 0; i < 7; i++) {
        const source = i < 4 ? computer(3 + i * 7) : `203.0.113.${10 + i}`;
        const from = start + random.draw([300, 2_400]);
        const port = random.pick([22, 80, 443, 445, 3389, 502]);
        const every = random.draw([0.05, 1]);
        for (let n = 0; n < 60; n++) {
          const make = random.chance(0.1) ? flow : silent;
          lines.push(make(from + n * every, source, `10.30.${i}.${n + 1}`, port));
        }
        signs.push({ id: `sweep of port ${port} by ${source}`, source, from });
      }
      return { lines, signs };
    },
  }),
];
