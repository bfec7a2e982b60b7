/** HTTP/1 (RFC 9112): the first line and the header, where a message begins in the packet. */

import type { Dissection, Layer } from '../dissection.ts';
import type { PayloadReader } from './payload.ts';

/** Methods (IANA, WebDAV among them) and what answers begin with. */
const beginning =
  /^(?:(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|SEARCH|REPORT|NOTIFY|SUBSCRIBE|M-SEARCH) \S|HTTP\/\d\.\d \d{3})/;

/** Lines of one header; servers refuse more than about a hundred. */
const linesMax = 128;

export const http: PayloadReader = {
  services: ['http'],
  // Over UDP it is SSDP.
  transports: ['tcp', 'udp'],
  ports: [80, 8080, 1900],
  recognises: (d) => beginning.test(d.letters(d.at, d.at + 24)),
  read: (d) => {
    const layer = d.open('http', d.left);
    if (!layer) return undefined;
    const first = lineAt(d, d.at);
    const answer = first.text.startsWith('HTTP/');
    add(layer, answer ? 'http.response.line' : 'http.request.line', d.at, first);
    let at = first.next;
    for (let n = 0; n < linesMax && at < d.end; n++) {
      const line = lineAt(d, at);
      if (line.text === '') {
        at = line.next;
        break;
      }
      add(layer, 'http.header', at, line);
      at = line.next;
    }
    layer.line = first.text;
    d.say('HTTP', first.text);
    layer.close(at - layer.start);
    return undefined;
  },
};

function add(layer: Layer, name: 'http.header' | 'http.request.line' | 'http.response.line', at: number, line: Line): void {
  layer.text(name, at - layer.start, line.end - at, line.text);
}

export type Line = { text: string; end: number; next: number };

/** The line at a place, without its end; a cut one reaches to the end of the packet. */
export function lineAt(d: Dissection, from: number): Line {
  let at = from;
  while (at < d.end && d.bytes[at] !== 0x0a) at++;
  const end = at > from && d.bytes[at - 1] === 0x0d ? at - 1 : at;
  return { text: d.letters(from, end), end, next: Math.min(at + 1, d.end) };
}
