/** Capture files, links, IP, TCP, tunnels, and conversations through the whole engine. */

import { packetFamilies } from './packets.ts';
import { fuzzes } from './ci.ts';

// Whole captures are `sense/src/fuzz.test.ts`.
for (const family of packetFamilies) if (family.name !== 'whole') fuzzes(family);
