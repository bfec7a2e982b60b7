/** The record of DHCP, with Zeek's names. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const dhcp = {
  log: 'dhcp',
  means: 'One DHCP transaction: all messages with one transaction number, whichever flows carried them.',
  source: 'Zeek base/protocols/dhcp, policy/protocols/dhcp/sub-opts; RFC 2131, RFC 2132, RFC 8415',
  columns: {
    ts: connectionColumns.ts,
    uids: { type: 'vector[string]', class: 'technical', always: true, means: 'The flows that carried its messages.' },
    client_addr: {
      type: 'addr',
      class: 'technical',
      means: 'Address the client sent from, or else the address it was given.',
    },
    server_addr: { type: 'addr', class: 'technical', means: 'Address of the server that handed out an address.' },
    mac: { type: 'string', class: 'technical', means: 'Hardware address of the client.' },
    host_name: { type: 'string', class: 'technical', means: 'Name the client gives itself (option 12).' },
    client_fqdn: { type: 'string', class: 'technical', means: 'Full name the client gives itself (option 81, DHCPv6 39).' },
    domain: { type: 'string', class: 'technical', means: 'Domain the server gives (option 15, DHCPv6 24).' },
    requested_addr: { type: 'addr', class: 'technical', means: 'Address the client asked for.' },
    assigned_addr: { type: 'addr', class: 'technical', means: 'Address the server gave.' },
    lease_time: { type: 'interval', class: 'technical', unit: 's', means: 'For how long.' },
    client_message: { type: 'string', class: 'technical', means: "The client's reason for declining." },
    server_message: { type: 'string', class: 'technical', means: "The server's reason for refusing." },
    msg_types: {
      type: 'vector[string]',
      class: 'technical',
      always: true,
      means: 'The messages in order: DISCOVER, OFFER, REQUEST, ACK; of DHCPv6 SOLICIT, ADVERTISE, REQUEST, REPLY.',
    },
    duration: {
      type: 'interval',
      class: 'technical',
      unit: 's',
      always: true,
      means: 'From the first to the last message.',
    },
    circuit_id: { type: 'string', class: 'technical', means: 'The port at which a relay received the client (option 82).' },
    agent_remote_id: {
      type: 'string',
      class: 'personal',
      means: "The relay's name for the client's line (option 82).",
    },
    subscriber_id: { type: 'string', class: 'personal', means: "The provider's name for the subscriber (option 82)." },
    trans_id: { type: 'count', class: 'technical', means: 'The transaction number.' },
    vendor_class: { type: 'string', class: 'technical', means: 'What the client says it is: MSFT 5.0 (option 60).' },
    param_list: {
      type: 'vector[count]',
      class: 'technical',
      means: 'Options the client asks for, in its order: a fingerprint of its software (option 55).',
    },
    routers: {
      type: 'vector[string]',
      class: 'technical',
      means: 'Gateways the servers give, of all answers; of a rogue server, itself.',
    },
    dns_servers: { type: 'vector[string]', class: 'technical', means: 'Name servers the servers give, of all answers.' },
  },
} as const satisfies RecordType;

export type DhcpRecord = RecordOf<typeof dhcp>;
