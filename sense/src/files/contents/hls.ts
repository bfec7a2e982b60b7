/** Playlists of HTTP Live Streaming (RFC 8216), line by line: nothing of them is kept but what the record says. */

import type { MediaManifestRecord } from '@forewarn/model/records/broadcast';
import { Lines } from '../../protocols/lines.ts';
import { textOf } from '../../protocols/text.ts';
import type { Content, ContentHost, ContentReader, Origin } from './contents.ts';
import { hostOf, Names, newManifest, placeOf } from './manifest.ts';

const lineBytesMax = 4_096;
const linesMax = 262_144;

/** The ceilings of playlists, for the reference. */
export const limits = [
  { name: 'hls.lineBytesMax', value: lineBytesMax, unit: 'bytes', why: 'URIs with their tokens have some hundreds; of a longer line the beginning is read.' },
  { name: 'hls.linesMax', value: linesMax, unit: 'lines', why: 'A day of segments of one second, three lines each. What comes behind is not read, and the record says so.' },
] as const; // oxfmt-ignore

class Playlist implements ContentReader {
  readonly #origin: Origin;
  readonly #host: ContentHost;
  readonly #record: MediaManifestRecord;
  readonly #lines = new Lines(lineBytesMax);
  readonly #codecs = new Names();
  readonly #methods = new Names();
  readonly #hosts = new Names();
  #read = 0;
  #duration = 0;
  /** The line before named a variant: the next one is its place. */
  #variant = false;

  constructor(origin: Origin, host: ContentHost) {
    this.#origin = origin;
    this.#host = host;
    this.#record = newManifest(origin, 'hls', 'media');
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; this.#read < linesMax;) {
      at = this.#lines.take(bytes, at, end);
      if (at < 0) return;
      this.#read++;
      this.#line(this.#lines.bytes, this.#lines.start, this.#lines.end);
    }
    this.#record.cut = true;
  }

  gap(): void {
    this.#record.cut = true;
    this.#lines.lose();
  }

  end(_ts: number, whole: boolean): void {
    // The last line may have no end.
    if (this.#lines.held > 0) this.data(newline, 0, 1);
    const record = this.#record;
    if (!whole) record.cut = true;
    const codecs = this.#codecs.list;
    const methods = this.#methods.list;
    const hosts = this.#hosts.list;
    if (codecs) record.codecs = codecs;
    if (methods) record.encryption = methods;
    if (hosts) record.segment_hosts = hosts;
    if (record.segments > 0) record.segments_duration = micro(this.#duration);
    if (record.type === 'media' && !record.ended && !record.cut && record.target_duration !== undefined) {
      const first = record.media_sequence ?? 0;
      const { progress, stalled } = this.#host.fetched.compare(
        placeOf(this.#origin),
        first,
        first + record.segments,
        this.#origin.ts,
      );
      record.progress = progress;
      if (stalled !== undefined) record.stalled = stalled;
    }
    this.#host.record('media_manifest', record);
  }

  #line(bytes: Uint8Array, start: number, end: number): void {
    if (end <= start) return;
    if (bytes[start] !== 0x23) {
      // Only an absolute place names a host.
      if (bytes[start] !== 0x2f && (bytes[start]! | 0x20) === 0x68) this.#hosts.add(hostOf(textOf(bytes, start, end)));
      if (this.#variant) this.#variant = false;
      else this.#record.segments++;
      return;
    }
    // #EXT…: everything else is a remark.
    if (bytes[start + 1] !== 0x45 || bytes[start + 2] !== 0x58 || bytes[start + 3] !== 0x54) return;
    const text = textOf(bytes, start, end);
    const colon = text.indexOf(':');
    this.#tag(colon < 0 ? text : text.slice(0, colon), colon < 0 ? '' : text.slice(colon + 1));
  }

  #tag(name: string, value: string): void {
    const record = this.#record;
    switch (name) {
      case '#EXTINF': {
        const seconds = numberOf(value);
        if (seconds === undefined) return;
        this.#duration += seconds;
        record.segment_max = Math.max(record.segment_max ?? 0, seconds);
        return;
      }
      case '#EXT-X-VERSION':
        record.version = value.trim().slice(0, 8);
        return;
      case '#EXT-X-TARGETDURATION':
        set(record, 'target_duration', numberOf(value));
        return;
      case '#EXT-X-MEDIA-SEQUENCE':
        set(record, 'media_sequence', countOf(value));
        return;
      case '#EXT-X-DISCONTINUITY-SEQUENCE':
        set(record, 'discontinuity_sequence', countOf(value));
        return;
      case '#EXT-X-DISCONTINUITY':
        record.discontinuities++;
        return;
      case '#EXT-X-GAP':
        record.gaps++;
        return;
      case '#EXT-X-ENDLIST':
        record.ended = true;
        return;
      case '#EXT-X-PLAYLIST-TYPE':
        if (value.trim() === 'VOD') record.ended = true;
        return;
      case '#EXT-X-KEY':
      case '#EXT-X-SESSION-KEY':
        this.#methods.add(/(?:^|,)\s*METHOD=([^,\s]*)/.exec(value)?.[1]);
        return;
      case '#EXT-X-STREAM-INF':
      case '#EXT-X-I-FRAME-STREAM-INF':
        record.type = 'master';
        record.variants++;
        this.#variant = name === '#EXT-X-STREAM-INF';
        for (const codec of /(?:^|,)\s*CODECS="([^"]*)"/.exec(value)?.[1]?.split(',') ?? []) this.#codecs.add(codec);
        return;
      case '#EXT-X-MEDIA':
        record.type = 'master';
    }
  }
}

const newline = Uint8Array.of(0x0a);

function set<K extends 'target_duration' | 'media_sequence' | 'discontinuity_sequence'>(record: MediaManifestRecord, name: K, value: number | undefined): void {
  if (value !== undefined) record[name] = value;
} // oxfmt-ignore

/** Ten digits and three behind the point are more than any duration has. */
const numberOf = (text: string): number | undefined => {
  const match = /^\s*(\d{1,10}(?:\.\d{0,9})?)/.exec(text);
  return match ? Number(match[1]) : undefined;
};
const countOf = (text: string): number | undefined => {
  const match = /^\s*(\d{1,15})\s*$/.exec(text);
  return match ? Number(match[1]) : undefined;
};
const micro = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;

export const hlsContent: Content = {
  begins: (text) => /^#EXTM3U(?:\s|$)/.test(text) && text.includes('#EXT-X-'),
  open: (origin, host) => new Playlist(origin, host),
};
