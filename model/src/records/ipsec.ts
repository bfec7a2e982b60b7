/** The record of IKE, with the names of corelight's zeek-spicy-ipsec, and names in words beside its numbers. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const ipsec = {
  log: 'ipsec',
  means: 'One message of IKE, by which the two ends of an IPsec tunnel agree on keys (ISAKMP, IKEv1, IKEv2).',
  source:
    "corelight/zeek-spicy-ipsec; RFC 2408, RFC 2409, RFC 7296; the package's columns, and exchange and suites. No keys, nonces or identities",
  columns: {
    ...connectionColumns,
    is_orig: { type: 'bool', class: 'technical', always: true, means: 'Sent by the originator.' },
    initiator_spi: {
      type: 'string',
      class: 'technical',
      always: true,
      means: 'Number of the security association, of who began.',
    },
    responder_spi: {
      type: 'string',
      class: 'technical',
      always: true,
      means: 'The same of the other end; zeros until it has answered.',
    },
    maj_ver: { type: 'count', class: 'technical', always: true, means: 'Version of IKE: 1 or 2.' },
    min_ver: { type: 'count', class: 'technical', always: true, means: 'Second part of the version.' },
    exchange_type: { type: 'count', class: 'technical', always: true, means: 'Number of the exchange.' },
    exchange: {
      type: 'string',
      class: 'technical',
      always: true,
      means: 'Its name: Identity Protection (main mode), Aggressive, Quick Mode, IKE_SA_INIT, IKE_AUTH.',
    },
    flag_e: { type: 'bool', class: 'technical', always: true, means: 'Version 1: the rest is encrypted.' },
    flag_c: { type: 'bool', class: 'technical', always: true, means: 'Version 1: the answer is waited for before use.' },
    flag_a: { type: 'bool', class: 'technical', always: true, means: 'Version 1: authenticated and not encrypted.' },
    flag_i: { type: 'bool', class: 'technical', always: true, means: 'Version 2: sent by the initiator of the association.' },
    flag_v: { type: 'bool', class: 'technical', always: true, means: 'Version 2: the sender speaks a later version.' },
    flag_r: { type: 'bool', class: 'technical', always: true, means: 'Version 2: a response.' },
    message_id: { type: 'count', class: 'technical', always: true, means: 'Number of the message.' },
    vendor_ids: {
      type: 'vector[string]',
      class: 'technical',
      means: 'Products and features by which it names itself; of one that is not known UNKNOWN: and its bytes.',
    },
    notify_messages: { type: 'vector[string]', class: 'technical', means: 'Errors and notices: NO_PROPOSAL_CHOSEN, COOKIE.' },
    transforms: { type: 'vector[string]', class: 'technical', means: 'Version 1: numbers of the transforms (1: KEY_IKE).' },
    ke_dh_groups: { type: 'vector[count]', class: 'technical', means: 'Version 2: group of the key that is sent.' },
    proposals: { type: 'vector[count]', class: 'technical', means: 'Numbers of the proposals.' },
    protocol_id: { type: 'count', class: 'technical', means: 'Version 1: protocol of the last proposal (1: ISAKMP, 3: ESP).' },
    certificates: { type: 'vector[string]', class: 'technical', means: 'MD5 of certificates that were sent in clear.' },
    transform_attributes: {
      type: 'vector[string]',
      class: 'technical',
      means: 'Attributes: number of the proposal, number of the transform, name=value.',
    },
    suites: {
      type: 'vector[string]',
      class: 'technical',
      means:
        'Algorithms that are offered – in a response: chosen –, one suite a proposal; + joins alternatives, / what is used together.',
    },
    length: { type: 'count', class: 'technical', unit: 'bytes', always: true, means: 'Stated length of the message.' },
    hash: {
      type: 'string',
      class: 'technical',
      means: 'MD5 over vendor ids, notices, transforms, groups, proposals and attributes: the same software offers the same.',
    },
    doi: { type: 'count', class: 'technical', means: 'Version 1: domain of interpretation (1: IPsec).' },
    situation: { type: 'string', class: 'technical', means: 'Version 1: situation, four bytes.' },
  },
} as const satisfies RecordType;

export type IpsecRecord = RecordOf<typeof ipsec>;
