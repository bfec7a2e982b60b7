/**
 * Events of Windows as records, from whatever form they come in: `System` and `EventData` become one flat record with the names that Sigma's
 * taxonomy gives them (`Channel`, `EventID`, `Provider_Name`, `CommandLine`, …).
 */

import { childOf, isElement, textOf, valueOf, type Element, type Scalar } from '../element.ts';
import { isObject, type FlatRecord } from '../flatten.ts';
import type { JsonObject } from '../format.ts';
import { instantOfValue } from '../instants.ts';
import { limits } from '../limits.ts';

/** Numbers in `System` that XML writes as text. */
const systemNumbers = new Set([
  'EventID',
  'Version',
  'Level',
  'Task',
  'Opcode',
  'EventRecordID',
  'Execution_ProcessID',
  'Execution_ThreadID',
]);

class EventFields {
  readonly record: FlatRecord = {};
  #fields = 0;

  /** A value under its name; the second of one name makes a list. */
  put(name: string, value: Scalar | undefined, system = false): void {
    if (value === undefined || name === '__proto__' || name === '') return;
    const before = Object.hasOwn(this.record, name) ? this.record[name] : undefined;
    if (before === undefined) {
      if (this.#fields >= limits.fieldsMax.value || name.length > limits.nameCharactersMax.value) return;
      this.#fields++;
      this.record[name] =
        system && typeof value === 'string' && systemNumbers.has(name) && /^\d{1,15}$/.test(value) ? Number(value) : value;
      return;
    }
    const list = Array.isArray(before) ? (before as readonly (string | number)[]).map(String) : [String(before as string)];
    if (list.length < limits.elementsMax.value) this.record[name] = [...list, textOf(value)];
  }

  /** The record with its time. */
  timed(): FlatRecord {
    const ts = instantOfValue(this.record['TimeCreated_SystemTime']);
    return ts === undefined ? this.record : { ts, ...this.record };
  }
}

/** Of the element `Event`; `undefined` when it has no `System`. */
export function eventOfElement(event: Element): FlatRecord | undefined {
  const system = childOf(event, 'System');
  if (!system) return undefined;
  const fields = new EventFields();
  for (const child of system.children) {
    if (!isElement(child)) continue;
    fields.put(child.name, valueOf(child), true);
    for (const [attribute, value] of child.attributes) fields.put(`${child.name}_${attribute}`, value, true);
  }
  const take = (element: Element): void => {
    for (const child of element.children) {
      if (!isElement(child)) continue;
      const named =
        child.name === 'Data' || child.name === 'ComplexData' ? child.attributes.find(([name]) => name === 'Name') : undefined;
      const value = valueOf(child);
      if (child.children.some(isElement)) take(child);
      else fields.put(named ? textOf(named[1]) : child.name, value);
    }
  };
  for (const name of ['EventData', 'UserData', 'ProcessingErrorData']) {
    const data = childOf(event, name);
    if (data) take(data);
  }
  // What the event viewer would show, where an export has rendered it.
  const rendering = childOf(event, 'RenderingInfo');
  const message = rendering && childOf(rendering, 'Message');
  if (message) fields.put('Message', valueOf(message));
  return fields.timed();
}

/** Of JSON as readers of EVTX files write it: `{ Event: { System, EventData } }`, attributes under `#attributes`, text under `#text`. */
export function eventOfJson(event: JsonObject): FlatRecord | undefined {
  const { System: system, EventData: data, UserData: user, ProcessingErrorData: failed } = event;
  if (!isObject(system)) return undefined;
  const fields = new EventFields();
  const scalar = (value: unknown): Scalar | undefined => {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
    if (!Array.isArray(value)) return undefined;
    const elements = value.filter((element) => typeof element === 'string' || typeof element === 'number');
    if (elements.length === 1) return elements[0];
    return elements.every((element) => typeof element === 'number') ? elements : elements.map(String);
  };
  for (const [name, value] of Object.entries(system)) {
    if (!isObject(value)) fields.put(name, scalar(value), true);
    else {
      fields.put(name, scalar(value['#text']), true);
      const attributes = value['#attributes'];
      if (isObject(attributes))
        for (const [attribute, inner] of Object.entries(attributes)) fields.put(`${name}_${attribute}`, scalar(inner), true);
    }
  }
  const take = (from: unknown, depth: number): void => {
    if (!isObject(from) || depth > limits.nestingMax.value) return;
    for (const [name, value] of Object.entries(from)) {
      if (name === '#attributes') continue;
      if (isObject(value) && '#text' in value) fields.put(name, scalar(value['#text']));
      else if (isObject(value)) take(value, depth + 1);
      else fields.put(name, scalar(value));
    }
  };
  take(data, 0);
  take(user, 0);
  take(failed, 0);
  return fields.timed();
}
