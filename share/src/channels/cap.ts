/**
 * A notice of a warning as a message of the Common Alerting Protocol 1.2 (OASIS Standard, 1 July 2010), in both languages. Written from
 * what was told then, so that the same notice is the same message whenever it is read.
 */

import { formatInstant } from '@forewarn/base/time';
import type { Colour } from '@forewarn/model/grade';
import type { NoticeKind, Urgency } from '@forewarn/model/notice';
import { moment, oneLine, saidOf, type Speaker, type Told } from './told.ts';
import { textElement, writeXml, type XmlElement } from './xml.ts';

export const capNamespace = 'urn:oasis:names:tc:emergency:cap:1.2';
export const capType = 'application/cap+xml';

/** An earlier message of the same warning, for the references of a later one. */
export type CapReference = { readonly number: string; readonly kind: NoticeKind; readonly at: number };

export type CapOptions = {
  /** One `info` each. */
  readonly speakers: readonly Speaker[];
  /** Internet name of the centre: with the issuer's id it makes the sender one of its kind. */
  readonly domain: string;
  readonly owner: string;
  /** The messages before this one, the oldest first. */
  readonly earlier: readonly CapReference[];
};

/** References that a message names: the last ones; a warning is adjusted some times. */
const referencesMax = 20;

const messageTypes: { readonly [kind in NoticeKind]: 'Alert' | 'Update' | 'Cancel' } = {
  'warning-issued': 'Alert',
  'warning-updated': 'Update',
  'warning-lifted': 'Cancel',
  'warning-reminder': 'Update',
  'warning-escalated': 'Update',
  'measure-due': 'Update',
  report: 'Alert',
};

const severities: { readonly [colour in Colour]: string } = {
  red: 'Extreme',
  orange: 'Severe',
  yellow: 'Moderate',
  blue: 'Minor',
};

/** What is going on was seen; what could be attacked may be. */
const urgencies: { readonly [urgency in Urgency]: { urgency: string; certainty: string; response: string } } = {
  incident: { urgency: 'Immediate', certainty: 'Observed', response: 'Execute' },
  abuse: { urgency: 'Immediate', certainty: 'Observed', response: 'Execute' },
  exposure: { urgency: 'Expected', certainty: 'Possible', response: 'Prepare' },
};

/** RFC 3066, as CAP wants it. */
const languageTags = { en: 'en', zh: 'zh-CN' } as const;

/** The specification forbids "Z" and fractions (§3.3.2): UTC is written with its offset. */
const instant = (at: number): string => `${formatInstant(at).slice(0, 19)}-00:00`;

/** No spaces, commas, "<" or "&" (§3.2.1). */
const plain = (text: string): string => text.replaceAll(/[\s,<&]+/g, '-');

const identifierOf = ({ number, kind, at }: CapReference): string => plain(`${number}.${kind}.${Math.floor(at)}`);

/** The document. Undefined for what is no warning, or of which nothing was kept. */
export function capOf(told: Told, options: CapOptions): string | undefined {
  const { notice, warning } = told;
  if (notice.subject.kind !== 'warning' || !warning) return undefined;
  const sender = plain(`${options.owner}@${options.domain}`);
  const messageType = messageTypes[notice.kind];
  const earlier = options.earlier.slice(-referencesMax);
  const references = earlier.map((one) => `${sender},${identifierOf(one)},${instant(one.at)}`).join(' ');
  const open = notice.marking === 'TLP:CLEAR';
  return writeXml({
    name: 'alert',
    attributes: { xmlns: capNamespace },
    content: [
      textElement('identifier', identifierOf(notice.number === '' ? { ...notice, number: told.id } : notice)),
      textElement('sender', sender),
      textElement('sent', instant(notice.at)),
      textElement('status', told.exercise ? 'Exercise' : 'Actual'),
      // An update or cancellation must say of what; to who has seen nothing before it is the first word.
      textElement('msgType', messageType !== 'Alert' && references === '' ? 'Alert' : messageType),
      textElement('scope', open ? 'Public' : 'Restricted'),
      open ? undefined : textElement('restriction', notice.marking),
      textElement('code', notice.marking),
      told.exercise ? textElement('note', options.speakers[0]!.say('channels.cap.exercise')) : undefined,
      references === '' ? undefined : textElement('references', references),
      ...options.speakers.map((speaker) => infoOf(told, warning, speaker)),
    ],
  });
}

function infoOf(told: Told, warning: NonNullable<Told['warning']>, speaker: Speaker): XmlElement {
  const { notice, issuer, link } = told;
  const { say, language } = speaker;
  const over = notice.kind === 'warning-lifted';
  const how = notice.urgency === null ? undefined : urgencies[notice.urgency];
  const instructions = [
    ...(over ? [] : warning.measures).map(({ text, dueAt }) =>
      dueAt === null ? text : say('channels.line.measure', { text, at: moment(dueAt) }),
    ),
    ...saidOf(notice, speaker),
  ];
  return {
    name: 'info',
    content: [
      textElement('language', languageTags[language]),
      textElement('category', 'Infra'),
      textElement('event', oneLine(warning.incidentType)),
      textElement('responseType', over ? 'AllClear' : (how?.response ?? 'Assess')),
      textElement('urgency', over ? 'Past' : (how?.urgency ?? 'Unknown')),
      textElement('severity', notice.colour === null ? 'Unknown' : severities[notice.colour]),
      textElement('certainty', how?.certainty ?? 'Unknown'),
      textElement('effective', instant(notice.at)),
      textElement('onset', instant(warning.startAt)),
      warning.validUntil === null ? undefined : textElement('expires', instant(warning.validUntil)),
      textElement('senderName', issuer[language]),
      textElement('headline', oneLine(notice.title[language], 160)),
      textElement('description', warning.mattersToNote),
      instructions.length === 0 ? undefined : textElement('instruction', instructions.join('\n')),
      textElement('web', link),
      parameter('number', notice.number),
      parameter('edition', String(warning.edition)),
      ...(notice.colour === null ? [] : [parameter('colour', notice.colour)]),
      parameter('marking', notice.marking),
      { name: 'area', content: [textElement('areaDesc', warning.possibleScope)] },
    ],
  };
}

const parameter = (name: string, value: string): XmlElement => ({
  name: 'parameter',
  content: [textElement('valueName', name), textElement('value', value)],
});
