/**
 * Mastodon's logs: what its web process says of requests (lograge) and of refused ones (Rack::Attack), and its workers of deliveries to other servers.
 *
 *     [4109a112-…] method=POST path=/inbox format=html controller=ActivityPub::InboxesController action=create status=202 duration=233.65 …
 *     Rate limit hit (throttle:throttle_login_attempts/ip): 192.0.2.7 POST /auth/sign_in
 *     2026-01-01T00:00:00.000Z pid=7 tid=a class=ActivityPub::DeliveryWorker jid=b WARN: Mastodon::UnexpectedResponseError: https://…/inbox returned code 401
 *
 * Paths name accounts and posts and are never read; the controller says which door it was. Of the key that signed a delivery the server is kept. The
 * lines in which a worker repeats a whole post are passed over.
 */

import type { LogEmit, LogFormat, LogSource } from '../format.ts';
import { instantOfText } from '../instants.ts';
import {
  causeIn,
  emitFederation,
  emitPlatformEvent,
  hostIn,
  outcomeOfStatus,
  type Outcome,
  type PlatformAction,
} from '../platform.ts';

const platform = 'mastodon';

/** What Ruby's logger and Rails put before a line. */
const before =
  /^(?:[A-Z], \[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}) #\d{1,10}\] {1,2}[A-Z]{4,5} -- : )?(?:\[[0-9a-f-]{32,36}\] )?/;
const request =
  /^method=([A-Z]{3,10}) path=\S{1,4096} format=\S{1,64} controller=([A-Za-z0-9:]{3,128}) action=([a-z_]{2,64}) status=(\d{1,3})/;
/** Doors of this software; other programs of Rails have other ones, and their lines are not ours. */
const doors = /^(?:ActivityPub|Auth|OAuth|Oauth|WellKnown|Settings|Admin|Api::(?:V[12]|Web|OEmbed))(?:::|Controller)/;
const limited =
  /^Rate limit hit \((throttle|blocklist|blacklist)(?:[:\w/ -]{0,128})\): (\S{1,255}) (?:(\S{1,45}) )?([A-Z]{3,10}) \//;
const worker =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) (?:pid=\d{1,10} tid=\w{1,32} (?:class=(\S{1,128}) jid=\S{1,64} )?(?:elapsed=([\d.]{1,16}) )?|\d{1,10} TID-\w{1,32} (?:(\S{1,128}) JID-\S{1,64} )?)(INFO|WARN): /;
const delivery = /^ActivityPub::(?:LowPriority|Raw)?Delivery/;

export const mastodon: LogFormat = {
  name: 'mastodon',
  logs: ['platform_event', 'federation'],
  lines: {
    owns(text) {
      const rest = text.slice(before.exec(text)?.[0].length ?? 0, 8_192);
      if (rest.startsWith('method=')) return doors.test(request.exec(rest)?.[2] ?? '');
      return rest.startsWith('Rate limit hit (') ? limited.test(rest) : isOfDelivery(rest);
    },
    open: (emit, source) => ({ line: (text) => told(text, emit, source), end: () => undefined }),
  },
};

/** Lines of the workers that deliver; those that name no worker, as older ones do, by the error they tell of. */
function isOfDelivery(text: string): boolean {
  const head = worker.exec(text);
  if (!head) return false;
  const of = head[2] ?? head[4];
  return of === undefined ? text.startsWith('Mastodon::UnexpectedResponseError: ', head[0].length) : delivery.test(of);
}

function told(text: string, emit: LogEmit, source: LogSource): void {
  const head = before.exec(text)!;
  const rest = text.slice(head[0].length);
  const ts = instantOfText(head[1] ?? '') ?? source.at?.();
  if (rest.startsWith('method=')) asked(rest, ts, emit);
  else if (rest.startsWith('Rate limit hit (')) {
    const [, kind, first = '', second, method] = limited.exec(rest) ?? [];
    // What it is counted by stands before the address, where it is another thing: an account's number, or what somebody typed.
    emitPlatformEvent(emit, {
      ts,
      platform,
      action: 'rate-limited',
      outcome: 'failure',
      code: kind,
      address: second ?? first,
      userId: second !== undefined && /^\d{1,20}$/.test(first) ? first : undefined,
      method,
    });
  } else delivered(rest, emit);
}

