/** What reflectors answer: many bytes to few that were asked. */

import { dnsMessage } from './dns.ts';
import type { Random } from '../random.ts';

export const reflectorPorts = { dns: 53, ntp: 123, ssdp: 1_900 } as const;
export type ReflectorKind = keyof typeof reflectorPorts;

/** One answer that nobody asked for, as the service gives it to whoever asks. */
export function reflected(kind: ReflectorKind, random: Random): Uint8Array {
  switch (kind) {
    case 'dns': {
      const name = 'many.example';
      const answers = Array.from({ length: random.whole(40, 70) }, (_, i) => ({
        name,
        ttl: 3_600,
        type: 'a' as const,
        address: Uint8Array.of(192, 0, 2, i + 1),
      }));
      return dnsMessage({ id: random.whole(0, 0xffff), name, type: 'a', response: { code: 0, answers }, payloadBytes: 4_096 });
    }
    case 'ntp':
      return monitorList(random);
    case 'ssdp':
      return Buffer.from(
        [
          'HTTP/1.1 200 OK',
          'CACHE-CONTROL: max-age=1800',
          'EXT:',
          'LOCATION: http://192.168.1.1:5000/description.xml',
          'SERVER: Linux/4.4 UPnP/1.1 Gateway/1.0',
          'ST: upnp:rootdevice',
          `USN: uuid:${random.whole(0x1000_0000, 0x7fff_ffff).toString(16)}-0000-1000-8000-0011223344${random.whole(16, 255).toString(16)}::upnp:rootdevice`,
          '',
          '',
        ].join('\r\n'),
        'latin1',
      );
  }
}

/** Part of a list of those who asked (`monlist`): mode 7 of NTP, six entries of 72 bytes (RFC 1305 appendix B leaves mode 7 to implementations; ntpd's ntp_request.h). */
function monitorList(random: Random): Uint8Array {
  const entries = 6;
  const bytes = new Uint8Array(8 + entries * 72);
  const view = new DataView(bytes.buffer);
  // Response, more follow, version 2, mode 7; implementation XNTPD, request MON_GETLIST_1.
  bytes.set([0xd7, random.whole(0, 127), 3, 42], 0);
  view.setUint16(4, entries);
  view.setUint16(6, 72);
  for (let i = 0; i < entries; i++) {
    const at = 8 + i * 72;
    for (const [n, value] of [random.whole(0, 900), random.whole(0, 90_000), 0, random.whole(1, 5_000)].entries())
      view.setUint32(at + n * 4, value);
    bytes.set([198, 51, 100, random.whole(1, 254)], at + 16);
    bytes.set([192, 0, 2, 1], at + 20);
    view.setUint32(at + 24, 0);
    view.setUint16(at + 28, 123);
    bytes.set([3, 4], at + 30);
  }
  return bytes;
}
