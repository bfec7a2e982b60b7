/** `conn.conn_state`: how a flow stands when it ends, as Zeek's base/protocols/conn decides it. */

import { active, endpoints, endpointStride, state, stride } from './layout.ts';
import { closed, established, inactive, partialState, reset, synAckSent, synSent } from '../tcp/states.ts';

/** A SYN followed by the same side's RST, with nothing from the other side that would make it more. */
const rstAfterSyn = /^\^?S[^HAFGIQ]*R/;

export function connState(
  words: Int32Array,
  slot: number,
  protocol: number,
  history: string,
  originBytes: number,
  responseBytes: number,
): string {
  const o = words[slot * stride + endpoints + state]!;
  const r = words[slot * stride + endpoints + endpointStride + state]!;
  if (protocol === 17) {
    if (o & active) return r & active ? 'SF' : 'S0';
    return r & active ? 'SHR' : 'OTH';
  }
  if (protocol !== 6) return 'OTH';
  const own = o & 15;
  const peer = r & 15;
  const ownIdle = own === inactive || own === partialState;
  const peerIdle = peer === inactive || peer === partialState;
  if (peer === reset) {
    if (own === synSent || own === synAckSent || (own === reset && originBytes === 0 && responseBytes === 0)) return 'REJ';
    return ownIdle ? 'RSTRH' : 'RSTR';
  }
  if (own === reset) {
    if (!peerIdle) return 'RSTO';
    return rstAfterSyn.test(history) ? 'RSTOS0' : 'OTH';
  }
  if (peer === closed && own === closed) return 'SF';
  if (own === closed) return peerIdle ? 'SH' : 'S2';
  if (peer === closed) return ownIdle ? 'SHR' : 'S3';
  if (own === synSent && peer === inactive) return 'S0';
  if (own === established && peer === established) return 'S1';
  return 'OTH';
}
