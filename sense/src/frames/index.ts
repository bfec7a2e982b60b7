/** The one list of protocols directly on Ethernet. */

import { arp } from '../link/arp.ts';
import type { FrameProtocol } from './frame.ts';
import { ethercat } from './ethercat/ethercat.ts';
import { goose } from './goose/goose.ts';
import { lldp } from './lldp/lldp.ts';
import { profinet } from './profinet/dcp.ts';
import { sampledValues } from './sampled_values/sampled-values.ts';

export const frameProtocols: readonly FrameProtocol[] = [arp, goose, sampledValues, profinet, lldp, ethercat];
