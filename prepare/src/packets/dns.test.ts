import { expect, test } from 'vitest';
import { dnsMessage, reverseName } from './dns.ts';

test('a question, byte for byte (RFC 1035 §4.1)', () => {
  expect(Buffer.from(dnsMessage({ id: 0x1234, name: 'a.test', type: 'a' })).toString('hex')).toBe(
    '123401000001000000000000016104746573740000010001',
  );
});

test('names that come again are pointers (§4.1.4)', () => {
  const bytes = dnsMessage({
    id: 1,
    name: 'www.site.example',
    type: 'a',
    response: {
      code: 0,
      answers: [
        { name: 'www.site.example', ttl: 60, type: 'cname', target: 'edge.site.example' },
        { name: 'edge.site.example', ttl: 60, type: 'a', address: Uint8Array.of(198, 18, 0, 1) },
      ],
    },
  });
  const text = Buffer.from(bytes).toString('latin1');
  expect(text.split('example').length - 1).toBe(1);
  // The alias's target: one label of its own, then a pointer to "site.example" in the question.
  expect(text).toContain('\x04edge\xc0\x10');
  expect(Buffer.from(bytes.subarray(-4))).toEqual(Buffer.from([198, 18, 0, 1]));
});

test('an address backwards', () => {
  expect(reverseName(Uint8Array.of(10, 20, 1, 5))).toBe('5.1.20.10.in-addr.arpa');
});
