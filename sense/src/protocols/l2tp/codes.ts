/** Numbers of L2TP and their names (RFC 2661, RFC 3931 and those after them; IANA, L2TP parameters). */

type Names = { readonly [code: number]: string };

/** Message types (RFC 2661 §3.2, RFC 3931 §6, RFC 3301, 3573, 4045, 5515). */
export const messages: Names = {
  1: 'SCCRQ',
  2: 'SCCRP',
  3: 'SCCCN',
  4: 'StopCCN',
  6: 'HELLO',
  7: 'OCRQ',
  8: 'OCRP',
  9: 'OCCN',
  10: 'ICRQ',
  11: 'ICRP',
  12: 'ICCN',
  14: 'CDN',
  15: 'WEN',
  16: 'SLI',
  17: 'MDMST',
  18: 'SRRQ',
  19: 'SRRP',
  20: 'ACK',
  21: 'FSQ',
  22: 'FSR',
  23: 'MSRQ',
  24: 'MSRP',
  25: 'MSE',
  26: 'MSI',
  27: 'MSEN',
  28: 'CSUN',
  29: 'CSURQ',
};

/** Results of the end of a control connection (RFC 2661 §4.4.2, StopCCN). */
const stopResults: Names = {
  1: 'general request to clear control connection',
  2: 'general error',
  3: 'control channel already exists',
  4: 'requester is not authorised',
  5: 'protocol version not supported',
  6: 'requester is being shut down',
  7: 'finite state machine error or timeout',
};

/** Results of the end of a call or session (RFC 2661 §4.4.2 CDN, RFC 3931 §5.4.2). */
const callResults: Names = {
  1: 'loss of carrier',
  2: 'general error',
  3: 'administrative reasons',
  4: 'no appropriate facilities (temporary)',
  5: 'no appropriate facilities (permanent)',
  6: 'invalid destination',
  7: 'no carrier',
  8: 'busy signal',
  9: 'no dial tone',
  10: 'not established in time',
  11: 'no appropriate framing',
  13: 'session not established: tie lost',
  14: 'session not established: unsupported pseudowire type',
  15: 'session not established: sequencing required without a sublayer',
  16: 'finite state machine error or timeout',
};

/** The name of a result of a StopCCN or a CDN; nothing where it has none. */
export const resultName = (message: string, code: number): string | undefined =>
  message === 'StopCCN' ? stopResults[code] : message === 'CDN' ? callResults[code] : undefined;

/** Pseudowire types (IANA, MPLS pseudowire types, as RFC 3931 §5.4.4 uses them). */
const pseudowires: Names = {
  1: 'frame-relay',
  4: 'ethernet-vlan',
  5: 'ethernet',
  6: 'hdlc',
  7: 'ppp',
  11: 'ip',
  17: 'satop-e1',
  18: 'satop-t1',
  19: 'satop-e3',
  20: 'satop-t3',
};

export const pseudowireName = (code: number): string => pseudowires[code] ?? String(code);
