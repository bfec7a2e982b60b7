/** Events of container runtimes: Docker's and Podman's as JSON (`docker events --format json`), containerd's as lines (`ctr events`). */

import { flatten, isObject } from '../flatten.ts';
import type { LogFormat } from '../format.ts';
import { instantOfText } from '../instants.ts';
import { limits } from '../limits.ts';
import { nestingOf, parseObject } from '../objects.ts';
import { isText, objectsOf } from '../objects-of.ts';

const objects = objectsOf({
  name: 'containers',
  logs: ['container_event'],
  owns: ({ Type, Action, Actor, Status, Time, time, timeNano, ID, Name }) =>
    (isText(Action) && isText(Type) && isObject(Actor) && (time !== undefined || timeNano !== undefined)) ||
    (isText(Status) && isText(Type) && (Time ?? time ?? timeNano) !== undefined && (isText(ID) || isText(Name))),
  times: ['timeNano', 'time', 'Time'],
});

/** `2026-11-22 08:00:00.123456789 +0000 UTC default /tasks/start {"container_id":"…"}` */
const line = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(\.\d{1,9})? ([+-]\d{4}) UTC (\S{1,128}) (\/[a-z]+\/[a-z-]+) (\{.*\})$/;

export const containers: LogFormat = {
  ...objects,
  lines: {
    owns: (text) => /^\d{4}-\d\d-\d\d /.test(text) && line.test(text),
    open: (emit) => ({
      line(text) {
        const [, time, fraction = '', zone, namespace, topic, data] = line.exec(text) ?? [];
        const event = nestingOf(data ?? '') > limits.nestingMax.value ? undefined : parseObject(data ?? '');
        const record = event && flatten(event, emit);
        if (!record) {
          emit.refused('malformed');
          return;
        }
        const ts = instantOfText(`${time}${fraction}${zone}`);
        emit.record('container_event', { ...(ts === undefined ? {} : { ts }), namespace: namespace!, topic: topic!, ...record });
      },
      end: () => undefined,
    }),
  },
};
