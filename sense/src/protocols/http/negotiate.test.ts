import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Arrival, ascii, cutAll, flowOf, run } from '../trial.ts';
import { http } from './http.ts';
import { tokenAt } from './negotiate.ts';

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const field = (length: number, offset: number): Buffer => Buffer.from([length, 0, length, 0, offset, 0, 0, 0]);
const message = (type: number, ...rest: Buffer[]): string =>
  Buffer.concat([Buffer.from(`NTLMSSP\0${String.fromCharCode(type)}\0\0\0`, 'latin1'), ...rest]).toString('base64');
const negotiate = message(1, Buffer.alloc(24));
const name = utf16('WEB1');
const pairs = Buffer.concat([Buffer.from([1, 0, name.length, 0]), name, Buffer.alloc(4)]);
const challenge = message(
  2,
  field(0, 56),
  Buffer.from([1, 0, 0, 0]),
  Buffer.alloc(16, 0x7a),
  field(pairs.length, 56),
  Buffer.alloc(8),
  pairs,
);
const account = utf16('anna');
const authenticate = message(
  3,
  field(24, 80),
  field(0, 80),
  field(0, 72),
  field(account.length, 72),
  field(0, 72),
  field(0, 72),
  Buffer.from([1, 0, 0, 0]),
  Buffer.alloc(8),
  account,
  Buffer.alloc(24, 0x7a),
);

const ask = (token: string, scheme = 'NTLM'): Arrival => ({
  direction: 0,
  ts: 1,
  bytes: ascii(`GET /intranet HTTP/1.1\r\nHost: web1.example.net\r\nAuthorization: ${scheme} ${token}\r\n\r\n`),
});
const answer = (status: string, ...headers: string[]): Arrival => ({
  direction: 1,
  ts: 2,
  bytes: ascii(`HTTP/1.1 ${status}\r\n${headers.map((each) => `${each}\r\n`).join('')}Content-Length: 0\r\n\r\n`),
});
const flow = flowOf('tcp', 80);
const login = (last: Arrival): Arrival[] => [
  ask(negotiate),
  answer('401 Unauthorized', 'WWW-Authenticate: Basic realm="x"', `WWW-Authenticate: NTLM ${challenge}`),
  ask(authenticate),
  last,
];
const ntlm = (arrivals: readonly Arrival[]) =>
  run(http, flow, arrivals)
    .records.filter(({ log }) => log === 'ntlm')
    .map(({ record }) => record);

test('a login by NTLM, granted and refused', () => {
  const [granted] = ntlm(login(answer('200 OK')));
  expect(granted).toMatchObject({ username: 'anna', server_nb_computer_name: 'WEB1', success: true });
  expect(ntlm(login(answer('401 Unauthorized', 'WWW-Authenticate: NTLM')))).toMatchObject([{ success: false }]);
  expect(ntlm(login(answer('100 Continue')))[0]).not.toHaveProperty('success');
});

test('at a proxy, and by negotiation, in any case of the letters', () => {
  const { services } = run(http, flow, [
    ask(negotiate, 'nEgOtIaTe'),
    answer('407 Proxy Authentication Required', `Proxy-Authenticate: NEGOTIATE ${challenge}`),
  ]);
  expect(services).toEqual(['http', 'ntlm']);
});

test('any split of the streams gives the same records, and none holds a response or a challenge', () => {
  const arrivals = login(answer('200 OK'));
  const whole = run(http, flow, arrivals).records;
  expect(JSON.stringify(whole)).not.toMatch(/zzzz|enp6|TlRMTVNT/);
  fc.assert(
    fc.property(fc.array(fc.nat(400), { maxLength: 10 }), (places) => {
      expect(run(http, flow, cutAll(arrivals, places)).records).toEqual(whole);
    }),
  );
});

test('other schemes are left to others', () => {
  const at = (text: string): number => tokenAt(ascii(text), 0, text.length);
  expect([at(' NTLM abc'), at('Negotiate x'), at('NTLM'), at('NTLM '), at('Basic x'), at('Negotiated x'), at('')]).toEqual([
    6, 10, -1, -1, -1, -1, -1,
  ]);
});
