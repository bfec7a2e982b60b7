/** Audit events of the Kubernetes API server (audit.k8s.io/v1), from its file, its webhook or a cloud that runs it. */

import { isObject } from '../flatten.ts';
import { isText, objectsOf } from '../objects-of.ts';

export const kubernetes = objectsOf({
  name: 'kubernetes',
  logs: ['kubernetes_audit'],
  owns: ({ apiVersion, kind, verb, objectRef, requestURI, auditID, stage }) =>
    (kind === 'Event' || kind === undefined) &&
    isText(verb) &&
    ((isText(apiVersion) && apiVersion.startsWith('audit.k8s.io/')) ||
      isObject(objectRef) ||
      isText(requestURI) ||
      (isText(auditID) && isText(stage)) ||
      kind === 'Event'),
  times: ['requestReceivedTimestamp', 'stageTimestamp', 'metadata.creationTimestamp', 'p_event_time'],
});
