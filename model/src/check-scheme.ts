/** What a schema cannot say of a grading scheme or scale: that its facts, levels, sources, cells and bands exist and fit together. */

import { resolve, type ConditionProblem } from './condition.ts';
import type { FactCatalogue } from './facts.ts';
import type { Citation, Condition, GradingScheme, Scale, Source } from './grade.ts';
import { resolveScore } from './score.ts';
import type { Path } from './yaml.ts';

/** What a schema cannot say of a scheme: that its facts, levels, sources and cells exist and fit together. */
export function checkScheme(scheme: GradingScheme, facts: FactCatalogue): ConditionProblem[] {
  const problems: ConditionProblem[] = [];
  const levels = new Set(scheme.levels.map((level) => level.level));
  const level = (value: number, path: Path): void => {
    if (!levels.has(value)) problems.push({ path, message: `The scheme has no level ${value}.` });
  };
  const condition = (value: Condition, path: Path): void => void resolve(value, facts, problems, path);
  const cite = citations(scheme.sources, problems);
  unique(
    [...scheme.criteria, ...(scheme.matrices ?? [])].map(({ id }) => id),
    ['criteria'],
    problems,
  );
  scheme.criteria.forEach((criterion, i) => {
    level(criterion.level, ['criteria', i, 'level']);
    condition(criterion.when, ['criteria', i, 'when']);
    cite(criterion.citations, ['criteria', i, 'citations']);
    criterion.alternatives?.forEach((alternative, j) => {
      condition(alternative.when, ['criteria', i, 'alternatives', j, 'when']);
      cite([{ source: alternative.source, mark: 'U' }], ['criteria', i, 'alternatives', j]);
    });
  });
  if (scheme.residual) {
    level(scheme.residual.level, ['residual', 'level']);
    cite(scheme.residual.citations, ['residual', 'citations']);
    if (scheme.residual.unless) condition(scheme.residual.unless, ['residual', 'unless']);
  }
  scheme.matrices?.forEach((matrix, i) => {
    cite(matrix.citations, ['matrices', i, 'citations']);
    const termsOf = (fact: string, field: 'rows' | 'columns'): string[] => {
      const definition = facts.get(fact);
      if (definition?.kind === 'term') return definition.terms.map((term) => term.id);
      problems.push({ path: ['matrices', i, field], message: `"${fact}" is no fact of ordered terms.` });
      return [];
    };
    const rows = termsOf(matrix.rows, 'rows');
    const columns = termsOf(matrix.columns, 'columns');
    for (const [row, cells] of Object.entries(matrix.cells)) {
      if (!rows.includes(row))
        problems.push({ path: ['matrices', i, 'cells', row], message: `"${row}" is no term of the fact "${matrix.rows}".` });
      for (const [column, value] of Object.entries(cells)) {
        const path = ['matrices', i, 'cells', row, column];
        if (!columns.includes(column))
          problems.push({ path, message: `"${column}" is no term of the fact "${matrix.columns}".` });
        level(value, path);
        // A graver term must never lower the level: the engine reads a cell as "at least this row and this column".
        for (const [otherRow, others] of Object.entries(matrix.cells)) {
          for (const [otherColumn, other] of Object.entries(others)) {
            if (
              rows.indexOf(otherRow) >= rows.indexOf(row) &&
              columns.indexOf(otherColumn) >= columns.indexOf(column) &&
              other > value
            ) {
              problems.push({ path, message: `Level ${value} here, but the graver ${otherRow}/${otherColumn} has ${other}.` });
            }
          }
        }
      }
    }
    const declared = Object.values(matrix.cells).map((cells) => Object.keys(cells).toSorted().join());
    if (new Set(declared).size > 1)
      problems.push({ path: ['matrices', i, 'cells'], message: 'Every row must name the same columns.' });
  });
  if (scheme.score) {
    resolveScore(scheme.score, facts, problems, ['score']);
    scheme.score.parts.forEach((part, i) => cite(part.citations, ['score', 'parts', i, 'citations']));
    if (scheme.score.times) cite(scheme.score.times.citations, ['score', 'times', 'citations']);
    checkBands(scheme.score.bands, { level, cite }, problems);
  }
  return problems;
}

function checkBands(
  bands: NonNullable<GradingScheme['score']>['bands'],
  { level, cite }: { level: (value: number, path: Path) => void; cite: (cited: readonly Citation[], path: Path) => void },
  problems: ConditionProblem[],
): void {
  const path = ['score', 'bands'];
  bands.forEach((band, i) => {
    level(band.level, [...path, i, 'level']);
    cite(band.citations, [...path, i, 'citations']);
    const next = bands[i + 1];
    if (next && next.level <= band.level)
      problems.push({ path: [...path, i + 1, 'level'], message: 'Bands run from the most to the least serious.' });
    const below = bands.slice(i + 1).find((other) => other.from !== null);
    if (band.from !== null && below && below.from! >= band.from)
      problems.push({ path: [...path, i, 'from'], message: `A graver band starts above ${below.from}.` });
  });
  if (bands.at(-1)?.from !== 0)
    problems.push({ path: [...path, bands.length - 1, 'from'], message: 'The least serious band starts at 0.' });
}

/** What a schema cannot say of a scale. */
export function checkScale(scale: Scale, facts: FactCatalogue): ConditionProblem[] {
  const problems: ConditionProblem[] = [];
  const cite = citations(scale.sources, problems);
  resolveScore(scale.score, facts, problems, ['score']);
  scale.score.parts.forEach((part, i) => cite(part.citations, ['score', 'parts', i, 'citations']));
  if (scale.score.times) cite(scale.score.times.citations, ['score', 'times', 'citations']);
  return problems;
}

/** Complains about ids that stand twice. */
export function unique(ids: readonly string[], path: Path, problems: ConditionProblem[]): void {
  ids.forEach((id, i) => {
    if (ids.indexOf(id) !== i) problems.push({ path: [...path, i, 'id'], message: `The id "${id}" is used twice.` });
  });
}

/** A check that cited sources are declared. */
export function citations(
  sources: readonly Source[],
  problems: ConditionProblem[],
): (cited: readonly Citation[], path: Path) => void {
  const ids = new Set(sources.map((source) => source.id));
  return (cited, path) => {
    for (const citation of cited) {
      if (!ids.has(citation.source)) problems.push({ path, message: `There is no source "${citation.source}".` });
    }
  };
}
