/** The topology as a drawing: places folded into groups, levels by the tier of their links, and where each stands. */

import type { LocalText } from '@forewarn/model/text';
import type { TopologyView } from '@forewarn/model/topology-api';

export const folds = ['places', 'networks', 'organisations', 'regions'] as const;
export type Fold = (typeof folds)[number];

/** From the core outward. */
export const tiers = ['backbone', 'data-centre', 'user'] as const;
export type Tier = (typeof tiers)[number];

export type Vertex = {
  id: string;
  /** Absent: the id is all that is known. */
  name: LocalText | null;
  /** A place by itself, one of somebody else, or a group of places that can be opened. */
  form: 'place' | 'elsewhere' | 'group';
  /** The group that a place belongs to, where the fold has one. */
  group: string | null;
  organisation: string | null;
  /** Places in it. */
  count: number;
  /** Place of the highest tier of its links among `tiers`. */
  level: number;
  /** Mean of its places that have coordinates. */
  at: { latitude: number; longitude: number } | null;
};

export type Edge = { from: number; to: number; links: number[]; tier: Tier; weight: number; secondary: boolean };

export type Picture = { vertices: Vertex[]; edges: Edge[]; inner: Map<string, number> };

/** More than this at once is a thicket: places are folded before. */
const readableMax = 160;
/** Groups are larger, and each has more lines. */
const groupsMax = 80;

/** The finest fold whose picture can be read without a step. */
export function firstFold(view: TopologyView): Fold {
  const count = placesOf(view).length;
  if (count <= readableMax) return 'places';
  if (view.networks.length <= groupsMax) return 'networks';
  return view.organisations.length <= groupsMax ? 'organisations' : 'regions';
}

type Place = {
  id: string;
  name: LocalText | null;
  network: string | null;
  organisation: string | null;
  region: string | null;
  at: Vertex['at'];
};

/** Nodes, networks that a link ends in or that have no node, and what is elsewhere. */
function placesOf({ nodes, networks, links, elsewhere, organisations }: TopologyView): Place[] {
  const ends = new Set(links.flatMap(({ from, to }) => [from, to]));
  const withNodes = new Set(nodes.map(({ network }) => network));
  const networkOf = new Map(networks.map((network) => [network.id, network]));
  const home = new Map(organisations.map(({ id, region }) => [id, region]));
  return [
    ...nodes.map((node): Place => {
      const { id, name, network, organisation, latitude, longitude } = node;
      const region = node.region ?? networkOf.get(network)?.region ?? home.get(organisation) ?? null;
      return {
        id,
        name,
        network,
        organisation,
        region,
        at: latitude === undefined || longitude === undefined ? null : { latitude, longitude },
      };
    }),
    ...networks
      .filter(({ id }) => ends.has(id) || !withNodes.has(id))
      .map(({ id, name, organisation, region }): Place => {
        return { id, name, network: id, organisation, region: region ?? home.get(organisation) ?? null, at: null };
      }),
    ...elsewhere.map((id): Place => ({ id, name: null, network: null, organisation: null, region: null, at: null })),
  ];
}

/** Groups are told apart from places of the same id. */
const groupId = (fold: Fold, id: string): string => `${fold}:${id}`;

/** Folds the places but those of groups that are open. `inner` counts links that lie within one vertex. */
export function pictureOf(view: TopologyView, fold: Fold, open: ReadonlySet<string>): Picture {
  const names = {
    networks: new Map(view.networks.map(({ id, name }) => [id, name])),
    organisations: new Map(view.organisations.map(({ id, name }) => [id, name])),
  };
  const vertices: (Vertex & { sum: [number, number, number] })[] = [];
  const indexOf = new Map<string, number>();
  const vertexOf = new Map<string, number>();
  for (const place of placesOf(view)) {
    const key =
      fold === 'places'
        ? null
        : place[({ networks: 'network', organisations: 'organisation', regions: 'region' } as const)[fold]];
    const group = key === null ? null : groupId(fold, key);
    const folded = group !== null && !open.has(group);
    const id = folded ? group : place.id;
    let index = indexOf.get(id);
    if (index === undefined) {
      indexOf.set(id, (index = vertices.length));
      vertices.push({
        id,
        name: folded
          ? fold === 'networks' || fold === 'organisations'
            ? (names[fold].get(key!) ?? null)
            : { en: key!, zh: key! }
          : place.name,
        form: folded ? 'group' : place.organisation === null ? 'elsewhere' : 'place',
        group,
        organisation: place.organisation,
        count: 0,
        level: tiers.length - 1,
        at: null,
        sum: [0, 0, 0],
      });
    }
    const vertex = vertices[index]!;
    vertex.count++;
    if (vertex.organisation !== place.organisation) vertex.organisation = null;
    if (place.at) {
      vertex.sum[0] += place.at.latitude;
      vertex.sum[1] += place.at.longitude;
      vertex.sum[2]++;
    }
    vertexOf.set(place.id, index);
  }
  const edges = new Map<string, Edge>();
  const inner = new Map<string, number>();
  for (const [i, { from, to, tier, weight, role }] of view.links.entries()) {
    const [one, other] = [vertexOf.get(from), vertexOf.get(to)];
    if (one === undefined || other === undefined) continue;
    const level = tiers.indexOf(tier);
    for (const end of [one, other]) vertices[end]!.level = Math.min(vertices[end]!.level, level);
    if (one === other) {
      inner.set(vertices[one]!.id, (inner.get(vertices[one]!.id) ?? 0) + 1);
      continue;
    }
    const key = `${Math.min(one, other)} ${Math.max(one, other)}`;
    const edge = edges.get(key);
    if (!edge) {
      edges.set(key, { from: one, to: other, links: [i], tier, weight: weight ?? 0, secondary: role === 'secondary' });
      continue;
    }
    edge.links.push(i);
    if (level < tiers.indexOf(edge.tier)) edge.tier = tier;
    edge.weight = Math.max(edge.weight, weight ?? 0);
    edge.secondary &&= role === 'secondary';
  }
  return {
    vertices: vertices.map(({ sum: [latitude, longitude, known], ...vertex }) => ({
      ...vertex,
      at: known === 0 ? null : { latitude: latitude / known, longitude: longitude / known },
    })),
    edges: [...edges.values()],
    inner,
  };
}

