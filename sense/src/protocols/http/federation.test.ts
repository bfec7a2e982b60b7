import { describe, expect, test } from 'vitest';
import type { HttpRecord } from '@forewarn/model/records/network';
import { recordType } from '@forewarn/model/records/index';
import { http2 } from '../http2/http2.ts';
import { ascii, flowOf, run } from '../trial.ts';
import { isActivity, takeFederation } from './federation.ts';
import { http } from './http.ts';

const flow = flowOf('tcp', 80);

function exchange(request: string, response: string) {
  const { records } = run(http, flow, [
    { direction: 0, ts: 1, bytes: ascii(request.replaceAll('\n', '\r\n')) },
    { direction: 1, ts: 2, bytes: ascii(response.replaceAll('\n', '\r\n')) },
  ]);
  const of = (log: string) => records.find((found) => found.log === log)?.record;
  return { http: of('http'), federation: of('federation'), all: JSON.stringify(records) };
}

const activity =
  'POST /users/ada/inbox HTTP/1.1\nHost: a.example\nUser-Agent: http.rb/5.1.1 (Mastodon/4.2.1; +https://b.example/)\nContent-Type: application/activity+json\nSignature: keyId="https://b.example/users/bob#main-key"\nReferer: https://a.example/@ada\nContent-Length: 26\n\n{"actor":"bob","type":"x"}';

describe('ActivityPub', () => {
  test('how a delivery fared, without whose it was', () => {
    const said = exchange(activity, 'HTTP/1.1 401 Unauthorized\nContent-Length: 0\n\n');
    expect(said.federation).toEqual({
      ...flow.head(1),
      'network.protocol': 'activitypub',
      'event.outcome': 'failure',
      'http.route': '/{}/inbox',
      'http.request.method': 'POST',
      'http.response.status_code': 401,
      'server.domain': 'a.example',
      'user_agent.original': 'http.rb/5.1.1 (Mastodon/4.2.1; +https://b.example/)',
    });
    expect(said.http).toMatchObject({ uri: '/{}/inbox', status_code: 401, request_body_len: 26 });
    // Not even a hash: it would tell whether two have written the same.
    expect(said.all).not.toContain('"files"');
    expect(said.all).not.toMatch(/ada|bob/);
    for (const name of Object.keys(said.federation!)) expect(recordType('federation')!.columns).toHaveProperty([name]);
  });

  test('the inbox of the whole server; an answer that never came', () => {
    expect(exchange(activity.replace('/users/ada/inbox', '/inbox'), '').federation).toMatchObject({
      'http.route': '/inbox',
      'event.outcome': 'unknown',
    });
  });

  test('an actor that is fetched becomes no file, a picture does', () => {
    const fetched = (type: string) => exchange('GET /users/ada HTTP/1.1\nHost: a\n\n', `HTTP/1.1 200 OK\nContent-Type: ${type}\nContent-Length: 2\n\n{}`).all; // oxfmt-ignore
    expect(fetched('application/activity+json')).not.toContain('"files"');
    expect(fetched('image/png')).toContain('"files"');
  });

  test('a mailbox that is called inbox is none', () => {
    const said = exchange(
      activity.replace('application/activity+json', 'application/json'),
      'HTTP/1.1 200 OK\nContent-Length: 0\n\n',
    );
    expect(said.federation).toBeUndefined();
    expect(said.http).toMatchObject({ uri: '/users/ada/inbox' });
  });

  test('WebFinger asks for an account, which is nowhere written', () => {
    const said = exchange('GET /.well-known/webfinger?resource=acct:ada@a.example HTTP/1.1\nHost: a.example\n\n', 'HTTP/1.1 404 Not Found\nContent-Length: 0\n\n'); // oxfmt-ignore
    expect(said.federation).toMatchObject({ 'network.protocol': 'webfinger', 'http.route': '/.well-known/webfinger', 'event.outcome': 'failure' }); // oxfmt-ignore
    expect(said.all).not.toContain('ada');
  });

  test.each([
    ['application/activity+json', true],
    ['application/activity+json; charset=utf-8', true],
    ['application/ld+json; profile="https://www.w3.org/ns/activitystreams"', true],
    ['application/ld+json', false],
    ['application/json', false],
  ])('%s', (type, is) => expect(isActivity(type)).toBe(is));
});

describe('Matrix', () => {
  test('between servers', () => {
    const said = exchange('PUT /_matrix/federation/v1/send_join/!room:a.example/$event HTTP/1.1\nHost: a.example:8448\nContent-Length: 0\n\n', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'); // oxfmt-ignore
    expect(said.federation).toMatchObject({ 'network.protocol': 'matrix', 'http.route': '/_matrix/federation/v1/send_join/{}/{}', 'event.outcome': 'success' }); // oxfmt-ignore
    expect(said.all).not.toMatch(/room|event"/);
  });

  test('of clients: no exchange between servers, and no rooms in the record of the request either', () => {
    const said = exchange('PUT /_matrix/client/v3/rooms/!room:a/send/m.room.message/7 HTTP/1.1\nHost: a\nContent-Length: 5\n\n{"a"}', 'HTTP/1.1 200 OK\nContent-Length: 2\n\n{}'); // oxfmt-ignore
    expect(said.federation).toBeUndefined();
    expect(said.http).toMatchObject({ uri: '/_matrix/client/v3/rooms/{}', request_body_len: 5, response_body_len: 2 });
    expect(said.all).not.toContain('"files"');
  });

  test('over HTTP/2', () => {
    const literal = (name: string, value: string): number[] => [0, name.length, ...ascii(name), value.length, ...ascii(value)];
    const block = [0x86, ...literal(':method', 'PUT'), ...literal(':path', '/_matrix/federation/v2/invite/!r/$e')];
    const { records } = run(http2, flow, [
      { direction: 0, ts: 1, bytes: ascii('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n') },
      {
        direction: 0,
        ts: 1,
        bytes: Uint8Array.from([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, block.length, 1, 5, 0, 0, 0, 1, ...block]),
      },
      { direction: 1, ts: 2, bytes: Uint8Array.from([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 1, 5, 0, 0, 0, 1, 0x88]) },
    ]);
    expect(records.find(({ log }) => log === 'federation')?.record).toMatchObject({ 'http.route': '/_matrix/federation/v2/invite/{}/{}', 'http.response.status_code': 200 }); // oxfmt-ignore
  });
});

test.each(['/', '/a/inbox', '', '/_other', '/.well-known/acme-challenge/x', '//_matrix/', '*'])('%s is left as it is', (uri) => {
  const record: HttpRecord = { ...flow.head(1), trans_depth: 1, method: 'POST', uri, request_body_len: 0, response_body_len: 0 };
  expect(takeFederation(record, false)).toBeUndefined();
  expect(record.uri).toBe(uri);
});
