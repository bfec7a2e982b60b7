/** Files seen in flows, with the names of Zeek 8's `files` log. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const files = {
  log: 'files',
  means: 'One file that a flow carried: its size, its type by content and its hashes. The file itself is not kept.',
  source: 'Zeek base/frameworks/files; hashes by MD5 (RFC 1321), SHA-1 and SHA-256 (FIPS 180-4)',
  columns: {
    ...connectionColumns,
    fuid: { type: 'string', class: 'technical', always: true, means: 'Identifier of the file.' },
    source: {
      type: 'string',
      class: 'technical',
      always: true,
      means: 'Protocol that carried it: HTTP, SMTP, POP3, IMAP, FTP_DATA, SMB, TFTP.',
    },
    depth: { type: 'count', class: 'technical', always: true, means: 'How deep it lies in its carrier.' },
    mime_type: { type: 'string', class: 'technical', means: 'Type by its first bytes, not by what the sender says.' },
    filename: { type: 'string', class: 'content', means: 'Name that the sender gave.' },
    duration: { type: 'interval', class: 'technical', unit: 's', always: true, means: 'How long it took to pass.' },
    is_orig: { type: 'bool', class: 'technical', always: true, means: 'Sent by the originator of the flow.' },
    seen_bytes: { type: 'count', class: 'technical', unit: 'bytes', always: true, means: 'Bytes that were seen.' },
    total_bytes: { type: 'count', class: 'technical', unit: 'bytes', means: 'Bytes that the sender stated.' },
    missing_bytes: { type: 'count', class: 'technical', unit: 'bytes', always: true, means: 'Bytes missing from the capture.' },
    timedout: { type: 'bool', class: 'technical', always: true, means: 'It stopped coming before its end.' },
    parent_fuid: { type: 'string', class: 'technical', means: 'File that it was unpacked from.' },
    md5: { type: 'string', class: 'technical', means: 'MD5 of the whole file; absent where bytes are missing.' },
    sha1: { type: 'string', class: 'technical', means: 'SHA-1 of the whole file.' },
    sha256: { type: 'string', class: 'technical', means: 'SHA-256 of the whole file.' },
  },
} as const satisfies RecordType;

export type FilesRecord = RecordOf<typeof files>;
