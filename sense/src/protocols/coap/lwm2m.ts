/** Registration of managed devices over CoAP (OMA LwM2M 1.2 Transport §6.4.2 and §6.4.3). */

import type { Lwm2mRecord } from '@forewarn/model/records/coap';
import { textOf } from '../text.ts';
import { codeText, type Message } from './message.ts';

const objectsMax = 64;

export const limits = [
  {
    name: 'lwm2m.objectsMax',
    value: objectsMax,
    unit: 'objects per registration',
    why: 'Written of one device; a device has about a dozen. The rest is passed over.',
  },
] as const;

const post = 2;
const put = 3;
const remove = 4;

/** A record of the registration that the request asks for, if it asks for one. */
export function beginRegistration(
  message: Message,
  bytes: Uint8Array,
  head: () => Pick<Lwm2mRecord, 'ts' | 'uid' | 'id.orig_h' | 'id.orig_p' | 'id.resp_h' | 'id.resp_p'>,
): Lwm2mRecord | undefined {
  const { code, path } = message;
  if (code !== post && code !== put && code !== remove) return undefined;
  const endpoint = parameter(message.query, 'ep');
  const renews = path.startsWith('/rd/') && path.length > 4;
  let action: string;
  if (code === post && path === '/bs' && endpoint !== undefined) action = 'bootstrap';
  else if (code === post && path === '/rd' && endpoint !== undefined) action = 'register';
  else if (renews) action = code === remove ? 'deregister' : 'update';
  else return undefined;
  const record: Lwm2mRecord = { ...head(), action };
  if (endpoint !== undefined) record.endpoint = endpoint;
  if (renews) record.location = path;
  const lifetime = Number(parameter(message.query, 'lt') ?? Number.NaN);
  if (lifetime >= 0) record.lifetime = lifetime;
  const version = parameter(message.query, 'lwm2m');
  if (version !== undefined) record.version = version;
  const binding = parameter(message.query, 'b');
  if (binding !== undefined) record.binding = binding;
  const objects = objectsOf(bytes, message.payloadStart, message.payloadEnd);
  if (objects.length > 0) record.objects = objects;
  return record;
}

/** What the server answered to it. */
export function endRegistration(record: Lwm2mRecord, message: Message): void {
  record.code = codeText(message.code);
  if (message.location !== '') record.location = message.location;
}

function parameter(query: string, name: string): string | undefined {
  for (const part of query.split('&')) if (part.startsWith(`${name}=`)) return part.slice(name.length + 1);
  return undefined;
}

/** Targets of links, `</3/0>,</5>;ver=1.1` (RFC 6690): numbers of objects and instances, nothing else. */
function objectsOf(bytes: Uint8Array, start: number, end: number): string[] {
  const objects: string[] = [];
  for (let at = start; at < end && objects.length < objectsMax; at++) {
    if (bytes[at] !== 0x3c) continue;
    const from = ++at;
    while (at < end && at - from < 32 && isTarget(bytes[at]!)) at++;
    if (at < end && bytes[at] === 0x3e && at - from > 1) objects.push(textOf(bytes, from, at));
  }
  return objects;
}

/** A slash or a digit. */
const isTarget = (byte: number): boolean => byte >= 0x2f && byte <= 0x39;
