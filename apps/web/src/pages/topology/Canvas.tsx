/**
 * A drawing of places and links that can be moved, zoomed and walked through by the arrow keys. A canvas: 2,000 places and 10,000 links are drawn anew in a
 * few milliseconds, as elements they would take the browser seconds.
 */

import { useComputedColorScheme } from '@mantine/core';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';
import { linesMax, tiers, towards, type Edge, type Point, type Vertex } from './graph.ts';

type View = { scale: number; x: number; y: number };
export type Pen = { context: CanvasRenderingContext2D; ink: (name: string) => string; view: View; width: number; height: number };

type Props = {
  label: string;
  vertices: readonly Vertex[];
  edges: readonly Edge[];
  points: readonly (Point | null)[];
  nameOf: (vertex: Vertex) => string;
  /** What a reader of screens hears of the chosen. */
  told: (index: number) => string;
  chosen: number | null;
  choose: (index: number | null) => void;
  /** Opens or closes what is chosen. */
  enter: (index: number) => void;
  found: ReadonlySet<number>;
  backdrop?: ((pen: Pen) => void) | undefined;
  /** Links between places of one height are bent. */
  bent: boolean;
};

const zoomMin = 0.02;
const zoomMax = 12;
const nameHeight = 16;
/** Names that are drawn at once: each is measured and set by itself. */
const namesMax = 250;
const tierInks = { backbone: '--accent', 'data-centre': '--finding-high', user: '--text-dim' } as const;

const radiusOf = ({ count }: Vertex): number => Math.min(20, 5 + 2 * Math.log2(count));

