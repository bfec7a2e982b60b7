/** What manifests of HLS and DASH have in common: the record, and lists of names that are bounded. */

import type { MediaManifestRecord } from '@forewarn/model/records/broadcast';
import type { Origin } from './contents.ts';

const listMax = 32;
const nameCharactersMax = 256;

/** The ceilings of manifests, for the reference. */
export const limits = [
  { name: 'manifests.listMax', value: listMax, unit: 'names of a list', why: 'Codecs, methods of encryption and hosts of one manifest; the widest have a dozen.' },
  { name: 'manifests.nameCharactersMax', value: nameCharactersMax, unit: 'characters', why: 'A host has at most 253 (RFC 1035), a codec some twenty.' },
] as const; // oxfmt-ignore

/** The record of a manifest before it is read. */
export function newManifest(origin: Origin, format: 'hls' | 'dash', type: string): MediaManifestRecord {
  const record = { ...origin.head, fuid: origin.fuid, format, type, variants: 0, segments: 0, discontinuities: 0, gaps: 0, ended: false, cut: false } as unknown as MediaManifestRecord; // oxfmt-ignore
  if (origin.host !== undefined) record.host = origin.host;
  if (origin.uri !== undefined) record.uri = pathOf(origin.uri);
  return record;
}

/** A place without its query, where tokens stand. */
export const pathOf = (uri: string): string => uri.replace(/[?#].*$/s, '').slice(0, 4_096);

/** Who fetches what from where: servers and receivers of one place are told apart, since caches hold different ages of it. */
export const placeOf = ({ ends, host = '', uri = '' }: Origin): string => `${ends} ${host}${pathOf(uri)}`;

/** Different names in order of appearance, bounded in number and length. */
export class Names {
  readonly #names = new Set<string>();

  add(name: string | undefined): void {
    const trimmed = name?.trim();
    if (trimmed && this.#names.size < listMax) this.#names.add(trimmed.slice(0, nameCharactersMax));
  }

  get list(): string[] | undefined {
    return this.#names.size > 0 ? [...this.#names] : undefined;
  }
}

/** The host of `https://host:port/…`; nothing of a relative place. Names and passwords before it are left out. */
export const hostOf = (uri: string): string | undefined =>
  /^[a-z][a-z0-9+.-]{1,15}:\/\/(?:[^/@]{0,200}@)?([^/?#@]{1,256})/i.exec(uri)?.[1];
