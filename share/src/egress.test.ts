import { describe, expect, test } from 'vitest';
import type { Organisation } from '@forewarn/model/estate';
import { tlpOrder } from '@forewarn/model/markings';
import { inbox } from './channels/inbox.ts';
import { egress, type Passage, type Agreement, type EgressItem, type EgressRecipient } from './egress.ts';

const organisation = (id: string, kind: Organisation['kind'], overseenBy: string | null = null): Organisation => ({
  id,
  kind,
  overseenBy,
  name: { en: id, zh: id },
  sector: 's',
  region: 'r',
  reporter: 'network-operator',
  contact: 'c',
});
const centre = organisation('centre', 'centre');
const health = organisation('health', 'department');
const hospital = organisation('hospital', 'operator', 'health');
const clinic = organisation('clinic', 'operator', 'health');
const water = organisation('water', 'operator');

const to = (one: Organisation | undefined, concerned = true, id = one?.id ?? 'nobody'): EgressRecipient => ({
  id,
  organisation: one,
  needToKnow: concerned ? [{ text: 'know.concern.sector', values: { sector: 's' } }] : [],
});
const item = (owner: Organisation, more: Partial<EgressItem> = {}): EgressItem => ({
  kind: 'warning',
  id: 'w1',
  marking: 'TLP:AMBER',
  owner,
  fields: { title: 'technical' },
  ...more,
});
const agreement: Agreement = { id: 'a', from: 'hospital', to: 'clinic', kinds: ['warning'], fields: ['contact'], until: 100 };
const ask = (what: EgressItem, recipient: EgressRecipient, agreements: Agreement[] = [], at = 50) => {
  const { decisions, passages } = egress(what, [recipient], { agreements, at });
  expect(passages.length).toBe(decisions[0]!.allowed ? 1 : 0);
  return decisions[0]!.reason.text.replace('share.egress.', '');
};

describe('the exit', () => {
  test('is closed to the unregistered, whatever the marking', () => {
    for (const marking of tlpOrder) expect(ask(item(centre, { marking }), to(undefined))).toBe('unknown');
  });

  test('asks the marking', () => {
    const answers = (concerned: boolean) => tlpOrder.map((marking) => ask(item(centre, { marking }), to(water, concerned)));
    expect(answers(true)).toEqual(['red', 'concerned', 'concerned', 'community', 'clear']);
    expect(answers(false)).toEqual(['red', 'need-to-know', 'need-to-know', 'community', 'clear']);
  });

  test('asks the competence: who may address whom', () => {
    const may = (owner: Organisation, recipient: Organisation) => ask(item(owner), to(recipient)) === 'concerned';
    expect(may(centre, water)).toBe(true);
    expect(may(health, hospital)).toBe(true);
    expect(may(health, water)).toBe(false);
    expect(may(hospital, health)).toBe(true);
    expect(may(hospital, centre)).toBe(true);
    expect(may(hospital, clinic)).toBe(false);
    expect(ask(item(hospital), to(hospital))).toBe('own');
  });

  test('an agreement opens what it names, while it lasts', () => {
    expect(ask(item(hospital), to(clinic), [agreement])).toBe('concerned');
    expect(ask(item(hospital), to(clinic), [agreement], 100)).toBe('competence');
    expect(ask(item(hospital, { kind: 'report' }), to(clinic), [agreement])).toBe('competence');
    expect(ask(item(clinic), to(hospital), [agreement])).toBe('competence');
  });

  test('no agreement opens TLP:RED or a secret', () => {
    expect(ask(item(hospital, { marking: 'TLP:RED' }), to(clinic), [agreement])).toBe('red');
    expect(ask(item(hospital, { fields: { contact: 'secret' } }), to(clinic), [agreement])).toBe('secret');
  });

  test('personal and content fields leave only by name', () => {
    expect(ask(item(centre, { fields: { contact: 'personal' } }), to(water))).toBe('field');
    expect(ask(item(hospital, { fields: { contact: 'personal' } }), to(clinic), [agreement])).toBe('concerned');
    expect(ask(item(hospital, { fields: { subject: 'content' } }), to(clinic), [agreement])).toBe('field');
  });
});

test('a channel takes nothing that did not come through the exit', async () => {
  const put: string[] = [];
  const channel = inbox<string>(async (recipient, body) => void put.push(`${recipient}: ${body}`), { now: () => 7 });
  const { passages } = egress(item(centre), [to(water), to(undefined)], { agreements: [], at: 0 });
  expect(await channel.deliver({ passage: passages[0]!, body: 'look out' })).toEqual({
    channel: 'inbox',
    recipient: 'water',
    at: 7,
  });
  const forged = { kind: 'warning', item: 'w1', recipient: 'clinic', reasons: [] } as unknown as Passage;
  await expect(channel.deliver({ passage: forged, body: 'look out' })).rejects.toThrow('exit');
  expect(put).toEqual(['water: look out']);
});
