/** Audit logs of clouds, of what runs in them, and of services. */

import { content, openRecord, personal, secret, technical } from './open.ts';

export const cloudtrail = openRecord({
  log: 'cloudtrail',
  means: 'One call to AWS, or one event of its services.',
  source: 'AWS CloudTrail record contents, version 1.11',
  columns: {
    eventName: technical('What was called.'),
    eventSource: technical('The service that was called.', 'enum'),
    eventType: technical('Call, service event or sign-in.', 'enum'),
    eventCategory: technical('Management, data or insight.', 'enum'),
    eventID: technical('Name of the event.'),
    requestID: technical('Name of the call.'),
    awsRegion: technical('Region.', 'enum'),
    recipientAccountId: technical('AWS account that has the event.'),
    readOnly: technical('Whether nothing was changed.', 'bool'),
    sourceIPAddress: technical('Where it came from.'),
    userAgent: technical('What the client says it is.'),
    errorCode: technical('Why it failed.'),
    errorMessage: content('Why it failed, in words.'),
    'userIdentity.type': technical('Kind of caller: IAMUser, AssumedRole, Root.', 'enum'),
    'userIdentity.accountId': technical('AWS account of the caller.'),
    'userIdentity.invokedBy': technical('AWS service that called.'),
    'userIdentity.arn': personal('The caller.'),
    'userIdentity.principalId': personal('The caller, as an identifier.'),
    'userIdentity.userName': personal('Name of the caller.'),
    'userIdentity.sessionContext.sessionIssuer.arn': technical('Role that was taken.'),
    'userIdentity.sessionContext.attributes.mfaAuthenticated': technical('Whether a second factor was shown.', 'enum'),
    'additionalEventData.MFAUsed': technical('Whether a second factor was used.', 'enum'),
    'responseElements.ConsoleLogin': technical('Outcome of a sign-in.', 'enum'),
    'responseElements.credentials.sessionToken': secret('Token that was given out.'),
  },
});

export const gcp_audit = openRecord({
  log: 'gcp_audit',
  means: 'One entry of an audit log of Google Cloud.',
  source: 'google.cloud.audit.AuditLog',
  columns: {
    logName: technical('The log.'),
    insertId: technical('Name of the entry.'),
    severity: technical('How grave it is.', 'enum'),
    'protoPayload.methodName': technical('What was called.'),
    'protoPayload.serviceName': technical('The service that was called.', 'enum'),
    'protoPayload.resourceName': technical('What it was done to.'),
    'protoPayload.status.code': technical('Outcome; absent or 0 is success.', 'count'),
    'protoPayload.requestMetadata.callerIp': technical('Where it came from.'),
    'protoPayload.requestMetadata.callerSuppliedUserAgent': technical('What the client says it is.'),
    'protoPayload.authenticationInfo.principalEmail': personal('Who called.'),
    'protoPayload.authenticationInfo.principalSubject': personal('Who called, as an identifier.'),
    'protoPayload.authorizationInfo.permission': technical('Rights that were asked for.', 'vector[string]'),
    'protoPayload.authorizationInfo.granted': technical('Whether each was granted.', 'vector[string]'),
    'resource.type': technical('Kind of what it was done to.', 'enum'),
    'resource.labels.project_id': technical('Project.'),
  },
});

const azureColumns = {
  operationName: technical('What was done.'),
  category: technical('Kind of log.', 'enum'),
  resultType: technical('Outcome, as a word or code.'),
  resultSignature: technical('Outcome more closely.'),
  resultDescription: content('Outcome in words.'),
  resourceId: technical('What it was done to.'),
  callerIpAddress: technical('Where it came from.'),
  correlationId: technical('Joins what belongs together.'),
  tenantId: technical('Tenant.'),
  location: technical('Region.', 'enum'),
  level: technical('How grave it is.', 'enum'),
};

export const azure_activity = openRecord({
  log: 'azure_activity',
  means: "One entry of Azure's activity log or of a resource's own.",
  source: 'Azure Monitor: activity log event schema, resource logs common schema',
  columns: { ...azureColumns, identity: personal('Who did it.'), 'identity.claims.name': personal('Who did it.') },
});

export const azure_signin = openRecord({
  log: 'azure_signin',
  means: 'One sign-in at Entra ID.',
  source: 'Microsoft Entra: SignInLogs',
  columns: {
    ...azureColumns,
    'properties.appDisplayName': technical('Application.'),
    'properties.clientAppUsed': technical('Kind of client.'),
    'properties.conditionalAccessStatus': technical('Whether conditions of access were met.', 'enum'),
    'properties.status.errorCode': technical('Outcome; 0 is success.', 'count'),
    'properties.ipAddress': technical('Where it came from.'),
    'properties.userAgent': technical('What the client says it is.'),
    'properties.riskLevelDuringSignIn': technical('How risky the service finds it.', 'enum'),
    'properties.userPrincipalName': personal('Who signs in.'),
    'properties.userId': personal('Who signs in, as an identifier.'),
    'properties.userDisplayName': personal('Who signs in, by name.'),
  },
});

