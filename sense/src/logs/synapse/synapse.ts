/**
 * Synapse, a Matrix server: its log of requests, and what it says of requests to other servers, as lines or (structured logging) as objects.
 *
 *     2020-10-01 12:00:00,000 - synapse.access.http.8008 - 311 - INFO - PUT-1000 - 192.168.0.1 - 8008 - {matrix.example} Processed request: 0.100sec/…
 *     2020-10-01 12:00:00,000 - synapse.http.matrixfederationclient - 307 - INFO - federation_transaction_transmission_loop-7 - {PUT-O-12} [matrix.example] Got response headers: 200 OK
 *
 * Ordinary requests carry no account unless they are refused: when somebody reads and writes is nobody's business here.
 */

import type { Seconds } from '@forewarn/base/time';
import type { JsonObject, LogEmit, LogFormat } from '../format.ts';
import { instantOfText, instantOfValue } from '../instants.ts';
import { isText } from '../objects-of.ts';
import { causeIn, emitFederation, emitPlatformEvent, outcomeOfStatus, type Outcome, type PlatformAction } from '../platform.ts';
import { matrixRoute } from '../../protocols/http/routes.ts';

const platform = 'synapse';

const line =
  /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) - (synapse\.(?:access\.https?\.[\w.-]{1,64}|http\.matrixfederationclient)) - \d{1,6} - [A-Z]{4,8} - ?(\S{0,128}?) ?- /;
const processed =
  /^(\S{1,45}) - \S{1,64} - \{([^}]{0,512})\} Processed request: (-?[\d.]{1,16})sec\/\S{1,32} (?:ru=)?\([^)]{0,64}\) (?:db=)?\([^)]{0,64}\) \S{1,20} (!?)(\d{3})(!?) "([A-Z]{3,10}) (\S{1,4096}) [^"]{0,16}" "([^"]{0,1024})/;
const outgoing =
  /^\{[^}]{0,128}\} \[([^\]\s]{1,255}(?:\](?::\d{1,5})?)?)\] (?:Got response headers: (\d{3})\b|Request failed: ([A-Z]{3,10}) (\S{1,4096}?):? (.{0,1024}))/;

export const synapse: LogFormat = {
  name: 'synapse',
  logs: ['platform_event', 'federation'],
  lines: {
    owns: (text) => line.test(text),
    open: (emit, source) => ({
      line(text) {
        const head = line.exec(text);
        if (!head) emit.refused('malformed');
        else told(head[2]!, text.slice(head[0].length), instantOfText(head[1]!) ?? source.at?.(), emit);
      },
      end: () => undefined,
    }),
  },
  events: {
    owns: (event) => logger(event) !== undefined && isText(event['log']),
    take(event, emit, source) {
      told(logger(event)!, event['log'] as string, instantOfValue(event['time']) ?? source.at?.(), emit);
    },
  },
};

function logger({ namespace }: JsonObject): string | undefined {
  return isText(namespace) && /^synapse\.(?:access\.|http\.matrixfederationclient$)/.test(namespace) ? namespace : undefined;
}

function told(provider: string, text: string, ts: Seconds | undefined, emit: LogEmit): void {
  if (provider.startsWith('synapse.access')) request(provider, text, ts, emit);
  else sent(text, ts, emit);
}

/** Of the many things that the client for other servers says, those that tell how a request ended. */
function sent(text: string, ts: Seconds | undefined, emit: LogEmit): void {
  const [, destination, code, method, target, why] = outgoing.exec(text) ?? [];
  if (destination === undefined) return;
  const status = code === undefined ? undefined : Number(code);
  emitFederation(emit, {
    ts,
    platform,
    protocol: 'matrix',
    direction: 'outbound',
    peer: destination,
    outcome: status === undefined ? 'failure' : outcomeOfStatus(status),
    status,
    method,
    route: target === undefined ? undefined : matrixRoute(target.replace(/^matrix(?:-federation)?:\/\/[^/]{1,255}/, '')),
    reason: why === undefined ? undefined : causeIn(why),
  });
}

function request(provider: string, text: string, ts: Seconds | undefined, emit: LogEmit): void {
  const parts = processed.exec(text);
  if (!parts) {
    // Only requests are asked for; a line cut short is told apart from others by its words.
    if (text.includes('Processed request')) emit.refused('malformed');
    return;
  }
  const [, address, entity = '', seconds, before, code, behind, method, target, agent] = parts;
  const route = matrixRoute(target!);
  if (route === undefined) return;
  const status = Number(code);
  // Who goes away before the answer has come has not got it.
  const isCut = before === '!' || behind === '!';
  const shared = {
    ts,
    platform,
    address,
    seconds: Number(seconds),
    method,
    status,
    route,
    agent,
    reason: isCut ? 'closed' : undefined,
  } as const;
  if (/^\/_matrix\/(?:federation|key)\//.test(route)) {
    const outcome = isCut ? 'failure' : outcomeOfStatus(status);
    emitFederation(emit, {
      ...shared,
      protocol: 'matrix',
      direction: 'inbound',
      outcome,
      peer: entity === 'None' ? undefined : entity,
    });
    return;
  }
  const action = actionOf(route, method!, status);
  // `@who:server`, and where an administrator acts for somebody `@administrator:server|@who:server`.
  const [who, target2] = entity.startsWith('@') ? entity.split('|') : [];
  const isNamed = action !== 'api-request' || status === 401 || status === 403;
  emitPlatformEvent(emit, {
    ...shared,
    action,
    provider,
    outcome: outcomeOf(action, status),
    realm: who?.slice(who.indexOf(':') + 1),
    userName: isNamed ? who : undefined,
    targetId: isNamed ? target2 : undefined,
  });
}

/** A step of several is answered with 401 and what is still to be shown (Matrix client-server API §5.4). */
function outcomeOf(action: PlatformAction, status: number): Outcome {
  return status === 401 && action !== 'sign-in' && action !== 'api-request' ? 'unknown' : outcomeOfStatus(status);
}

function actionOf(route: string, method: string, status: number): PlatformAction {
  if (status === 429) return 'rate-limited';
  const path = /^\/_matrix\/client\/[^/]+\/(.+)$/.exec(route)?.[1];
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return 'api-request';
  if (path === undefined) return route.startsWith('/_synapse/admin/') ? 'administration' : 'api-request';
  if (path === 'login') return 'sign-in';
  if (path === 'refresh') return 'token-issued';
  if (path === 'register') return 'registration';
  if (path === 'logout' || path === 'logout/all') return 'sign-out';
  if (path === 'account/password') return 'password-change';
  if (path === 'account/password/email/requestToken') return 'password-reset';
  if (path === 'account/deactivate') return 'account-deleted';
  if (/^account\/3pid(?:\/(?:add|bind|delete|unbind))?$/.test(path)) return 'email-change';
  if (path === 'delete_devices' || (path === 'devices/{}' && method === 'DELETE')) return 'session-ended';
  // The keys by which others know that a device is this account's: whoever has taken an account makes new ones.
  return path === 'keys/device_signing/upload' ? 'account-change' : 'api-request';
}
