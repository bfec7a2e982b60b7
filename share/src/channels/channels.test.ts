/** What the channels write: mail, signed messages, CAP and Atom. Other makers' libraries read it. */

import { readFileSync } from 'node:fs';
import { array, record, sample, string } from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { parseAddress } from '@forewarn/base/ip';
import type { Notice } from '@forewarn/model/notice';
import { languages, type Language } from '@forewarn/model/text';
import { atomOf } from './atom.ts';
import { attemptsMax, waitAfter } from './backoff.ts';
import { capOf } from './cap.ts';
import { mailOf } from './mail.ts';
import { declaredNetwork, reachOf, webhookUrl } from './reach.ts';
import { speakerOf, type Told } from './told.ts';
import { makeWebhookSecret, signed, webhookBody } from './webhook.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const speakers = Object.fromEntries(
  languages.map((language) => {
    const words = ['channels', 'center'].flatMap((area) =>
      Object.entries(JSON.parse(read(`../../../content/text/${language}/${area}.json`)) as { [key: string]: string }),
    );
    return [language, speakerOf(language, new Map(words))];
  }),
) as { [language in Language]: ReturnType<typeof speakerOf> };

const at = 1_764_000_000.25;

const told = (more: Partial<Notice> = {}, warning: Partial<NonNullable<Told['warning']>> | null = {}): Told => ({
  id: '0199-one',
  notice: {
    kind: 'warning-issued',
    subject: { kind: 'warning', id: 'w1' },
    number: 'EW-2025-0007',
    recipient: 'hospital',
    marking: 'TLP:AMBER',
    urgency: 'exposure',
    colour: 'orange',
    title: { en: 'Gateways can be taken over', zh: '网关可被接管' },
    lines: [{ text: 'channels.line.due', values: { at: '2025-11-25T16:00:00.000Z' } }],
    dueAt: at + 86_400,
    at,
    ...more,
  },
  warning: warning && {
    edition: 1,
    colour: 'orange',
    incidentType: 'vulnerability',
    startAt: at - 3_600,
    validUntil: at + 604_800,
    possibleScope: 'Hospitals & clinics',
    mattersToNote: 'The gateway <b>answers</b> to anybody.',
    measures: [{ text: 'Separate it.', dueAt: at + 7_200 }],
    ...warning,
  },
  issuer: { en: 'National Centre', zh: '国家中心' },
  exercise: false,
  link: 'https://centre.example/warnings/w1',
});

const schema = read('testing/cap-1.2.xsd');
const errorsOf = async (xml: string): Promise<string[]> =>
  (await validateXML({ xml: { fileName: 'message.xml', contents: xml }, schema })).errors.map(({ message }) => message);

const capOptions = {
  speakers: [speakers.en, speakers.zh],
  domain: 'centre.example',
  owner: 'centre',
  earlier: [],
};
const cap = (one: Told, more: Partial<Parameters<typeof capOf>[1]> = {}): string => capOf(one, { ...capOptions, ...more })!;