/** Lines that are drawn of those in sight, by tier and weight: with more the eye follows none. Those of a chosen place are all drawn. */
export const linesMax = 400;

export type Point = { x: number; y: number };

/** Distance of neighbours in a row, and of rows; between levels a gap of three. */
const stepX = 120;
const stepY = 64;
const levelGap = 3 * stepY;
/** Sweeps that bring neighbours near one another; more change little. */
const sweeps = 6;

/**
 * Levels from the core at the top to users at the bottom. In a level each stands near the mean of its neighbours (barycentre heuristic; K. Sugiyama, S.
 * Tagawa, M. Toda 1981); a level with many goes on in further rows.
 */
export function layered({ vertices, edges }: Pick<Picture, 'vertices' | 'edges'>): Point[] {
  const neighbours: number[][] = vertices.map(() => []);
  for (const { from, to } of edges) {
    neighbours[from]!.push(to);
    neighbours[to]!.push(from);
  }
  const alone = (i: number): boolean => neighbours[i]!.length === 0;
  const levels = tiers.map((_, level) => vertices.flatMap((vertex, i) => (vertex.level === level && !alone(i) ? [i] : [])));
  // Below the users, what no link ends in.
  levels.push(vertices.flatMap((_, i) => (alone(i) ? [i] : [])));
  const most = Math.max(1, ...levels.map(({ length }) => length));
  // About as wide as a screen, whatever the number.
  const perRow = Math.max(8, Math.ceil(Math.sqrt(most * 1.6 * (stepY / stepX) * 3)));
  /** Where a vertex stands in its level, 0 to 1. */
  const place = new Float64Array(vertices.length);
  const spread = (level: readonly number[]): void => {
    for (const [i, vertex] of level.entries()) place[vertex] = (i + 0.5) / level.length;
  };
  for (const level of levels) {
    level.sort((a, b) => (vertices[a]!.id < vertices[b]!.id ? -1 : 1));
    spread(level);
  }
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (const level of sweep % 2 === 0 ? levels : levels.toReversed()) {
      const mean = new Map(
        level.map((vertex) => {
          const near = neighbours[vertex]!;
          return [vertex, near.length === 0 ? place[vertex]! : near.reduce((sum, other) => sum + place[other]!, 0) / near.length];
        }),
      );
      level.sort((a, b) => mean.get(a)! - mean.get(b)! || place[a]! - place[b]!);
      spread(level);
    }
  }
  const points: Point[] = vertices.map(() => ({ x: 0, y: 0 }));
  let top = 0;
  for (const level of levels) {
    if (level.length === 0) continue;
    const rows = Math.ceil(level.length / perRow);
    // Columns are filled downwards, so that neighbours in the order stay beside one another.
    const columns = Math.ceil(level.length / rows);
    for (const [i, vertex] of level.entries()) {
      const [column, row] = [Math.floor(i / rows), i % rows];
      points[vertex] = {
        x: (column - (columns - 1) / 2) * stepX * Math.max(1, Math.min(3, perRow / columns)) + (row % 2) * (stepX / 3),
        y: top + row * stepY,
      };
    }
    top += (rows - 1) * stepY + levelGap;
  }
  return points;
}

/** Units of the drawing for a degree of latitude. */
export const degree = 200;

/** Plate carrée with the middle's latitude true to scale: at the size of a province, a plan. Null: nobody told where it is. */
export function mapped(vertices: readonly Vertex[]): { points: (Point | null)[]; middle: number } {
  const known = vertices.flatMap(({ at }) => (at ? [at.latitude] : []));
  const middle = known.length === 0 ? 0 : (Math.min(...known) + Math.max(...known)) / 2;
  const narrow = Math.cos((middle * Math.PI) / 180);
  return {
    middle,
    points: vertices.map(({ at }) => at && { x: at.longitude * narrow * degree, y: -at.latitude * degree }),
  };
}

/** The nearest of the points in a direction, by distance and how far it lies off; where the arrow keys go. */
export function towards(points: readonly (Point | null)[], from: number, dx: number, dy: number): number | undefined {
  const start = points[from];
  if (!start) return points.findIndex((point) => point !== null);
  let best: number | undefined;
  let least = Infinity;
  for (const [i, point] of points.entries()) {
    if (!point || i === from) continue;
    const along = (point.x - start.x) * dx + (point.y - start.y) * dy;
    const off = Math.abs((point.x - start.x) * dy) + Math.abs((point.y - start.y) * dx);
    if (along <= 0 || off > 2 * along) continue;
    const far = along + 2 * off;
    if (far < least) {
      least = far;
      best = i;
    }
  }
  return best;
}
