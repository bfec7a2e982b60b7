/** The matrices of ATT&CK: techniques under tactics, in the order of an attack, as content says them (`content/attack/matrices.yaml`). */

import { z } from 'zod';
import { readContent } from './yaml.ts';

export const attackMatrices = ['enterprise', 'ics', 'mobile'] as const;

/** Twice the techniques of the largest tactic; a file with more is none of these. */
const techniquesMax = 120;

const Technique = z.string().regex(/^T\d{4}$/, 'A technique is T and four digits.');
const MatricesFile = z
  .strictObject({
    version: z.string(),
    matrices: z
      .array(
        z.strictObject({
          id: z.enum(attackMatrices),
          tactics: z.record(z.string().regex(/^[a-z-]+$/), z.array(Technique).min(1).max(techniquesMax)),
        }),
      )
      .length(attackMatrices.length),
    techniques: z.record(Technique, z.string().min(1).max(200)),
  })
  .superRefine(({ matrices, techniques }, context) => {
    const used = new Set<string>();
    for (const [index, { tactics }] of matrices.entries()) {
      for (const [tactic, ids] of Object.entries(tactics)) {
        for (const id of ids) {
          used.add(id);
          if (techniques[id] === undefined)
            context.addIssue({ code: 'custom', path: ['matrices', index, 'tactics', tactic], message: `${id} has no name.` });
        }
      }
    }
    for (const id of Object.keys(techniques))
      if (!used.has(id)) context.addIssue({ code: 'custom', path: ['techniques', id], message: `${id} stands under no tactic.` });
  });

export const AttackView = z.object({
  version: z.string(),
  matrices: z.array(
    z.object({
      id: z.enum(attackMatrices),
      tactics: z.array(z.object({ id: z.string(), techniques: z.array(z.object({ id: z.string(), name: z.string() })) })),
    }),
  ),
});
export type AttackView = z.infer<typeof AttackView>;

/** Throws an `AggregateError` of refusals with file and line. */
export function readAttack(text: string, file: string): AttackView {
  const read = readContent(MatricesFile, text, file);
  if (!read.ok) throw new AggregateError(read.refusals, 'content');
  const { version, matrices, techniques } = read.value;
  return {
    version,
    matrices: matrices.map(({ id, tactics }) => ({
      id,
      tactics: Object.entries(tactics).map(([tactic, ids]) => ({
        id: tactic,
        techniques: ids.map((each) => ({ id: each, name: techniques[each]! })),
      })),
    })),
  };
}
