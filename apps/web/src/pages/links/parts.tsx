/** What the list and the page of one link have in common: its marks, its ring, its capacity. */

import type { LinkView, RingView } from '@forewarn/model/api';
import { useCallback } from 'react';
import { Icon } from '../../look/icons.tsx';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';

const depthKeys = { elements: 'web.links.depth.elements', packets: 'web.links.depth.packets' } as const;

/** What is kept: elements alone, or packets too. */
export function DepthMark({ depth }: { depth: LinkView['depth'] }) {
  const { t } = useTexts();
  return (
    <span className="link-depth" data-depth={depth}>
      <Icon name={depth === 'packets' ? 'packets' : 'list'} size={14} />
      {t(depthKeys[depth])}
    </span>
  );
}

/** From when to when a ring reaches. */
export function RingSpan({ ring }: { ring: RingView | null }) {
  const { t } = useTexts();
  const { full, short } = useInstants();
  if (ring === null) return <span className="dim">–</span>;
  if (ring.from === null || ring.to === null) return <span className="dim">{t('web.links.ring.empty')}</span>;
  return (
    <span className="tabular nowrap" title={`${full(ring.from)} – ${full(ring.to)}`}>
      {short(ring.from)} – {short(ring.to)}
    </span>
  );
}

/** `1 Gbit/s`, by powers of ten. */
export function useBits(): (megabits: number) => string {
  const { n } = useTexts();
  return useCallback(
    (megabits) => {
      const units = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'];
      let value = megabits * 1e6;
      let unit = 0;
      while (value >= 1000 && unit < units.length - 1) {
        value /= 1000;
        unit++;
      }
      return `${n(value, value < 10 && unit > 0 ? 1 : 0)} ${units[unit]}`;
    },
    [n],
  );
}

/** Bytes a second of the range, both ways. */
export function bytesPerSecond({ traffic }: LinkView): number {
  const seconds = traffic.bucketSeconds * traffic.bytes.length;
  return seconds === 0 ? 0 : traffic.bytes.reduce((a, b) => a + b, 0) / seconds;
}
