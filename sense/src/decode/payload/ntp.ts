/** NTP (RFC 5905 §7.3). */

import { hexadecimal, named } from '../dissection.ts';
import type { PayloadReader } from './payload.ts';

const modes: ReadonlyMap<number, string> = new Map([
  [1, 'symmetric active'],
  [2, 'symmetric passive'],
  [3, 'client'],
  [4, 'server'],
  [5, 'broadcast'],
  [6, 'control'],
  [7, 'private'],
]);

/** From 1900 to 1970. */
const epochSeconds = 2_208_988_800;

export const ntp: PayloadReader = {
  services: ['ntp'],
  transports: ['udp'],
  ports: [123],
  recognises: (d, _transport, usual) => usual && d.left >= 48 && ((d.u8(0) >> 3) & 7) <= 4 && (d.u8(0) & 7) <= 5,
  read: (d) => {
    const layer = d.open('ntp', 48);
    if (!layer) return undefined;
    const first = d.u8(0);
    layer.text('ntp.flags.li', 0, 1, String(first >> 6));
    layer.text('ntp.flags.vn', 0, 1, String((first >> 3) & 7));
    layer.text('ntp.flags.mode', 0, 1, named(modes)(first & 7));
    layer.number('ntp.stratum', 1, 1);
    layer.number('ntp.ppoll', 2, 1);
    layer.number('ntp.refid', 12, 4, hexadecimal(8));
    for (const [name, offset] of [
      ['ntp.reftime', 16],
      ['ntp.org', 24],
      ['ntp.rec', 32],
      ['ntp.xmt', 40],
    ] as const) {
      const seconds = d.u32(offset);
      const instant = seconds - epochSeconds + d.u32(offset + 4) / 2 ** 32;
      layer.text(name, offset, 8, seconds === 0 ? '0' : new Date(instant * 1000).toISOString());
    }
    const line = `NTPv${(first >> 3) & 7} ${modes.get(first & 7) ?? first & 7}`;
    layer.line = line;
    d.say('NTP', line);
    layer.close(48);
    return undefined;
  },
};
