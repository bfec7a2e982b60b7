/** DNS (RFC 1035), over UDP, over TCP behind its length, mDNS and LLMNR. */

import { Message, recordData } from '../../protocols/dns/message.ts';
import { className, opcodeName, responseCodeName, typeName } from '../../protocols/dns/names.ts';
import { dns as protocol } from '../../protocols/dns/dns.ts';
import { hexadecimal } from '../dissection.ts';
import type { PayloadReader } from './payload.ts';

/** Records read of one message; a full UDP message has under 100 that anybody reads. */
const recordsMax = 100;

const message = new Message();

export const dns: PayloadReader = {
  services: ['dns'],
  transports: ['udp', 'tcp'],
  ports: [53, 5353, 5355],
  recognises: (d, transport, usual) => {
    const prefix = transport === 'tcp' ? 2 : 0;
    if (d.left < prefix + 12) return false;
    // Of a stream, only a packet that begins with a length and a message is known.
    if (prefix > 0 && (!usual || d.u16(0) < 12)) return false;
    return protocol.probe(d.bytes, d.at + prefix, d.end, 0, usual) === 'yes' || (usual && prefix === 0 && d.u16(4) <= 32);
  },
  read: (d, transport) => {
    const prefix = transport === 'tcp' ? 2 : 0;
    const layer = d.open('dns', prefix + 12);
    if (!layer) return undefined;
    if (prefix > 0) layer.number('dns.length', 0, 2);
    const id = layer.number('dns.id', prefix, 2, hexadecimal(4));
    const flags = d.u16(prefix + 2);
    const answer = (flags & 0x8000) !== 0;
    const words = [
      answer ? 'response' : 'query',
      opcodeName((flags >> 11) & 15, false),
      flags & 0x0400 ? 'AA' : '',
      flags & 0x0200 ? 'TC' : '',
      flags & 0x0100 ? 'RD' : '',
      flags & 0x0080 ? 'RA' : '',
      flags & 0x0020 ? 'AD' : '',
    ].filter(Boolean);
    layer.text('dns.flags', prefix + 2, 2, `${hexadecimal(4)(flags)} ${words.join(', ')}`);
    const code = responseCodeName(flags & 15);
    if (answer) layer.text('dns.flags.rcode', prefix + 3, 1, `${code} (${flags & 15})`);
    const counts = [4, 6, 8, 10].map((offset) => d.u16(prefix + offset));
    layer.text('dns.count.queries', prefix + 4, 2, String(counts[0]));
    layer.text('dns.count.answers', prefix + 6, 2, String(counts[1]));
    layer.text('dns.count.auth_rr', prefix + 8, 2, String(counts[2]));
    layer.text('dns.count.add_rr', prefix + 10, 2, String(counts[3]));

    const start = d.at + prefix;
    const end = prefix > 0 ? Math.min(d.end, start + d.u16(0)) : d.end;
    message.open(d.bytes, start, end, false);
    message.at = start + 12;
    const questions: string[] = [];
    const answers: string[] = [];
    let budget = recordsMax;
    for (let n = 0; n < counts[0]! && budget > 0 && message.fault === undefined; n++, budget--) {
      const from = message.at;
      const name = message.name();
      if (message.fault !== undefined || message.left() < 4) break;
      const type = message.u16();
      const kind = message.u16();
      questions.push(`${typeName(type)} ${name || '<Root>'}`);
      layer.text(
        'dns.qry',
        from - layer.start,
        message.at - from,
        `${name || '<Root>'} ${typeName(type)} ${className(kind & 0x7fff)}`,
      );
    }
    for (let section = 1; section <= 3; section++) {
      for (let n = 0; n < counts[section]! && budget > 0 && message.fault === undefined; n++, budget--) {
        const from = message.at;
        const owner = message.name();
        if (message.fault !== undefined || message.left() < 10) break;
        const type = message.u16();
        message.u16();
        const ttl = message.u32();
        const length = message.u16();
        if (message.left() < length) break;
        const data = recordData(message, type, owner, length) ?? '';
        const short = data.startsWith(`${typeName(type)} `) ? data : `${typeName(type)} ${data}`.trim();
        if (section === 1) answers.push(short);
        const field = section === 1 ? 'dns.resp' : section === 2 ? 'dns.auth' : 'dns.add';
        layer.text(
          field,
          from - layer.start,
          message.at - from,
          type === 41
            ? `OPT, UDP payload ${(d.bytes[from + 3]! << 8) | d.bytes[from + 4]!}`
            : `${owner || '<Root>'} ${short}, TTL ${ttl}`,
        );
      }
    }
    const what = questions.join(', ');
    const line = answer
      ? `Response ${hexadecimal(4)(id)} ${code === 'NOERROR' ? '' : `${code} `}${what}${answers.length > 0 ? ` → ${answers.join(', ')}` : ''}`
      : `Query ${hexadecimal(4)(id)} ${what}`;
    layer.line = line;
    d.say('DNS', line);
    layer.close(Math.max(message.at, start + 12) - layer.start);
    return undefined;
  },
};
