import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { GrpcRecord } from '@forewarn/model/records/grpc';
import { grpcMessage as message, grpcTalk } from '../../testing/grpc.ts';
import { http2 } from '../http2/http2.ts';
import { type Arrival, ascii, cutAll, flowOf, run } from '../trial.ts';
import { GrpcCall, isGrpc } from './grpc.ts';

const flow = flowOf('tcp', 50_051);

/** What a real client and a real server of HTTP/2 said to one another, in order. */
let spoken: Arrival[] = [];

beforeAll(async () => {
  spoken = (await grpcTalk()).map(({ fromClient, bytes }, n) => ({ direction: fromClient ? 0 : 1, ts: 1 + n / 1_000, bytes }));
});

const calls = (arrivals: readonly Arrival[]): GrpcRecord[] =>
  run(http2, flow, arrivals)
    .records.filter(({ log }) => log === 'grpc')
    .map(({ record }) => record as GrpcRecord);

describe('what a real client and server say', () => {
  test('each call: method, messages and sizes, outcome', () => {
    const of = (method: string) => calls(spoken).find((call) => call.method === method);
    expect(calls(spoken)).toHaveLength(5);
    expect(of('Get')).toMatchObject({
      service: 'shop.v1.Orders',
      content_type: 'application/grpc+proto',
      encoding: 'gzip',
      streaming: 'none',
      request_messages: 1,
      response_messages: 1,
      request_message_bytes: 20,
      response_message_bytes: 100,
      compressed_messages: 1,
      timeout: 1.5,
      http_status: 200,
      status: 0,
      status_name: 'OK',
      complete: true,
    });
    expect(of('Watch')).toMatchObject({ streaming: 'server', response_messages: 3, response_message_bytes: 600, response_message_max: 300, status: 14, status_name: 'UNAVAILABLE' }); // oxfmt-ignore
    expect(of('Upload')).toMatchObject({ streaming: 'client', request_messages: 3, request_message_bytes: 70_010, request_message_max: 70_000, compressed_messages: 2 }); // oxfmt-ignore
    expect(of('Chat')).toMatchObject({ streaming: 'both', request_messages: 2, response_messages: 2 });
    expect(of('Refuse')).toMatchObject({ response_messages: 0, status: 7, status_name: 'PERMISSION_DENIED', complete: true });
  });

  test('nothing of what they say: no payload, no file, no words of the server', () => {
    const { records } = run(http2, flow, spoken);
    expect(records.filter(({ log }) => log === 'files')).toEqual([]);
    expect(JSON.stringify(records)).not.toMatch(/AAAA|ada/);
    expect(records.find(({ log, record }) => log === 'http' && record['uri'] === '/shop.v1.Orders/Get')?.record).toMatchObject({
      request_body_len: 25,
      response_body_len: 105,
    });
  });

  test('the same wherever the bytes are cut', () => {
    const whole = JSON.stringify(calls(spoken).map((call) => ({ ...call, duration: 0, ts: 0 })));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }), (lengths) => {
        expect(JSON.stringify(calls(cutAll(spoken, lengths)).map((call) => ({ ...call, duration: 0, ts: 0 })))).toBe(whole);
      }),
      { numRuns: 60 },
    );
  });

  test('a gap within a message is passed over, one across its end is said', () => {
    const call = new GrpcCall('application/grpc');
    const [first, second] = [message(100), message(7)];
    call.data(0, first, 0, 50);
    call.skip(0, 55);
    call.data(0, second, 0, second.length);
    const http = { ...flow.head(1), trans_depth: 1, version: '2', uri: '/a.B/C', request_body_len: 0, response_body_len: 0 };
    const of = { encoding: '', timeout: '', ts: 2, isWhole: true };
    expect(call.record(http, of)).toMatchObject({ request_messages: 2, request_message_bytes: 107, complete: true, duration: 1 });
    call.skip(0, 1);
    expect(call.record(http, of)).toMatchObject({ complete: false });
  });
});

test('any bytes, any cutting: no throw, the same counts', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 200 }), (bytes, at) => {
      const [whole, parts] = [new GrpcCall('application/grpc'), new GrpcCall('application/grpc')];
      const middle = Math.min(at, bytes.length);
      whole.data(1, bytes, 0, bytes.length);
      parts.data(1, bytes, 0, middle);
      parts.data(1, bytes, middle, bytes.length);
      const http = { ...flow.head(1), trans_depth: 1, version: '2', request_body_len: 0, response_body_len: 0 };
      const of = { encoding: 'x y', timeout: '99999999H', ts: 1, isWhole: true };
      expect(parts.record(http, of)).toEqual(whole.record(http, of));
      expect(parts.isBroken).toBe(whole.isBroken);
    }),
  );
});

test('nonsense in a call is one oddity, and its path is no method', () => {
  const broken = ascii('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  const settings = Uint8Array.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  const literal = (name: string, value: string): number[] => [0, name.length, ...ascii(name), value.length, ...ascii(value)];
  const block = [0x83, 0x86, ...literal(':path', '/users/7/ada'), ...literal('content-type', 'application/grpc')];
  const head = [0, 0, block.length, 1, 4, 0, 0, 0, 1, ...block];
  const body = [0, 0, 6, 0, 1, 0, 0, 0, 1, 0x42, 0, 0, 0, 1, 0];
  const outcome = run(http2, flow, [
    { direction: 0, ts: 1, bytes: broken },
    { direction: 0, ts: 1, bytes: settings },
    { direction: 0, ts: 1, bytes: Uint8Array.from([...head, ...body]) },
  ]);
  expect(outcome.weirds.map(({ name }) => name)).toEqual(['gRPC_bad_message']);
  const record = outcome.records.find(({ log }) => log === 'grpc')!.record;
  expect(record).toMatchObject({ request_messages: 0, complete: false });
  expect(record['service']).toBeUndefined();
});

test.each([
  ['application/grpc', true],
  ['application/grpc+proto', true],
  ['application/grpc;charset=utf-8', true],
  ['application/grpc-web+json', true],
  ['application/grpc-web-text', false],
  ['application/grpcx', false],
  ['application/json', false],
])('%s', (type, is) => expect(isGrpc(type)).toBe(is));
