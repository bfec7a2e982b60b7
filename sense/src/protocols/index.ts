/** The one list of protocols, in the order in which they are asked. */

import { dns } from './dns/dns.ts';
import { http } from './http/http.ts';
import type { Protocol } from './protocol.ts';

export const protocols: readonly Protocol[] = [dns, http];
