/** What a step is in its chain, in words. */

import type { CauseStep } from '@forewarn/model/cause';

export const roleKeys = {
  root: 'causes.step.role.root',
  condition: 'causes.step.role.condition',
  step: 'causes.step.role.step',
  effect: 'causes.step.role.effect',
} as const satisfies { [role in CauseStep['role']]: string };

export const roleMeansKeys = {
  root: 'causes.step.role.root.means',
  condition: 'causes.step.role.condition.means',
  step: 'causes.step.role.step.means',
  effect: 'causes.step.role.effect.means',
} as const satisfies { [role in CauseStep['role']]: string };
