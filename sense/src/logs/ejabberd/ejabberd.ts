/**
 * ejabberd's log (XMPP): sign-ins, registrations, and how it gets on with other servers.
 *
 *     2026-01-01 00:00:00.123456+00:00 [warning] <0.52.0>@ejabberd_c2s:process_auth_result:278 (tls|<0.52.0>) Failed c2s PLAIN authentication for ada@example.org from ::ffff:192.0.2.7: Invalid username or password
 *
 * Other lines are of no format here. What the program calls backends, sockets and processes is left out.
 */

import type { LogEmit, LogFormat, LogSource } from '../format.ts';
import { instantOfText } from '../instants.ts';
import { causeIn, emitFederation, emitPlatformEvent } from '../platform.ts';

const platform = 'ejabberd';

const line =
  /^(?:(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d{3,6}(?:Z|[+-]\d\d:\d\d)?) )?\[(?:debug|info|notice|warning|error|critical)\] <[\d.]{1,32}>@(\w{1,64}):\w{1,64}\/?\d{0,2}:\d{1,6} (?:\([^)]{1,128}\) )?(.{1,4096})/;

const accepted = /^Accepted c2s (\S{1,64}) authentication for (\S{1,1023})@([^\s@]{1,255}) by \S{1,64} backend from (\S{1,45})/;
const refused = /^Failed c2s (\S{1,64}) authentication (?:for (\S{1,1023})@([^\s@]{1,255}) )?from (\S{1,45}): (.{0,512})/;
const registered = /^The account (\S{1,1023})@([^\s@]{1,255}) was registered from IP address (\S{1,45})/;
const between =
  /^(Accepted|Failed) (inbound|outbound) s2s (\S{1,64}) authentication (\S{1,255}) -> (\S{1,255}) \((\S{1,45})\)(?:: (.{0,512}))?/;
const failed = /^Failed to establish outbound s2s connection (\S{1,255}) -> (\S{1,255}): (.{0,512})/;

const patterns = [accepted, refused, registered, between, failed];

export const ejabberd: LogFormat = {
  name: 'ejabberd',
  logs: ['platform_event', 'federation'],
  lines: {
    owns(text) {
      const said = line.exec(text)?.[3];
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
  const [, time, provider, said] = head;
  const shared = { ts: instantOfText(time ?? '') ?? source.at?.(), platform } as const;

  const good = accepted.exec(said!);
  if (good) {
    const [, authentication, userName, realm, address] = good;
    emitPlatformEvent(emit, {
      ...shared,
      provider,
      action: 'sign-in',
      outcome: 'success',
      authentication,
      userName,
      realm,
      address,
    });
    return;
  }
  const bad = refused.exec(said!);
  if (bad) {
    const [, authentication, userName, realm, address, why = ''] = bad;
    // The program's own sentences (xmpp_stream_in, xmpp_sasl); of others nothing is taken.
    const reason = /username or password/.test(why)
      ? 'invalid-credentials'
      : /too many|temporarily/i.test(why)
        ? 'locked'
        : 'other';
    emitPlatformEvent(emit, { ...shared, provider, action: 'sign-in', outcome: 'failure', reason, authentication, userName, realm, address }); // oxfmt-ignore
    return;
  }
  const account = registered.exec(said!);
  if (account) {
    const [, userName, realm, address] = account;
    emitPlatformEvent(emit, { ...shared, provider, action: 'registration', outcome: 'success', userName, realm, address });
    return;
  }
  const server = { ...shared, protocol: 'xmpp' } as const;
  const other = between.exec(said!);
  if (other) {
    const [, verdict, direction, code, from, to, address, why] = other;
    const isInbound = direction === 'inbound';
    const isGood = verdict === 'Accepted';
    emitFederation(emit, {
      ...server,
      direction: isInbound ? 'inbound' : 'outbound',
      peer: isInbound ? from : to,
      realm: isInbound ? to : from,
      code,
      outcome: isGood ? 'success' : 'failure',
      reason: isGood ? undefined : causeIn(why ?? ''),
      address: isInbound ? address : undefined,
    });
    return;
  }
  const [, realm, peer, why = ''] = failed.exec(said!) ?? [];
  emitFederation(emit, { ...server, direction: 'outbound', realm, peer, outcome: 'failure', reason: causeIn(why) });
}
