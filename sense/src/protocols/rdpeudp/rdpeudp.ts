/**
 * RDP over UDP (MS-RDPEUDP): `conn.service` names it once both sides have greeted; what follows is encrypted by DTLS or TLS
 * inside a transport of its own, and is not read. Zeek writes no log of it either.
 *
 *      0              4         6        8              12           14
 *     ┌──────────────┬─────────┬────────┬──────────────┬────────────┬──────────────┐
 *     │ acknowledged │ window  │ flags  │ first number │ MTU there  │ MTU back     │     SYN (2.2.2.1, 2.2.2.5)
 *     └──────────────┴─────────┴────────┴──────────────┴────────────┴──────────────┘
 */

import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';

/** Nothing is held. */
export const limits = [] as const;

const SYN = 0x0001;
const ACK = 0x0004;

/** 2.2.2.5: both sizes lie between these. */
const mtuMin = 1_132;
const mtuMax = 1_232;

class RdpeudpParser implements ProtocolParser {
  private readonly emit: Emit;
  private confirmed = false;

  constructor(_flow: FlowView, emit: Emit) {
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number): void {
    if (this.confirmed || direction === 0 || end - start < 16) return;
    if ((u16(bytes, start + 6) & (SYN | ACK)) !== (SYN | ACK)) return;
    this.confirmed = true;
    this.emit.confirm();
  }

  gap(): void {}
  finish(): void {}
}

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
const isMtu = (size: number): boolean => size >= mtuMin && size <= mtuMax;

/** The SYN of a client acknowledges nothing (all bits set) and states two sizes of a narrow range. */
function probe(bytes: Uint8Array, start: number, end: number, direction: Direction, _usualPort: boolean): Probe {
  if (direction === 1 || bytes[start] !== 0xff || end - start < 16) return 'no';
  for (let i = 1; i < 4; i++) if (bytes[start + i] !== 0xff) return 'no';
  const flags = u16(bytes, start + 6);
  return flags & SYN && !(flags & ACK) && isMtu(u16(bytes, start + 12)) && isMtu(u16(bytes, start + 14)) ? 'yes' : 'no';
}

export const rdpeudp: Protocol = {
  service: 'rdpeudp',
  logs: [],
  transports: ['udp'],
  ports: [3389],
  probe,
  open: (flow, emit) => new RdpeudpParser(flow, emit),
};
