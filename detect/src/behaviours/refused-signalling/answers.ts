/** Which records of signalling are answers, who asked whom, and whether it was refused for a reason that lies with the elements and not with people. */

import type { RecordReference } from '@forewarn/model/finding';
import type { AnyRecord } from '@forewarn/model/records/record';
import { messageOf } from '../inner-signalling/inner-signalling.ts';

export type Kind = 'gtp' | 'pfcp' | 'diameter' | 'sccp' | 'sip-register' | 'sip-invite' | 'sctp';

export type SignallingAnswer = {
  kind: Kind;
  asker: string;
  answerer: string;
  failed: boolean;
  /** Code of the answer, or how an association ended. */
  cause: string;
  reference: RecordReference;
};

type Verdict = { kind: Kind; failed: boolean; cause: string };

/** Errors of MAP by which it is said that somebody's telephone is off or busy (3GPP TS 29.002 §17.6): nobody's fault. */
const ofPeople = new Set([6, 27, 31, 45]);

/** Answers of SIP that the called person gives, or whoever calls by hanging up (RFC 3261 §21). */
const byPeople = new Set([480, 486, 487, 600, 603]);

export function answerOf(log: string, record: AnyRecord): SignallingAnswer | undefined {
  const verdict = verdicts[log]?.(record);
  if (!verdict) return undefined;
  const message = messageOf(log, record);
  if (!message) return undefined;
  // Records of SIP and SCTP are of a whole exchange and name who asked; all others are of the answer and name who gave it.
  const isOfAsker = log === 'sip' || log === 'sctp';
  const { flow, sender, receiver } = message;
  return { ...verdict, asker: isOfAsker ? sender : receiver, answerer: isOfAsker ? receiver : sender, reference: flow.reference };
}

const verdicts: { readonly [log: string]: (record: AnyRecord) => Verdict | undefined } = {
  gtp({ message, cause, version }) {
    if (typeof cause !== 'number' || (message !== 'create_session_response' && message !== 'create_pdp_context_response'))
      return undefined;
    // TS 29.060 §7.7.1: 128 to 191 accept; TS 29.274 §8.4: 16 to 63 accept.
    return { kind: 'gtp', failed: version === 1 ? cause >= 192 : cause >= 64, cause: String(cause) };
  },
  pfcp({ message, cause }) {
    if (message !== 'session_establishment_response' || typeof cause !== 'number') return undefined;
    // TS 29.244 §8.2.1: 64 and above reject.
    return { kind: 'pfcp', failed: cause >= 64, cause: String(cause) };
  },
  diameter({ is_request: isRequest, application_id: application, result_code: code }) {
    // Application 0 keeps the link itself (RFC 6733 §2.4); 1xxx asks for more, 2xxx is success (§7.1).
    if (isRequest !== false || typeof code !== 'number' || application === 0) return undefined;
    return { kind: 'diameter', failed: code >= 3_000, cause: String(code) };
  },
  sccp({ tcap, components, error_codes: errors, application }) {
    if (tcap !== 'end' || application !== 'map' || !Array.isArray(components)) return undefined;
    const kinds = components as unknown[];
    if (!kinds.includes('error')) return kinds.includes('result') ? { kind: 'sccp', failed: false, cause: '' } : undefined;
    const codes = Array.isArray(errors) ? (errors as unknown[]).filter((code) => typeof code === 'number') : [];
    if (codes.length > 0 && codes.every((code) => ofPeople.has(code))) return undefined;
    return { kind: 'sccp', failed: true, cause: codes.join(', ') };
  },
  sip({ method, status_code: status }) {
    if ((method !== 'REGISTER' && method !== 'INVITE') || typeof status !== 'number' || status < 200 || byPeople.has(status))
      return undefined;
    return { kind: method === 'REGISTER' ? 'sip-register' : 'sip-invite', failed: status >= 400, cause: String(status) };
  },
  sctp({ state }) {
    if (typeof state !== 'string' || state === 'midstream') return undefined;
    return { kind: 'sctp', failed: state === 'attempted' || state === 'aborted', cause: state };
  },
};
