/**
 * Requests between servers of social platforms, in clear text – as behind the proxy that ends their TLS: ActivityPub, WebFinger and NodeInfo, and Matrix.
 * What is written is how they fare: which server was asked, by which route, with which status. Paths of these requests name accounts and rooms; nobody
 * gets to see them, in the `http` record neither.
 */

import type { HttpRecord } from '@forewarn/model/records/network';
import type { AnyRecord } from '@forewarn/model/records/record';
import { matrixRoute } from './routes.ts';

/** The content types of activities (ActivityPub §7, §3.2); those of JSON-LD say by their profile that they are one. */
export const isActivity = (contentType: string): boolean =>
  /^application\/(?:activity\+json|ld\+json *; *profile="?https:\/\/www\.w3\.org\/ns\/activitystreams)/i.test(contentType);

/** Requests of Matrix and their answers are messages of people, or lists of them. */
export const isOfMatrix = (uri: string | undefined): boolean => uri !== undefined && uri.startsWith('/_matrix/');

type Asked = { protocol: string | undefined; route: string };

function asked(method: string | undefined, uri: string, isOfActivity: boolean): Asked | undefined {
  if (uri.startsWith('/_matrix/') || uri.startsWith('/_synapse/')) {
    const route = matrixRoute(uri)!;
    return { route, protocol: /^\/_matrix\/(?:federation|key)\//.test(route) ? 'matrix' : undefined };
  }
  if (uri.startsWith('/.well-known/')) {
    const path = uri.split('?', 1)[0]!;
    if (path === '/.well-known/webfinger') return { route: path, protocol: 'webfinger' };
    if (path === '/.well-known/nodeinfo') return { route: path, protocol: 'nodeinfo' };
    return path === '/.well-known/matrix/server' ? { route: path, protocol: 'matrix' } : undefined;
  }
  if (!isOfActivity || method !== 'POST') return undefined;
  // The inbox of a whole server, or that of somebody.
  return { route: /^\/[a-z-]{0,16}inbox\/?(?:\?|$)/i.test(uri) ? '/inbox' : '/{}/inbox', protocol: 'activitypub' };
}

/** Whether a request has anything to do with it, for the price of a look at two letters. */
const mayBe = (uri: string): boolean => uri.charCodeAt(0) === 0x2f && (uri.charCodeAt(1) === 0x5f || uri.charCodeAt(1) === 0x2e);

/**
 * Takes out of a request's record what names somebody, and answers the record of how it fared. `isOfActivity`: the request carried an activity.
 * `undefined` where it was none between servers.
 */
export function takeFederation(record: HttpRecord, isOfActivity: boolean): AnyRecord | undefined {
  const { method, uri, status_code: status } = record;
  if (uri === undefined || (!isOfActivity && !mayBe(uri))) return undefined;
  const found = asked(method, uri, isOfActivity);
  if (!found) return undefined;
  record.uri = found.route;
  delete record.referrer;
  if (found.protocol === undefined) return undefined;
  const { ts, uid, 'id.orig_h': origin, 'id.orig_p': originPort, 'id.resp_h': responder, 'id.resp_p': responderPort } = record;
  return {
    ts,
    uid,
    'id.orig_h': origin,
    'id.orig_p': originPort,
    'id.resp_h': responder,
    'id.resp_p': responderPort,
    'network.protocol': found.protocol,
    'event.outcome': status === undefined ? 'unknown' : status < 400 ? 'success' : 'failure',
    'http.route': found.route,
    ...(method === undefined ? {} : { 'http.request.method': method }),
    ...(status === undefined ? {} : { 'http.response.status_code': status }),
    ...(record.host === undefined ? {} : { 'server.domain': record.host }),
    ...(record.user_agent === undefined ? {} : { 'user_agent.original': record.user_agent }),
  };
}
