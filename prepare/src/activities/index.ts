/** The list of activities; each is one file. */

import type { Activity } from './activity.ts';
import { beacon } from './beacon.ts';
import { browse } from './browse.ts';
import { dialogue } from './dialogue.ts';
import { reflect, synFlood } from './flood.ts';
import { forward } from './forward.ts';
import { guess } from './guess.ts';
import { lookups } from './lookups.ts';
import { modbusCommand } from './modbus-command.ts';
import { modbusPoll } from './modbus-poll.ts';
import { monitor } from './monitor.ts';
import { portal } from './portal.ts';
import { s7Change, s7Panel } from './s7.ts';
import { scan } from './scan.ts';
import { sipCall, sipRegister, sipSearch } from './telephony.ts';
import { timeKeeping } from './time-keeping.ts';
import { transfer } from './transfer.ts';
import { visit } from './visit.ts';

export const activities: readonly Activity[] = [
  beacon,
  browse,
  dialogue,
  forward,
  guess,
  lookups,
  modbusCommand,
  modbusPoll,
  monitor,
  portal,
  reflect,
  s7Change,
  s7Panel,
  scan,
  sipCall,
  sipRegister,
  sipSearch,
  synFlood,
  timeKeeping,
  transfer,
  visit,
];
