/** Coastlines of the world (Natural Earth, 1:50 million, by world-atlas): land alone, and no border of any state. */

/** What of TopoJSON the file uses (M. Bostock, "The TopoJSON Format Specification", 2013): arcs as differences of whole numbers. */
export type LandTopology = {
  transform: { scale: [number, number]; translate: [number, number] };
  arcs: [number, number][][];
  objects: { land: { geometries: { type: string; arcs: number[][][] }[] } };
};

/** Rings of longitude and latitude. A number below zero is an arc the other way round. */
export function ringsOf({ transform: { scale, translate }, arcs, objects }: LandTopology): [number, number][][] {
  const lines = arcs.map((arc) => {
    let [x, y] = [0, 0];
    return arc.map(([dx, dy]): [number, number] => {
      x += dx;
      y += dy;
      return [x * scale[0] + translate[0], y * scale[1] + translate[1]];
    });
  });
  return objects.land.geometries.flatMap(({ arcs: polygons }) =>
    polygons.flat().map((ring) => {
      const points: [number, number][] = [];
      for (const arc of ring) {
        const line = arc < 0 ? lines[~arc]!.toReversed() : lines[arc]!;
        points.push(...(points.length === 0 ? line : line.slice(1)));
      }
      return points;
    }),
  );
}
