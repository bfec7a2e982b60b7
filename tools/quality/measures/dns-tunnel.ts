/** Tunnels through DNS among the questions of an office. */

import { composed, type Line, type Measure, type Sign } from './measure.ts';
import { asked, computer, office, start } from './ordinary.ts';

export const tunnels: readonly Measure[] = [
  composed({
    behaviour: 'dns-tunnel',
    on: 'talk',
    about:
      'six hosts tunnel: three upwards in base32 names (one to ten questions a second), three downwards in text answers; a virus scanner on all computers and a mail server with block lists ask below one name as well.',
    compose: (random) => {
      const lines: Line[] = office(random.split('office'), { computers: 50, seconds: 3_600 });
      const signs: Sign[] = [];
      // A mail server asks a block list about every sender, and for policies and keys.
      for (let n = 0; n < 400; n++) {
        const at = start + random.draw([0, 3_500]);
        const [a, b, c, d] = [random.whole(1, 250), random.whole(1, 250), random.whole(1, 250), random.whole(1, 250)];
        lines.push(asked(at, '10.20.0.25', `${a}.${b}.${c}.${d}.zen.blocklist.example`, n % 3 === 0 ? ['127.0.0.2'] : undefined));
        lines.push(
          asked(at, '10.20.0.25', `sel${a}._domainkey.sender${n}.example`, [`v=DKIM1; k=rsa; p=${random.hex(150)}`], {
            qtype: 16,
            qtype_name: 'TXT',
          }),
        );
      }
      for (let i = 0; i < 6; i++) {
        const source = computer(3 + i * 6);
        const from = start + random.draw([300, 2_000]);
        const every = random.draw([0.1, 1]);
        const up = i < 3;
        for (let n = 0; n < 400; n++) {
          const label = (length: number) =>
            Array.from({ length }, () => random.pick([...'abcdefghijklmnopqrstuvwxyz234567'])).join('');
          const query = up ? `${label(50)}.${label(40)}.t${i}.example` : `${n.toString(36)}${label(4)}.t${i}.example`;
          lines.push(asked(from + n * every, source, query, up ? ['ack'] : [random.hex(100)], { qtype: 16, qtype_name: 'TXT' }));
        }
        signs.push({ id: `${up ? 'upwards' : 'downwards'} every ${every.toFixed(1)} s`, source, from });
      }
      return { lines, signs };
    },
  }),
];