export function TopologyCanvas(props: Props) {
  const { label, vertices, edges, points, nameOf, told, chosen, choose, enter, found, backdrop, bent } = props;
  const { t } = useTexts();
  const scheme = useComputedColorScheme('dark');
  const byWeight = useMemo(
    () => edges.toSorted((a, b) => tiers.indexOf(a.tier) - tiers.indexOf(b.tier) || b.weight - a.weight),
    [edges],
  );
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [view, setView] = useState<View | null>(null);
  const drag = useRef<{ x: number; y: number; moved: boolean } | null>(null);

  useLayoutEffect(() => {
    const element = canvas.current!;
    const watch = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  const fit = useCallback((): void => {
    const known = points.filter((point) => point !== null);
    if (known.length === 0 || size.width === 0) return;
    const [left, top] = [Math.min(...known.map(({ x }) => x)), Math.min(...known.map(({ y }) => y))];
    const [right, bottom] = [Math.max(...known.map(({ x }) => x)), Math.max(...known.map(({ y }) => y))];
    const scale = Math.min(
      1.6,
      zoomMax,
      Math.max(zoomMin, Math.min((size.width - 120) / Math.max(1, right - left), (size.height - 80) / Math.max(1, bottom - top))),
    );
    setView({ scale, x: size.width / 2 - ((left + right) / 2) * scale, y: size.height / 2 - ((top + bottom) / 2) * scale });
  }, [points, size.width, size.height]);
  useEffect(fit, [fit]);

  const zoom = useCallback(
    (factor: number, x = size.width / 2, y = size.height / 2): void => {
      setView((now) => {
        if (!now) return now;
        const scale = Math.min(zoomMax, Math.max(zoomMin, now.scale * factor));
        const by = scale / now.scale;
        return { scale, x: x - (x - now.x) * by, y: y - (y - now.y) * by };
      });
    },
    [size.width, size.height],
  );

  // React listens to the wheel passively, and the page would scroll with it.
  useEffect(() => {
    const element = canvas.current!;
    const wheel = (event: WheelEvent): void => {
      // A page is scrolled past a drawing; with Ctrl, or two fingers apart, the drawing is meant.
      if (!event.ctrlKey && !event.metaKey && document.activeElement !== element) return;
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  }, [zoom]);

  // What is chosen elsewhere, in the list or by search, comes into sight.
  useEffect(() => {
    const point = chosen === null ? null : points[chosen];
    if (!point) return;
    setView((now) => {
      if (!now) return now;
      const [x, y] = [point.x * now.scale + now.x, point.y * now.scale + now.y];
      if (x > 40 && y > 30 && x < size.width - 40 && y < size.height - 30) return now;
      return { ...now, x: size.width / 2 - point.x * now.scale, y: size.height / 2 - point.y * now.scale };
    });
  }, [chosen, points, size.width, size.height]);

  useEffect(() => {
    const element = canvas.current!;
    const context = element.getContext('2d');
    if (!context || !view || size.width === 0) return;
    const dense = window.devicePixelRatio || 1;
    element.width = size.width * dense;
    element.height = size.height * dense;
    const probe = document.createElement('span');
    probe.hidden = true;
    document.body.append(probe);
    const inks = new Map<string, string>();
    // A custom property holds `light-dark(…)`, which a canvas cannot read, so an element is asked.
    const ink = (name: string): string => {
      let known = inks.get(name);
      if (known === undefined) {
        probe.style.color = `var(${name})`;
        inks.set(name, (known = getComputedStyle(probe).color));
      }
      return known;
    };
    context.setTransform(dense, 0, 0, dense, 0, 0);
    context.clearRect(0, 0, size.width, size.height);
    backdrop?.({ context, ink, view, ...size });
    context.setTransform(dense, 0, 0, dense, 0, 0);
    const at = (point: Point): Point => ({ x: point.x * view.scale + view.x, y: point.y * view.scale + view.y });
    const near = new Set(edges.flatMap(({ from, to }) => (from === chosen ? [to] : to === chosen ? [from] : [])));
    const inSight = ({ x, y }: Point): boolean => x > 0 && y > 0 && x < size.width && y < size.height;
    let left = linesMax;
    const drawn = byWeight.filter(({ from, to }) => {
      const [one, other] = [points[from], points[to]];
      if (!one || !other) return false;
      if (from === chosen || to === chosen) return true;
      return (inSight(at(one)) || inSight(at(other))) && left-- > 0;
    });
    const faint = Math.max(0.15, 0.5 - drawn.length / 1_000);
    // The lightest first, so that heavier ones and those of the chosen lie above.
    for (const { from, to, tier, weight, secondary } of drawn.toReversed()) {
      const own = from === chosen || to === chosen;
      const [a, b] = [at(points[from]!), at(points[to]!)];
      context.globalAlpha = own ? 1 : faint + 0.4 * weight * (chosen === null ? 1 : 0.5);
      context.strokeStyle = ink(own ? '--soon' : tierInks[tier]);
      context.lineWidth = (own ? 1.5 : 0.6) + 2.4 * weight;
      context.setLineDash(secondary ? [4, 4] : []);
      context.beginPath();
      context.moveTo(a.x, a.y);
      // Links along a row would lie on one another and on the places between.
      if (bent && Math.abs(a.y - b.y) < 2) context.quadraticCurveTo((a.x + b.x) / 2, a.y - Math.abs(b.x - a.x) * 0.3, b.x, b.y);
      else context.lineTo(b.x, b.y);
      context.stroke();
    }
    context.setLineDash([]);
    context.globalAlpha = 1;
    const family = getComputedStyle(document.body).fontFamily;
    const taken: { x: number; y: number; half: number }[] = [];
    let names = 0;
    const order = vertices.map((_, i) => i).sort((a, b) => rank(b) - rank(a));
    for (const i of order.toReversed()) {
      const point = points[i];
      const vertex = vertices[i]!;
      if (!point) continue;
      const { x, y } = at(point);
      if (x < -30 || y < -30 || x > size.width + 30 || y > size.height + 30) continue;
      context.beginPath();
      if (vertex.form === 'group') {
        const r = radiusOf(vertex);
        context.roundRect(x - r, y - r * 0.7, 2 * r, 1.4 * r, 4);
      } else context.arc(x, y, radiusOf(vertex), 0, 2 * Math.PI);
      context.fillStyle = ink(
        vertex.form === 'elsewhere' ? '--surface' : tierInks[(['backbone', 'data-centre', 'user'] as const)[vertex.level]!],
      );
      context.fill();
      context.lineWidth = i === chosen || found.has(i) ? 3 : 1.5;
      context.strokeStyle = ink(
        i === chosen ? '--soon' : found.has(i) ? '--text' : vertex.form === 'elsewhere' ? '--text-dim' : '--surface',
      );
      context.stroke();
    }
    for (const i of order) {
      const point = points[i];
      const vertex = vertices[i]!;
      if (!point || names >= namesMax) continue;
      const { x, y } = at(point);
      if (x < -60 || y < -20 || x > size.width + 60 || y > size.height + 20) continue;
      const must = i === chosen || near.has(i);
      const text = shortName(vertex.count > 1 ? `${nameOf(vertex)} · ${vertex.count}` : nameOf(vertex));
      context.font = `${i === chosen ? '600 ' : ''}12px ${family}`;
      // A name that would cover one of more weight is left out; nearer, there is room for it.
      const half = context.measureText(text).width / 2 + 3;
      const covers = (one: (typeof taken)[number]) => Math.abs(one.x - x) < one.half + half && Math.abs(one.y - y) < nameHeight;
      if (i !== chosen && taken.some(covers)) continue;
      taken.push({ x, y, half });
      names++;
      context.textAlign = 'center';
      context.lineWidth = 3;
      context.strokeStyle = ink('--surface');
      context.strokeText(text, x, y + radiusOf(vertex) + 14);
      context.fillStyle = ink(must || found.has(i) ? '--text' : '--text-dim');
      context.fillText(text, x, y + radiusOf(vertex) + 14);
    }
    probe.remove();

    function rank(i: number): number {
      return (
        (i === chosen ? 1e6 : 0) +
        (found.has(i) ? 1e5 : 0) +
        (near.has(i) ? 1e4 : 0) +
        (3 - vertices[i]!.level) * 1e3 +
        vertices[i]!.count
      );
    }
  }, [view, size, vertices, edges, byWeight, points, chosen, found, nameOf, backdrop, bent, scheme]);

  const hit = (x: number, y: number): number | null => {
    if (!view) return null;
    let best: number | null = null;
    let least = 18;
    for (const [i, point] of points.entries()) {
      if (!point) continue;
      const far = Math.hypot(point.x * view.scale + view.x - x, point.y * view.scale + view.y - y);
      if (far < least) {
        least = far;
        best = i;
      }
    }
    return best;
  };
  const place = (event: PointerEvent<HTMLCanvasElement>) => ({ x: event.nativeEvent.offsetX, y: event.nativeEvent.offsetY });
  /** What is chosen stays where it is. */
  const zoomBy = (factor: number): void => {
    const point = chosen === null ? null : points[chosen];
    if (point && view) zoom(factor, point.x * view.scale + view.x, point.y * view.scale + view.y);
    else zoom(factor);
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrows: { [key: string]: readonly [number, number] } = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const arrow = arrows[event.key];
    if (arrow) {
      const next = towards(points, chosen ?? -1, ...arrow);
      if (next !== undefined && next >= 0) choose(next);
    } else if (event.key === 'Enter' || event.key === ' ') {
      if (chosen !== null) enter(chosen);
    } else if (event.key === '+' || event.key === '=') zoom(1.4);
    else if (event.key === '-') zoom(1 / 1.4);
    else if (event.key === '0') fit();
    else if (event.key === 'Escape') choose(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="topology-place">
      <canvas
        ref={canvas}
        className="topology-canvas"
        tabIndex={0}
        role="application"
        aria-label={label}
        aria-roledescription={t('topology.picture.role')}
        aria-describedby="topology-keys"
        onKeyDown={keys}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drag.current = { ...place(event), moved: false };
        }}
        onPointerMove={(event) => {
          const from = drag.current;
          if (!from) return;
          const { x, y } = place(event);
          if (!from.moved && Math.hypot(x - from.x, y - from.y) < 4) return;
          drag.current = { x, y, moved: true };
          setView((now) => now && { ...now, x: now.x + x - from.x, y: now.y + y - from.y });
        }}
        onPointerUp={(event) => {
          if (drag.current && !drag.current.moved) choose(hit(drag.current.x, drag.current.y));
          drag.current = null;
          event.currentTarget.focus();
        }}
        onPointerCancel={() => {
          drag.current = null;
        }}
        onDoubleClick={(event) => {
          const index = hit(event.nativeEvent.offsetX, event.nativeEvent.offsetY);
          if (index !== null) enter(index);
        }}
      />
      <div className="topology-zoom">
        <button type="button" className="tool" aria-label={t('topology.zoom.in')} onClick={() => zoomBy(1.4)}>
          <Icon name="plus" size={14} />
        </button>
        <button type="button" className="tool" aria-label={t('topology.zoom.out')} onClick={() => zoomBy(1 / 1.4)}>
          <Icon name="minus" size={14} />
        </button>
        <button type="button" className="tool" onClick={fit}>
          {t('topology.zoom.fit')}
        </button>
      </div>
      <p id="topology-keys" className="visually-hidden">
        {t('topology.picture.keys')}
      </p>
      <p className="visually-hidden" aria-live="polite">
        {chosen === null ? '' : told(chosen)}
      </p>
    </div>
  );
}

/** Longer names are cut in the middle; whole they stand beside the drawing and in the list. */
const shortName = (name: string): string => (name.length > 26 ? `${name.slice(0, 15)}…${name.slice(-9)}` : name);
