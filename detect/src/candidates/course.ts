/** Where findings stand in the course of an attack: ATT&CK's tactics in the order of their matrix, and which came when. */

import type { Finding, IncidentCandidate } from '@forewarn/model/finding';
import type { CandidateSettings, Matrix } from './settings.ts';

type Step = IncidentCandidate['course'][number];

/** The matrix of a finding, by its techniques: of control systems, of mobile devices, or the enterprise's. */
export function matrixOf(techniques: readonly string[], { matrices }: CandidateSettings): Matrix['id'] {
  for (const { id, numbered, techniques: listed } of matrices) {
    const own = (name: string): boolean =>
      (numbered !== undefined && name.startsWith(numbered)) || (listed?.includes(name.split('.')[0]!) ?? false);
    if (techniques.some(own)) return id;
  }
  return 'enterprise';
}

/** Place of a tactic in its matrix, from 0 to 1, so that places of different matrices compare; `undefined` for what is no tactic of it. */
export function placeOf(tactic: string, matrix: Matrix['id'], { matrices }: CandidateSettings): number | undefined {
  const tactics = matrices.find(({ id }) => id === matrix)?.tactics ?? [];
  const at = tactics.indexOf(tactic);
  return at < 0 ? undefined : at / Math.max(1, tactics.length - 1);
}

/**
 * What was seen of each tactic, in the order in which it was first seen; of what began at once, the earlier tactic comes first.
 * Informational findings say nothing of a course.
 */
export function courseOf(findings: readonly Finding[], settings: CandidateSettings): Step[] {
  const steps = new Map<string, { step: Step; place: number }>();
  for (const finding of [...findings].sort((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1))) {
    if (finding.level === 'informational') continue;
    const matrix = matrixOf(finding.technique, settings);
    for (const tactic of finding.tactic) {
      const place = placeOf(tactic, matrix, settings);
      if (place === undefined) continue;
      const step = steps.get(tactic)?.step;
      if (!step) {
        const first = { tactic, matrix, at: finding.from, technique: [...new Set(finding.technique)], findings: 1 };
        steps.set(tactic, { step: first, place });
        continue;
      }
      step.findings++;
      for (const one of finding.technique) if (!step.technique.includes(one)) step.technique.push(one);
    }
  }
  return [...steps.values()].sort((a, b) => a.step.at - b.step.at || a.place - b.place).map(({ step }) => step);
}

/** The tactics of a course in the order of their matrix: the last is how far the attack has come. */
export function tacticsOf(course: readonly Step[], settings: CandidateSettings): string[] {
  const place = ({ tactic, matrix }: Step): number => placeOf(tactic, matrix, settings) ?? 0;
  return [...course].sort((a, b) => place(a) - place(b) || (a.tactic < b.tactic ? -1 : 1)).map(({ tactic }) => tactic);
}
