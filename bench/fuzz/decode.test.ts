/** Single packets taken apart for people. */

import { fuzzes } from './ci.ts';
import { decodeFamilies } from './decode.ts';

for (const family of decodeFamilies) fuzzes(family);
