/** The client certificate of a connection: whom it names, when TLS has found it to be of an authority that the centre was given. */

import type { Context } from 'hono';
import type { TLSSocket } from 'node:tls';
import type { Seconds } from '@forewarn/base/time';

/**
 * The common name of the certificate's subject; undefined when there is none, or none that counts. A connection may be older than its
 * certificate is good for, so the end is looked at with every request.
 */
export function certificateName(context: Context, now: Seconds): string | undefined {
  const { incoming } = (context.env ?? {}) as { incoming?: { socket?: Partial<TLSSocket> } };
  const socket = incoming?.socket;
  if (socket?.authorized !== true) return undefined;
  const certificate = socket.getPeerCertificate?.();
  const name: unknown = certificate?.subject?.CN;
  // Two common names are no name.
  if (!certificate || typeof name !== 'string' || name === '') return undefined;
  return Date.parse(certificate.valid_to) / 1000 > now ? name : undefined;
}
