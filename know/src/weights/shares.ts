/**
 * How much each of several criteria counts: by judgement in pairs (AHP; T. L. Saaty 1980), by what the figures themselves tell apart (entropy; C. E.
 * Shannon 1948, as a weight by C. L. Hwang and K. Yoon 1981), or both.
 */

import { Refusal } from '@forewarn/base/refusal';

/** Mean consistency index of random matrices by their size, from 1 on (Saaty 1980). */
const randomIndex = [0, 0, 0.58, 0.9, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49] as const;

/** Judgements that contradict one another more than this are asked for again (Saaty: a tenth). */
export const inconsistencyMax = 0.1;

export type Judged = {
  /** They add up to 1. */
  shares: number[];
  /** The principal eigenvalue; as large as the matrix when the judgements agree. */
  eigenvalue: number;
  /** Consistency ratio: 0 when they agree; above `inconsistencyMax` they should be judged again. */
  inconsistency: number;
};

/**
 * Shares of judgements: `matrix[i][j]` says how many times as important the criterion i is as j (1, 3, 5, 7, 9, or between; and one over it the other way
 * round). The principal eigenvector, by power iteration. Refusal `know.judgement` with the row and column where the matrix is not such.
 */
export function judgedShares(matrix: readonly (readonly number[])[]): Judged {
  const n = matrix.length;
  if (n === 0 || n > randomIndex.length) throw judgement(`There are ${n} criteria; 1 to ${randomIndex.length} can be judged.`);
  for (const [i, row] of matrix.entries()) {
    if (row.length !== n) throw judgement(`Row ${i + 1} has ${row.length} values; ${n} are needed.`);
    for (const [j, value] of row.entries()) {
      if (!(value >= 1 / 9 - 1e-9 && value <= 9 + 1e-9))
        throw judgement(`Row ${i + 1}, column ${j + 1} is not between 1/9 and 9.`);
      const back = matrix[j]?.[i] ?? Number.NaN;
      if (!(Math.abs(value * back - 1) < 1e-2)) {
        throw judgement(`Row ${i + 1}, column ${j + 1} is ${value}; the other way round it must be one over it, and is ${back}.`);
      }
    }
  }
  let shares = Array.from({ length: n }, () => 1 / n);
  let eigenvalue = n;
  // All elements are positive, so it converges (Perron); ratios up to 81 need some dozens of rounds.
  for (let round = 0; round < 1_000; round++) {
    const next = matrix.map((row) => row.reduce((sum, value, j) => sum + value * shares[j]!, 0));
    const sum = next.reduce((all, value) => all + value, 0);
    const scaled = next.map((value) => value / sum);
    const moved = Math.max(...scaled.map((value, i) => Math.abs(value - shares[i]!)));
    shares = scaled;
    eigenvalue = sum;
    if (moved < 1e-14) break;
  }
  const index = n < 3 ? 0 : Math.max(0, (eigenvalue - n) / (n - 1));
  return { shares, eigenvalue, inconsistency: n < 3 ? 0 : index / randomIndex[n - 1]! };
}

const judgement = (message: string): Refusal =>
  new Refusal('know.judgement', message, {
    advice: 'Judge each pair once, from 1/9 to 9; the other way round it is one over it.',
  });

/**
 * Shares by entropy: a criterion that tells the rows (two at least) apart counts, one that is the same for all counts nothing. Columns are brought to
 * 0 to 1 first. Where no column tells anything apart, all count alike. They add up to 1.
 */
export function entropyShares(rows: readonly (readonly number[])[]): number[] {
  const columns = rows[0]?.length ?? 0;
  const told = Array.from({ length: columns }, (_, j) => {
    const scaled = scaledToOne(rows.map((row) => row[j] ?? 0));
    const sum = scaled.reduce((all, value) => all + value, 0);
    if (sum === 0 || rows.length < 2) return 0;
    const entropy = scaled.reduce((all, value) => (value === 0 ? all : all - (value / sum) * Math.log(value / sum)), 0);
    return 1 - entropy / Math.log(rows.length);
  });
  const sum = told.reduce((all, value) => all + value, 0);
  return told.map((value) => (sum === 0 ? 1 / columns : value / sum));
}

/** Between 0 and 1, by the least and the greatest; all 0 where they are the same. */
export function scaledToOne(values: ArrayLike<number>): number[] {
  let least = Infinity;
  let greatest = -Infinity;
  for (let i = 0; i < values.length; i++) {
    least = Math.min(least, values[i]!);
    greatest = Math.max(greatest, values[i]!);
  }
  const span = greatest - least;
  return Array.from(values, (value) => (span > 0 ? (value - least) / span : 0));
}

/** Both: judgement to the power of `t`, figures to the power of `1 - t`, brought to a sum of 1. With t = 1 judgement alone. */
export function combinedShares(judged: readonly number[], told: readonly number[], t = 0.5): number[] {
  const mixed = judged.map((value, j) => value ** t * (told[j] ?? 0) ** (1 - t));
  const sum = mixed.reduce((all, value) => all + value, 0);
  // Where judgement counts only what the figures do not tell apart, judgement stays.
  return sum > 0 ? mixed.map((value) => value / sum) : [...judged];
}
