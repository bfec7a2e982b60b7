/** Suricata's EVE: one object for each event, of the type it names itself (`alert`, `dns`, `flow`, …). */

import { isText, objectsOf } from '../objects-of.ts';

export const suricata = objectsOf({
  name: 'suricata',
  logs: ['suricata'],
  owns: ({ event_type, timestamp, flow_id, src_ip, stats, engine }) =>
    isText(event_type) &&
    isText(timestamp) &&
    (flow_id !== undefined || isText(src_ip) || stats !== undefined || engine !== undefined || event_type === 'arp'),
  times: ['timestamp'],
});
