/**
 * Windows events as records: `System` and `EventData` of an event's JSON become one flat record with the names Sigma's taxonomy
 * gives them (`Channel`, `EventID`, `Provider_Name`, `CommandLine`, …).
 */

import type { AnyRecord } from '@forewarn/model/records/record';

type Json = { readonly [name: string]: unknown };

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Deepest nesting that is looked into; events have three levels below `EventData`. */
const depthMax = 6;

/** Flattens an event as evtx readers write it (`{ Event: { System, EventData } }`); `undefined` when it is none. */
export function windowsRecord(event: unknown): AnyRecord | undefined {
  if (!isObject(event) || !isObject(event['Event'])) return undefined;
  const record: { [name: string]: string | number | boolean } = {};
  const put = (name: string, value: unknown): void => {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') record[name] = value;
  };
  const { System: system, EventData: data, UserData: user } = event['Event'];
  if (isObject(system)) {
    for (const [name, value] of Object.entries(system)) {
      if (!isObject(value)) put(name, value);
      else {
        put(name, value['#text']);
        if (isObject(value['#attributes']))
          for (const [attribute, inner] of Object.entries(value['#attributes'])) put(`${name}_${attribute}`, inner);
      }
    }
  }
  const take = (from: unknown, depth: number): void => {
    if (!isObject(from) || depth > depthMax) return;
    for (const [name, value] of Object.entries(from)) {
      if (name === '#attributes') continue;
      if (isObject(value) && '#text' in value) put(name, value['#text']);
      else if (isObject(value)) take(value, depth + 1);
      else if (Array.isArray(value)) put(name, value.join(' '));
      else put(name, value);
    }
  };
  take(data, 0);
  take(user, 0);
  return record;
}
