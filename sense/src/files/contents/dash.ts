/** Media presentation descriptions of DASH (ISO/IEC 23009-1 §5): what is offered, in how many pieces, and how old the description is. */

import type { MediaManifestRecord } from '@forewarn/model/records/broadcast';
import { type Element, isElement, textOf, valueOf } from '../../logs/element.ts';
import { instantOfText } from '../../logs/instants.ts';
import type { Content, ContentHost, Origin } from './contents.ts';
import { attributeOf, Document } from './document.ts';
import { hostOf, Names, newManifest, placeOf } from './manifest.ts';

/** Segments that one entry of a timeline may repeat: a day of one second each. */
const repeatsMax = 86_400;

/** The ceilings of descriptions, for the reference. */
export const limits = [
  { name: 'dash.repeatsMax', value: repeatsMax, unit: 'segments of an entry', why: 'A day of segments of one second; what repeats more often is no timeline.' },
] as const; // oxfmt-ignore

/** `PT1H2M3.5S` in seconds (XML Schema durations, without years and months). */
export function durationOf(text: string | undefined): number | undefined {
  if (text === undefined || text.length > 40) return undefined;
  const match = /^P(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?$/.exec(text);
  if (!match) return undefined;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  return Math.round((Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1e6) / 1e6;
}

class Walk {
  readonly codecs = new Names();
  readonly schemes = new Names();
  readonly hosts = new Names();
  variants = 0;
  segments = 0;
  periods = 0;

  element(of: Element): void {
    switch (of.name) {
      case 'Period':
        this.periods++;
        break;
      case 'Representation':
        this.variants++;
        break;
      case 'ContentProtection':
        this.schemes.add(attributeOf(of, 'schemeIdUri'));
        return;
      case 'BaseURL':
        this.hosts.add(hostOf(textOf(valueOf(of) ?? '')));
        return;
      case 'SegmentURL':
        this.segments++;
        break;
      case 'S': {
        const repeats = Number(attributeOf(of, 'r') ?? 0);
        this.segments += 1 + (repeats > 0 ? Math.min(Math.trunc(repeats), repeatsMax) : 0);
        return;
      }
    }
    if (of.name === 'AdaptationSet' || of.name === 'Representation')
      for (const codec of attributeOf(of, 'codecs')?.split(',') ?? []) this.codecs.add(codec);
    // The reader of XML has a ceiling of depth.
    for (const child of of.children) if (isElement(child)) this.element(child);
  }
}

function write(root: Element | string, origin: Origin, host: ContentHost): void {
  const record = newManifest(origin, 'dash', 'static');
  if (typeof root === 'string' || root.name !== 'MPD') {
    record.cut = true;
    host.record('media_manifest', record);
    return;
  }
  const walk = new Walk();
  walk.element(root);
  record.type = attributeOf(root, 'type') === 'dynamic' ? 'dynamic' : 'static';
  record.ended = record.type === 'static';
  record.variants = walk.variants;
  record.segments = walk.segments;
  record.discontinuities = Math.max(0, walk.periods - 1);
  const profiles = attributeOf(root, 'profiles');
  if (profiles !== undefined) record.version = profiles.slice(0, 256);
  put(record, 'target_duration', durationOf(attributeOf(root, 'maxSegmentDuration')));
  put(record, 'update_period', durationOf(attributeOf(root, 'minimumUpdatePeriod')));
  put(record, 'segments_duration', durationOf(attributeOf(root, 'mediaPresentationDuration')));
  const published = instantOfText(attributeOf(root, 'publishTime') ?? '');
  put(record, 'published', published);
  if (walk.codecs.list) record.codecs = walk.codecs.list;
  if (walk.schemes.list) record.encryption = walk.schemes.list;
  if (walk.hosts.list) record.segment_hosts = walk.hosts.list;
  // A description that makes its segments by number alone need not be published anew.
  if (!record.ended && published !== undefined && record.update_period !== undefined) {
    const { progress, stalled } = host.fetched.compare(placeOf(origin), published, published, origin.ts);
    record.progress = progress;
    if (stalled !== undefined) record.stalled = stalled;
  }
  host.record('media_manifest', record);
}

function put(record: MediaManifestRecord, name: 'target_duration' | 'update_period' | 'segments_duration' | 'published', value: number | undefined): void {
  if (value !== undefined) record[name] = value;
} // oxfmt-ignore

export const dashContent: Content = {
  begins: (text) => /<MPD[\s>]/.test(text),
  open: (origin, host) => new Document(host, (root) => write(root, origin, host)),
};
