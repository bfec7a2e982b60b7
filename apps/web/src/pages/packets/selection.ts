/** What of a packet is marked, in its layers and in its bytes alike. */

import type { PacketLayer } from '@forewarn/model/packet';

/** A layer, or one of its fields; `field` is undefined for the layer as a whole. */
export type Marked = { layer: number; field: number | undefined };

/** Where it stands. */
export function rangeOf(layers: readonly PacketLayer[], marked: Marked | null): { start: number; end: number } | null {
  if (marked === null) return null;
  const layer = layers[marked.layer];
  const place = marked.field === undefined ? layer : layer?.fields[marked.field];
  return place === undefined ? null : { start: place.start, end: place.end };
}

/** What a byte belongs to: the narrowest field that holds it, of the innermost layer; else the layer. */
export function markedAt(layers: readonly PacketLayer[], at: number): Marked | null {
  let found: Marked | null = null;
  let width = Infinity;
  // The first layer is the capture's word of the packet and covers all of it: it is never meant.
  layers.forEach((layer, index) => {
    if (index === 0 || at < layer.start || at >= layer.end) return;
    found = { layer: index, field: undefined };
    width = Infinity;
    layer.fields.forEach((field, place) => {
      if (at < field.start || at >= field.end || field.end - field.start >= width) return;
      found = { layer: index, field: place };
      width = field.end - field.start;
    });
  });
  return found;
}

/** The same layer and field in another packet, so that one can be followed from packet to packet. */
export function sameIn(next: readonly PacketLayer[], before: readonly PacketLayer[], marked: Marked | null): Marked | null {
  const layer = marked === null ? undefined : before[marked.layer];
  if (marked === null || layer === undefined) return null;
  const nth = before.slice(0, marked.layer).filter(({ name }) => name === layer.name).length;
  const candidates = next.flatMap(({ name }, index) => (name === layer.name ? [index] : []));
  const found = candidates[nth];
  if (found === undefined) return null;
  if (marked.field === undefined) return { layer: found, field: undefined };
  const name = layer.fields[marked.field]?.name;
  const field = next[found]!.fields.findIndex((each) => each.name === name);
  return field < 0 ? { layer: found, field: undefined } : { layer: found, field };
}
