import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ascii, cut, flowOf, hex, run } from '../trial.ts';
import { xmpp } from './xmpp.ts';

const flow = flowOf('tcp', 5222);

test('probe', () => {
  const ask = (text: string) => xmpp.probe(ascii(text), 0, text.length, 0, false);
  expect(ask("<?xml version='1.0'?><stream:stream xmlns='jabber:client'")).toBe('yes');
  expect(ask("<?xml version='1.0'?>\n <stream:str")).toBe('more');
  expect(ask('<stream:stream to="x">')).toBe('yes');
  expect(ask('<?xm')).toBe('more');
  expect(ask("<?xml version='1.0'?><soap:Envelope")).toBe('no');
  expect(ask('<html>')).toBe('no');
  expect(ask(`<?xml ${'x'.repeat(200)}`)).toBe('no');
});

test('STARTTLS leads into TLS, however the stream is cut', () => {
  const bytes = Buffer.concat([
    ascii("<stream:features><<pro></p></stream:features><proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
    hex('1603'),
  ]);
  fc.assert(
    fc.property(fc.array(fc.nat(100), { maxLength: 8 }), (places) => {
      const outcome = run(xmpp, flow, cut({ direction: 1, ts: 1, bytes }, places));
      expect(outcome.gaveWay?.service).toBe('ssl');
      expect(Buffer.from(outcome.gaveWay!.rest).toString('hex')).toBe('1603'.slice(0, outcome.gaveWay!.rest.length * 2));
    }),
  );
});

test('nothing is looked for in what clients say, nor behind the beginning', () => {
  const late = run(xmpp, flow, [
    { direction: 0, ts: 1, bytes: ascii('<proceed/>') },
    { direction: 1, ts: 1, bytes: ascii(`${'x'.repeat(20_000)}<proceed/>`) },
  ]);
  expect(late).toMatchObject({ services: ['xmpp'], records: [], weirds: [], gaveWay: undefined });
});
