/**
 * What a social platform's own logs say of its security, and how it gets on with the servers it federates with. Never posts, rooms, contacts or who
 * speaks with whom. Names are those of the Elastic Common Schema where it has them, and of OpenTelemetry for the route.
 */

import { openRecord, personal, technical } from './open.ts';

/** What both have. */
const common = {
  'service.type': technical('The software: keycloak, mastodon, synapse, prosody, ejabberd, discourse.', 'enum'),
  realm: technical('The realm, virtual host or community of the platform that it is about.'),
  hostname: technical('The host that the line around it names.'),
  'event.outcome': technical('success, failure or unknown.', 'enum'),
  'event.reason': technical('Why it failed, in a word of the source or of a short list.'),
  'event.code': technical('What the source itself calls it.'),
  'event.duration': { ...technical('How long it took.', 'count'), unit: 'ns' },
  'http.request.method': technical('Request method.', 'enum'),
  'http.route': technical('What was asked for, with everything that names somebody or something left out.'),
  'http.response.status_code': technical('Status of the answer.', 'count'),
  'source.ip': technical('Where it came from.', 'addr'),
};

export const platform_event = openRecord({
  log: 'platform_event',
  means: 'One security event of a social platform: sign-in, change of an account, registration, use of its interface.',
  source:
    'Logs of the platform itself; names of the Elastic Common Schema 8; never posts, contacts, rooms, addresses of mail or what somebody said',
  columns: {
    ...common,
    'event.kind': technical('event.', 'enum'),
    'event.category': technical('authentication, iam, session, api, configuration.', 'vector[string]'),
    'event.type': technical('start, end, creation, change, deletion, denied …', 'vector[string]'),
    'event.action': technical(
      'What was done: sign-in, registration, password-change, second-factor-removed, rate-limited …',
      'enum',
    ),
    'event.provider': technical('Where it comes from: the name of the logger.'),
    'event.dataset': technical('The data set, where a shipper names one.'),
    'event.module': technical('The module of the shipper that read it.'),
    'service.name': technical('The service.'),
    'application.id': technical('The registered application (OAuth client) that it came through.'),
    'authentication.method': technical('How somebody signed in: a SASL mechanism, a grant, a kind of credential.'),
    'user_agent.original': technical('What the client says it is.'),
    'user.id': personal('Account that acts, by its number, behind platform and realm so that nothing joins two platforms.'),
    'user.name': personal('Account that acts, by its name, likewise.'),
    'user.target.id': personal('Account acted upon by somebody else, likewise.'),
  },
});

export const federation = openRecord({
  log: 'federation',
  means: 'One exchange, or attempt at one, between a platform and another server: whether it worked. Never who wrote to whom.',
  source: 'Logs of the platform, or a request in clear text: ActivityPub (W3C), Matrix server-server API 1.11, XMPP (RFC 6120)',
  columns: {
    uid: technical('Flow of a request on the wire.'),
    'id.orig_h': technical('Address of who asked, on the wire.', 'addr'),
    'id.orig_p': technical('Its port.', 'port'),
    'id.resp_h': technical('Address of who answered, on the wire.', 'addr'),
    'id.resp_p': technical('Its port.', 'port'),
    ...common,
    'network.protocol': technical('activitypub, webfinger, nodeinfo, matrix or xmpp.', 'enum'),
    'network.direction': technical('inbound or outbound, as the platform sees it; absent on the wire.', 'enum'),
    peer: technical('The other server, by its domain, in logs of a platform.'),
    'server.domain': technical('The server that was asked, on the wire.'),
    'user_agent.original': technical('Software of the server that asks.'),
  },
});
