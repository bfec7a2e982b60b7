/** FIRST Traffic Light Protocol 2.0: how far a thing may travel. */

import { z } from 'zod';

/** From the narrowest to the widest. */
export const tlpOrder = ['TLP:RED', 'TLP:AMBER+STRICT', 'TLP:AMBER', 'TLP:GREEN', 'TLP:CLEAR'] as const;

export const Tlp = z.enum(tlpOrder);
export type Tlp = z.infer<typeof Tlp>;
