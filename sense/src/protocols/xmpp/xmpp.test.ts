import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ascii, cut, flowOf, run } from '../trial.ts';
import { xmpp } from './xmpp.ts';

const flow = flowOf('tcp', 5222);
const open = "<?xml version='1.0'?><stream:stream to='example.org' version='1.0' xmlns='jabber:client'>";
const features = "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>";
const ask = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const proceed = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

test('gives way to TLS behind the tag that the server ends the clear text with, wherever segments are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(400), { maxLength: 12 }), (places) => {
      const outcome = run(xmpp, flow, [
        ...cut({ direction: 0, ts: 1, bytes: ascii(open) }, places),
        ...cut({ direction: 1, ts: 2, bytes: ascii(open + features) }, places),
        ...cut({ direction: 0, ts: 3, bytes: ascii(ask) }, places),
        ...cut({ direction: 1, ts: 4, bytes: ascii(proceed) }, places),
      ]);
      expect(outcome.services).toEqual(['xmpp']);
      expect(outcome.gaveWay).toEqual({ service: 'ssl', rest: new Uint8Array(0) });
    }),
  );
});

test('what follows in the same segment belongs to TLS', () => {
  const { gaveWay } = run(xmpp, flow, [
    { direction: 0, ts: 1, bytes: ascii(open + ask) },
    { direction: 1, ts: 2, bytes: ascii(`${open}${features}${proceed}\x16\x03\x03`) },
  ]);
  expect(gaveWay).toEqual({ service: 'ssl', rest: ascii('\x16\x03\x03') });
});

test('without the question there is no answer, and after a gap no certainty', () => {
  const greeting = [
    { direction: 0, ts: 1, bytes: ascii(open) },
    { direction: 1, ts: 2, bytes: ascii(open + features) },
  ] as const;
  expect(run(xmpp, flow, [...greeting, { direction: 1, ts: 3, bytes: ascii(proceed) }]).gaveWay).toBeUndefined();
  const afterGap = run(xmpp, flow, [
    ...greeting,
    { direction: 1, ts: 3, missing: 10 },
    { direction: 0, ts: 4, bytes: ascii(ask) },
    { direction: 1, ts: 5, bytes: ascii(proceed) },
  ]);
  expect(afterGap.gaveWay).toBeUndefined();
  expect(afterGap.records).toEqual([]);
});

describe('probe', () => {
  const probe = (text: string) => xmpp.probe(ascii(text), 0, text.length, 0, false);
  test('a stream, waiting for enough of it', () => {
    expect(probe(open)).toBe('yes');
    expect(probe("<stream:stream xmlns='jabber:client'>")).toBe('yes');
    for (const length of [1, 5, 14, 21, 30]) expect(probe(open.slice(0, length))).toBe('more');
  });
  test('not other XML', () => {
    expect(probe("<?xml version='1.0'?><soap:Envelope>")).toBe('no');
    expect(probe('<html>')).toBe('no');
    expect(probe(`<?xml ${' '.repeat(600)}`)).toBe('no');
  });
});