describe('CAP 1.2', () => {
  test('a warning is a valid message in both languages', async () => {
    const xml = cap(told());
    expect(await errorsOf(xml)).toEqual([]);
    expect(xml).toContain('<msgType>Alert</msgType>');
    expect(xml).toContain('<scope>Restricted</scope>\n  <restriction>TLP:AMBER</restriction>');
    expect(xml).toContain('<sent>2025-11-24T16:00:00-00:00</sent>');
    expect(xml).toMatch(/<urgency>Expected<.*\n\s*<severity>Severe<.*\n\s*<certainty>Possible</);
    expect(xml).toContain('<headline>网关可被接管</headline>');
    expect(xml).toContain('The gateway &lt;b&gt;answers&lt;/b&gt; to anybody.');
  });

  test('the validator finds what is wrong: a missing element, a wrong word, a fraction of a second', async () => {
    const xml = cap(told());
    const broken = [
      xml.replace(/ *<sender>.*\n/, ''),
      xml.replace('<status>Actual<', '<status>Real<'),
      xml.replace(/<sent>[^<]*/, '<sent>2025-11-24T16:00:00Z'),
      xml.replace('<identifier>', '<identifier>a b'),
    ];
    for (const one of broken) expect(await errorsOf(one)).not.toEqual([]);
  });

  test('an update and a cancellation name what was before; without it they are the first word', async () => {
    const earlier = [{ number: 'EW-2025-0007', kind: 'warning-issued', at }] as const;
    const update = cap(told({ kind: 'warning-updated', at: at + 60 }), { earlier });
    expect(update).toContain(
      '<references>centre@centre.example,EW-2025-0007.warning-issued.1764000000,2025-11-24T16:00:00-00:00<',
    );
    expect(update).toContain('<msgType>Update<');
    const lifted = cap({ ...told({ kind: 'warning-lifted', at: at + 90, marking: 'TLP:CLEAR' }), exercise: true }, { earlier });
    for (const part of ['<msgType>Cancel<', '<responseType>AllClear<', '<scope>Public<', '<status>Exercise<'])
      expect(lifted).toContain(part);
    expect(lifted).not.toContain('<restriction>');
    expect(cap(told({ kind: 'warning-updated' }))).toContain('<msgType>Alert<');
    for (const one of [update, lifted]) expect(await errorsOf(one)).toEqual([]);
  });

  test('a report is no alert, and what is withheld has no message', () => {
    expect(capOf(told({ kind: 'report', subject: { kind: 'report', id: 'r' } }), capOptions)).toBeUndefined();
    expect(capOf(told({}, null), capOptions)).toBeUndefined();
  });

  test('no text breaks out of its place', async () => {
    const texts = array(record({ title: string({ unit: 'binary', minLength: 1 }), words: string({ unit: 'binary' }) }), {
      minLength: 8,
      maxLength: 8,
    });
    for (const { title, words } of sample(texts, { numRuns: 1, seed: 7 }).flat()) {
      const hostile = told(
        { title: { en: title, zh: `]]>${title}` }, number: `EW ${words.slice(0, 20)}` },
        { mattersToNote: `</description>${words}`, incidentType: words, possibleScope: words },
      );
      expect(await errorsOf(cap(hostile))).toEqual([]);
    }
  });
});

describe('Atom', () => {
  const feed = (items: Told[]): string =>
    atomOf(items, {
      speaker: speakers.en,
      title: 'Notices <to> hospital',
      domain: 'centre.example',
      path: 'notices/hospital',
      self: 'https://centre.example/api/v1/feeds/notices',
      since: 0,
      capLink: ({ id }) => `https://centre.example/api/v1/feeds/cap/${id}?a=1&b=2`,
    });

  test('has what RFC 4287 asks of a feed and of each entry', () => {
    const xml = feed([told(), told({ at: at - 60 }, null)]);
    for (const part of ['<id>tag:centre.example,2026:notices/hospital</id>', '<updated>2025-11-24T16:00:00.250Z</updated>'])
      expect(xml).toContain(part);
    const entries = xml.split('<entry>').slice(1);
    expect(entries).toHaveLength(2);
    for (const entry of entries) {
      for (const name of ['id', 'title', 'updated', 'content']) expect(entry).toMatch(new RegExp(`<${name}[ >]`));
      expect(entry).toContain('<title>[TLP:AMBER] EW-2025-0007');
      expect(entry).toContain('<author>');
      expect(entry).toContain(
        'rel="related" type="application/cap+xml" href="https://centre.example/api/v1/feeds/cap/0199-one?a=1&amp;b=2"',
      );
    }
    expect(feed([])).toContain('<updated>1970-01-01T00:00:00.000Z</updated>');
  });

  test('is well-formed whatever is told', async () => {
    const faults = async (xml: string) =>
      (await validateXML({ xml: { fileName: 'feed.xml', contents: xml }, normalization: 'format' } as never)).errors;
    expect(await faults(feed([told({ title: { en: '<&"\u0001\ud800', zh: 'x' } })]))).toEqual([]);
    expect(await faults(feed([told()]).replace('</entry>', ''))).not.toEqual([]);
  });
});

