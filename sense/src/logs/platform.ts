/**
 * What is written of a social platform's own logs, whichever software wrote them. A format of such a log says what happened; everything that goes
 * into a record passes here, so that one place sees to it that no text of people, no path with somebody's name and no address of mail gets through.
 */

import { formatAddress, parseAddress } from '@forewarn/base/ip';
import type { Seconds } from '@forewarn/base/time';
import type { FlatRecord } from './flatten.ts';
import type { LogEmit } from './format.ts';

/** What can be done on a platform, with the words of the Elastic Common Schema for it. */
const actions = {
  'sign-in': ['authentication', 'start'],
  'sign-out': ['authentication', 'end'],
  'token-issued': ['authentication', 'info'],
  'second-factor': ['authentication', 'info'],
  registration: ['iam', 'user', 'creation'],
  'password-change': ['iam', 'user', 'change'],
  'password-reset': ['iam', 'user', 'info'],
  'email-change': ['iam', 'user', 'change'],
  'second-factor-added': ['iam', 'user', 'change'],
  'second-factor-removed': ['iam', 'user', 'change'],
  'identity-linked': ['iam', 'user', 'change'],
  'identity-unlinked': ['iam', 'user', 'change'],
  'account-change': ['iam', 'user', 'change'],
  'account-deleted': ['iam', 'user', 'deletion'],
  'account-locked': ['iam', 'user', 'change'],
  'account-unlocked': ['iam', 'user', 'change'],
  'permission-change': ['iam', 'admin', 'change'],
  impersonation: ['iam', 'admin', 'access'],
  'session-ended': ['session', 'end'],
  'application-access': ['iam', 'user', 'info'],
  'configuration-change': ['configuration', 'change'],
  administration: ['iam', 'admin', 'info'],
  'api-request': ['api', 'access'],
  'rate-limited': ['api', 'denied'],
} as const satisfies { readonly [action: string]: readonly [category: string, ...types: string[]] };

export type PlatformAction = keyof typeof actions;

export type Outcome = 'success' | 'failure' | 'unknown';

type Happened = {
  ts: Seconds | undefined;
  /** The software. */
  platform: string;
  realm?: string | undefined;
  outcome: Outcome;
  /** What the source calls it. */
  code?: string | undefined;
  /** A word of the source's own list; texts are left out. */
  reason?: string | undefined;
  /** Where it came from, as an address; whatever is none is left out. */
  address?: string | undefined;
  method?: string | undefined;
  route?: string | undefined;
  status?: number | undefined;
  seconds?: number | undefined;
  agent?: string | undefined;
};

export type PlatformEvent = Happened & {
  action: PlatformAction;
  provider?: string | undefined;
  application?: string | undefined;
  authentication?: string | undefined;
  /** Accounts as the platform has them. */
  userId?: string | undefined;
  userName?: string | undefined;
  targetId?: string | undefined;
};

export type Federation = Happened & {
  protocol: 'activitypub' | 'matrix' | 'xmpp';
  direction: 'inbound' | 'outbound';
  /** The other server; whatever is no name of a host or address is left out. */
  peer?: string | undefined;
};

export function emitPlatformEvent(emit: LogEmit, event: PlatformEvent): void {
  const [category, ...types] = actions[event.action];
  const record = common(event);
  record['event.kind'] = 'event';
  record['event.category'] = [category];
  record['event.type'] = types;
  record['event.action'] = event.action;
  put(record, 'event.provider', wordOf(event.provider));
  put(record, 'application.id', wordOf(event.application));
  put(record, 'authentication.method', wordOf(event.authentication));
  put(record, 'user.id', accountOf(event, event.userId));
  put(record, 'user.name', accountOf(event, event.userName));
  put(record, 'user.target.id', accountOf(event, event.targetId));
  emit.record('platform_event', record);
}

export function emitFederation(emit: LogEmit, event: Federation): void {
  const record = common(event);
  record['network.protocol'] = event.protocol;
  record['network.direction'] = event.direction;
  put(record, 'peer', hostOf(event.peer));
  emit.record('federation', record);
}

