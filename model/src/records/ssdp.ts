/** The record of SSDP, by which UPnP devices find one another. Zeek has no log of it. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const ssdp = {
  log: 'ssdp',
  means: 'A device looks for others on its network, is found, comes or goes (UPnP, DIAL, Chromecast, cameras, routers).',
  source: 'UPnP Device Architecture 2.0 §1; names of its headers. Zeek has no log of it',
  columns: {
    ...connectionColumns,
    is_orig: { type: 'bool', class: 'technical', always: true, means: 'Sent by the originator.' },
    kind: { type: 'enum', class: 'technical', always: true, means: 'search, response or notify.' },
    target: { type: 'string', class: 'technical', means: 'What is looked for, found or announced: ST or NT.' },
    nts: { type: 'string', class: 'technical', means: 'Of an announcement: ssdp:alive, ssdp:byebye, ssdp:update.' },
    usn: { type: 'string', class: 'technical', means: 'Unique name of the device or service.' },
    location: { type: 'string', class: 'technical', means: 'Where the device describes itself.' },
    server: { type: 'string', class: 'technical', means: 'Operating system, UPnP version and product of the device.' },
    user_agent: { type: 'string', class: 'technical', means: 'The same of who searches.' },
    max_age: { type: 'interval', class: 'technical', unit: 's', means: 'How long the announcement is true.' },
    mx: { type: 'interval', class: 'technical', unit: 's', means: 'Within how long answers are wanted.' },
    payload_len: { type: 'count', class: 'technical', unit: 'bytes', always: true, means: 'Length of the message.' },
  },
} as const satisfies RecordType;

export type SsdpRecord = RecordOf<typeof ssdp>;
