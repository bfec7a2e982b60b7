import { describe, expect, test } from 'vitest';
import { recordType } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createLogIntake } from './intake.ts';
import { causeIn, hostOf } from './platform.ts';
import { recogniseLog } from './read.ts';
import { matrixRoute } from '../protocols/http/routes.ts';

/** The time of reception: 2026-01-01T00:00:10Z. */
const at = 1_767_225_610;

type Read = { log: string; record: AnyRecord };

function read(...lines: string[]): Read[] {
  const found: Read[] = [];
  const intake = createLogIntake({ name: 'tcp', at: () => at }, { record: (log, record) => void found.push({ log, record }) });
  for (const line of lines) intake.line(line);
  intake.flush();
  return found;
}

/** What happened, without what every record has. */
const event = (line: string): AnyRecord | undefined => {
  const [found] = read(line);
  if (found?.log !== 'platform_event') return undefined;
  const { 'event.kind': _kind, 'event.category': _category, 'event.type': _type, ...rest } = found.record;
  return rest;
};
const federated = (line: string): AnyRecord | undefined => {
  const [found] = read(line);
  return found?.log === 'federation' ? found.record : undefined;
};

describe('Keycloak', () => {
  const refused =
    'type="LOGIN_ERROR", realmId="15b3a838-647e-4f17-9a00-7116f39e0b62", realmName="test", clientId="account-console", userId="4e2fbbbc-289d-435e-9fe7-4f1719226bb0", ipAddress="192.0.2.1", error="invalid_user_credentials", auth_method="openid-connect", auth_type="code", redirect_uri="http://localhost:8080/realms/test/account", code_id="43d6b49", username="ada \\"x\\" l"';
  const told = {
    'service.type': 'keycloak',
    realm: 'test',
    'event.provider': 'org.keycloak.events',
    'event.action': 'sign-in',
    'event.code': 'LOGIN_ERROR',
    'event.outcome': 'failure',
    'event.reason': 'invalid_user_credentials',
    'authentication.method': 'openid-connect',
    'application.id': 'account-console',
    'source.ip': '192.0.2.1',
    'user.id': 'keycloak/test/4e2fbbbc-289d-435e-9fe7-4f1719226bb0',
    'user.name': 'keycloak/test/ada "x" l',
  };

  test('a line of its log', () => {
    expect(event(`2024-10-17 10:43:38,199 WARN  [org.keycloak.events] (executor-thread-26) ${refused}`)).toEqual({
      ...told,
      ts: 1_729_161_818.199,
    });
  });

  test('within syslog, and as an object of its log', () => {
    expect(
      event(`<14>1 2024-08-21T08:14:33.591+02:00 fedora keycloak 17 org.keycloak.events - \u{feff}2024-10-17 10:43:38,199 WARN  [org.keycloak.events] (executor-thread-26) ${refused}`), // oxfmt-ignore
    ).toMatchObject({ ...told, hostname: 'fedora' });
    const logged = { timestamp: '2024-10-17T10:43:38.199Z', loggerName: 'org.keycloak.events', level: 'WARN', message: refused };
    expect(event(JSON.stringify(logged))).toEqual({ ...told, ts: 1_729_161_818.199 });
    expect(event(JSON.stringify({ '@timestamp': '2024-10-17T10:43:38.199Z', 'log.logger': 'org.keycloak.events', message: refused }))).toEqual({ ...told, ts: 1_729_161_818.199 }); // oxfmt-ignore
  });

  test('older lines, without date and quotes', () => {
    expect(
      event('10:28:42,779 WARN  [org.keycloak.events] (default task-83) type=LOGIN_ERROR, realmId=nwse, clientId=nexus, userId=null, ipAddress=127.0.0.1, error=user_not_found, auth_method=openid-connect, username=luckyhk.lee'), // oxfmt-ignore
    ).toMatchObject({ ts: at, realm: 'nwse', 'event.reason': 'user_not_found', 'source.ip': '127.0.0.1', 'user.name': 'keycloak/nwse/luckyhk.lee' }); // oxfmt-ignore
  });

  test('its REST interface: a list of events, and what an administrator did', () => {
    const [login, takeover] = read(
      JSON.stringify({ time: 1_672_833_679_695, type: 'UPDATE_CREDENTIAL', realmId: 'r', clientId: 'c', userId: 'u', ipAddress: '0:0:0:0:0:0:0:1', details: { credential_type: 'otp', custom_required_action: 'x' } }), // oxfmt-ignore
      JSON.stringify({ time: 1_672_833_679_695, realmId: 'r', authDetails: { realmId: 'master', clientId: 'c', userId: 'admin', ipAddress: '192.0.2.9' }, operationType: 'ACTION', resourceType: 'USER', resourcePath: 'users/u/reset-password', representation: '{"value":"s3cret"}' }), // oxfmt-ignore
    );
    expect(login!.record).toMatchObject({
      ts: 1_672_833_679.695,
      'event.action': 'second-factor-added',
      'event.outcome': 'success',
      'authentication.method': 'otp',
      'source.ip': '::1',
    });
    expect(takeover!.record).toMatchObject({
      'event.action': 'password-change',
      'event.code': 'ACTION-USER',
      'user.id': 'keycloak/r/admin',
      'user.target.id': 'keycloak/r/u',
    });
    expect(JSON.stringify(takeover)).not.toContain('s3cret');
  });
});

