/** IPFIX (RFC 7011) on its way to a collector, read as one reads it (`exports/`). */

import { exportProtocol } from '../netflow/netflow.ts';

export const ipfix = exportProtocol('ipfix', ['ipfix', 'ipfix_options'], [4739], 10);
