/** The readers of logs. */

import { fuzzes } from './ci.ts';
import { logFamilies } from './logs.ts';

for (const family of logFamilies) fuzzes(family);
