/**
 * Keycloak's events of accounts and of administrators: as objects (its REST interface and the listeners that hand them on), as lines of its log, and
 * as lines within its log in JSON.
 *
 *     2024-10-17 10:43:38,199 WARN  [org.keycloak.events] (executor-thread-26) type="LOGIN_ERROR", realmId="…", realmName="test", …
 *
 * Details of an event – redirect addresses, names people gave, tokens' numbers – are left out but for the way of signing in.
 */

import type { Seconds } from '@forewarn/base/time';
import { isObject } from '../flatten.ts';
import type { JsonObject, LogEmit, LogFormat, LogSource } from '../format.ts';
import { instantOfText, instantOfValue } from '../instants.ts';
import { isText } from '../objects-of.ts';
import { quotedPairs } from '../pairs.ts';
import { emitPlatformEvent, type PlatformAction } from '../platform.ts';

const platform = 'keycloak';

/** Events of accounts (org.keycloak.events.EventType), without the `_ERROR` of those that failed. */
const ofAccounts: { readonly [type: string]: PlatformAction } = {
  LOGIN: 'sign-in',
  IDENTITY_PROVIDER_LOGIN: 'sign-in',
  IDENTITY_PROVIDER_FIRST_LOGIN: 'sign-in',
  CLIENT_LOGIN: 'token-issued',
  CODE_TO_TOKEN: 'token-issued',
  REFRESH_TOKEN: 'token-issued',
  TOKEN_EXCHANGE: 'token-issued',
  LOGOUT: 'sign-out',
  REGISTER: 'registration',
  UPDATE_PASSWORD: 'password-change',
  RESET_PASSWORD: 'password-reset',
  SEND_RESET_PASSWORD: 'password-reset',
  UPDATE_EMAIL: 'email-change',
  VERIFY_EMAIL: 'email-change',
  UPDATE_TOTP: 'second-factor-added',
  REMOVE_TOTP: 'second-factor-removed',
  UPDATE_CREDENTIAL: 'second-factor-added',
  REMOVE_CREDENTIAL: 'second-factor-removed',
  FEDERATED_IDENTITY_LINK: 'identity-linked',
  REMOVE_FEDERATED_IDENTITY: 'identity-unlinked',
  UPDATE_PROFILE: 'account-change',
  DELETE_ACCOUNT: 'account-deleted',
  USER_DISABLED_BY_PERMANENT_LOCKOUT: 'account-locked',
  USER_DISABLED_BY_TEMPORARY_LOCKOUT: 'account-locked',
  IMPERSONATE: 'impersonation',
  GRANT_CONSENT: 'application-access',
  UPDATE_CONSENT: 'application-access',
  REVOKE_GRANT: 'application-access',
  CLIENT_REGISTER: 'configuration-change',
  CLIENT_UPDATE: 'configuration-change',
  CLIENT_DELETE: 'configuration-change',
};

const line =
  /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,]\d{1,9}(?:Z|[+-]\d\d:?\d\d)?|\d\d:\d\d:\d\d,\d{3}) +[A-Z]{4,5} +\[org\.keycloak\.events\] /;
const logger = 'org.keycloak.events';

export const keycloak: LogFormat = {
  name: 'keycloak',
  logs: ['platform_event'],
  lines: {
    owns: (text) => line.test(text),
    open: (emit, source) => ({
      line(text) {
        const head = line.exec(text);
        const ts = instantOfText(head?.[1] ?? '') ?? source.at?.();
        message(text.slice(head?.[0].length ?? 0).replace(/^\([^)]{0,128}\) /, ''), ts, emit);
      },
      end: () => undefined,
    }),
  },
  events: {
    owns: (event) => isEvent(event) || loggedText(event) !== undefined,
    take(event, emit, source) {
      const text = loggedText(event);
      if (text === undefined) taken(event, emit, source);
      else message(text, instantOfValue(event['timestamp'] ?? event['@timestamp']) ?? source.at?.(), emit);
    },
  },
};

