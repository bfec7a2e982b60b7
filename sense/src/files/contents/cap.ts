/**
 * Public warnings in the Common Alerting Protocol (OASIS CAP 1.2, ITU-T X.1303 bis), alone or in a feed: one record for each language of each. Texts for
 * the public are content; outlines of areas are not read, only their codes.
 */

import type { Seconds } from '@forewarn/base/time';
import type { CapAlertRecord } from '@forewarn/model/records/broadcast';
import type { AnyRecord } from '@forewarn/model/records/record';
import { childOf, type Element, textOf, valueOf } from '../../logs/element.ts';
import { instantOfText } from '../../logs/instants.ts';
import type { Content } from './contents.ts';
import { attributeOf, childrenOf, descendants, Document } from './document.ts';

const alertsMax = 256;
const infosMax = 32;
const listMax = 256;
const textCharactersMax = 4_096;
const nameCharactersMax = 512;
const aheadSeconds = 300;

/** The ceilings of warnings, for the reference. */
export const limits = [
  { name: 'cap.alertsMax', value: alertsMax, unit: 'warnings of a feed', why: 'National feeds hold some dozens, on a day of storms a few hundred.' },
  { name: 'cap.infosMax', value: infosMax, unit: 'languages of a warning', why: 'Warnings come in one to ten.' },
  { name: 'cap.listMax', value: listMax, unit: 'codes of a list', why: 'Areas of one warning; a country has some hundreds of counties.' },
  { name: 'cap.textCharactersMax', value: textCharactersMax, unit: 'characters', why: 'Of a text for the public; longer ones are cut.' },
  { name: 'cap.nameCharactersMax', value: nameCharactersMax, unit: 'characters', why: 'Of a name, a code or a reference.' },
  { name: 'cap.aheadSeconds', value: aheadSeconds, unit: 's', why: 'Clocks of issuers that are kept at all differ by less than five minutes.' },
] as const; // oxfmt-ignore

const statuses: ReadonlySet<string> = new Set(['Actual', 'Exercise', 'System', 'Test', 'Draft']);

/** `urn:oasis:names:tc:emergency:cap:1.2`; version 1.0 had an address of its own. */
const namespace = /^(?:urn:oasis:names:tc:emergency:cap:|http:\/\/www\.incident\.com\/cap\/)(1\.\d)$/;

const valueIn = (of: Element, name: string, max = nameCharactersMax): string | undefined => {
  const child = childOf(of, name);
  const value = child && valueOf(child);
  const text = value === undefined ? '' : textOf(value).trim();
  return text === '' ? undefined : text.slice(0, max);
};

const valuesIn = (of: Element, name: string): string[] | undefined => {
  const values = childrenOf(of, name)
    .slice(0, listMax)
    .flatMap((child) => {
      const value = valueOf(child);
      return value === undefined ? [] : [textOf(value).trim().slice(0, nameCharactersMax)];
    });
  return values.length > 0 ? values : undefined;
};

const instantIn = (of: Element, name: string): Seconds | undefined => instantOfText(valueIn(of, name) ?? '');

/** `valueName=value` of each `eventCode` or `geocode`; version 1.0 wrote them as one text. */
function pairsOf(of: readonly Element[]): string[] | undefined {
  const pairs = of.slice(0, listMax).map((pair) => {
    const name = valueIn(pair, 'valueName');
    const value = name === undefined ? valueOf(pair) : valueIn(pair, 'value');
    const text = value === undefined ? '' : textOf(value).trim();
    return (name === undefined ? text : `${name}=${text}`).slice(0, nameCharactersMax);
  });
  return pairs.length > 0 ? pairs : undefined;
}

type Writable = { -readonly [K in keyof CapAlertRecord]: CapAlertRecord[K] };

/** Sets what is there. */
function fill(record: Writable, values: Partial<CapAlertRecord>): void {
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) (record as { [name: string]: unknown })[name] = value;
}

/** The version of its namespace, wherever it is declared. */
function versionOf(alert: Element): string | undefined {
  for (const [, value] of alert.attributes) {
    const match = namespace.exec(String(value as string));
    if (match) return match[1];
  }
  return undefined;
}

