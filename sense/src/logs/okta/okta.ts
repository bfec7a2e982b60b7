/** Okta's system log. Some shippers write its names without capitals; they are kept as they came. */

import { isObject } from '../flatten.ts';
import { isText, objectsOf } from '../objects-of.ts';

export const okta = objectsOf({
  name: 'okta',
  logs: ['okta'],
  owns: ({ eventType, eventtype, published, uuid, actor, outcome, client, displayMessage, displaymessage }) =>
    isText(eventType ?? eventtype) &&
    (isText(published) || isText(uuid)) &&
    (isObject(actor) || isObject(outcome) || isObject(client) || isText(displayMessage ?? displaymessage)),
  times: ['published'],
});
