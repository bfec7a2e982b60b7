/** SSH (RFC 4253 §4.2): the identification lines; what follows is named, and is encrypted after the key exchange. */

import { lineAt } from './http.ts';
import type { PayloadReader } from './payload.ts';

export const ssh: PayloadReader = {
  services: ['ssh'],
  transports: ['tcp'],
  ports: [22],
  recognises: (d) => d.letters(d.at, d.at + 4) === 'SSH-',
  read: (d) => {
    const layer = d.open('ssh', d.left);
    if (!layer) return undefined;
    const line = lineAt(d, d.at);
    layer.text('ssh.protocol', 0, line.end - d.at, line.text);
    layer.line = line.text;
    d.say('SSH', line.text);
    layer.close(line.next - layer.start);
    return undefined;
  },
};
