/** Files of transport streams, their tables, manifests and warnings. */

import { broadcastFamilies } from './broadcast.ts';
import { fuzzes } from './ci.ts';

for (const family of broadcastFamilies) fuzzes(family);
