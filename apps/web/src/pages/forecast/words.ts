/** Why a fact moves, in words. */

import type { Movement } from '@forewarn/model/forecast';

export const movementKeys = {
  lasting: 'forecast.movement.lasting',
  growing: 'forecast.movement.growing',
  reach: 'forecast.movement.reach',
  still: 'forecast.movement.still',
} as const satisfies { [one in Movement]: string };
