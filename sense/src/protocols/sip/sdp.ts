/**
 * The media that a session description announces (RFC 8866, RFC 3264): where RTP will arrive, and by which clock. Nothing of it is written.
 */

import { formatAddress, parseAddress } from '@forewarn/base/ip';
import { lineFeed, textOf } from '../text.ts';

/** Media lines of one description that are followed; a conference has a dozen. */
export const mediaMax = 16;

/** Payload formats of one description whose clocks are kept; codecs offered are some twenty. */
export const formatsMax = 64;

export type Media = { host: string; port: number; rtcpPort: number; clockRates: ReadonlyMap<number, number> };

type Open = { host: string; port: number; rtcpPort: number; clockRates: Map<number, number> };

/** Reads `bytes[start, end)`; media that are no RTP, or whose place is a name or port 0, are left out. */
export function readSdp(bytes: Uint8Array, start: number, end: number): Media[] {
  const found: Open[] = [];
  let session = '';
  let current: Open | undefined;
  let formats = 0;
  for (let at = start; at < end;) {
    let stop = lineFeed(bytes, at, end);
    if (stop < 0) stop = end;
    const next = stop + 1;
    while (stop > at && bytes[stop - 1] === 0x0d) stop--;
    const kind = bytes[at];
    if (stop - at > 2 && stop - at < 256 && bytes[at + 1] === 0x3d) {
      if (kind === 0x6d) {
        // m=audio 49170 RTP/AVP 0 8 97
        const [, port, transport] = textOf(bytes, at + 2, stop).split(' ');
        current = undefined;
        const number = Number.parseInt(port ?? '', 10);
        if (number > 0 && number < 65_536 && transport?.includes('RTP/') && found.length < mediaMax) {
          current = { host: session, port: number, rtcpPort: number + 1, clockRates: new Map() };
          found.push(current);
        }
      } else if (kind === 0x63) {
        // c=IN IP4 192.0.2.1
        const host = literal(textOf(bytes, at + 2, stop).split(' ')[2]);
        if (current) current.host = host;
        else if (found.length === 0) session = host;
      } else if (kind === 0x61 && current) {
        const text = textOf(bytes, at + 2, stop);
        if (formats < formatsMax && readFormat(text, current.clockRates)) formats++;
        const rtcp = /^rtcp:(\d{1,5})\b/.exec(text);
        if (rtcp) current.rtcpPort = Number(rtcp[1]);
      }
    }
    at = next;
  }
  return found.filter(({ host }) => host !== '');
}

/** `rtpmap:97 opus/48000`: the clock of a payload type. Answers whether it was one. */
function readFormat(text: string, clockRates: Map<number, number>): boolean {
  const map = /^rtpmap:(\d{1,3}) ([^/]{1,40})\/(\d{1,6})/.exec(text);
  if (!map) return false;
  // Dialled tones repeat one timestamp (RFC 4733 §2.2): they have no clock that could be measured.
  const tones = /^(?:telephone-event|tone|cn)$/i.test(map[2]!);
  clockRates.set(Number(map[1]), tones ? 0 : Number(map[3]));
  return true;
}

/** The clocks of all payload types of a description, wherever its media go: RTSP agrees on places later. */
export function readClockRates(bytes: Uint8Array, start: number, end: number, clockRates: Map<number, number>): void {
  for (let at = start; at < end && clockRates.size < formatsMax;) {
    const stop = lineFeed(bytes, at, end);
    const to = stop < 0 ? end : stop;
    if (to - at > 2 && to - at < 256 && bytes[at] === 0x61 && bytes[at + 1] === 0x3d)
      readFormat(textOf(bytes, at + 2, to), clockRates);
    at = to + 1;
  }
}

/** An address as records write it, or nothing for a name. */
function literal(text: string | undefined): string {
  // A multicast address has its lifetime behind a slash.
  const bytes = text === undefined ? undefined : parseAddress(text.replace(/\/.*$/, ''));
  return bytes ? formatAddress(bytes) : '';
}
