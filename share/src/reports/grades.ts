/** Levels and grades as reports say them. */

import type { Cell } from '@forewarn/model/document';
import { words } from './blocks.ts';

export type Scheme = { readonly id: string; readonly levels: readonly { readonly level: number; readonly colour: string }[] };

export const levelWords = (scheme: string, level: number | null) =>
  level === null ? words('report.level.none') : words(`grade.${scheme}.level.${level}`);

/** What is proven, and what the unknowns still allow. */
export function gradeCell(grade: { scheme: string; floor: number | null; ceiling: number | null } | null): Cell {
  if (grade === null) return words('report.level.ungraded');
  const floor = levelWords(grade.scheme, grade.floor);
  return grade.floor === grade.ceiling
    ? floor
    : words('report.level.range', { floor, ceiling: levelWords(grade.scheme, grade.ceiling) });
}

/** A level's own colour, whatever colours a scheme has. */
export function levelColour({ levels }: Scheme, level: number | null): string | null {
  return levels.find((one) => one.level === level)?.colour ?? null;
}
