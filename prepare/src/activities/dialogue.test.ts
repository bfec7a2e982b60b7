import { describe, expect, test } from 'vitest';
import type { Refusal } from '@forewarn/base/refusal';
import { generate } from '../generate.ts';
import { dissect, TcpLedger } from '../packets/dissect.ts';
import { readScenario } from '../scenario/language.ts';

const scenario = (over: 'tcp' | 'udp', said: string, more = '') => `
id: small
title: { en: Small, zh: 小 }
summary: { en: Small, zh: 小 }
start: 2026-03-03T08:00:00Z
length: PT1M
networks:
  - { id: one, name: { en: One, zh: 一 }, cidr: 10.1.1.0/24, side: inside }
  - { id: two, name: { en: Two, zh: 二 }, cidr: 192.0.2.0/24, side: outside }
hosts:
  - { id: asker, name: { en: Askers, zh: 客户 }, network: one, count: 2 }
  - { id: teller, name: { en: Teller, zh: 服务 }, network: one, count: 1, addresses: 10.1.1.9 }
actors: []
background:
  - id: talk
    do: dialogue
    from: asker
    to: teller
    over: ${over}
    port: 4000
    every: PT20S
    ${more}
    said: |
${said
  .split('\n')
  .map((line) => `      ${line}`)
  .join('\n')}
steps: []
nearMisses: []
`;
const payloads = (text: string) =>
  [...generate(readScenario(text, 'small.yaml'), { seed: 3 }).packets]
    .map(({ ts, bytes }) => ({ ts, ...dissect(bytes), bytes }))
    .filter(({ from }) => from !== undefined);

const said = `# comments and blank lines say nothing
0.00 > 0102 "a\\u00ff" 03*4

0.50 < 0a0b
> ff`;

describe('what is written down is what passes', () => {
  test('datagrams, each at its time, in both directions', () => {
    const packets = payloads(scenario('udp', said)).filter(({ bytes }) => bytes[23] === 17);
    const own = packets.filter(({ from, to }) => from === packets[0]!.from || to === packets[0]!.from);
    const hex = own.slice(0, 3).map(({ bytes }) => Buffer.from(bytes).toString('hex', 42, 14 + ((bytes[16]! << 8) | bytes[17]!)));
    expect(hex).toEqual(['010261ff03030303', '0a0b', 'ff']);
    expect(own[1]!.ts - own[0]!.ts).toBeGreaterThan(0.4);
    expect(packets.every(({ checksumsHold }) => checksumsHold)).toBe(true);
    // Two askers, every twenty seconds of a minute.
    expect(packets.length).toBe(2 * 3 * 3);
  });

  test('a connection, opened and closed as connections are', () => {
    const ledger = new TcpLedger();
    const packets = payloads(scenario('tcp', said)).filter(({ bytes }) => bytes[23] === 6);
    for (const packet of packets) ledger.add(packet);
    expect(packets.every(({ checksumsHold }) => checksumsHold)).toBe(true);
    const joined = packets.map(({ bytes }) => Buffer.from(bytes).toString('latin1')).join('');
    expect(joined.split('\x01\x02a\xff\x03\x03\x03\x03').length).toBe(7);
  });

  test('both ends on one port, where that is said', () => {
    const packets = payloads(scenario('udp', '> 00', 'clientPort: 4000')).filter(({ bytes }) => bytes[23] === 17);
    expect(packets.map(({ bytes }) => (bytes[34]! << 8) | bytes[35]!).every((port) => port === 4000)).toBe(true);
  });
});

test.each(['> 1', '> zz', '0102', '> "open', '> ff*1401', '> "ok" ff*1400', '1.0 > 00\n0.5 > 01', '>', '> 00 > 11'])(
  'what says nothing is refused: %s',
  (wrong) => {
    let refusals: Refusal[] = [];
    try {
      readScenario(scenario('udp', wrong), 'small.yaml');
    } catch (error) {
      refusals = (error as AggregateError).errors as Refusal[];
    }
    expect(refusals.map(({ message }) => message).join()).toMatch(/says nothing/);
  },
);

test('more messages than a dialogue has are refused', () => {
  const many = Array.from({ length: 201 }, () => '> 00').join('\n');
  expect(() => readScenario(scenario('udp', many), 'small.yaml')).toThrow('small.yaml is not a scenario');
  expect(() => readScenario(scenario('udp', many.slice(5)), 'small.yaml')).not.toThrow();
});