describe('mail', () => {
  const options = { speaker: speakers.en, domain: 'centre.example', whole: 'TLP:AMBER' } as const;

  test('the marking stands in the subject, above and below the text', () => {
    const { subject, text, messageId, headers } = mailOf([told()], options);
    expect(subject).toBe('[TLP:AMBER] EW-2025-0007 · Warning issued, orange: Gateways can be taken over');
    const lines = text.split('\n');
    expect(lines[0]).toBe('TLP:AMBER');
    expect(lines.filter((line) => line === 'TLP:AMBER')).toHaveLength(2);
    for (const part of [
      'Answer due: 2025-11-25 16:00 UTC',
      '– Separate it. (by 2025-11-24 18:00 UTC)',
      'https://centre.example/warnings/w1',
    ])
      expect(text).toContain(part);
    expect(messageId).toBe('0199-one@centre.example');
    expect(headers['Auto-Submitted']).toBe('auto-generated');
  });

  test('what is over asks for nothing, and an instant among words is written as people read it', () => {
    const { text } = mailOf([told({ kind: 'warning-lifted' })], options);
    expect(text).not.toContain('Separate it.');
    expect(text).toContain('– Answer due: 2025-11-25 16:00 UTC');
  });

  test('in Chinese all of it is Chinese', () => {
    const { subject, text } = mailOf([told({ lines: [] })], { ...options, speaker: speakers.zh });
    expect(subject).toContain('发布预警（橙色）：网关可被接管');
    expect(text).not.toMatch(/\[\w+\.[\w.-]+\]|From|Measures/);
  });

  test('what is marked more strictly than the way allows is only announced', () => {
    const { subject, text } = mailOf([told({ marking: 'TLP:AMBER+STRICT' })], options);
    expect(subject).toBe('[TLP:AMBER+STRICT] EW-2025-0007 · Warning issued: The content stands in the workbench');
    expect(text).not.toMatch(/Gateway|taken over|Separate|orange|clinics/i);
    expect(text).toContain('https://centre.example/warnings/w1');
  });

  test('an exercise says so everywhere', () => {
    const exercise = { ...told(), exercise: true };
    const { subject, text } = mailOf([exercise], options);
    expect(subject).toContain('[TLP:AMBER] EXERCISE EW-2025-0007');
    expect(text).toContain('Exercise: from a demonstration.');
    const body = webhookBody([exercise], { speaker: speakers.en, whole: 'TLP:AMBER', at });
    expect(JSON.parse(body).data.exercise).toBe(true);
  });

  test('a digest bears the strictest marking, and each part its own', () => {
    const { subject, text } = mailOf([told({ marking: 'TLP:GREEN' }), told({ marking: 'TLP:AMBER' })], options);
    expect(subject).toBe('[TLP:AMBER] 2 notices');
    expect(text).toContain('TLP:GREEN\nGateways');
  });

  test('a title cannot write headers', () => {
    const { subject } = mailOf(
      [told({ title: { en: 'a\r\nBcc: everybody@example.org\u2028x'.padEnd(400, 'y'), zh: 'x' } })],
      options,
    );
    expect(subject).not.toMatch(/[\r\n\u2028]/);
    expect(subject.length).toBeLessThanOrEqual(250);
  });
});

