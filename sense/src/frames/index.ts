/** The one list of protocols directly on Ethernet. */

import { arp } from '../link/arp.ts';
import type { FrameProtocol } from './frame.ts';
import { goose } from './goose/goose.ts';

export const frameProtocols: readonly FrameProtocol[] = [arp, goose];
