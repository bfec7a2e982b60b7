/** Records of CoAP and of the device management on it. Zeek has no log of either; payloads are never written. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const coap = {
  log: 'coap',
  means: 'One CoAP request with its response, or either alone; of an observation each notification.',
  source: 'RFC 7252, RFC 7641, RFC 7959; Zeek has no log of it',
  columns: {
    ...connectionColumns,
    is_orig: { type: 'bool', class: 'technical', always: true, means: 'The originator of the flow asks.' },
    type: { type: 'enum', class: 'technical', means: 'CON: to be acknowledged, or NON; of the request, of a response alone.' },
    message_id: { type: 'count', class: 'technical', means: 'Number of the request.' },
    method: { type: 'enum', class: 'technical', means: 'GET, POST, PUT, DELETE, FETCH, PATCH or iPATCH.' },
    uri_host: { type: 'string', class: 'technical', means: 'Host that is asked for, where the client names it.' },
    uri_path: { type: 'string', class: 'technical', means: 'Resource.' },
    uri_query: { type: 'string', class: 'content', means: 'Query.' },
    proxy_uri: { type: 'string', class: 'content', kept: 'uri-path', means: 'What a proxy shall ask for.' },
    code: {
      type: 'string',
      class: 'technical',
      means: 'Code of the response, such as 2.05, or RST; absent where none was seen.',
    },
    status: { type: 'string', class: 'technical', means: 'The same in words.' },
    content_format: { type: 'count', class: 'technical', means: 'Media type of the response, else of the request.' },
    observe: {
      type: 'count',
      class: 'technical',
      means: 'Order of a notification; in a request alone 0 begins and 1 ends observing.',
    },
    block: { type: 'count', class: 'technical', means: 'Number of the block, where a body comes in blocks.' },
    oscore: { type: 'bool', class: 'technical', means: 'Protected end to end: what is asked for is closed.' },
    request_len: { type: 'count', class: 'technical', unit: 'bytes', means: 'Payload of the request.' },
    response_len: { type: 'count', class: 'technical', unit: 'bytes', means: 'Payload of the response.' },
    repeated: { type: 'count', class: 'technical', means: 'How often the request was sent again.' },
    rtt: { type: 'interval', class: 'technical', unit: 's', means: 'From the request to the response.' },
  },
} as const satisfies RecordType;

export const lwm2m = {
  log: 'lwm2m',
  means: 'A managed device registers, renews, leaves or asks for its first settings.',
  source: 'OMA LwM2M 1.2 Core §6.1, §6.2; Transport §6.4',
  columns: {
    ...connectionColumns,
    action: { type: 'enum', class: 'technical', always: true, means: 'bootstrap, register, update or deregister.' },
    endpoint: { type: 'string', class: 'personal', means: 'Name of the device: often its serial number, IMEI or MSISDN.' },
    location: { type: 'string', class: 'technical', means: 'Registration, as the server named it.' },
    lifetime: { type: 'interval', class: 'technical', unit: 's', means: 'For how long it registers.' },
    version: { type: 'string', class: 'technical', means: 'Version of LwM2M.' },
    binding: { type: 'string', class: 'technical', means: 'Ways to reach it: U, T, S, N, with Q where it sleeps.' },
    objects: { type: 'vector[string]', class: 'technical', means: 'Objects and instances that it has.' },
    code: { type: 'string', class: 'technical', means: 'Answer of the server; absent where none was seen.' },
  },
} as const satisfies RecordType;

export type CoapRecord = RecordOf<typeof coap>;
export type Lwm2mRecord = RecordOf<typeof lwm2m>;
