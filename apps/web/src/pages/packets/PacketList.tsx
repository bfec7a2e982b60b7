/** The packets of a flow in their order: only those in sight are in the document and asked for. Moving chooses, as in Wireshark. */

import type { PacketSummary } from '@forewarn/model/packet';
import { useQueries, type UseQueryResult } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import type { PacketList as PacketListView } from '@forewarn/model/packet';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { packetPageQuery, pageRows } from './queries.ts';

const rowHeight = 28;

/** The head, its line, and room for a scroll bar below. */
const headHeight = 48;

export function PacketList({
  request,
  total,
  firstTs,
  chosen,
  choose,
}: {
  request: string;
  total: number;
  /** When the first packet was captured: times count from it. */
  firstTs: number;
  chosen: number;
  choose: (number: number) => void;
}) {
  const { t, n } = useTexts();
  const { exact } = useInstants();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const first = Math.floor((items[0]?.index ?? 0) / pageRows);
  const last = Math.floor((items.at(-1)?.index ?? 0) / pageRows);
  const wanted = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const pages: UseQueryResult<PacketListView>[] = useQueries({ queries: wanted.map((page) => packetPageQuery(request, page)) });
  const rowAt = (index: number): PacketSummary | undefined =>
    pages[Math.floor(index / pageRows) - first]?.data?.items[index % pageRows];

  // The chosen one is shown when the page opens on it, or when it changes elsewhere.
  useEffect(() => {
    virtual.scrollToIndex(chosen - 1, { align: 'auto' });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the virtualizer is another object at each drawing
  }, [chosen]);

  const go = (number: number) => {
    const next = Math.min(total, Math.max(1, number));
    choose(next);
    virtual.scrollToIndex(next - 1, { align: 'auto' });
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`tr[data-index="${next - 1}"]`)?.focus({ preventScroll: true });
    });
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTableElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps: { [key: string]: number } = {
      j: chosen + 1,
      ArrowDown: chosen + 1,
      k: chosen - 1,
      ArrowUp: chosen - 1,
      PageDown: chosen + 12,
      PageUp: chosen - 12,
      Home: 1,
      End: total,
    };
    const next = steps[event.key];
    if (next === undefined) return;
    go(next);
    event.preventDefault();
    event.stopPropagation();
  };

  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div className="packet-scroller" ref={scroller} style={{ flexBasis: headHeight + total * rowHeight }}>
      <table
        className="packet-table"
        role="grid"
        aria-label={t('web.packets.list')}
        aria-rowcount={total + 1}
        aria-busy={pages.some(({ isPending }) => isPending)}
        onKeyDown={onKeyDown}
      >
        <colgroup>
          <col className="packet-number" />
          <col className="packet-time" />
          <col className="packet-way" />
          <col className="packet-end" />
          <col className="packet-end" />
          <col className="packet-protocol" />
          <col className="packet-length" />
          <col />
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" className="number">
              {t('web.packets.number')}
            </th>
            <th scope="col" className="number packet-time">
              {t('web.packets.time')}
            </th>
            <th scope="col">
              <span className="visually-hidden">{t('web.packets.direction')}</span>
            </th>
            <th scope="col" className="packet-end">
              {t('web.packets.source')}
            </th>
            <th scope="col" className="packet-end">
              {t('web.packets.destination')}
            </th>
            <th scope="col">{t('web.packets.protocol')}</th>
            <th scope="col" className="number packet-length">
              {t('web.packets.length')}
            </th>
            <th scope="col">{t('web.packets.info')}</th>
          </tr>
        </thead>
        {before > 0 ? <Spacer height={before} /> : null}
        <tbody>
          {items.map(({ index }) => {
            const packet = rowAt(index);
            const number = index + 1;
            return (
              <tr
                key={index}
                data-row
                data-index={index}
                data-direction={packet?.direction ?? undefined}
                aria-rowindex={index + 2}
                aria-selected={number === chosen}
                tabIndex={number === chosen ? 0 : -1}
                onClick={() => go(number)}
              >
                <td className="number">{n(number)}</td>
                <td className="number packet-time" title={packet ? exact(packet.ts) : undefined}>
                  {packet ? (packet.ts - firstTs).toFixed(6) : ''}
                </td>
                <td className="packet-way">{packet ? <Way direction={packet.direction} /> : null}</td>
                <td className="packet-end" title={packet?.source}>
                  {packet?.source}
                </td>
                <td className="packet-end" title={packet?.destination}>
                  {packet?.destination}
                </td>
                <td>{packet?.protocol}</td>
                <td className="number packet-length">{packet ? n(packet.wireBytes) : ''}</td>
                <td title={packet?.info}>{packet?.info}</td>
              </tr>
            );
          })}
        </tbody>
        {after > 0 ? <Spacer height={after} /> : null}
      </table>
    </div>
  );
}

function Spacer({ height }: { height: number }) {
  return (
    <tbody aria-hidden="true">
      <tr style={{ height }}>
        <td />
      </tr>
    </tbody>
  );
}

/** Who speaks: an arrow as well as a colour, and a word for those who hear. */
export function Way({ direction }: { direction: 0 | 1 | null }) {
  const { t } = useTexts();
  if (direction === null) return null;
  return (
    <>
      <span aria-hidden="true">{direction === 0 ? '→' : '←'}</span>
      <span className="visually-hidden">{t(direction === 0 ? 'web.packets.fromOriginator' : 'web.packets.fromResponder')}</span>
    </>
  );
}
