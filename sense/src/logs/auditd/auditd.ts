/**
 * Linux audit (auditd's log, audisp's lines, the kernel's own messages): one record for each of its records, with its own names. Texts that the
 * kernel wrote in hexadecimal because of a character in them are texts again.
 */

import type { LogFormat } from '../format.ts';
import { Pairs, quotedPairs } from '../pairs.ts';

const head = /^(?:node=(\S{1,256}) )?type=([A-Za-z0-9_[\]]{1,64}) (?:msg=)?audit\((\d{1,12})(?:\.(\d{1,9}))?:(\d{1,20})\):\s?/;

/** Fields that may be in hexadecimal; `a0` and so on only where they are arguments and not registers. */
const encoded = new Set([
  'acct', 'cmd', 'comm', 'cwd', 'data', 'dir', 'exe', 'file', 'grp', 'hostname', 'key', 'name', 'new', 'new_group', 'old', 'path', 'proctitle', 'root_dir', 'vm', 'watch',
]); // oxfmt-ignore
const argument = /^a\d+(?:\[\d+\])?$/;

/** Two digits a byte, an even number of them, as the kernel's `audit_log_n_hex` writes. */
const hexadecimal = /^(?:[0-9A-F]{2})+$/;

function decoded(value: string): string {
  const bytes = new Uint8Array(value.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(value.slice(i * 2, i * 2 + 2), 16);
  const text = new TextDecoder().decode(bytes);
  // Arguments of a process title, and keys of a rule, are divided by what no argument holds.
  return text.replaceAll('\0', ' ').replaceAll('\u0001', ',').trimEnd();
}

export const auditd: LogFormat = {
  name: 'auditd',
  logs: ['auditd'],
  lines: {
    owns: (line) => head.test(line),
    open: (emit) => ({
      line(text) {
        const found = head.exec(text)!;
        const [whole, node, type, seconds, fraction, serial] = found;
        const pairs = new Pairs({
          ts: Number(`${seconds}.${(fraction ?? '0').slice(0, 6)}`),
          type: type!,
          // Beyond 2^53 it would not be itself.
          serial: serial!.length > 15 ? serial! : Number(serial),
        });
        if (node !== undefined) pairs.put('node', node);
        const put = (name: string, value: string, quote: string): void => {
          if (quote === "'" && name === 'msg') {
            // User-space messages hold pairs of their own.
            if (!quotedPairs(value, put)) pairs.put('msg', value);
          } else if (quote === '' && hexadecimal.test(value) && (encoded.has(name) || (type === 'EXECVE' && argument.test(name))))
            pairs.put(name, decoded(value));
          else pairs.put(name, value);
        };
        const rest = text.slice(whole.length);
        // A sentence of the kernel, or of AVC: `avc:  denied  { read } for  pid=1 …`.
        const denied = /^avc:\s+(\w+)\s+\{([^}]*)\}\s+for\s+/.exec(rest);
        if (denied) {
          pairs.put('seresult', denied[1]!);
          pairs.put('seperms', denied[2]!.trim());
        }
        if (!quotedPairs(denied ? rest.slice(denied[0].length) : rest, put) && pairs.size === 0) pairs.put('msg', rest);
        if (pairs.shortened) emit.shortened();
        emit.record('auditd', pairs.record);
      },
      end: () => undefined,
    }),
  },
};
