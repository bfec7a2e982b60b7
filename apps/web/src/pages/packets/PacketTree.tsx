/** The layers of a packet and their fields, as a tree that the arrow keys walk. What is walked to is marked in the bytes. */

import type { PacketLayer } from '@forewarn/model/packet';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';
import type { Marked } from './selection.ts';

type Item = { layer: number; field: number | undefined };

export function PacketTree({
  layers,
  marked,
  mark,
  closed,
  setClosed,
}: {
  layers: readonly PacketLayer[];
  marked: Marked | null;
  mark: (marked: Marked) => void;
  /** Names of layers that are folded, in every packet. */
  closed: ReadonlySet<string>;
  setClosed: (name: string, closed: boolean) => void;
}) {
  const { t } = useTexts();
  const tree = useRef<HTMLDivElement>(null);
  const items: Item[] = layers.flatMap((layer, index) => [
    { layer: index, field: undefined },
    ...(closed.has(layer.name) ? [] : layer.fields.map((_, field) => ({ layer: index, field }))),
  ]);
  const at = Math.max(
    0,
    items.findIndex((item) => item.layer === marked?.layer && item.field === marked.field),
  );

  // A byte that was chosen shows its field here, without taking the focus from the bytes.
  useEffect(() => {
    const place = tree.current;
    const chosen = place?.querySelector<HTMLElement>('[aria-selected=true]');
    // Only the tree scrolls: on a narrow screen it is as long as it is, and the page must not run away from the bytes.
    if (!place || !chosen || place.scrollHeight <= place.clientHeight) return;
    const top = chosen.offsetTop - place.offsetTop;
    if (top < place.scrollTop) place.scrollTop = top;
    else if (top + chosen.offsetHeight > place.scrollTop + place.clientHeight)
      place.scrollTop = top + chosen.offsetHeight - place.clientHeight;
  }, [marked]);

  const go = (index: number) => {
    const item = items[Math.min(items.length - 1, Math.max(0, index))];
    if (item === undefined) return;
    mark(item);
    requestAnimationFrame(() => tree.current?.querySelector<HTMLElement>('[aria-selected=true]')?.focus());
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const item = items[at]!;
    const { name } = layers[item.layer]!;
    const folded = closed.has(name);
    if (event.key === 'ArrowDown' || event.key === 'j') go(at + 1);
    else if (event.key === 'ArrowUp' || event.key === 'k') go(at - 1);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(items.length - 1);
    else if (event.key === 'ArrowRight') {
      if (item.field !== undefined) return;
      if (folded) setClosed(name, false);
      else go(at + 1);
    } else if (event.key === 'ArrowLeft') {
      if (item.field !== undefined) go(items.findIndex((each) => each.layer === item.layer));
      else setClosed(name, true);
    } else if (event.key === 'Enter' || event.key === ' ') {
      if (item.field === undefined) setClosed(name, !folded);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="packet-tree" role="tree" aria-label={t('web.packets.layers')} ref={tree} onKeyDown={onKeyDown} tabIndex={-1}>
      {items.map((item, index) => {
        const layer = layers[item.layer]!;
        const selected = marked !== null && index === at;
        const common = {
          role: 'treeitem',
          'aria-selected': selected,
          tabIndex: index === at ? 0 : -1,
          key: `${item.layer} ${item.field}`,
        } as const;
        if (item.field === undefined) {
          const folded = closed.has(layer.name);
          return (
            <div
              {...common}
              key={common.key}
              aria-level={1}
              aria-expanded={layer.fields.length === 0 ? undefined : !folded}
              className="packet-layer"
              onClick={() => {
                mark(item);
                if (selected || folded) setClosed(layer.name, !folded);
              }}
            >
              <Icon name={folded ? 'right' : 'down'} size={14} />
              <span className="packet-layer-name">{t(`packet.layer.${layer.name}`)}</span>
              <span className="packet-layer-line">{layer.line}</span>
            </div>
          );
        }
        const field = layer.fields[item.field]!;
        return (
          <div {...common} key={common.key} aria-level={2} className="packet-field" title={field.name} onClick={() => mark(item)}>
            <span className="packet-field-name">{t(`packet.field.${field.name}`)}</span>
            <span className="packet-field-value">{field.value === '' ? '–' : field.value}</span>
          </div>
        );
      })}
    </div>
  );
}
