/** The record of ARP. Zeek has events of ARP and no log; the columns are those of the community's `ecat_arp_info` (ICSNPP). */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const arp = {
  log: 'arp',
  means:
    'Who says which hardware address has which address: an ARP message, written when it is new or has not been heard for a while.',
  source: "RFC 826; names of Zeek's arp_request and arp_reply, as in cisagov/icsnpp-ethercat (ecat_arp_info)",
  columns: {
    ts: connectionColumns.ts,
    arp_type: { type: 'enum', class: 'technical', always: true, means: 'request or reply.' },
    mac_src: { type: 'string', class: 'technical', means: 'Hardware address the frame came from.' },
    mac_dst: { type: 'string', class: 'technical', means: 'Hardware address the frame went to.' },
    SPA: { type: 'addr', class: 'technical', always: true, means: 'Address of the sender.' },
    SHA: { type: 'string', class: 'technical', always: true, means: 'Hardware address the sender says it has.' },
    TPA: { type: 'addr', class: 'technical', always: true, means: 'Address that is asked for, or told.' },
    THA: { type: 'string', class: 'technical', always: true, means: 'Hardware address of the target; zeros in a request.' },
  },
} as const satisfies RecordType;

export type ArpRecord = RecordOf<typeof arp>;
