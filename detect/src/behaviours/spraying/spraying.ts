/** Sprayed passwords: few tries at many accounts or many servers. Accounts are counted, never named. See README.md. */

import { createHash } from 'node:crypto';
import type { Seconds } from '@forewarn/base/time';
import type { AnyRecord } from '@forewarn/model/records/record';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, flowOf, latenessMax } from '../behaviour.ts';
import { Evidence } from '../evidence.ts';

/** Sources that were refused, and logins at which somebody was; at most 20 KB each. */
const watchedMax = 20_000;

/** Accounts, servers or sources remembered of one; more than any threshold. */
const membersMax = 256;

const refusals = new Set([401, 403]);

/** What somebody tried: at which account, as a digest that is never written, and whether it was refused. */
type Try = { account: string | undefined; refused: boolean };

/** Reads a try from a record of any protocol with a login; `undefined` when it is none. */
export function tryOf(log: string, record: AnyRecord): Try | undefined {
  switch (log) {
    case 'http': {
      const { status_code: status, username } = record;
      if (typeof status !== 'number') return undefined;
      const refused = refusals.has(status);
      // Without an account only refusals are known to be tries.
      if (!refused && typeof username !== 'string') return undefined;
      return { account: digest(username), refused };
    }
    case 'kerberos': {
      const { request_type: type, client, success, error_msg: error } = record;
      if (type !== 'AS') return undefined;
      if (success === true) return { account: digest(client), refused: false };
      // "Preauthentication required" is how each login begins (RFC 4120 §5.9.1, code 25).
      const refused = typeof error === 'string' && /PREAUTH_FAILED|C_PRINCIPAL_UNKNOWN|CLIENT_REVOKED/i.test(error);
      return refused ? { account: digest(client), refused } : undefined;
    }
    case 'ntlm':
      return typeof record['success'] === 'boolean'
        ? { account: digest(record['username']), refused: !record['success'] }
        : undefined;
    case 'ldap': {
      const { opcode, result, object } = record;
      if (typeof opcode !== 'string' || !opcode.startsWith('bind')) return undefined;
      if (result !== 'success' && result !== 'invalid credentials' && result !== 'invalidCredentials') return undefined;
      return { account: digest(object), refused: result !== 'success' };
    }
    case 'ftp': {
      const { command, reply_code: code, user } = record;
      return command === 'PASS' && typeof code === 'number' ? { account: digest(user), refused: code >= 500 } : undefined;
    }
    case 'radius': {
      const { result, username } = record;
      return result === 'success' || result === 'failed'
        ? { account: digest(username), refused: result === 'failed' }
        : undefined;
    }
    default:
      return undefined;
  }
}

/** A name that tells accounts apart and cannot be read. */
function digest(account: AnyRecord[string]): string | undefined {
  if (typeof account !== 'string' || account === '' || account === '<unknown>') return undefined;
  return createHash('sha256').update(account.slice(0, 512).toLowerCase()).digest('base64').slice(0, 12);
}

/** Refusals of a member, and when last. */
type Member = { refused: number; ts: Seconds };

type Watched = { members: Map<string, Member>; refused: number; accepted: number; evidence: Evidence; targets: Set<string> };

const fresh = (): Watched => ({ members: new Map(), refused: 0, accepted: 0, evidence: new Evidence(), targets: new Set() });

