/** AWS CloudTrail: files of `Records`, and events as EventBridge delivers them, in `detail`. Some stores write all names small. */

import { isObject } from '../flatten.ts';
import { anyCase, isText, objectsOf } from '../objects-of.ts';

export const cloudtrail = objectsOf({
  name: 'cloudtrail',
  logs: ['cloudtrail'],
  inner: (event) => (isText(event['detail-type']) && isObject(event['detail']) ? event['detail'] : event),
  owns(event) {
    const source = anyCase(event, 'eventsource');
    if (isText(source) && source.endsWith('.amazonaws.com')) return true;
    return (
      isText(anyCase(event, 'eventname')) &&
      (isObject(anyCase(event, 'useridentity')) || isText(anyCase(event, 'awsregion')) || isText(anyCase(event, 'eventversion')))
    );
  },
  times: ['eventTime', 'eventtime'],
});
