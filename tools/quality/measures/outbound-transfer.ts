/** Data that leaves among the uploads of an office. */

import { composed, type Line, type Measure, type Sign } from './measure.ts';
import { computer, flow, office, start } from './ordinary.ts';

export const transfers: readonly Measure[] = [
  composed({
    behaviour: 'outbound-transfer',
    on: 'uploads',
    about:
      'four hosts send 20 to 400 MB to a place of their own, in one piece or in thirty; others upload to the drive that everybody uses.',
    compose: (random) => {
      const lines: Line[] = office(random.split('office'), { computers: 60, seconds: 7_200 });
      const signs: Sign[] = [];
      for (let i = 0; i < 15; i++)
        lines.push(
          flow(start + random.draw([0, 7_000]), computer(i * 3), '198.18.150.40', 443, {
            orig_bytes: random.whole(1e6, 6e7),
            resp_bytes: 40_000,
            duration: 60,
          }),
        );
      for (let i = 0; i < 4; i++) {
        const source = computer(7 + i * 9);
        const from = start + random.draw([1_800, 4_000]);
        const total = random.draw([2e7, 4e8]);
        const pieces = i % 2 === 0 ? 1 : 30;
        for (let n = 0; n < pieces; n++)
          lines.push(
            flow(from + n * 40, source, `198.51.100.${60 + i}`, 443, {
              orig_bytes: Math.round(total / pieces),
              resp_bytes: 9_000,
              duration: 30,
            }),
          );
        signs.push({ id: `${Math.round(total / 1e6)} MB in ${pieces}`, source, from, harmAt: from });
      }
      return { lines, signs };
    },
  }),
];
