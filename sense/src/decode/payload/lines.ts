/** Protocols that speak in lines of letters: mail, FTP, IRC and their kin. */

import type { PayloadReader } from './payload.ts';
import { lineAt } from './http.ts';
import { serviceName } from './payload.ts';

const services: ReadonlyMap<number, string> = new Map([
  [21, 'ftp'],
  [25, 'smtp'],
  [110, 'pop3'],
  [119, 'nntp'],
  [143, 'imap'],
  [554, 'rtsp'],
  [587, 'smtp'],
  [6667, 'irc'],
  [5060, 'sip'],
]);

/** Lines of one packet that are shown as fields; the rest can be read in the bytes. */
const linesMax = 40;

export const lines: PayloadReader = {
  services: ['ftp', 'smtp', 'pop3', 'imap', 'irc', 'sip', 'rtsp'],
  transports: ['tcp', 'udp'],
  ports: [...services.keys()],
  recognises: (d, _transport, usual) => {
    if (!usual || d.left < 3) return false;
    // Letters all the way to the first line's end: what is encrypted or compressed on the same port is not.
    for (let at = d.at; at < Math.min(d.end, d.at + 64); at++) {
      const byte = d.bytes[at]!;
      if (byte === 0x0a) return at > d.at;
      if (byte !== 0x0d && byte !== 0x09 && (byte < 0x20 || byte === 0x7f)) return false;
    }
    return true;
  },
  read: (d) => {
    const layer = d.open('lines', d.left);
    if (!layer) return undefined;
    const last = d.hops.at(-1);
    const service =
      d.service?.split(',').find((one) => lines.services.includes(one)) ??
      services.get(last?.destinationPort ?? 0) ??
      services.get(last?.sourcePort ?? 0) ??
      '';
    let at = d.at;
    const first = lineAt(d, at);
    for (let n = 0; n < linesMax && at < d.end; n++) {
      const line = lineAt(d, at);
      layer.text('lines.line', at - layer.start, line.end - at, line.text);
      at = line.next;
    }
    layer.line = first.text;
    d.say(serviceName(service), first.text);
    layer.close(at - layer.start);
    return undefined;
  },
};