describe('Mastodon', () => {
  test('requests: the controller says which door, never the path', () => {
    expect(
      event('I, [2026-01-01T00:00:00.500000 #7]  INFO -- : [4109a112-b3e4-4017-8f71-00c7c5d3a690] method=POST path=/auth/sign_in format=html controller=Auth::SessionsController action=create status=303 duration=33.65 view=0.00 db=1.14'), // oxfmt-ignore
    ).toEqual({
      ts: 1_767_225_600.5,
      'service.type': 'mastodon',
      'event.action': 'sign-in',
      'event.outcome': 'success',
      'event.code': 'Auth::SessionsController#create',
      'event.duration': 33_650_000,
      'http.request.method': 'POST',
      'http.response.status_code': 303,
    });
    const of = (controller: string, action: string, status: number, method = 'POST') =>
      event(`method=${method} path=/@ada/7 format=html controller=${controller} action=${action} status=${status} duration=1.0`);
    expect(of('Auth::SessionsController', 'create', 401)).toMatchObject({
      'event.action': 'sign-in',
      'event.outcome': 'failure',
    });
    expect(of('Auth::SessionsController', 'create', 0)).toMatchObject({ 'event.outcome': 'failure' });
    expect(of('Auth::SessionsController', 'create', 200)).toMatchObject({ 'event.outcome': 'unknown' });
    expect(of('Api::V1::AccountsController', 'create', 200)).toMatchObject({ 'event.action': 'registration' });
    expect(of('Api::V1::AccountsController', 'show', 200, 'GET')).toMatchObject({ 'event.action': 'api-request' });
    expect(of('Api::V1::AccountsController', 'show', 429, 'GET')).toMatchObject({ 'event.action': 'rate-limited' });
    expect(of('Settings::TwoFactorAuthenticationMethodsController', 'disable', 302)).toMatchObject({
      'event.action': 'second-factor-removed',
    });
    expect(JSON.stringify(of('Api::V1::AccountsController', 'show', 200, 'GET'))).not.toContain('ada');
  });

  test('deliveries that come: the server that signed, not the account', () => {
    const line =
      '[4109a112-b3e4-4017-8f71-00c7c5d3a690] method=POST path=/users/ada/inbox format=html controller=ActivityPub::InboxesController action=create status=202 duration=233.65 view=0.00 db=161.14 key=https://Social.example:443/users/popsci#main-key';
    expect(federated(line)).toEqual({
      ts: at,
      'service.type': 'mastodon',
      'network.protocol': 'activitypub',
      'network.direction': 'inbound',
      peer: 'social.example',
      'event.outcome': 'success',
      'event.code': 'ActivityPub::InboxesController#create',
      'event.duration': 233_650_000,
      'http.request.method': 'POST',
      'http.response.status_code': 202,
    });
  });

  test('requests refused for their rate, of three versions', () => {
    expect(event('Rate limit hit (throttle): 192.0.2.7 GET /@ada?x=1')).toMatchObject({
      'event.action': 'rate-limited',
      'source.ip': '192.0.2.7',
    });
    const named = event('Rate limit hit (throttle:throttle_authenticated_api): 4711 2001:db8::7 GET /api/v1/accounts/7');
    expect(named).toMatchObject({ 'source.ip': '2001:db8::7', 'user.id': 'mastodon//4711' });
    const typed = event('Rate limit hit (throttle:throttle_login_attempts/email): ada@example.org 192.0.2.7 POST /auth/sign_in');
    expect(typed).toMatchObject({ 'source.ip': '192.0.2.7' });
    expect(JSON.stringify(typed)).not.toContain('ada');
  });

  test('deliveries that go out', () => {
    const head = '2026-01-01T00:00:00.242Z pid=520 tid=agps class=ActivityPub::DeliveryWorker jid=ef86f92ab39e1892acf6af9b ';
    expect(federated(`${head}elapsed=0.823 INFO: done`)).toMatchObject({
      ts: 1_767_225_600.242,
      'network.direction': 'outbound',
      'event.outcome': 'success',
      'event.duration': 823_000_000,
    });
    expect(federated(`${head}WARN: Mastodon::UnexpectedResponseError: https://b.example/users/ada/inbox returned code 503`)).toMatchObject({ peer: 'b.example', 'event.outcome': 'failure', 'http.response.status_code': 503 }); // oxfmt-ignore
    expect(federated(`${head}WARN: HTTP::TimeoutError: timed out on https://b.example/inbox`)).toMatchObject({ peer: 'b.example', 'event.reason': 'timeout' }); // oxfmt-ignore
    expect(federated('2018-03-26T06:37:02.024Z 3489 TID-gs3lf9s9g WARN: Mastodon::UnexpectedResponseError: Delivery failed for https://b.example/users/ada/inbox: https://b.example/users/ada/inbox returned code 503')).toMatchObject({ peer: 'b.example', 'http.response.status_code': 503 }); // oxfmt-ignore
    // The job with the post in it.
    expect(read(`${head}WARN: {"context":"Job raised exception","job":{"class":"ActivityPub::DeliveryWorker","args":["a post"]}}`)).toEqual([]); // oxfmt-ignore
  });

  test('lines of other programs of Rails are not ours', () => {
    expect(read('[4109a112-b3e4-4017-8f71-00c7c5d3a690] method=GET path=/a format=html controller=ShopController action=show status=200')).toEqual([]); // oxfmt-ignore
  });
});

