/** What speaks to the world for the channels: SMTP to the centre's relay, and HTTP to webhooks. Here are the sockets; nothing is logged of what they carry. */

import { lookup as resolve } from 'node:dns/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { createTransport } from 'nodemailer';
import { parseAddress, type Network } from '@forewarn/base/ip';
import type { ChannelTrouble, Relay } from '@forewarn/model/channel';
import type { Words } from '@forewarn/model/text';
import type { Mail } from '@forewarn/share/channels/mail';
import { reachOf } from '@forewarn/share/channels/reach';
import type { SignedRequest } from '@forewarn/share/channels/webhook';

/** `permanent`: another attempt would not help. */
export type Carried =
  | { readonly ok: true }
  | { readonly ok: false; readonly trouble: ChannelTrouble; readonly permanent: boolean };

const troubled = (code: string, values: Words['values'] = {}, permanent = false): Carried => ({
  ok: false,
  trouble: { code, text: { text: `channels.trouble.${code}`, values } },
  permanent,
});

/** A server that is up answers in milliseconds; one behind a slow line in some seconds. */
const connectMs = 10_000;

/** A receiver that works before it answers: as other senders of webhooks allow. */
const answerMs = 15_000;

/** A relay that looks for spam before it accepts. */
const relayMs = 30_000;

/** Bytes of an answer that are read, so that the connection ends well; what it says is not ours to keep. */
const answerBytesMax = 64 * 1024;

export type MailCarrier = {
  send(relay: Relay & { password: string | null }, to: string, mail: Mail): Promise<Carried>;
  close(): void;
};

type Transport = ReturnType<typeof transportOf>;

function transportOf({ host, port, security, user, password, authority }: Relay & { password: string | null }) {
  return createTransport({
    // A day's digests go over a few connections.
    pool: true,
    maxConnections: 2,
    maxMessages: 100,
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user !== null && password !== null ? { auth: { user, pass: password } } : {}),
    tls: { minVersion: 'TLSv1.2', ...(authority === null ? {} : { ca: authority }) },
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    dnsTimeout: connectMs,
    socketTimeout: relayMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** Keeps connections to one relay; another takes its place when the settings change. */
export function createMailCarrier(stop: AbortSignal): MailCarrier {
  let open: { key: string; transport: Transport } | undefined;
  return {
    async send(relay, to, { subject, text, messageId, headers }) {
      const key = JSON.stringify(relay);
      if (open?.key !== key) {
        open?.transport.close();
        open = { key, transport: transportOf(relay) };
      }
      try {
        await open.transport.sendMail({
          from: relay.from,
          to: { name: '', address: to },
          subject,
          text,
          headers,
          messageId: `<${messageId}>`,
          textEncoding: 'base64',
          signal: stop,
        });
        return { ok: true };
      } catch (error) {
        return ofMail(error, relay.host);
      }
    },
    close() {
      open?.transport.close();
      open = undefined;
    },
  };
}

/** The text of an error of SMTP may quote what was sent; only its codes are taken. */
function ofMail(error: unknown, host: string): Carried {
  const { code, responseCode, cause } = (error ?? {}) as { code?: string; responseCode?: number; cause?: { code?: string } };
  if (code === 'EAUTH' || code === 'ENOAUTH') return troubled('sign-in', { host });
  if (typeof responseCode === 'number' && responseCode >= 500)
    return troubled('refused-mail', { status: String(responseCode) }, true);
  if (typeof responseCode === 'number' && responseCode >= 400) return troubled('later-mail', { status: String(responseCode) });
  if (code === 'EDNS') return troubled('unknown-name', { host });
  if (code === 'ETIMEDOUT') return troubled('timeout', { host });
  if (code === 'ETLS' || isTls(code) || isTls(cause?.code)) return troubled('tls', { host });
  if (code === 'EENVELOPE') return troubled('refused-mail', { status: '–' }, true);
  if (code !== undefined && /^E[A-Z]+$/.test(code)) return troubled('unreachable', { host });
  return troubled('failed');
}

/** Codes of Node and OpenSSL for certificates that are not accepted. */
const isTls = (code: string | undefined): boolean =>
  code !== undefined && /CERT|SELF_SIGNED|^ERR_TLS|^ERR_SSL|UNABLE_TO|^EPROTO$/.test(code);

/**
 * Posts a signed message. The name is resolved here, its address judged, and that very address connected to. Redirections are not followed: they
 * would lead past the judgement.
 */
export async function postWebhook(
  url: URL,
  { headers, body }: SignedRequest,
  declared: readonly Network[],
  stop: AbortSignal,
): Promise<Carried> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = await addressesOf(host);
  if (addresses === undefined) return troubled('unknown-name', { host });
  const reachable = addresses.flatMap((address) => {
    const bytes = parseAddress(address);
    const reach = bytes === undefined ? 'refused' : reachOf(bytes, declared);
    return reach === 'refused' ? [] : [{ address, reach }];
  });
  const [chosen] = reachable;
  if (!chosen) return troubled('forbidden-address', { host });
  if (url.protocol === 'http:' && chosen.reach !== 'declared') return troubled('clear-text', { host });
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise<Carried>((done) => {
    const asked = send(
      url,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        // Not kept: the next message may be hours away, and its address is judged anew.
        agent: false,
        signal: AbortSignal.any([stop, AbortSignal.timeout(answerMs)]),
        lookup: (_name, options, answer) => {
          const family = isIP(chosen.address);
          if (options.all === true) answer(null, [{ address: chosen.address, family }]);
          else answer(null, chosen.address, family);
        },
      },
      (response) => {
        const status = response.statusCode ?? 0;
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > answerBytesMax) response.destroy();
        });
        response.on('error', () => undefined);
        response.resume();
        done(ofStatus(status, host));
      },
    );
    asked.on('error', (error: NodeJS.ErrnoException) => {
      if (error.name === 'AbortError' || error.name === 'TimeoutError' || error.code === 'ETIMEDOUT')
        done(troubled('timeout', { host }));
      else done(isTls(error.code) ? troubled('tls', { host }) : troubled('unreachable', { host }));
    });
    asked.end(body);
  });
}

function ofStatus(status: number, host: string): Carried {
  if (status >= 200 && status < 300) return { ok: true };
  if (status >= 300 && status < 400) return troubled('redirect', { host, status: String(status) });
  if (status === 410) return troubled('gone', { host }, true);
  // Also 4xx: receivers are mended while it is tried again.
  return troubled('status', { host, status: String(status) });
}

/** Undefined when the name has no address, or nobody answers for it in time. */
async function addressesOf(host: string): Promise<string[] | undefined> {
  if (isIP(host) !== 0) return [host];
  let waiting: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((end) => (waiting = setTimeout(end, connectMs, undefined)));
  try {
    return await Promise.race([resolve(host, { all: true }).then((all) => all.map(({ address }) => address)), patience]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(waiting);
  }
}
