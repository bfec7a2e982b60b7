/** The bytes of a packet in hexadecimal with their letters. A byte that is chosen marks the field it belongs to. */

import { useVirtualizer } from '@tanstack/react-virtual';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useTexts } from '../../session/language.tsx';
import { hexOf, letterOf } from './payload.ts';

const rowHeight = 20;

/** Pixels that sixteen bytes in a row need; a narrower place has eight. */
const wideMin = 540;

export function PacketBytes({
  bytes,
  range,
  pick,
}: {
  bytes: Uint8Array;
  /** What is marked. */
  range: { start: number; end: number } | null;
  pick: (at: number) => void;
}) {
  const { t } = useTexts();
  const { ref: measured, width } = useElementSize();
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(0);
  const columns = width >= wideMin ? 16 : 8;
  const rows = Math.ceil(bytes.length / columns);
  const virtual = useVirtualizer({
    count: rows,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const at = Math.min(focused, Math.max(0, bytes.length - 1));
  const start = range?.start;

  useEffect(() => {
    if (start === undefined) return;
    setFocused(start);
    virtual.scrollToIndex(Math.floor(start / columns), { align: 'auto' });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the virtualizer is another object at each drawing
  }, [start, columns]);

  const go = (to: number) => {
    const next = Math.min(bytes.length - 1, Math.max(0, to));
    setFocused(next);
    pick(next);
    virtual.scrollToIndex(Math.floor(next / columns), { align: 'auto' });
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-at="${next}"]`)?.focus({ preventScroll: true }),
    );
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps: { [key: string]: number } = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at + columns,
      ArrowUp: at - columns,
      PageDown: at + columns * 10,
      PageUp: at - columns * 10,
      Home: at - (at % columns),
      End: at - (at % columns) + columns - 1,
    };
    const next = steps[event.key];
    if (next === undefined) return;
    go(next);
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="packet-bytes" ref={measured}>
      <div className="packet-bytes-scroller" ref={scroller}>
        <div
          role="grid"
          aria-label={t('web.packets.bytes')}
          aria-rowcount={rows}
          aria-colcount={columns}
          style={{ height: virtual.getTotalSize(), position: 'relative' }}
          onKeyDown={onKeyDown}
        >
          {virtual.getVirtualItems().map(({ index, start: top }) => {
            const from = index * columns;
            const places = Array.from({ length: Math.min(columns, bytes.length - from) }, (_, i) => from + i);
            const on = (place: number) => range !== null && place >= range.start && place < range.end;
            return (
              <div key={index} role="row" aria-rowindex={index + 1} className="byte-row" style={{ top }}>
                <span role="rowheader" className="byte-place">
                  {from.toString(16).padStart(4, '0')}
                </span>
                {Array.from({ length: columns }, (_, i) => {
                  const place = from + i;
                  return place < bytes.length ? (
                    // Keys are handled by the grid.
                    <span
                      key={i}
                      role="gridcell"
                      aria-selected={on(place)}
                      tabIndex={place === at ? 0 : -1}
                      data-at={place}
                      data-half={i === 8 || undefined}
                      className="byte"
                      onClick={() => go(place)}
                    >
                      {hexOf(bytes[place]!)}
                    </span>
                  ) : (
                    <span key={i} className="byte" data-half={i === 8 || undefined} aria-hidden="true" />
                  );
                })}
                <span className="byte-letters" aria-hidden="true">
                  {places.map((place) => (
                    <span key={place} data-on={on(place) || undefined} onClick={() => go(place)}>
                      {letterOf(bytes[place]!)}
                    </span>
                  ))}
                </span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
