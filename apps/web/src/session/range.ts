/**
 * The one range of time, and how it stands in the address: `range=24h` counts back from now, `range=A~B` is fixed with
 * RFC 3339 instants, `A~now` is pinned to now at its end.
 */

export type Range = { kind: 'last'; seconds: number } | { kind: 'between'; from: string; to: string | 'now' };

const units: { [letter: string]: number } = { s: 1, m: 60, h: 3600, d: 86_400 };

export const defaultRange = '24h';
export const quickRanges = ['15m', '1h', '6h', '24h', '7d', '30d'] as const;

/** Reads the address's text; anything unreadable is the default, for an address may come from anywhere. */
export function readRange(text: string | undefined): Range {
  const last = /^(\d{1,5})([smhd])$/.exec(text ?? '');
  if (last !== null && Number(last[1]) > 0) return { kind: 'last', seconds: Number(last[1]) * units[last[2]!]! };
  const [from, to, more] = (text ?? '').split('~');
  const fromMs = Date.parse(from ?? '');
  const toMs = to === 'now' ? Infinity : Date.parse(to ?? '');
  if (more === undefined && !Number.isNaN(fromMs) && !Number.isNaN(toMs) && fromMs < toMs) {
    return { kind: 'between', from: new Date(fromMs).toISOString(), to: to === 'now' ? 'now' : new Date(toMs).toISOString() };
  }
  return readRange(defaultRange);
}

/** Writes a fixed range; millisecond parts that say nothing are left out. */
export function writeBetween(fromMs: number, toMs: number | 'now'): string {
  const iso = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');
  return `${iso(fromMs)}~${toMs === 'now' ? 'now' : iso(toMs)}`;
}

/** Instants of a range at a moment of the centre's clock, in milliseconds. */
export function resolveRange(range: Range, nowMs: number): { fromMs: number; toMs: number } {
  if (range.kind === 'last') return { fromMs: nowMs - range.seconds * 1000, toMs: nowMs };
  return { fromMs: Date.parse(range.from), toMs: range.to === 'now' ? nowMs : Date.parse(range.to) };
}
