/**
 * UPDATE (RFC 4271 §4.3, 4760): one record for each address family that it speaks of.
 *
 *     ┌────────┬───────────┬────────┬────────────┬──────────────────────┐
 *     │ length │ withdrawn │ length │ attributes │ announced, to the end │
 *     └────────┴───────────┴────────┴────────────┴──────────────────────┘
 */

import type { BgpPeering, BgpUpdateRecord } from '@forewarn/model/records/bgp';
import type { AnyRecord } from '@forewarn/model/records/record';
import { word16 } from '../digits.ts';
import { Attributes, elementsMax, RESET, WITHDRAW, type Reading, type Routes } from './attributes.ts';
import { familyName, ipv4Unicast } from './names.ts';
import { looksLikeAddPath, readPrefixes, type Prefixes } from './prefixes.ts';

/** Prefixes of one record: as many as the centre keeps of one list; an UPDATE that has more becomes several records. */
export const prefixesMax = 1_000;

export type Head = { readonly ts: number } & BgpPeering;

/** Who reads a message, and what becomes of it. */
export type Reader = {
  /** The columns that say who told whom, new each time. */
  head(): Head;
  record(log: string, record: AnyRecord): void;
  odd(name: string, addl?: string): void;
  /** Lists of the record at hand are not whole. */
  shortened(): void;
};

/** Prefixes that were announced and withdrawn. */
export type Tally = { announced: number; withdrawn: number };

type Group = { readonly family: number; announced?: Prefixes; withdrawn?: Prefixes; hop?: Routes['hop']; reaches: boolean };

export const odds: readonly string[] = ['', 'bgp_attribute_discarded', 'bgp_treat_as_withdraw', 'bgp_malformed_update'];

/** Reads what stands behind the header. */
export function readUpdate(bytes: Uint8Array, start: number, end: number, reading: Reading, reader: Reader): Tally {
  const tally = { announced: 0, withdrawn: 0 };
  const withdrawnEnd = end - start < 4 ? -1 : start + 2 + word16(bytes, start);
  const attributesAt = withdrawnEnd + 2;
  const attributesEnd = withdrawnEnd < 0 || attributesAt > end ? -1 : attributesAt + word16(bytes, withdrawnEnd);
  if (attributesEnd < 0 || attributesEnd > end) {
    // Nobody knows where the routes stand (RFC 7606 §4).
    reader.odd('bgp_malformed_update', 'lengths');
    return tally;
  }
  const attributes = new Attributes().read(bytes, attributesAt, attributesEnd, reading);
  const groups = new Groups();
  const lists: [from: number, to: number, family: number, announced: boolean, hop: Routes['hop']][] = [];
  const { reaches, unreaches } = attributes;
  const body = attributesEnd < end;
  if (start + 2 < withdrawnEnd) lists.push([start + 2, withdrawnEnd, ipv4Unicast, false, undefined]);
  if (body) lists.push([attributesEnd, end, ipv4Unicast, true, undefined]);
  for (const { from, to, family, hop } of reaches) lists.push([from, to, family, true, hop]);
  for (const { from, to, family } of unreaches) lists.push([from, to, family, false, undefined]);
  if (body || reaches.length > 0) attributes.demand(body);
  for (const [from, to, family, announced, hop] of lists) {
    const addPath = reading.addPath(family) ?? looksLikeAddPath(bytes, from, to, family);
    const prefixes = readPrefixes(bytes, from, to, family, addPath);
    if (prefixes?.broken) attributes.wrong(announced ? 'announced' : 'withdrawn', RESET);
    const group = groups.of(family, announced ? { hop } : undefined);
    if (announced) {
      group.reaches = true;
      if (prefixes) group.announced = joined(group.announced, prefixes);
      if (hop) group.hop = hop;
    } else if (prefixes) group.withdrawn = joined(group.withdrawn, prefixes);
  }
  if (attributes.harm > 0) reader.odd(odds[attributes.harm]!, attributes.errors.join(', '));
  // An UPDATE of nothing ends a table (RFC 4724 §2); one of attributes alone is told with them.
  const ends = endOfRib(attributes, attributesEnd - attributesAt, body, withdrawnEnd - start - 2);
  if (groups.all.length === 0) groups.of(ends ?? ipv4Unicast).reaches = ends === undefined;
  for (const group of groups.all) write(group, attributes, ends !== undefined, reader, tally);
  return tally;
}

/** The family whose table is at its end. */
function endOfRib({ types, unreaches }: Attributes, length: number, body: boolean, withdrawn: number): number | undefined {
  if (body || withdrawn > 0) return undefined;
  if (length === 0) return ipv4Unicast;
  const [only] = unreaches;
  return types.length === 1 && only && only.from === only.to ? only.family : undefined;
}