export const azure_audit = openRecord({
  log: 'azure_audit',
  means: 'One change in Entra ID.',
  source: 'Microsoft Entra: AuditLogs',
  columns: {
    ...azureColumns,
    'properties.activityDisplayName': technical('What was done.'),
    'properties.operationType': technical('Add, update, delete.', 'enum'),
    'properties.result': technical('Outcome.', 'enum'),
    'properties.loggedByService': technical('Service that writes.', 'enum'),
    'properties.initiatedBy.user.userPrincipalName': personal('Who did it.'),
    'properties.initiatedBy.user.ipAddress': technical('Where it came from.'),
    'properties.initiatedBy.app.displayName': technical('Application that did it.'),
  },
});

export const okta = openRecord({
  log: 'okta',
  means: "One event of Okta's system log.",
  source: 'Okta System Log API: LogEvent',
  columns: {
    eventType: technical('What happened.', 'enum'),
    eventtype: technical('What happened, where names are written small.', 'enum'),
    uuid: technical('Name of the event.'),
    severity: technical('How grave it is.', 'enum'),
    'outcome.result': technical('Outcome.', 'enum'),
    'outcome.reason': technical('Why.'),
    'client.ipAddress': technical('Where it came from.'),
    'client.userAgent.rawUserAgent': technical('What the client says it is.'),
    'actor.type': technical('Kind of actor.', 'enum'),
    'actor.id': personal('Who did it, as an identifier.'),
    'actor.alternateId': personal('Who did it.'),
    'actor.displayName': personal('Who did it, by name.'),
    'target.type': technical('Kinds of what it was done to.', 'vector[string]'),
    'target.alternateId': personal('What or whom it was done to.', 'vector[string]'),
    'target.displayName': personal('What or whom it was done to, by name.', 'vector[string]'),
    displayMessage: content('The event in words.'),
  },
});

export const github_audit = openRecord({
  log: 'github_audit',
  means: "One entry of GitHub's audit log.",
  source: 'GitHub Enterprise Cloud: audit log events',
  columns: {
    action: technical('What was done.', 'enum'),
    org: technical('Organisation.'),
    business: technical('Enterprise.'),
    repo: technical('Repository.'),
    repository: technical('Repository.'),
    operation_type: technical('create, modify, remove.', 'enum'),
    _document_id: technical('Name of the entry.'),
    actor_ip: technical('Where it came from.'),
    user_agent: technical('What the client says it is.'),
    actor: personal('Who did it.'),
    user: personal('Whom it was done to.'),
  },
});

export const kubernetes_audit = openRecord({
  log: 'kubernetes_audit',
  means: 'One request to the API of a Kubernetes cluster.',
  source: 'audit.k8s.io/v1 Event',
  columns: {
    verb: technical('get, create, delete and so on.', 'enum'),
    stage: technical('How far the request was.', 'enum'),
    level: technical('How much was recorded.', 'enum'),
    auditID: technical('Name of the request.'),
    'objectRef.resource': technical('Kind of object.', 'enum'),
    'objectRef.subresource': technical('Part of the object: exec, log, status.', 'enum'),
    'objectRef.namespace': technical('Namespace.'),
    'objectRef.name': technical('Object.'),
    'objectRef.apiGroup': technical('Group of the API.', 'enum'),
    'responseStatus.code': technical('Status of the answer.', 'count'),
    'responseStatus.reason': technical('Why.'),
    sourceIPs: technical('Where it came from.', 'vector[string]'),
    userAgent: technical('What the client says it is.'),
    'user.username': personal('Who asked.'),
    'user.groups': technical('Groups of who asked.', 'vector[string]'),
    'impersonatedUser.username': personal('Whose place was taken.'),
    'annotations.authorization.k8s.io/decision': technical('allow or forbid.', 'enum'),
    'requestObject.spec.containers.image': technical('Images of containers that were asked for.', 'vector[string]'),
    'requestObject.spec.containers.securityContext.privileged': technical('Whether containers are privileged.', 'vector[string]'),
    'requestObject.spec.hostNetwork': technical('Whether the network of the host is used.'),
    'requestObject.spec.hostPID': technical('Whether processes of the host are seen.'),
    requestURI: { type: 'string', class: 'content', kept: 'uri-path', means: 'What was asked for.' },
  },
});
