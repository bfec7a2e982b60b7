/** Capture files, links, IP, TCP and tunnels. */

import { packetFamilies } from './packets.ts';
import { fuzzes } from './ci.ts';

// Whole captures and all protocols at once are `sense/src/fuzz.test.ts`.
for (const family of packetFamilies) if (family.name !== 'whole' && family.name !== 'engine') fuzzes(family);
