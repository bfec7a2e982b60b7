import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Direction } from '../protocol.ts';
import { flowOf, silent } from '../trial.ts';
import { SecurityTokens } from './gssapi.ts';

const der = (tag: number, ...content: Buffer[]): Buffer => {
  const body = Buffer.concat(content);
  return Buffer.concat([
    Buffer.from(body.length < 128 ? [tag, body.length] : [tag, 0x82, body.length >> 8, body.length & 255]),
    body,
  ]);
};
const oid = (hex: string): Buffer => der(6, Buffer.from(hex, 'hex'));
const spnego = oid('2b0601050502');
const kerberos = oid('2a864886f712010202');
const ntlmNegotiate = Buffer.concat([Buffer.from('NTLMSSP\0\x01\0\0\0', 'latin1'), Buffer.alloc(24)]);
const account = Buffer.from('anna', 'utf16le');
const ntlmLogin = Buffer.concat([
  Buffer.from('NTLMSSP\0\x03\0\0\0', 'latin1'),
  Buffer.alloc(24),
  Buffer.from([8, 0, 8, 0, 72, 0, 0, 0]),
  Buffer.alloc(16),
  Buffer.from([1, 0, 0, 0]),
  Buffer.alloc(8),
  account,
]);
const init = (token: Buffer): Buffer =>
  der(0x60, spnego, der(0xa0, der(0x30, der(0xa0, der(0x30, kerberos)), der(0xa2, der(4, token)))));
const answer = (state: number, token?: Buffer): Buffer =>
  der(0xa1, der(0x30, der(0xa0, der(0x0a, Buffer.from([state]))), ...(token ? [der(0xa2, der(4, token))] : [])));
const general = (text: string): Buffer => der(0x1b, Buffer.from(text));
const number = (value: number): Buffer => der(2, Buffer.from([value]));
const ticket = der(
  0x61,
  der(
    0x30,
    der(0xa0, number(5)),
    der(0xa1, general('EXAMPLE.NET')),
    der(0xa2, der(0x30, der(0xa0, number(2)), der(0xa1, der(0x30, general('http'), general('www.example.net'))))),
    der(0xa3, der(0x30, der(0xa0, number(18)))),
  ),
);
const apRequest = der(
  0x60,
  kerberos,
  Buffer.from([1, 0]),
  der(0x6e, der(0x30, der(0xa0, number(5)), der(0xa1, number(14)), der(0xa3, ticket))),
);

function tokens(...steps: ([Direction, Buffer] | boolean)[]): {
  records: { log: string; record: AnyRecord }[];
  services: string[];
} {
  const records: { log: string; record: AnyRecord }[] = [];
  const services: string[] = [];
  const emit = {
    ...silent,
    record: (log: string, record: AnyRecord) => void records.push({ log, record }),
    confirm: (service = '') => void services.push(service),
  };
  const security = new SecurityTokens(flowOf('tcp', 80), emit);
  for (const step of steps) {
    if (typeof step === 'boolean') security.outcome(step);
    else security.token(step[0], step[1], 0, step[1].length, 1);
  }
  security.finish();
  return { records, services };
}

describe('what a token holds', () => {
  test('NTLM, bare and negotiated', () => {
    expect(tokens([0, ntlmNegotiate]).services).toEqual(['ntlm']);
    expect(tokens([0, init(ntlmNegotiate)]).services).toEqual(['ntlm', 'gssapi']);
  });
  test('Kerberos, in its own token and negotiated', () => {
    for (const token of [apRequest, init(apRequest)]) {
      const { records, services } = tokens([0, token]);
      expect(services).toEqual(['krb', 'gssapi']);
      expect(records).toMatchObject([
        {
          log: 'kerberos',
          record: {
            request_type: 'AP',
            service: 'http/www.example.net',
            client: '/EXAMPLE.NET',
            cipher: 'aes256-cts-hmac-sha1-96',
          },
        },
      ]);
    }
  });
  test('nothing that is known', () => {
    expect(tokens([0, Buffer.from('hello')]).services).toEqual([]);
    expect(tokens([0, Buffer.from('60')]).services).toEqual([]);
  });
});

describe('how it ended', () => {
  const login: [Direction, Buffer][] = [
    [0, init(ntlmNegotiate)],
    [0, answer(1, ntlmLogin)],
  ];
  test('the server says so in the negotiation', () => {
    expect(tokens(...login, [1, answer(0)]).records).toMatchObject([{ record: { username: 'anna', success: true } }]);
    expect(tokens(...login, [1, answer(2)]).records).toMatchObject([{ record: { success: false } }]);
    expect(tokens(...login, [1, answer(1)]).records[0]!.record).not.toHaveProperty('success');
  });
  test('what a client says of it does not count', () => {
    expect(tokens(...login, [0, answer(0)]).records[0]!.record).not.toHaveProperty('success');
  });
  test('or the protocol around it knows', () => {
    expect(tokens(...login, true).records).toMatchObject([{ record: { success: true } }]);
    expect(tokens([0, apRequest], false).records).toMatchObject([{ record: { success: false } }]);
  });
});

test('base64 as in HTTP', () => {
  const services: string[] = [];
  const security = new SecurityTokens(flowOf('tcp', 80), { ...silent, confirm: (service = '') => void services.push(service) });
  expect(security.base64(0, init(ntlmNegotiate).toString('base64'), 1)).toBe(true);
  expect(security.base64(0, 'x'.repeat(200_000), 1)).toBe(false);
  expect(services).toEqual(['ntlm', 'gssapi']);
});

test('layers without end are not followed, mutated bytes never throw', () => {
  let deep: Buffer = ntlmNegotiate;
  for (let i = 0; i < 8; i++) deep = init(deep);
  expect(tokens([0, deep]).services).toEqual(['gssapi']);
  const good = init(apRequest);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
      const bytes = Buffer.from(good);
      for (const [at, value] of changes) bytes[at] = value;
      expect(tokens([0, bytes], [1, bytes]).records.length).toBeLessThan(3);
    }),
    { numRuns: 1_000 },
  );
});