function common(event: Happened): FlatRecord {
  const record: FlatRecord = {};
  put(record, 'ts', event.ts);
  record['service.type'] = event.platform;
  put(record, 'realm', wordOf(event.realm));
  record['event.outcome'] = event.outcome;
  put(record, 'event.reason', wordOf(event.reason));
  put(record, 'event.code', wordOf(event.code));
  if (event.seconds !== undefined && event.seconds >= 0 && event.seconds < secondsMax)
    record['event.duration'] = Math.round(event.seconds * 1e9);
  put(record, 'http.request.method', wordOf(event.method));
  put(record, 'http.route', event.route);
  if (event.status !== undefined && event.status >= 100 && event.status < 600) record['http.response.status_code'] = event.status;
  put(record, 'source.ip', addressOf(event.address));
  put(record, 'user_agent.original', agentOf(event.agent));
  return record;
}

/** Longer than any request lasts (a day), and in nanoseconds still a number without loss. */
const secondsMax = 86_400;

function put(record: FlatRecord, name: string, value: string | number | undefined): void {
  if (value !== undefined) record[name] = value;
}

/** A name that a program gave to something. A text, which somebody may have written, has spaces or is long, and is left out. */
export function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[A-Za-z0-9_.:/#+-]{1,128}$/.test(value) && value !== 'null' ? value : undefined;
}

/** Agents are programs' texts; nobody's is longer but by design. */
function agentOf(value: string | undefined): string | undefined {
  return value === undefined || value === '' || value === '-' ? undefined : value.slice(0, 512);
}

/**
 * Accounts stand behind their platform and realm: the same name on two platforms must not become the same pseudonym, since nothing here may
 * join a person's accounts.
 */
export function accountOf(of: { platform: string; realm?: string | undefined }, account: string | undefined): string | undefined {
  if (account === undefined || account === '' || account === 'null' || account.length > 512) return undefined;
  return `${of.platform}/${wordOf(of.realm) ?? ''}/${account}`;
}

/** An address as it is written everywhere; IPv4 within IPv6 as IPv4. */
export function addressOf(value: string | undefined): string | undefined {
  const bytes = value === undefined || value.length > 45 ? undefined : parseAddress(value);
  if (!bytes) return undefined;
  const isMapped =
    bytes.length === 16 && bytes[10] === 0xff && bytes[11] === 0xff && bytes.subarray(0, 10).every((byte) => byte === 0);
  return isMapped ? formatAddress(bytes, 12, 4) : formatAddress(bytes);
}

/** A server by its name: a domain or an address, with its port left out. */
export function hostOf(value: string | undefined): string | undefined {
  if (value === undefined || value.length > 255) return undefined;
  const literal = /^\[([0-9A-Fa-f:.]{2,45})\](?::\d{1,5})?$/.exec(value)?.[1];
  if (literal !== undefined) return addressOf(literal);
  return /^([A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)(?::\d{1,5})?$/.exec(value)?.[1]?.toLowerCase();
}

/** The host of an address of the web that stands somewhere in a text. */
export function hostIn(text: string): string | undefined {
  return hostOf(/\b(?:https?|matrix-federation|matrix):\/\/([^\s/?#"'<>@]{1,255})/.exec(text)?.[1]);
}

const causes: readonly (readonly [cause: string, text: RegExp])[] = [
  [
    'dns',
    /\bdns|dnslookup|unable to resolve|nxdomain|name or service not known|no address associated|host-unknown|non-existing/i,
  ],
  ['refused', /refused/i],
  ['certificate', /certificate|\bx509/i],
  ['tls', /\b(?:tls|ssl|starttls)\b|openssl|encrypt|handshake/i],
  ['timeout', /time[d-]? ?out|timeout/i],
  ['unreachable', /unreachable|no route|remote-server-not-found|remote host|unable to connect|connection failed/i],
  ['backing-off', /stoplight|redlight|backing off|backoff|notretryingdestination/i],
  ['not-authorised', /authenti|authoris|authoriz|forbidden|policy|denied|invalid-from|not-allowed|blocked/i],
  ['rate-limited', /too many|rate.?limit|resource-constraint/i],
  ['closed', /closed|reset|lost|shutdown|end of/i],
];

/** Why servers could not speak with one another, in a word: what programs say of it are sentences, and differ with each version. */
export function causeIn(text: string): string {
  const start = text.slice(0, 1_024);
  return causes.find(([, pattern]) => pattern.test(start))?.[0] ?? 'other';
}

export const outcomeOfStatus = (status: number): Outcome => (status >= 100 && status < 400 ? 'success' : 'failure');