class Groups {
  readonly all: Group[] = [];

  /** The group of a family; routes that are announced with another next hop have one of their own. */
  of(family: number, announced?: { readonly hop: Routes['hop'] }): Group {
    let group = this.all.find(
      (one) => one.family === family && (!announced || !one.reaches || one.hop?.global === announced.hop?.global),
    );
    if (!group) {
      group = { family, reaches: false };
      this.all.push(group);
    }
    return group;
  }
}

/** The same family may stand in the body of the message and in its attributes. */
function joined(first: Prefixes | undefined, second: Prefixes): Prefixes {
  if (!first || first.list.length === 0) return second;
  return {
    list: [...first.list, ...second.list],
    pathIds: first.pathIds && second.pathIds ? [...first.pathIds, ...second.pathIds] : undefined,
    broken: first.broken || second.broken,
  };
}

type Written = { -readonly [K in keyof BgpUpdateRecord]: BgpUpdateRecord[K] };

/** What attributes say of routes that are announced, without the next hop of another family. */
export function attributeFields(attributes: Attributes): Partial<Written> {
  const { errors, harm, fields } = attributes;
  const told: Partial<Written> = { ...fields };
  if (errors.length > 0) told.errors = errors;
  if (harm >= WITHDRAW) told.treat_as_withdraw = true;
  return told;
}

function write(group: Group, attributes: Attributes, ends: boolean, reader: Reader, tally: Tally): void {
  const { announced, withdrawn, hop } = group;
  const [all, gone] = [announced?.list ?? [], withdrawn?.list ?? []];
  tally.announced += all.length;
  tally.withdrawn += gone.length;
  let path: Partial<Written> | undefined;
  if (group.reaches) {
    path = attributeFields(attributes);
    if (hop) {
      delete path.next_hop;
      if (hop.global !== undefined) path.next_hop = hop.global;
      if (hop.linkLocal !== undefined) path.next_hop_link_local = hop.linkLocal;
    }
  }
  if (attributes.shortened) reader.shortened();
  writeRoutes(
    {
      family: familyName(group.family),
      announced: all,
      withdrawn: gone,
      announcedIds: announced?.pathIds,
      withdrawnIds: withdrawn?.pathIds,
      path,
      others: attributes.errors.length > 0 ? { errors: attributes.errors } : {},
      ends,
    },
    reader,
  );
}

/** Routes of one family, whether from the wire or from a feed. */
export type Spoken = {
  readonly family: string;
  readonly announced: readonly string[];
  readonly withdrawn: readonly string[];
  readonly announcedIds?: readonly number[] | undefined;
  readonly withdrawnIds?: readonly number[] | undefined;
  /** The columns of records that announce; nothing where none does. */
  readonly path: Partial<BgpUpdateRecord> | undefined;
  /** The columns of the others. */
  readonly others: Partial<BgpUpdateRecord>;
  readonly ends?: boolean;
};

/** Writes as many records as the prefixes need. */
export function writeRoutes(spoken: Spoken, reader: Pick<Reader, 'head' | 'record'>): void {
  const { announced, withdrawn, announcedIds, withdrawnIds } = spoken;
  const parts = Math.max(1, Math.ceil(announced.length / prefixesMax), Math.ceil(withdrawn.length / prefixesMax));
  for (let part = 0; part < parts; part++) {
    const slice = <T>(list: readonly T[]): readonly T[] =>
      parts === 1 ? list : list.slice(part * prefixesMax, (part + 1) * prefixesMax);
    const record: Written = { ...reader.head(), family: spoken.family };
    const announces = part * prefixesMax < announced.length;
    Object.assign(record, announces || announced.length === 0 ? (spoken.path ?? spoken.others) : spoken.others);
    if (announces) {
      record.announced = slice(announced);
      if (announcedIds) record.announced_path_ids = slice(announcedIds);
    }
    if (part * prefixesMax < withdrawn.length) {
      record.withdrawn = slice(withdrawn);
      if (withdrawnIds) record.withdrawn_path_ids = slice(withdrawnIds);
    }
    if (spoken.ends) record.end_of_rib = true;
    if (parts > 1) record.part = part + 1;
    reader.record('bgp_update', record);
  }
}

/** The ceilings of what is read of an UPDATE, for the reference. */
export const updateLimits = [
  {
    name: 'bgp.prefixesMax',
    value: prefixesMax,
    unit: 'prefixes in one record',
    why: 'As many as the centre keeps of one list (guard/classes); an UPDATE of 4,096 bytes that has more becomes several records, and none is lost.',
  },
  {
    name: 'bgp.elementsMax',
    value: elementsMax,
    unit: 'communities of one kind, reflectors',
    why: 'Routes have some ten communities, at worst some hundreds; a message of 4,096 bytes has room for a thousand.',
  },
] as const;
