/** Records of the protocols of Windows networks, with the names of Zeek 8's logs. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const smb_files = {
  log: 'smb_files',
  means: 'Something done to a file on a share: opened, renamed, deleted, read, written or printed.',
  source: 'Zeek base/protocols/smb; [MS-SMB2], [MS-CIFS]',
  columns: {
    ...connectionColumns,
    fuid: { type: 'string', class: 'technical', means: 'The file in the files log, once bytes of it have passed.' },
    action: { type: 'enum', class: 'technical', means: 'SMB::FILE_OPEN, SMB::FILE_DELETE, SMB::FILE_RENAME, SMB::PRINT_OPEN, …' },
    path: { type: 'string', class: 'technical', means: 'The share.' },
    name: { type: 'string', class: 'content', means: 'Name of the file within the share.' },
    size: { type: 'count', class: 'technical', unit: 'bytes', means: 'Size that the server states.' },
    prev_name: { type: 'string', class: 'content', means: 'Name before it was renamed.' },
    'times.modified': { type: 'time', class: 'technical', unit: 's', means: 'Last write to it.' },
    'times.accessed': { type: 'time', class: 'technical', unit: 's', means: 'Last access to it.' },
    'times.created': { type: 'time', class: 'technical', unit: 's', means: 'Its creation.' },
    'times.changed': { type: 'time', class: 'technical', unit: 's', means: 'Last change of its attributes.' },
  },
} as const satisfies RecordType;

export const smb_mapping = {
  log: 'smb_mapping',
  means: 'A share that a client connected to.',
  source: 'Zeek base/protocols/smb; [MS-SMB2] 2.2.9, [MS-CIFS] 2.2.4.55',
  columns: {
    ...connectionColumns,
    path: { type: 'string', class: 'technical', means: 'The share, \\\\server\\name.' },
    service: { type: 'string', class: 'technical', means: 'Kind of resource as SMB1 names it: A:, IPC, LPT1:.' },
    native_file_system: { type: 'string', class: 'technical', means: 'File system that the server names (SMB1).' },
    share_type: { type: 'string', class: 'technical', always: true, means: 'DISK, PIPE or PRINT.' },
  },
} as const satisfies RecordType;

export const dce_rpc = {
  log: 'dce_rpc',
  means: 'One remote procedure call with its answer.',
  source: 'Zeek base/protocols/dce-rpc; C706, [MS-RPCE]',
  columns: {
    ...connectionColumns,
    rtt: {
      type: 'interval',
      class: 'technical',
      unit: 's',
      means: 'From the call to its answer; absent where either was not seen.',
    },
    named_pipe: { type: 'string', class: 'technical', means: 'Pipe or port that the server named.' },
    endpoint: { type: 'string', class: 'technical', means: 'Interface: svcctl, samr, drsuapi, unknown-<uuid>.' },
    operation: { type: 'string', class: 'technical', means: 'Operation of the interface: CreateServiceW, unknown-<number>.' },
  },
} as const satisfies RecordType;

export const ntlm = {
  log: 'ntlm',
  means: 'One NTLM authentication, inside whichever protocol carried it. Challenges, responses and session keys are not kept.',
  source: 'Zeek base/protocols/ntlm; [MS-NLMP]',
  columns: {
    ...connectionColumns,
    username: { type: 'string', class: 'personal', means: 'Account that the client named.' },
    hostname: { type: 'string', class: 'technical', means: 'Workstation that the client named.' },
    domainname: { type: 'string', class: 'technical', means: 'Domain that the client named.' },
    server_nb_computer_name: { type: 'string', class: 'technical', means: 'NetBIOS name of the server, from its challenge.' },
    server_dns_computer_name: { type: 'string', class: 'technical', means: 'DNS name of the server, from its challenge.' },
    server_tree_name: { type: 'string', class: 'technical', means: 'DNS name of the forest, from the challenge.' },
    success: { type: 'bool', class: 'technical', means: 'Whether the server accepted it; absent where it did not say.' },
  },
} as const satisfies RecordType;

export const kerberos = {
  log: 'kerberos',
  means: 'One request for a Kerberos ticket with its answer, or a ticket shown to a service. Tickets and keys are not kept.',
  source: 'Zeek base/protocols/krb; RFC 4120',
  columns: {
    ...connectionColumns,
    request_type: { type: 'string', class: 'technical', means: 'AS, TGS or AP.' },
    client: { type: 'string', class: 'personal', means: 'Principal and realm of the client.' },
    service: { type: 'string', class: 'technical', means: 'Principal of the service.' },
    success: { type: 'bool', class: 'technical', means: 'Whether the request was granted.' },
    error_msg: {
      type: 'string',
      class: 'technical',
      means: 'Why it was not: the text of the server, or the name of its error code.',
    },
    from: { type: 'time', class: 'technical', unit: 's', means: 'Begin of validity that was asked for.' },
    till: { type: 'time', class: 'technical', unit: 's', means: 'End of validity that was asked for.' },
    cipher: { type: 'string', class: 'technical', means: 'Encryption of the ticket.' },
    forwardable: { type: 'bool', class: 'technical', means: 'A forwardable ticket was asked for.' },
    renewable: { type: 'bool', class: 'technical', means: 'A renewable ticket was asked for.' },
  },
} as const satisfies RecordType;

export const ldap = {
  log: 'ldap',
  means: 'One LDAP operation, other than a search, with its result. Passwords and values are not kept.',
  source: 'Zeek base/protocols/ldap; RFC 4511',
  columns: {
    ...connectionColumns,
    message_id: { type: 'int', class: 'technical', means: 'Number of the message; joins request and response.' },
    version: { type: 'int', class: 'technical', means: 'Protocol version of a bind.' },
    opcode: {
      type: 'string',
      class: 'technical',
      means: 'bind simple, bind SASL, unbind, modify, add, delete, compare, abandon, extended.',
    },
    result: { type: 'string', class: 'technical', means: 'Result of the operation.' },
    diagnostic_message: { type: 'string', class: 'content', means: 'What the server says about it.' },
    object: {
      type: 'string',
      class: 'personal',
      means: 'Name of the entry that is bound to or changed, often an account; of an extended operation its identifier.',
    },
    argument: {
      type: 'string',
      class: 'content',
      means: 'Mechanism of a SASL bind; what a modification changes; REDACTED where a password stood.',
    },
  },
} as const satisfies RecordType;

export const ldap_search = {
  log: 'ldap_search',
  means: 'One LDAP search with the number of entries found.',
  source: 'Zeek base/protocols/ldap; RFC 4511, RFC 4515',
  columns: {
    ...connectionColumns,
    message_id: { type: 'int', class: 'technical', means: 'Number of the message; joins request and results.' },
    scope: { type: 'string', class: 'technical', means: 'base, single or tree.' },
    deref_aliases: { type: 'string', class: 'technical', means: 'never, searching, finding or always.' },
    base_object: { type: 'string', class: 'content', means: 'Name of the entry where the search begins.' },
    result_count: { type: 'count', class: 'technical', always: true, means: 'Entries that were found.' },
    result: { type: 'string', class: 'technical', means: 'Result of the search.' },
    diagnostic_message: { type: 'string', class: 'content', means: 'What the server says about it.' },
    filter: { type: 'string', class: 'content', means: 'The filter, written as RFC 4515 has it.' },
    attributes: { type: 'vector[string]', class: 'content', means: 'Attributes that were asked for.' },
  },
} as const satisfies RecordType;

export type SmbFilesRecord = RecordOf<typeof smb_files>;
export type SmbMappingRecord = RecordOf<typeof smb_mapping>;
export type DceRpcRecord = RecordOf<typeof dce_rpc>;
export type NtlmRecord = RecordOf<typeof ntlm>;
export type KerberosRecord = RecordOf<typeof kerberos>;
export type LdapRecord = RecordOf<typeof ldap>;
export type LdapSearchRecord = RecordOf<typeof ldap_search>;