/** The event within an object of Keycloak's own log, under its own names or those of the Elastic Common Schema. */
function loggedText({ loggerName, 'log.logger': flat, log, message: text }: JsonObject): string | undefined {
  const named = loggerName ?? flat ?? (isObject(log) ? log['logger'] : undefined);
  return named === logger && isText(text) && /^(?:operationT|t)ype=/.test(text) ? text : undefined;
}

function isEvent({ time, type, operationType, realmId, authDetails }: JsonObject): boolean {
  if (typeof time !== 'number' || !isText(realmId)) return false;
  return isText(operationType) ? isObject(authDetails) : isText(type) && /^[A-Z][A-Z0-9_]{2,63}$/.test(type);
}

function message(text: string, ts: Seconds | undefined, emit: LogEmit): void {
  const found: { [name: string]: string } = Object.create(null) as {};
  // Whatever stands behind what is asked for need not be read to its end.
  quotedPairs(text, (name, value, quote) => {
    found[name] ??= quote === '' ? value.replace(/,$/, '') : value;
  });
  if (found['type'] === undefined && found['operationType'] === undefined) emit.refused('malformed');
  else told(found, found['resourcePath'], ts, emit);
}

function taken(event: JsonObject, emit: LogEmit, source: LogSource): void {
  const details = isObject(event['details']) ? event['details'] : {};
  const by = isObject(event['authDetails']) ? event['authDetails'] : {};
  const text = (of: JsonObject, name: string): string | undefined => (isText(of[name]) ? of[name] : undefined);
  const fields: { [name: string]: string | undefined } = {};
  for (const name of [
    'type',
    'operationType',
    'resourceType',
    'realmId',
    'realmName',
    'clientId',
    'userId',
    'ipAddress',
    'error',
  ])
    fields[name] = text(event, name) ?? text(by, name);
  for (const name of ['auth_method', 'credential_type', 'username']) fields[name] = text(details, name);
  told(fields, text(event, 'resourcePath'), instantOfValue(event['time']) ?? source.at?.(), emit);
}

function told(
  of: { readonly [name: string]: string | undefined },
  resourcePath: string | undefined,
  ts: Seconds | undefined,
  emit: LogEmit,
): void {
  const { type, operationType, resourceType = '', error } = of;
  const failed = error !== undefined && error !== 'null';
  const outcome = failed || type?.endsWith('_ERROR') === true ? 'failure' : 'success';
  const shared = {
    ts,
    platform,
    provider: logger,
    realm: of['realmName'] ?? of['realmId'],
    outcome,
    reason: failed ? error : undefined,
    address: of['ipAddress'],
    application: of['clientId'],
    userId: of['userId'],
  } as const;
  if (type === undefined) {
    const code = `${operationType}-${resourceType}`;
    // Of a path only whom it was done to is taken: users/<id>/…
    const target = /^users\/([^/]{1,128})/.exec(resourcePath ?? '')?.[1];
    emitPlatformEvent(emit, {
      ...shared,
      action: ofAdministrators(operationType!, resourceType, resourcePath),
      code,
      targetId: target,
    });
    return;
  }
  const name = type.replace(/_ERROR$/, '');
  const kind = of['credential_type'];
  const ofPassword = name.endsWith('_CREDENTIAL') && kind === 'password';
  emitPlatformEvent(emit, {
    ...shared,
    action: ofPassword ? 'password-change' : Object.hasOwn(ofAccounts, name) ? ofAccounts[name]! : 'administration',
    code: type,
    authentication: kind ?? of['auth_method'],
    userName: of['username'],
  });
}

/** What an administrator did (org.keycloak.events.admin). */
function ofAdministrators(operation: string, resource: string, path = ''): PlatformAction {
  if (/ROLE|GROUP_MEMBERSHIP/.test(resource)) return 'permission-change';
  if (resource !== 'USER') return /SESSION/.test(resource) ? 'session-ended' : 'configuration-change';
  if (path.endsWith('/reset-password')) return 'password-change';
  if (/\/(?:credentials\/|disable-credential-types$)/.test(path)) return 'second-factor-removed';
  if (path.endsWith('/logout')) return 'session-ended';
  if (path.endsWith('/impersonation')) return 'impersonation';
  if (operation === 'CREATE') return 'registration';
  return operation === 'DELETE' ? 'account-deleted' : 'account-change';
}
