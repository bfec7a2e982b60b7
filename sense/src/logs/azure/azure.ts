/**
 * Azure's activity log and Entra's sign-in and audit logs, as diagnostic settings write them. Event hubs and workspaces differ in how they write
 * capitals, so names are compared without them and kept as they came.
 */

import { anyCase, objectsOf } from '../objects-of.ts';

export const azure = objectsOf({
  name: 'azure',
  logs: ['azure_activity', 'azure_signin', 'azure_audit'],
  owns(event) {
    if (anyCase(event, 'operationname') === undefined) return false;
    const about = ['resourceid', 'category', 'resourceprovidername', 'subscriptionid'].some(
      (name) => anyCase(event, name) !== undefined,
    );
    return (
      about &&
      ['time', 'eventtimestamp', 'tenantid', 'correlationid', 'properties'].some((name) => anyCase(event, name) !== undefined)
    );
  },
  log(record) {
    const category = String((anyCase(record, 'category') as string | undefined) ?? '').toLowerCase();
    if (category.endsWith('signinlogs')) return 'azure_signin';
    return category === 'auditlogs' ? 'azure_audit' : 'azure_activity';
  },
  times: ['time', 'eventTimestamp', 'properties.activityDateTime', 'properties.createdDateTime', 'p_event_time'],
});
