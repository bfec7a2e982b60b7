/**
 * Telnet (RFC 854), known by its negotiation: `conn.service` names it, and nothing of it is read. What people type and see
 * there, passwords among it, stands between the commands in clear; Zeek writes no log of it either.
 *
 *     IAC (255)  WILL 251 / WONT 252 / DO 253 / DONT 254  option      or      IAC  SB 250  option … IAC  SE 240
 */

import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';

/** Nothing is held. */
export const limits = [] as const;

const IAC = 255;
const WILL = 251;
const DONT = 254;
const SB = 250;

/** IANA has assigned options up to 49, and some near the top. */
const isOption = (option: number): boolean => option <= 49 || option >= 138;

class TelnetParser implements ProtocolParser {
  constructor(_flow: FlowView, emit: Emit) {
    emit.confirm();
  }

  data(): void {}
  gap(): void {}
  finish(): void {}
}

/** Negotiations one after another: one is enough on the usual port, three elsewhere. */
function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  if (bytes[start] !== IAC) return 'no';
  const need = usualPort ? 1 : 3;
  let found = 0;
  for (let at = start; found < need; found++) {
    if (at + 3 > end) return at < end && bytes[at] !== IAC ? 'no' : at + 1 < end && !isCommand(bytes[at + 1]!) ? 'no' : 'more';
    if (bytes[at] !== IAC || !isCommand(bytes[at + 1]!) || !isOption(bytes[at + 2]!)) return 'no';
    if (bytes[at + 1] === SB) return found > 0 || usualPort ? 'yes' : 'no';
    at += 3;
  }
  return 'yes';
}

const isCommand = (command: number): boolean => command >= SB && command <= DONT && (command === SB || command >= WILL);

export const telnet: Protocol = {
  service: 'telnet',
  logs: [],
  transports: ['tcp'],
  ports: [23, 2323],
  probe,
  open: (flow, emit) => new TelnetParser(flow, emit),
};
