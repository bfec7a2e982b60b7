/**
 * Signed webhooks after the Standard Webhooks specification 1.0.0 (https://www.standardwebhooks.com): HMAC-SHA256 over
 * `id.timestamp.body`, so that any of its libraries verifies them. The signed time and the id let a receiver refuse what is old or
 * came before.
 */

import { createHmac } from 'node:crypto';
import { formatInstant } from '@forewarn/base/time';
import type { Tlp } from '@forewarn/model/markings';
import { announced, goesWhole, headingOf, saidOf, type Speaker, type Told } from './told.ts';

export type SignedRequest = { readonly headers: { readonly [name: string]: string }; readonly body: string };

/** Bytes of a secret; the specification asks for 24 to 64. */
const secretBytes = 32;

export const makeWebhookSecret = (random: (bytes: number) => Uint8Array): string =>
  `whsec_${Buffer.from(random(secretBytes)).toString('base64')}`;

/** `id`: the same at each attempt. `at`: the present in seconds; receivers refuse what is five minutes off. */
export function signed(body: string, { id, at, secret }: { id: string; at: number; secret: string }): SignedRequest {
  const timestamp = String(Math.floor(at));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Forewarn-Webhook/1',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
  };
}

/** The message of one notice, or `digest` of several. Instants are RFC 3339, texts in the endpoint's language. */
export function webhookBody(told: readonly Told[], { speaker, whole, at }: { speaker: Speaker; whole: Tlp; at: number }): string {
  const items = told.map((one) => itemOf(one, speaker, whole));
  const [first] = items;
  if (!first) throw new Error('A webhook of no notice.');
  const message =
    items.length === 1
      ? { type: first.kind, timestamp: formatInstant(at), data: first }
      : { type: 'digest', timestamp: formatInstant(at), data: { notices: items } };
  return JSON.stringify(message);
}

/** A message that tells nothing but that messages arrive. */
export const testBody = (at: number): string =>
  JSON.stringify({ type: 'test', timestamp: formatInstant(at), data: { marking: 'TLP:CLEAR' } });

function itemOf(told: Told, speaker: Speaker, whole: Tlp) {
  const withheld = !goesWhole(told.notice.marking, whole);
  const { id, notice, warning, issuer, link } = withheld ? announced(told, speaker) : told;
  const instant = (at: number | null): string | null => (at === null ? null : formatInstant(at));
  return {
    id,
    kind: notice.kind,
    subject: notice.subject,
    number: notice.number,
    marking: notice.marking,
    urgency: notice.urgency,
    colour: notice.colour,
    heading: headingOf(notice, speaker),
    title: notice.title[speaker.language],
    language: speaker.language,
    lines: saidOf(notice, speaker),
    dueAt: instant(notice.dueAt),
    at: formatInstant(notice.at),
    issuer: issuer[speaker.language],
    link,
    withheld,
    exercise: told.exercise,
    warning: warning && {
      ...warning,
      startAt: formatInstant(warning.startAt),
      validUntil: instant(warning.validUntil),
      measures: warning.measures.map(({ text, dueAt }) => ({ text, dueAt: instant(dueAt) })),
    },
  };
}
