/** sFlow version 5 on its way to a collector, read as one reads it (`exports/`). */

import { exportProtocol } from '../netflow/netflow.ts';

export const sflow = exportProtocol('sflow', ['sflow', 'sflow_counters'], [6343], 0);
