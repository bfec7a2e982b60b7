/** What kind of file begins with these bytes. */

import { isPcap } from './pcap.ts';
import { isPcapng } from './pcapng.ts';

export type CaptureKind = 'pcap' | 'pcapng' | 'gzip' | 'unknown';

/** Bytes that `captureKind` needs. */
export const kindBytes = 4;

/** Tells by the first four bytes; fewer are `unknown`. */
export function captureKind(start: Uint8Array): CaptureKind {
  if (start.length < kindBytes) return 'unknown';
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  const magic = ((start[0]! << 24) | (start[1]! << 16) | (start[2]! << 8) | start[3]!) >>> 0;
  if (isPcap(magic)) return 'pcap';
  return isPcapng(magic) ? 'pcapng' : 'unknown';
}
