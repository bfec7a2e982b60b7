/**
 * The centre as the sensor reaches it: one connection that is kept, with a token, a client certificate, or both. TLS is Node's, so that a
 * certificate, a key and a CA of one's own can be given; the global `fetch` takes none.
 */

import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Refusal } from '@forewarn/base/refusal';

/** A request that takes longer was lost: an acknowledgement takes milliseconds, and a question for orders is held for 25 s. */
const requestTimeoutMs = 60_000;

/** No answer of the centre is longer; a portal's page may be. */
const answerBytesMax = 256 * 1024;

/** A batch, a report, and a question for orders at a time. */
const socketsMax = 3;

/** PEM texts. */
export type ClientTls = { certificate?: string; key?: string; authority?: string };

export type CentreOptions = {
  /** The centre's address, such as `https://centre.example:4180`. */
  to: string;
  /** The sensor's token; none where its certificate names it. */
  token?: string | undefined;
  tls?: ClientTls | undefined;
};

/** What came back. `away`: nothing did, and why. */
export type Answer = { kind: 'answer'; status: number; text: string; tookMs: number } | { kind: 'away'; reason: string };

/** How a body is sent: its type, how it is packed, and how long its way may take. */
export type Form = { type?: string; encoding?: 'zstd'; timeoutMs?: number };

export type Centre = {
  readonly to: string;
  /** Sends JSON, unless it says what else. A redirect is an answer and is not followed: it would turn a batch into a question for a page. */
  post(path: string, body: Uint8Array, signal: AbortSignal, form?: Form): Promise<Answer>;
  close(): void;
};

export function openCentre({ to, token, tls }: CentreOptions): Centre {
  const url = new URL(to);
  const secure = url.protocol === 'https:';
  const keeping = { keepAlive: true, maxSockets: socketsMax };
  const agent = secure
    ? new HttpsAgent({
        ...keeping,
        ...(tls?.certificate === undefined ? {} : { cert: tls.certificate, key: tls.key }),
        ...(tls?.authority === undefined ? {} : { ca: tls.authority }),
      })
    : new HttpAgent(keeping);
  return {
    to,
    post: (path, body, signal, { type = 'application/json', encoding, timeoutMs = requestTimeoutMs } = {}) =>
      new Promise((resolve) => {
        const startedAt = performance.now();
        const away = (error: NodeJS.ErrnoException): void =>
          resolve({ kind: 'away', reason: `${to} does not answer (${error.code ?? error.message})` });
        const request = (secure ? httpsRequest : httpRequest)(
          new URL(`/api/v1${path}`, to),
          {
            method: 'POST',
            agent,
            signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
            headers: {
              'content-type': type,
              'content-length': body.length,
              ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
              ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            },
          },
          (response: IncomingMessage) => {
            const chunks: Buffer[] = [];
            let bytes = 0;
            response.on('data', (chunk: Buffer) => {
              bytes += chunk.length;
              if (bytes <= answerBytesMax) chunks.push(chunk);
              else response.destroy(new Error('its answer is too long'));
            });
            response.on('error', away);
            response.on('close', () => {
              if (!response.complete) away(new Error('its answer broke off'));
            });
            response.on('end', () => {
              if (!response.complete) return;
              resolve({
                kind: 'answer',
                status: response.statusCode ?? 0,
                text: Buffer.concat(chunks).toString('utf8'),
                tookMs: performance.now() - startedAt,
              });
            });
          },
        );
        request.on('error', away);
        request.end(body);
      }),
    close: () => agent.destroy(),
  };
}

/** Reads the PEM files of the command line. Refusals: `sensor.tls`. */
export function readClientTls(files: { certificate?: string; key?: string; authority?: string }): ClientTls {
  return Object.fromEntries(
    Object.entries(files).flatMap(([name, file]) => {
      if (file === undefined) return [];
      try {
        return [[name, readFileSync(file, 'utf8')]];
      } catch (cause) {
        throw new Refusal('sensor.tls', `The file cannot be read: ${(cause as Error).message}.`, {
          place: { file },
          advice: 'Give a PEM file that this user may read.',
          cause,
        });
      }
    }),
  );
}
