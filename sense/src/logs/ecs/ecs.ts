/**
 * Events of a social platform that somebody's own shipper or program has already put into the Elastic Common Schema: those that name the platform as
 * data set, module or service and are about authentication, accounts, sessions or the interface, and those that say themselves where they belong
 * (`"_log": "platform_event"` or `"federation"`) – the door for platforms of one's own making. Declared fields are kept, nothing else.
 */

import { recordType } from '@forewarn/model/records/index';
import { flatten, isObject, type FlatRecord } from '../flatten.ts';
import type { JsonObject, LogFormat } from '../format.ts';
import { instantOfValue } from '../instants.ts';
import { accountOf, addressOf, hostOf, wordOf } from '../platform.ts';

/** Software of social platforms and of their sign-in, by the first word of a data set, module or service. */
const platforms = new Set(['keycloak', 'mastodon', 'synapse', 'dendrite', 'matrix', 'prosody', 'ejabberd', 'discourse', 'gotosocial', 'pleroma', 'akkoma', 'misskey', 'lemmy', 'peertube', 'pixelfed', 'friendica', 'diaspora', 'mattermost', 'rocketchat', 'zulip']); // oxfmt-ignore
const categories = new Set(['authentication', 'iam', 'session', 'api']);

/** A field, whether objects stand within one another or names have dots. */
function fieldOf(event: JsonObject, first: string, second: string): unknown {
  const object = event[first];
  return event[`${first}.${second}`] ?? (isObject(object) ? object[second] : undefined);
}

function platformOf(event: JsonObject): string | undefined {
  for (const [first, second] of [
    ['service', 'type'],
    ['event', 'module'],
    ['event', 'dataset'],
    ['service', 'name'],
  ] as const) {
    const value = fieldOf(event, first, second);
    const word = typeof value === 'string' ? value.slice(0, 64).toLowerCase().split(/[._-]/, 1)[0]! : '';
    if (platforms.has(word)) return word;
  }
  return undefined;
}

const isOwnLog = (name: unknown): name is 'platform_event' | 'federation' => name === 'platform_event' || name === 'federation';

function owns(event: JsonObject): boolean {
  if (isOwnLog(event['_log'])) return true;
  const of = fieldOf(event, 'event', 'category');
  const named = Array.isArray(of) ? of : [of];
  return named.slice(0, 16).some((one) => categories.has(one as string)) && platformOf(event) !== undefined;
}

/** Where a sentence may stand in the place of a word. */
const words = ['event.action', 'event.reason', 'event.code', 'realm', 'application.id', 'authentication.method'];
const accounts = ['user.id', 'user.name', 'user.target.id'];

export const ecsPlatform: LogFormat = {
  name: 'ecs',
  logs: ['platform_event', 'federation'],
  events: {
    owns,
    take(event, emit, source) {
      const flat = flatten(event, emit);
      if (!flat) return;
      const log = isOwnLog(event['_log']) ? event['_log'] : 'platform_event';
      const { columns } = recordType(log)!;
      const ts = instantOfValue(flat['@timestamp']) ?? instantOfValue(flat['ts']) ?? source.at?.();
      const record: FlatRecord = ts === undefined ? {} : { ts };
      for (const name in columns) {
        const value = Object.hasOwn(flat, name) ? flat[name] : undefined;
        if (value === undefined || name === 'ts' || name === '_fields') continue;
        // Elasticsearch takes one value where a list is meant, and the reverse.
        record[name] = columns[name]!.type === 'vector[string]' && !Array.isArray(value) ? [String(value)] : value;
      }
      const platform =
        platformOf(event) ?? (typeof flat['service.type'] === 'string' ? flat['service.type'].slice(0, 64) : 'platform');
      record['service.type'] = platform;
      tidy(record, platform);
      emit.record(log, record);
    },
  },
};

/** What the formats of single platforms see to as well: accounts that join no platforms, addresses and hosts that are some, routes without accounts. */
function tidy(record: FlatRecord, platform: string): void {
  const realm = typeof record['realm'] === 'string' ? record['realm'] : undefined;
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) delete record[name];
    else record[name] = value;
  };
  const text = (name: string): string | undefined => (typeof record[name] === 'string' ? record[name] : undefined);
  for (const name of accounts)
    if (record[name] !== undefined) set(name, accountOf({ platform, realm }, text(name) ?? String(record[name] as number)));
  for (const name of words) if (record[name] !== undefined) set(name, wordOf(record[name]));
  if (record['source.ip'] !== undefined) set('source.ip', addressOf(text('source.ip')));
  if (record['peer'] !== undefined) set('peer', hostOf(text('peer')));
  // A route is a template; an address that was asked for may name anybody.
  if (record['http.route'] !== undefined) set('http.route', text('http.route')?.split('?', 1)[0]!.slice(0, 256));
}
