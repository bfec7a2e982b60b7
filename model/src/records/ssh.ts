/** The record of SSH, with Zeek's names and the two columns of the HASSH package. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const ssh = {
  log: 'ssh',
  means: 'One SSH connection: who offered what, what was agreed, and whether the login seems to have succeeded.',
  source: 'Zeek base/protocols/ssh; RFC 4253; HASSH by salesforce/hassh (hassh, hasshServer)',
  columns: {
    ...connectionColumns,
    version: { type: 'count', class: 'technical', means: 'Major version both sides agree on, 1 or 2; 0 when they cannot.' },
    auth_success: {
      type: 'bool',
      class: 'technical',
      means: 'The login succeeded or failed, guessed from the sizes of encrypted packets; absent when they do not tell.',
    },
    auth_attempts: {
      type: 'count',
      class: 'technical',
      always: true,
      means: 'Attempts to log in that were seen, by the same guess; a second factor counts as one too.',
    },
    client: { type: 'string', class: 'technical', means: 'Identification of the client: SSH-2.0-OpenSSH_9.7.' },
    server: { type: 'string', class: 'technical', means: 'Identification of the server.' },
    cipher_alg: { type: 'string', class: 'technical', means: 'The cipher that was agreed.' },
    mac_alg: {
      type: 'string',
      class: 'technical',
      means: 'The integrity algorithm that was agreed; unused beside an AEAD cipher.',
    },
    compression_alg: { type: 'string', class: 'technical', means: 'The compression that was agreed.' },
    kex_alg: { type: 'string', class: 'technical', means: 'The key exchange that was agreed.' },
    host_key_alg: { type: 'string', class: 'technical', means: 'The algorithm of the host key that was agreed.' },
    host_key: {
      type: 'string',
      class: 'technical',
      means: "MD5 of the server's public host key, in hexadecimal with colons, as Zeek up to 8.0 and ssh-keygen -E md5 show it.",
    },
    host_key_fingerprint: {
      type: 'string',
      class: 'technical',
      means: "SHA-256 of the server's public host key in base64 behind `SHA256:`, as ssh-keygen -l shows it.",
    },
    hassh: {
      type: 'string',
      class: 'technical',
      means: "MD5 of the client's offered algorithms: a fingerprint of its software.",
    },
    hasshServer: { type: 'string', class: 'technical', means: "MD5 of the server's offered algorithms." },
  },
} as const satisfies RecordType;

export type SshRecord = RecordOf<typeof ssh>;