describe('Synapse', () => {
  const line = (entity: string, code: string, request: string): string =>
    `2026-01-01 00:00:00,250 - synapse.access.http.8008 - 460 - INFO - PUT-1000 - 192.0.2.1 - 8008 - {${entity}} Processed request: 0.100sec/-0.000sec (0.000sec, 0.000sec) (0.001sec/0.090sec/3) 11B ${code} "${request} HTTP/1.1" "Synapse/1.20.1" [0 dbevts]`;

  test('a request of another server', () => {
    expect(federated(line('another.example:8448', '200', 'PUT /_matrix/federation/v1/send/1600000000000?x=y'))).toEqual({
      ts: 1_767_225_600.25,
      'service.type': 'synapse',
      'network.protocol': 'matrix',
      'network.direction': 'inbound',
      peer: 'another.example',
      'event.outcome': 'success',
      'event.duration': 100_000_000,
      'http.request.method': 'PUT',
      'http.route': '/_matrix/federation/v1/send/{}',
      'http.response.status_code': 200,
      'source.ip': '192.0.2.1',
      'user_agent.original': 'Synapse/1.20.1',
    });
    expect(federated(line('None', '200!', 'GET /_matrix/key/v2/server'))).toMatchObject({ 'event.outcome': 'failure', 'event.reason': 'closed' }); // oxfmt-ignore
    expect(federated(line('None', '!200', 'GET /_matrix/key/v2/server'))).toMatchObject({ 'event.reason': 'closed' });
  });

  test('requests of clients', () => {
    const of = (entity: string, code: string, request: string) => event(line(entity, code, request));
    expect(of('None', '403', 'POST /_matrix/client/v3/login')).toMatchObject({
      'event.action': 'sign-in',
      'event.outcome': 'failure',
    });
    expect(of('None', '401', 'POST /_matrix/client/r0/register?kind=user')).toMatchObject({ 'event.action': 'registration', 'event.outcome': 'unknown' }); // oxfmt-ignore
    expect(of('@ada:example.org', '200', 'POST /_matrix/client/v3/account/password')).toMatchObject({
      'event.action': 'password-change',
      realm: 'example.org',
      'user.name': 'synapse/example.org/@ada:example.org',
    });
    expect(of('@admin:example.org|@ada:example.org', '200', 'PUT /_synapse/admin/v2/users/%40ada%3Aexample.org')).toMatchObject({
      'event.action': 'administration',
      'http.route': '/_synapse/admin/v2/users/{}',
      'user.name': 'synapse/example.org/@admin:example.org',
      'user.target.id': 'synapse/example.org/@ada:example.org',
    });
    expect(of('@ada:example.org', '429', 'GET /_matrix/client/v3/sync?since=s1')).toMatchObject({ 'event.action': 'rate-limited', 'user.name': 'synapse/example.org/@ada:example.org' }); // oxfmt-ignore
  });

  test('an ordinary request says neither whose it is nor what it did in which room', () => {
    const said = event(
      line('@ada:example.org', '200', 'PUT /_matrix/client/v3/rooms/!secret:b.example/send/m.room.message/m7?x'),
    );
    expect(said).toMatchObject({ 'event.action': 'api-request', 'http.route': '/_matrix/client/v3/rooms/{}' });
    expect(JSON.stringify(said)).not.toMatch(/ada|secret|message/);
  });

  test('requests to other servers', () => {
    const head = '2026-01-01 00:00:00,250 - synapse.http.matrixfederationclient - 307 - INFO - federation_transaction_transmission_loop-7 - {PUT-O-12} '; // oxfmt-ignore
    expect(federated(`${head}[b.example] Got response headers: 200 OK`)).toMatchObject({ peer: 'b.example', 'network.direction': 'outbound', 'event.outcome': 'success' }); // oxfmt-ignore
    expect(federated(`${head}[b.example] Got response headers: 502 Bad Gateway`)).toMatchObject({ 'event.outcome': 'failure' });
    expect(federated(`${head}[[2001:db8::1]:8448] Request failed: PUT matrix-federation://b.example/_matrix/federation/v1/send/17: ConnectionRefusedError(x)`)).toMatchObject({ peer: '2001:db8::1', 'http.route': '/_matrix/federation/v1/send/{}', 'event.reason': 'refused' }); // oxfmt-ignore
    expect(read(`${head}[b.example] Completed request: 200 OK in 0.1 secs, got 5 bytes - PUT x`)).toEqual([]);
  });

  test('structured logging', () => {
    const found = read(
      JSON.stringify({ log: '192.0.2.1 - 8008 - {@ada:example.org} Processed request: 0.1sec/0.0sec (0.0sec, 0.0sec) (0.0sec/0.0sec/3) 11B 200 "POST /_matrix/client/v3/logout/all HTTP/1.1" "x" [0 dbevts]', namespace: 'synapse.access.http.8008', level: 'INFO', time: 1_767_225_600.5, requester: '@ada:example.org' }), // oxfmt-ignore
    );
    expect(found).toMatchObject([{ log: 'platform_event', record: { ts: 1_767_225_600.5, 'event.action': 'sign-out' } }]);
  });

  test.each([
    ['/_matrix/client/v3/user/@a:b/account_data/m.direct', '/_matrix/client/v3/user/{}'],
    ['/_matrix/client/v3/keys/query', '/_matrix/client/v3/keys/query'],
    ['/_matrix/client/unstable/org.matrix.msc/x', '/_matrix/client/unstable/{}/{}'],
    ['/_matrix/federation/v1/make_join/!r:b/@a:b?ver=1', '/_matrix/federation/v1/make_join/{}/{}'],
    ['/_matrix/media/v3/download/b.example/abc', '/_matrix/media/v3/download/{}/{}'],
    ['/_matrix/client/v1/room_keys/keys/!r:b', '/_matrix/client/v1/room_keys/{}'],
    ['/', undefined],
  ])('route of %s', (path, route) => expect(matrixRoute(path)).toBe(route));
});

