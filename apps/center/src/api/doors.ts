/** What stands before every request: whose name it came under, where its page came from, and what browsers may do with the answer. */

import type { Context } from 'hono';
import { Refusal } from '@forewarn/base/refusal';

export type Doors = {
  /** Listens on loopback only: then only loopback names are answered, so that no page elsewhere can reach us by a name of its own. */
  loopback: boolean;
  /** TLS ends before us; the proxy says under which name and scheme it was asked. */
  behindProxy: boolean;
  tls: boolean;
};

const loopbackNames = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

function hostOf(doors: Doors, request: Request): string {
  const forwarded = doors.behindProxy ? request.headers.get('x-forwarded-host')?.split(',')[0]?.trim() : undefined;
  return forwarded ?? request.headers.get('host') ?? new URL(request.url).host;
}

export function checkHost(doors: Doors, request: Request): void {
  if (!doors.loopback || loopbackNames.test(hostOf(doors, request))) return;
  throw new Refusal('origin.foreign', 'This centre answers on its own machine only.', {
    advice: 'Open it as http://127.0.0.1 with its port, or start it with --listen.',
  });
}

/** What proxies add to a request they pass on (RFC 7239 §5, RFC 9110 §7.6.3, and the older names). */
const passedOn = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'] as const;

/**
 * Whether a program of this machine asks, and not a proxy of this machine for somebody else: a proxy must set `X-Forwarded-Host`. The
 * address is the socket's; without one (no server before us) nobody is trusted.
 */
export function fromOwnMachine(context: Context): boolean {
  const { incoming } = (context.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  const address = incoming?.socket?.remoteAddress ?? '';
  if (!/^(?:(?:::ffff:)?127(?:\.\d{1,3}){3}|::1)$/.test(address)) return false;
  return !passedOn.some((name) => context.req.header(name) !== undefined);
}

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A change that comes with a session must come from our own pages: browsers send cookies along with requests of other sites'
 * pages too. A request with a token is no browser's doing.
 */
export function checkOrigin(doors: Doors, request: Request): void {
  if (safe.has(request.method) || request.headers.has('authorization')) return;
  const origin = request.headers.get('origin');
  if (origin !== null) {
    let host: string | undefined;
    try {
      ({ host } = new URL(origin));
    } catch {
      // "null" and other nonsense are foreign.
    }
    if (host !== undefined && host === hostOf(doors, request)) return;
  } else if (!request.headers.has('cookie') || request.headers.get('sec-fetch-site') === 'same-origin') return;
  throw new Refusal('origin.foreign', 'This came from another site’s page.', {
    advice: 'Use the workbench at its own address, or a token.',
  });
}

/** Styles may stand in the page, because the component library writes them there; scripts may not. */
const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export function secureHeaders(doors: Doors): [string, string][] {
  return [
    ['content-security-policy', contentPolicy],
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', 'no-referrer'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
    ['permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()'],
    ...(doors.tls ? ([['strict-transport-security', 'max-age=31536000']] satisfies [string, string][]) : []),
  ];
}
