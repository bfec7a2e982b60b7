/** The one list of carriers over UDP, by the responder's port (IANA; 4754 is GRE in UDP, RFC 8086). */

import { ayiya } from './ayiya.ts';
import { gre } from './gre.ts';
import { gtp } from './gtp.ts';
import { teredo } from './teredo.ts';
import type { Carrier } from './tunnel.ts';
import { geneve, vxlan } from './vxlan.ts';

export const udpCarriers: ReadonlyMap<number, Carrier> = new Map([
  [2123, gtp],
  [2152, gtp],
  [3544, teredo],
  [4754, gre],
  [4789, vxlan],
  [5072, ayiya],
  [6081, geneve],
]);