describe('XMPP', () => {
  test('Prosody', () => {
    expect(event('Dec 31 23:59:59 c2s55d2f0c8\tinfo\tAuthenticated as ada@example.org')).toEqual({
      ts: 1_767_225_599,
      'service.type': 'prosody',
      'event.provider': 'c2s',
      'event.action': 'sign-in',
      'event.outcome': 'success',
      realm: 'example.org',
      'user.name': 'prosody/example.org/ada',
    });
    expect(event('example.org:log_auth\tinfo\tFailed authentication attempt (not-authorized) for user ada from IP: 192.0.2.7')).toMatchObject({ 'event.outcome': 'failure', 'event.reason': 'not-authorized', 'source.ip': '192.0.2.7' }); // oxfmt-ignore
    expect(event('Dec 31 23:59:59 example.org:register\tinfo\tUser account created: bot7@example.org')).toMatchObject({ 'event.action': 'registration' }); // oxfmt-ignore
    expect(federated('2026-01-01 00:00:01 s2sin55\tinfo\tIncoming s2s connection b.example->example.org complete')).toMatchObject({ ts: 1_767_225_601, peer: 'b.example', realm: 'example.org', 'network.direction': 'inbound', 'event.outcome': 'success' }); // oxfmt-ignore
    expect(federated('s2sout55\tinfo\tOutgoing s2s stream example.org->b.example closed: connection-timeout')).toMatchObject({ peer: 'b.example', 'event.outcome': 'failure', 'event.reason': 'timeout' }); // oxfmt-ignore
    expect(federated('s2sout55\tinfo\tOutgoing s2s stream example.org->b.example closed: stream closed')).toMatchObject({ 'event.outcome': 'success' }); // oxfmt-ignore
    expect(federated('s2sout55\tinfo\tFailed in all attempts to connect to b.example')).toMatchObject({ peer: 'b.example', 'event.reason': 'unreachable' }); // oxfmt-ignore
    expect(federated('s2sin55\twarn\tForbidding insecure connection to/from b.example because its certificate has expired')).toMatchObject({ peer: 'b.example', 'network.direction': 'inbound', 'event.reason': 'certificate' }); // oxfmt-ignore
    // Of what goes to whom nothing is taken.
    expect(read('Dec 31 23:59:59 c2s55\tdebug\tReceived[c2s]: <message to="bob@example.org">')).not.toMatchObject([{ log: 'platform_event' }]); // oxfmt-ignore
  });

  test('ejabberd', () => {
    const head = '2026-01-01 00:00:00.123456+00:00 [warning] <0.52.0>@';
    expect(event(`${head}ejabberd_c2s:process_auth_result:278 (tls|<0.52.0>) Failed c2s PLAIN authentication for ada@example.org from ::ffff:192.0.2.7: Invalid username or password`)).toEqual({
      ts: 1_767_225_600.123456,
      'service.type': 'ejabberd',
      'event.provider': 'ejabberd_c2s',
      'event.action': 'sign-in',
      'event.outcome': 'failure',
      'event.reason': 'invalid-credentials',
      'authentication.method': 'PLAIN',
      realm: 'example.org',
      'source.ip': '192.0.2.7',
      'user.name': 'ejabberd/example.org/ada',
    }); // oxfmt-ignore
    expect(event('2026-01-01 00:00:00.123 [info] <0.52.0>@ejabberd_c2s:process_auth_result:271 (tls|<0.52.0>) Accepted c2s SCRAM-SHA-1 authentication for ada@example.org by mnesia backend from 192.0.2.7')).toMatchObject({ 'event.outcome': 'success', 'authentication.method': 'SCRAM-SHA-1' }); // oxfmt-ignore
    expect(event('2026-01-01 00:00:00.123 [info] <0.52.0>@mod_register:try_register:340 The account bot7@example.org was registered from IP address 192.0.2.7 on node ejabberd@h using mod_register.')).toMatchObject({ 'event.action': 'registration', 'source.ip': '192.0.2.7' }); // oxfmt-ignore
    expect(federated(`${head}ejabberd_s2s_in:handle_auth_failure:206 (tls|<0.5.0>) Failed inbound s2s dialback authentication b.example -> example.org (::ffff:192.0.2.9): certificate has expired`)).toMatchObject({ peer: 'b.example', realm: 'example.org', 'event.reason': 'certificate', 'source.ip': '192.0.2.9' }); // oxfmt-ignore
    expect(federated(`${head}ejabberd_s2s_out:process_auth_result:120 Failed to establish outbound s2s connection example.org -> b.example: authentication failed; bouncing for 181 seconds`)).toMatchObject({ peer: 'b.example', 'event.reason': 'not-authorised' }); // oxfmt-ignore
  });
});

