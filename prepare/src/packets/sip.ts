/** SIP messages over UDP: RFC 3261. Bodies are empty: nobody here has anything to say. */

export type Dialogue = { callId: string; tag: string; branch: string; sequence: number };

const ends = (lines: readonly string[]): Uint8Array =>
  Buffer.from([...lines, 'Content-Length: 0', '', ''].join('\r\n'), 'latin1');

export type SipRequest = {
  method: 'REGISTER' | 'OPTIONS' | 'INVITE' | 'ACK' | 'BYE';
  /** Whom it is for, `sip:1001@10.0.0.1`. */
  uri: string;
  from: string;
  to: string;
  /** Address of the sender. */
  via: string;
  agent: string;
  dialogue: Dialogue;
  toTag?: string;
  /** Lines besides, such as an authorization. */
  more?: readonly string[];
};

export const sipRequest = ({ method, uri, from, to, via, agent, dialogue, toTag, more = [] }: SipRequest): Uint8Array =>
  ends([
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${via}:5060;branch=z9hG4bK${dialogue.branch}${method === 'ACK' || method === 'BYE' ? method.toLowerCase() : ''};rport`,
    'Max-Forwards: 70',
    `From: <${from}>;tag=${dialogue.tag}`,
    `To: <${to}>${toTag === undefined ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${dialogue.callId}`,
    `CSeq: ${dialogue.sequence} ${method}`,
    `Contact: <sip:${via}:5060>`,
    `User-Agent: ${agent}`,
    ...more,
  ]);

const reasons: { readonly [code: number]: string } = {
  100: 'Trying',
  180: 'Ringing',
  200: 'OK',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  486: 'Busy Here',
};

/** The answer to a request; `toTag` as soon as there is a dialogue (RFC 3261 §12.1.1). */
export function sipResponse(code: number, of: SipRequest, toTag: string): Uint8Array {
  const { method, from, to, via, dialogue } = of;
  return ends([
    `SIP/2.0 ${code} ${reasons[code] ?? 'Answer'}`,
    `Via: SIP/2.0/UDP ${via}:5060;branch=z9hG4bK${dialogue.branch}${method === 'ACK' || method === 'BYE' ? method.toLowerCase() : ''};rport=5060;received=${via}`,
    `From: <${from}>;tag=${dialogue.tag}`,
    `To: <${to}>${code === 100 ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${dialogue.callId}`,
    `CSeq: ${dialogue.sequence} ${method}`,
    ...(code === 401 ? [`WWW-Authenticate: Digest realm="exchange.example", nonce="${dialogue.branch}", algorithm=MD5`] : []),
  ]);
}