describe('signed webhooks', () => {
  const secret = makeWebhookSecret((bytes) => new Uint8Array(bytes).fill(7));
  const present = Math.floor(Date.now() / 1000);
  const body = webhookBody([told()], { speaker: speakers.en, whole: 'TLP:AMBER', at });

  test('the library of the specification accepts it, and nothing that was changed or is old', () => {
    const hook = new Webhook(secret);
    const { headers } = signed(body, { id: 'msg_1', at: present, secret });
    expect(hook.verify(body, headers)).toMatchObject({
      type: 'warning-issued',
      data: { number: 'EW-2025-0007', withheld: false },
    });
    expect(() => hook.verify(body.replace('0007', '0008'), headers)).toThrow(/signature/i);
    expect(() => hook.verify(body, { ...headers, 'webhook-id': 'msg_2' })).toThrow(/signature/i);
    expect(() => hook.verify(body, signed(body, { id: 'msg_1', at: present - 3_600, secret }).headers)).toThrow(/old/);
    const other = makeWebhookSecret((bytes) => new Uint8Array(bytes).fill(8));
    expect(() => new Webhook(other).verify(body, headers)).toThrow(/signature/i);
  });

  test('the guide’s own words verify it', async () => {
    const [, code] = /```js\n([\s\S]*?)```/.exec(read('../../../docs/channels.md'))!;
    const { verify } = (await import(`data:text/javascript,${encodeURIComponent(code!)}`)) as {
      verify: (secret: string, headers: object, body: string, now: number) => boolean;
    };
    const { headers } = signed(body, { id: 'msg_1', at: 1_000, secret });
    expect(verify(secret, headers, body, 1_000)).toBe(true);
    expect(verify(secret, headers, `${body} `, 1_000)).toBe(false);
    expect(verify(secret, headers, body, 1_301)).toBe(false);
  });

  test('what is withheld is not in the message', () => {
    const cut = webhookBody([told()], { speaker: speakers.en, whole: 'TLP:GREEN', at });
    expect(cut).not.toMatch(/Gateway|taken over|Separate|orange|clinics/i);
    expect(JSON.parse(cut).data).toMatchObject({ withheld: true, number: 'EW-2025-0007', warning: null });
  });
});

describe('where a webhook may go', () => {
  const declared = ['10.1.0.0/16', 'fd00:1::/32'].map((text) => declaredNetwork(text)!);
  test.each([
    ['127.0.0.1', 'refused'],
    ['10.2.0.1', 'refused'],
    ['10.1.2.3', 'declared'],
    ['::ffff:10.1.2.3', 'declared'],
    ['169.254.169.254', 'refused'],
    ['100.64.0.1', 'refused'],
    ['0.0.0.0', 'refused'],
    ['255.255.255.255', 'refused'],
    ['::1', 'refused'],
    ['::', 'refused'],
    ['::ffff:127.0.0.1', 'refused'],
    ['64:ff9b::7f00:1', 'refused'],
    ['2002:7f00:1::', 'refused'],
    ['2001:0:1::', 'refused'],
    ['fe80::1', 'refused'],
    ['fd00:1::5', 'declared'],
    ['fd00:2::5', 'refused'],
    ['ff02::1', 'refused'],
    ['93.184.216.34', 'public'],
    ['2a00:1450:4001::1', 'public'],
  ])('%s: %s', (address, expected) => expect(reachOf(parseAddress(address)!, declared)).toBe(expected));

  test('only private networks can be declared', () => {
    expect(['10.0.0.0/8', '192.168.1.0/24', '127.0.0.1', '::1'].map((text) => declaredNetwork(text) !== undefined)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    for (const text of ['0.0.0.0/0', '::/0', '8.0.0.0/6', '169.254.0.0/16', 'fe80::/10', '10.0.0.0/7', 'x'])
      expect(declaredNetwork(text)).toBeUndefined();
  });

  test('an address without names and passwords, for the web', () => {
    expect(webhookUrl('https://a.example/hook?x=1')?.hostname).toBe('a.example');
    for (const text of [
      'ftp://a.example',
      'https://u:p@a.example',
      'https://a.example/#x',
      'javascript:1',
      'x',
      `https://a.example/${'x'.repeat(3_000)}`,
    ])
      expect(webhookUrl(text)).toBeUndefined();
  });
});

test('waits grow, and end', () => {
  const all = Array.from({ length: attemptsMax }, (_, made) => waitAfter(made + 1, 0));
  expect(all.at(-1)).toBeUndefined();
  const waits = all.slice(0, -1) as number[];
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  const total = waits.reduce((sum, wait) => sum + wait, 0);
  expect(total).toBeGreaterThan(43_200);
  expect(total).toBeLessThan(86_400);
});
