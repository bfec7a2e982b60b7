/** The one list of protocols, in the order in which they are asked. */

import type { Protocol } from './protocol.ts';

export const protocols: readonly Protocol[] = [];