function asked(text: string, ts: number | undefined, emit: LogEmit): void {
  const [whole, method, controller, action, code] = request.exec(text) ?? [];
  if (whole === undefined) {
    emit.refused('malformed');
    return;
  }
  const status = Number(code);
  const rest = text.slice(whole.length);
  const duration = /(?:^| )duration=([\d.]{1,16})/.exec(rest)?.[1];
  const shared = {
    ts,
    platform,
    code: `${controller}#${action}`,
    method,
    status,
    seconds: duration === undefined ? undefined : Number(duration) / 1e3,
  } as const;
  if (controller!.startsWith('ActivityPub') || controller!.startsWith('WellKnown')) {
    const peer = hostIn(/(?:^| )key=(\S{1,1024})/.exec(rest)?.[1] ?? '');
    emitFederation(emit, { ...shared, protocol: 'activitypub', direction: 'inbound', outcome: outcomeOfStatus(status), peer });
    return;
  }
  const done = status === 429 ? 'rate-limited' : actionOf(controller!, action!, method!);
  emitPlatformEvent(emit, { ...shared, action: done, outcome: done === 'sign-in' ? signedIn(status) : outcomeOfStatus(status) });
}

/** A sign-in that fits leads on to a page; one that does not fit shows the form again, and one that asks for a second factor shows it too. */
function signedIn(status: number): Outcome {
  if (status >= 300 && status < 400) return 'success';
  return status >= 200 && status < 300 ? 'unknown' : 'failure';
}

function actionOf(controller: string, action: string, method: string): PlatformAction {
  const changes = method !== 'GET' && method !== 'HEAD';
  if (controller === 'Auth::SessionsController')
    return action === 'create' ? 'sign-in' : action === 'destroy' ? 'sign-out' : 'api-request';
  if (!changes) return 'api-request';
  if (controller === 'Auth::RegistrationsController') return action === 'create' ? 'registration' : 'account-change';
  if (controller === 'Api::V1::AccountsController' && action === 'create') return 'registration';
  if (controller === 'Auth::PasswordsController') return action === 'create' ? 'password-reset' : 'password-change';
  if (controller === 'Auth::ConfirmationsController') return 'email-change';
  if (/^O[Aa]uth::Tokens/.test(controller)) return action === 'revoke' ? 'session-ended' : 'token-issued';
  if (/^O[Aa]uth::Author/.test(controller)) return 'application-access';
  if (/^Settings::(?:TwoFactorAuthentication|Webauthn)/.test(controller))
    return /destroy|disable/.test(action) ? 'second-factor-removed' : 'second-factor-added';
  if (controller === 'Settings::DeletesController') return 'account-deleted';
  if (controller === 'Settings::SessionsController') return 'session-ended';
  if (controller.startsWith('Settings')) return 'account-change';
  if (/^(?:Admin|Api::V[12]::Admin)(?:::|$)/.test(controller))
    return /Role/.test(controller) ? 'permission-change' : 'administration';
  return 'api-request';
}

function delivered(text: string, emit: LogEmit): void {
  const head = worker.exec(text);
  if (!head) {
    emit.refused('malformed');
    return;
  }
  const rest = text.slice(head[0].length);
  const shared = {
    ts: instantOfText(head[1]!),
    platform,
    protocol: 'activitypub',
    direction: 'outbound',
    code: head[2] ?? head[4],
  } as const;
  if (head[5] === 'INFO') {
    // A job that failed says why in a line of its own.
    const elapsed = head[3] ?? /^done: ([\d.]{1,16}) sec/.exec(rest)?.[1];
    if (rest.startsWith('done'))
      emitFederation(emit, { ...shared, outcome: 'success', seconds: elapsed === undefined ? undefined : Number(elapsed) });
    return;
  }
  // Neither the job with all that it delivers, nor where in the program it failed.
  if (!/^[A-Z]\w{1,63}(?:::\w{1,63}){0,6}: /.test(rest)) return;
  const status = /returned code (\d{3})\b/.exec(rest.slice(0, 4_096))?.[1];
  emitFederation(emit, {
    ...shared,
    outcome: 'failure',
    peer: hostIn(rest.slice(0, 4_096)),
    status: status === undefined ? undefined : Number(status),
    reason: status === undefined ? causeIn(rest) : undefined,
  });
}
