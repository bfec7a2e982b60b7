import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { Random } from '../random.ts';
import { certificate } from './certificate.ts';

const at = Date.UTC(2026, 2, 3) / 1000;

test.each(['ec', 'rsa'] as const)('a certificate with a key of kind %s is read by OpenSSL', (key) => {
  const der = certificate({
    subject: { common: 'www.example', organisation: 'Ein Krankenhaus' },
    issuer: { country: 'ZZ', organisation: 'Example Trust Services', common: 'R1' },
    names: ['www.example', 'example'],
    key,
    signedWith: 'rsa',
    notBefore: at,
    notAfter: at + 90 * 86_400,
    random: new Random('certificate'),
  });
  const read = new X509Certificate(der);
  expect(read.subject).toBe('O=Ein Krankenhaus\nCN=www.example');
  expect(read.issuer).toBe('C=ZZ\nO=Example Trust Services\nCN=R1');
  expect(read.subjectAltName).toBe('DNS:www.example, DNS:example');
  expect(read.ca).toBe(false);
  expect(read.validFromDate.toISOString()).toBe('2026-03-03T00:00:00.000Z');
  expect(read.publicKey.asymmetricKeyType).toBe(key);
  expect(read.checkHost('www.example')).toBe('www.example');
});

test('a date beyond 2049 is written in full', () => {
  const random = new Random('late');
  const name = { common: 'late' };
  const der = certificate({
    subject: name,
    issuer: name,
    names: [],
    key: 'ec',
    signedWith: 'ec',
    authority: true,
    notBefore: at,
    notAfter: Date.UTC(2060, 0, 1) / 1000,
    random,
  });
  const read = new X509Certificate(der);
  expect(read.ca).toBe(true);
  expect(read.validToDate.getUTCFullYear()).toBe(2060);
});