test('Discourse: what its staff did, without what and whom it was about', () => {
  const text =
    'staff_user,action,subject,created_at,details,context\nmod,suspend_user,ada,2026-01-01 00:00:00 UTC,"he said, ""x""\nand more",/t/7\nmod,delete_post,,2026-01-01 00:00:01 UTC,id: 7,\n';
  const bytes = new TextEncoder().encode(text);
  for (let cut = 0; cut < bytes.length; cut++) {
    const records: Read[] = [];
    const reading = recogniseLog(bytes, 'staff-action-260101.csv')!.open(
      { name: 'x' },
      { record: (log, record) => void records.push({ log, record }) },
    );
    reading.push(bytes.slice(0, cut));
    reading.push(bytes.slice(cut));
    expect(reading.end().refused).toEqual({});
    expect(records).toMatchObject([
      { log: 'platform_event', record: { ts: 1_767_225_600, 'event.action': 'account-locked', 'user.name': 'discourse//mod' } },
      { log: 'platform_event', record: { ts: 1_767_225_601, 'event.action': 'administration', 'event.code': 'delete_post' } },
    ]);
    expect(JSON.stringify(records)).not.toMatch(/ada|said|\/t\//);
  }
});

describe('events in the Elastic Common Schema', () => {
  test('of a platform by its data set; sentences and undeclared fields are left out', () => {
    const [found] = read(
      JSON.stringify({
        '@timestamp': '2026-01-01T00:00:00.000Z',
        event: { dataset: 'keycloak.log', category: 'authentication', action: 'login', outcome: 'failure', reason: 'He typed it wrong', original: 'x' }, // oxfmt-ignore
        user: { name: 'ada', email: 'ada@example.org' },
        source: { ip: '::ffff:192.0.2.7' },
        message: 'ada failed',
      }),
    );
    expect(found).toEqual({
      log: 'platform_event',
      record: {
        ts: 1_767_225_600,
        'service.type': 'keycloak',
        'event.dataset': 'keycloak.log',
        'event.category': ['authentication'],
        'event.action': 'login',
        'event.outcome': 'failure',
        'user.name': 'keycloak//ada',
        'source.ip': '192.0.2.7',
      },
    });
  });

  test("of one's own making, by the name of the log", () => {
    const [one, two] = read(
      JSON.stringify({ _log: 'platform_event', ts: 1_767_225_600, 'service.type': 'forum', 'event.action': 'sign-in', 'http.route': '/a?q=x', 'user.id': 7, text: 'hello' }), // oxfmt-ignore
      JSON.stringify({ _log: 'federation', ts: 1_767_225_600, 'service.type': 'forum', peer: 'B.example:443', 'network.protocol': 'activitypub', 'event.outcome': 'failure' }), // oxfmt-ignore
    );
    expect(one).toEqual({
      log: 'platform_event',
      record: {
        ts: 1_767_225_600,
        'service.type': 'forum',
        'event.action': 'sign-in',
        'http.route': '/a',
        'user.id': 'forum//7',
      },
    });
    expect(two).toMatchObject({ log: 'federation', record: { peer: 'b.example' } });
  });

  test('events of other programs stay what they are', () => {
    expect(read(JSON.stringify({ event: { category: ['authentication'], module: 'system' }, user: { name: 'root' } }))[0]?.log).not.toBe('platform_event'); // oxfmt-ignore
  });
});

test('every field of these records is declared, so that none is kept under a name that nobody classed', () => {
  const found = read(
    '2024-10-17 10:43:38,199 WARN  [org.keycloak.events] (t) type="LOGIN", realmId="r", ipAddress="192.0.2.1"',
    'Rate limit hit (throttle): 192.0.2.7 GET /@ada?x=1',
    's2sout55\tinfo\tOutgoing s2s connection example.org->b.example complete',
  );
  expect(found).toHaveLength(3);
  for (const { log, record } of found)
    for (const name of Object.keys(record)) expect(Object.keys(recordType(log)!.columns)).toContain(name);
});

test.each([
  ['DNSLookupError(no results for hostname lookup: b.example)', 'dns'],
  ['ConnectionRefusedError(Connection was refused by other side: 111)', 'refused'],
  ['[SSL: CERTIFICATE_VERIFY_FAILED] x', 'certificate'],
  ['OpenSSL::SSL::SSLError: SSL_connect returned=1', 'tls'],
  ['TimeoutError()', 'timeout'],
  ['timed out after 5 seconds', 'timeout'],
  ['Stoplight::Error::RedLight: b.example', 'backing-off'],
  ['something new', 'other'],
])('%s: %s', (text, cause) => expect(causeIn(text)).toBe(cause));

test.each([
  ['B.example:8448', 'b.example'],
  ['[2001:db8::1]:8448', '2001:db8::1'],
  ['192.0.2.1', '192.0.2.1'],
  ['@ada:example.org', undefined],
  ['ada@example.org', undefined],
  ['a b', undefined],
])('server %s', (text, host) => expect(hostOf(text)).toBe(host));
