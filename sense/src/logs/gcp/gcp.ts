/** Audit logs of Google Cloud: entries of Cloud Logging with an `AuditLog` as payload. */

import { isObject } from '../flatten.ts';
import { objectsOf } from '../objects-of.ts';

export const gcp = objectsOf({
  name: 'gcp',
  logs: ['gcp_audit'],
  owns: ({ protoPayload }) => isObject(protoPayload),
  times: ['timestamp', 'receiveTimestamp', 'receivetimestamp'],
});
