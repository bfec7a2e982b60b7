/**
 * Prosody's log (XMPP): sign-ins, registrations, and how it gets on with other servers.
 *
 *     Nov 22 08:00:00 c2s55d2f0c8	info	Authenticated as ada@example.org
 *     Nov 22 08:00:01 s2sout55d2f1	info	Outgoing s2s stream example.org->jabber.example closed: connection-timeout
 *
 * Other lines – of stanzas, rosters, rooms – are of no format here.
 */

import type { LogEmit, LogFormat, LogSource } from '../format.ts';
import { instantBefore, instantOfText, monthOf } from '../instants.ts';
import { causeIn, emitFederation, emitPlatformEvent } from '../platform.ts';

const platform = 'prosody';

const line =
  /^(?:(?:([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)|(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?Z?))\s)?([\w.:-]{1,255})\t(?:debug|info|warn|error)\t(.{1,4096})/;

const authenticated = /^Authenticated as (\S{1,1023})@(\S{1,1023})$/;
/** Of mod_log_auth, which many have for fail2ban. */
const refused = /^Failed authentication attempt \(([\w-]{1,64})\)(?: for user (\S{1,1023}))? from IP: (\S{1,45})$/;
const registered = /^User account (created|deleted): (\S{1,1023})@(\S{1,1023})$/;
const complete = /^(Outgoing|Incoming|outgoing|incoming) s2s connection (\S{1,255})->(\S{1,255}) complete$/;
const closed = /^(Outgoing|Incoming|outgoing|incoming) s2s stream (\S{1,255})->(\S{1,255}) closed: (.{1,4096})$/;
const failed =
  /^(?:Failed in all attempts to connect to|Sending error replies for \d{1,9} queued stanzas because of failed outgoing connection to) (\S{1,255}?)(?::? |$)(.{0,512})/;
const forbidden = /^Forbidding insecure connection to\/from (\S{1,255}) because its (certificate .{1,256})/;

const patterns = [authenticated, refused, registered, complete, closed, failed, forbidden];

export const prosody: LogFormat = {
  name: 'prosody',
  logs: ['platform_event', 'federation'],
  lines: {
    owns(text) {
      const said = text.includes('\t') ? line.exec(text)?.[8] : undefined;
      return said !== undefined && patterns.some((pattern) => pattern.test(said));
    },
    open: (emit, source) => ({ line: (text) => told(text, emit, source), end: () => undefined }),
  },
};

function told(text: string, emit: LogEmit, source: LogSource): void {
  const head = line.exec(text);
  if (!head) {
    emit.refused('malformed');
    return;
  }
  const [, month, day, hour, minute, second, written, session, said] = head;
  const at = source.at?.() ?? source.changed;
  const ts =
    month === undefined
      ? (instantOfText(written ?? '') ?? source.at?.())
      : instantBefore(
          {
            month: monthOf(month),
            day: Number(day),
            seconds: Number(hour) * 3600 + Number(minute) * 60 + Number(second),
            fraction: 0,
            zoneSeconds: 0,
          },
          at,
        );
  // Sessions have the number of an object behind their kind; modules their host before their name.
  const provider = session!.replace(/^(c2s|s2sin|s2sout)[0-9a-f]+$/, '$1');
  const shared = { ts, platform } as const;

  const user = authenticated.exec(said!);
  if (user) {
    emitPlatformEvent(emit, { ...shared, provider, action: 'sign-in', outcome: 'success', realm: user[2], userName: user[1] });
    return;
  }
  const bad = refused.exec(said!);
  if (bad) {
    const [, reason, account, address] = bad;
    const host = /^([^:]{1,255}):/.exec(session!)?.[1] ?? account?.split('@', 2)[1];
    emitPlatformEvent(emit, { ...shared, provider, action: 'sign-in', outcome: 'failure', reason, realm: host, userName: account?.split('@', 1)[0], address }); // oxfmt-ignore
    return;
  }
  const account = registered.exec(said!);
  if (account) {
    const action = account[1] === 'created' ? 'registration' : 'account-deleted';
    emitPlatformEvent(emit, { ...shared, provider, action, outcome: 'success', realm: account[3], userName: account[2] });
    return;
  }
  const server = { ...shared, protocol: 'xmpp' } as const;
  const done = complete.exec(said!) ?? closed.exec(said!);
  if (done) {
    const isOutbound = done[1]!.toLowerCase() === 'outgoing';
    const why = done[4];
    // A stream that both have done with is closed like this; anything else is a reason.
    const isWell = why === undefined || /^(?:stream closed|idle|session closed)/i.test(why);
    emitFederation(emit, {
      ...server,
      direction: isOutbound ? 'outbound' : 'inbound',
      peer: isOutbound ? done[3] : done[2],
      realm: isOutbound ? done[2] : done[3],
      code: why === undefined ? 'complete' : 'closed',
      outcome: isWell ? 'success' : 'failure',
      reason: isWell ? undefined : causeIn(why),
    });
    return;
  }
  const [, peer, why = ''] = failed.exec(said!) ?? forbidden.exec(said!) ?? [];
  const direction = provider === 's2sin' ? 'inbound' : 'outbound';
  emitFederation(emit, { ...server, direction, peer, outcome: 'failure', reason: why === '' ? 'unreachable' : causeIn(why) });
}
