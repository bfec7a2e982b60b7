/** What lies behind places on the map: land, the grid of degrees, and a scale. Nothing is asked of any server but the centre. */

import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import landAddress from 'world-atlas/land-50m.json?url';
import { useTexts } from '../../session/language.tsx';
import type { Pen } from './Canvas.tsx';
import { degree } from './graph.ts';
import { ringsOf, type LandTopology } from './land.ts';

/** A degree of latitude (WGS 84, mean). */
const kilometresOfDegree = 111.2;
/** Lines of the grid stand at least so far apart on the screen. */
const gridRoom = 90;
const gridSteps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];
const scaleSteps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000];

/** Draws land and grid around the latitude that is true to scale. */
export function useBackdrop(shown: boolean, middle: number): ((pen: Pen) => void) | undefined {
  const { n } = useTexts();
  const { data: rings } = useQuery({
    queryKey: ['land'],
    queryFn: async ({ signal }) => ringsOf((await (await fetch(landAddress, { signal })).json()) as LandTopology),
    enabled: shown,
    staleTime: Infinity,
  });
  const narrow = Math.cos((middle * Math.PI) / 180);
  const land = useMemo(() => {
    if (!rings) return undefined;
    const path = new Path2D();
    for (const ring of rings) {
      for (const [i, [longitude, latitude]] of ring.entries()) {
        const [x, y] = [longitude * narrow * degree, -latitude * degree];
        if (i === 0) path.moveTo(x, y);
        else path.lineTo(x, y);
      }
      path.closePath();
    }
    return path;
  }, [rings, narrow]);
  const draw = useCallback(
    ({ context, ink, view: { scale, x, y }, width, height }: Pen): void => {
      context.save();
      if (land) {
        context.translate(x, y);
        context.scale(scale, scale);
        context.fillStyle = ink('--hover');
        context.strokeStyle = ink('--line');
        context.lineWidth = 1 / scale;
        context.fill(land, 'evenodd');
        context.stroke(land);
        context.restore();
        context.save();
      }
      const pixels = degree * scale;
      const step = gridSteps.find((each) => each * pixels >= gridRoom) ?? gridSteps.at(-1)!;
      const digits = step < 0.1 ? 2 : step < 1 ? 1 : 0;
      context.strokeStyle = ink('--line-soft');
      context.fillStyle = ink('--text-dim');
      context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
      context.lineWidth = 1;
      const line = (x1: number, y1: number, x2: number, y2: number, text: string): void => {
        context.beginPath();
        context.moveTo(x1, y1);
        context.lineTo(x2, y2);
        context.stroke();
        context.fillText(text, x1 + 4, y1 === 0 ? 12 : y1 - 4);
      };
      const write = (value: number, [above, below]: readonly [string, string]): string =>
        `${n(Math.abs(value), digits)}° ${value < 0 ? below : above}`;
      for (let at = Math.ceil(-x / (pixels * narrow) / step) * step; at <= (width - x) / (pixels * narrow); at += step)
        line(x + at * pixels * narrow, 0, x + at * pixels * narrow, height, write(at, ['E', 'W']));
      for (let at = Math.ceil((y - height) / pixels / step) * step; at <= y / pixels; at += step)
        line(0, y - at * pixels, width, y - at * pixels, write(at, ['N', 'S']));
      const kilometres = scaleSteps.findLast((each) => (each / kilometresOfDegree) * pixels <= 160) ?? scaleSteps[0]!;
      const length = (kilometres / kilometresOfDegree) * pixels;
      context.strokeStyle = ink('--text-dim');
      context.lineWidth = 2;
      context.beginPath();
      context.moveTo(width - 16 - length, height - 16);
      context.lineTo(width - 16, height - 16);
      context.stroke();
      context.textAlign = 'right';
      context.fillText(`${n(kilometres, kilometres < 1 ? 1 : 0)} km`, width - 16, height - 22);
      context.restore();
    },
    [land, narrow, n],
  );
  return shown ? draw : undefined;
}