function signatureOf(alert: Element): { signed: boolean; signature_method?: string } {
  const signature = childOf(alert, 'Signature');
  if (!signature) return { signed: false };
  const [method] = descendants(signature, 'SignatureMethod', 1);
  const algorithm = method && attributeOf(method, 'Algorithm');
  return algorithm === undefined ? { signed: true } : { signed: true, signature_method: algorithm.slice(0, nameCharactersMax) };
}

/** Warnings in a document: it is one, or holds some. */
export function alertsIn(root: Element): Element[] {
  return root.name === 'alert' ? [root] : descendants(root, 'alert', alertsMax);
}

/** The records of one warning. `seen`: when it was seen on the network; of a file that is not known. */
export function alertRecords(alert: Element, head: AnyRecord, seen: Seconds | undefined): CapAlertRecord[] {
  const sent = instantIn(alert, 'sent');
  const status = valueIn(alert, 'status');
  const base = { ...head } as unknown as Writable;
  fill(base, {
    cap_version: versionOf(alert),
    identifier: valueIn(alert, 'identifier'),
    sender: valueIn(alert, 'sender'),
    sent,
    status,
    msgType: valueIn(alert, 'msgType'),
    scope: valueIn(alert, 'scope'),
    source: valueIn(alert, 'source'),
    code: valuesIn(alert, 'code'),
    references: valueIn(alert, 'references', textCharactersMax)?.split(/\s+/, listMax),
    ...signatureOf(alert),
  });
  const odd: string[] = [];
  if (base.identifier === undefined || base.sender === undefined || sent === undefined) odd.push('incomplete');
  if (status === undefined || !statuses.has(status)) odd.push('unknown_status');
  if (sent !== undefined && seen !== undefined && sent > seen + aheadSeconds) odd.push('sent_in_future');
  const infos = childrenOf(alert, 'info');
  const write = (values: Partial<CapAlertRecord>, more: readonly string[]): CapAlertRecord => {
    const record = { ...base, infos: infos.length } as Writable;
    fill(record, values);
    if (odd.length + more.length > 0) record.oddities = [...odd, ...more];
    return record;
  };
  if (infos.length === 0) return [write({ info: 0 }, [])];
  return infos.slice(0, infosMax).map((info, i) => {
    const areas = childrenOf(info, 'area');
    const expires = instantIn(info, 'expires');
    const values: Partial<CapAlertRecord> = {
      info: i + 1,
      language: valueIn(info, 'language') ?? 'en-US',
      category: valuesIn(info, 'category'),
      event: valueIn(info, 'event'),
      responseType: valuesIn(info, 'responseType'),
      urgency: valueIn(info, 'urgency'),
      severity: valueIn(info, 'severity'),
      certainty: valueIn(info, 'certainty'),
      eventCode: pairsOf(childrenOf(info, 'eventCode')),
      effective: instantIn(info, 'effective'),
      onset: instantIn(info, 'onset'),
      expires,
      senderName: valueIn(info, 'senderName'),
      geocodes: pairsOf(areas.slice(0, listMax).flatMap((area) => childrenOf(area, 'geocode'))),
      areas: areas.length,
      resources: childrenOf(info, 'resource').length,
      headline: valueIn(info, 'headline', textCharactersMax),
      description: valueIn(info, 'description', textCharactersMax),
      instruction: valueIn(info, 'instruction', textCharactersMax),
    };
    return write(values, expires !== undefined && sent !== undefined && expires <= sent ? ['expired_when_sent'] : []);
  });
}

/** Whether the beginning of a document speaks of warnings: its root is one, or it declares their namespace. */
export const speaksOfCap = (text: string): boolean =>
  /urn:oasis:names:tc:emergency:cap:1\.|http:\/\/www\.incident\.com\/cap\/1\./.test(text);

export const capContent: Content = {
  begins: speaksOfCap,
  open: (origin, host) =>
    new Document(host, (root) => {
      if (typeof root === 'string') return;
      for (const alert of alertsIn(root)) {
        for (const record of alertRecords(alert, { ...origin.head, fuid: origin.fuid }, origin.ts))
          host.record('cap_alert', record);
      }
    }),
};
