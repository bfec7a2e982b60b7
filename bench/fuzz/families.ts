/** The one list of families. */

import { broadcastFamilies } from './broadcast.ts';
import { decodeFamilies } from './decode.ts';
import type { Family } from './family.ts';
import { logFamilies } from './logs.ts';
import { intakeFamilies } from './intake.ts';
import { packetFamilies } from './packets.ts';
import { parserFamilies } from './parsers.ts';
import { readerFamilies } from './readers.ts';

export const families: readonly Family[] = [
  ...packetFamilies,
  ...readerFamilies,
  ...parserFamilies,
  ...logFamilies,
  ...broadcastFamilies,
  ...decodeFamilies,
  ...intakeFamilies,
];