export const spraying = behaviour({
  id: 'spraying',
  technique: ['T1110.003'],
  logs: ['http', 'kerberos', 'ntlm', 'ldap', 'ftp', 'radius'],
  parameters: [
    'accountsMin',
    'triesMax',
    'refusedShare',
    'within',
    'serversMin',
    'sourcesMin',
    'sourceTriesMin',
    'sharedRefusals',
  ],
  start({ parameters, inside, rule, sight }) {
    const byAccounts = new BoundedMap<string, Watched>(watchedMax);
    const byServers = new BoundedMap<string, Watched>(watchedMax);
    const bySources = new BoundedMap<string, Watched>(watchedMax);

    /** Counts a try; answers what is watched when enough members were refused, few times each. */
    const count = (
      table: BoundedMap<string, Watched>,
      key: string,
      member: string,
      flow: NonNullable<ReturnType<typeof flowOf>>,
      refused: boolean,
    ): Watched | undefined => {
      let watched = table.touch(key);
      if (watched && flow.ts - watched.evidence.to > parameters.within) {
        table.delete(key);
        watched = undefined;
      }
      if (!watched) {
        if (!refused) return undefined;
        watched = fresh();
        table.set(key, watched);
      }
      if (!refused) {
        watched.accepted++;
        return undefined;
      }
      watched.refused++;
      watched.evidence.add(flow);
      if (watched.targets.size < membersMax) watched.targets.add(flow.target);
      for (const [name, { ts }] of watched.members) {
        if (ts >= flow.ts - parameters.within) break;
        watched.members.delete(name);
      }
      const known = watched.members.get(member);
      watched.members.delete(member);
      if (known || watched.members.size < membersMax)
        watched.members.set(member, { refused: (known?.refused ?? 0) + 1, ts: flow.ts });
      return watched.refused >= parameters.refusedShare * (watched.refused + watched.accepted) ? watched : undefined;
    };

    const mean = ({ members }: Watched): number =>
      [...members.values()].reduce((sum, { refused }) => sum + refused, 0) / members.size;

    const tell = (
      watched: Watched,
      kind: 'accounts' | 'servers' | 'sources',
      key: string,
      source: string,
      targets: Iterable<string>,
      port: number,
    ): void => {
      const told = watched.evidence.tell();
      if (!told) return;
      const fromInside = inside(source) === 'inside';
      sight({
        rule,
        ...told,
        subject: `${kind} ${key}`,
        technique: ['T1110.003'],
        tactic: ['credential-access'],
        level: fromInside || kind === 'sources' ? 'high' : 'medium',
        confidence: kind === 'accounts' ? 0.85 : 0.7,
        explanation: {
          text: `detect.spraying.${kind}`,
          values: {
            source,
            target: [...watched.targets][0] ?? '',
            port,
            count: watched.members.size,
            refused: watched.refused,
            share: Math.round((100 * watched.refused) / (watched.refused + watched.accepted)),
            each: Math.round(mean(watched) * 10) / 10,
            minutes: Math.max(1, Math.round((told.to - told.from) / 60)),
          },
        },
        source,
        targets,
        names: [],
        harm: null,
      });
    };

    return {
      evictions: () => byAccounts.evictions + byServers.evictions + bySources.evictions,
      push(log, record) {
        const attempt = tryOf(log, record);
        const flow = attempt && flowOf(log, record);
        if (!flow) return;
        const { account, refused } = attempt;
        if (account !== undefined) {
          const watched = count(byAccounts, `${flow.source} ${log}`, account, flow, refused);
          if (watched && watched.members.size >= parameters.accountsMin && mean(watched) <= parameters.triesMax)
            tell(watched, 'accounts', `${flow.source} ${log}`, flow.source, watched.targets, flow.port);
        }
        const servers = count(byServers, `${flow.source} ${flow.port}`, flow.target, flow, refused);
        if (servers && servers.members.size >= parameters.serversMin)
          tell(servers, 'servers', `${flow.source} ${flow.port}`, flow.source, servers.targets, flow.port);
        // Many that share the guessing at one login: each has been refused more often than people are, and hardly anybody is let in.
        const login = `${flow.target} ${flow.port}`;
        const sources = count(bySources, login, flow.source, flow, refused);
        if (!sources) return;
        const sharers = [...sources.members].filter(([, member]) => member.refused >= parameters.sourceTriesMin);
        if (sharers.length >= parameters.sourcesMin && sources.refused >= parameters.sharedRefusals)
          tell(sources, 'sources', login, sharers[0]![0], [flow.target], flow.port);
      },
      advance(ts) {
        for (const table of [byAccounts, byServers, bySources])
          for (const [key, { evidence }] of table.entries())
            if (evidence.to + parameters.within + latenessMax < ts) table.delete(key);
      },
    };
  },
});
