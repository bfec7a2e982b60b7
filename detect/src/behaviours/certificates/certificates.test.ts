import { expect, test } from 'vitest';
import { detect, record, say, type Line } from '../../testing/detection.ts';

const host = '10.0.0.7';
const place = '198.51.100.7';
const day = 86_400;
const now = 1_772_524_800;
const told = (lines: Iterable<Line>) => detect(lines).findings.filter(({ rule }) => rule.id === 'behaviour:certificates');

const handshake = (target = place, more = {}): Line =>
  record('ssl', now, host, target, 443, { cert_chain_fps: ['aa'], server_name: 'shop.example', established: true, ...more });
const certificate = (more = {}): Line => ({
  log: 'x509',
  record: {
    ts: now,
    fingerprint: 'aa',
    'certificate.subject': 'CN=shop.example',
    'certificate.issuer': 'CN=Authority',
    'certificate.not_valid_before': now - 30 * day,
    'certificate.not_valid_after': now + 60 * day,
    'certificate.key_type': 'rsa',
    'certificate.key_length': 2_048,
    'certificate.sig_alg': 'sha256WithRSAEncryption',
    ...more,
  },
});
const faults = (more: object, target = place, shake = {}) =>
  told([certificate(more), handshake(target, shake)]).flatMap(({ level, explanation }) => [
    level,
    ...(explanation.values!['faults'] as { text: string }[]).map(({ text }) => text.split('.').at(-1)),
  ]);

test('each fault by its name', () => {
  expect(faults({})).toEqual([]);
  expect(faults({ 'certificate.not_valid_after': now - 1 })).toEqual(['informational', 'expired']);
  expect(faults({ 'certificate.not_valid_before': now + day })).toEqual(['informational', 'not-yet']);
  expect(faults({ 'certificate.not_valid_after': now + 3 * day, 'certificate.not_valid_before': now - 300 * day })).toEqual([
    'informational',
    'soon',
  ]);
  expect(faults({ 'certificate.not_valid_after': now + 3 * day, 'certificate.not_valid_before': now - 3 * day })).toEqual([]);
  expect(faults({ 'certificate.not_valid_after': now + 5_000 * day })).toEqual(['informational', 'too-long']);
  expect(faults({ 'certificate.key_length': 1_024 })).toEqual(['informational', 'weak-key']);
  expect(faults({ 'certificate.sig_alg': 'sha1WithRSAEncryption' })).toEqual(['informational', 'weak-signature']);
  expect(faults({}, place, { sni_matches_cert: false })).toEqual(['informational', 'other-name']);
});

test('what implants bring along, and own servers that will fail somebody, are low', () => {
  const own = { 'certificate.issuer': 'CN=shop.example' };
  expect(faults(own)).toEqual(['informational', 'self-signed']);
  expect(faults({ ...own, 'certificate.not_valid_after': now - 1 })).toEqual(['low', 'expired', 'self-signed']);
  expect(faults(own, '10.0.0.9')).toEqual([]);
  expect(faults({ 'certificate.not_valid_after': now - 1 }, '10.0.0.9')).toEqual(['low', 'expired']);
});

test('the certificate may be written after the handshake; a server is told once a day', () => {
  const expired = certificate({ 'certificate.not_valid_after': now - 1 });
  const findings = told([handshake(), expired, handshake(), handshake()]);
  expect(findings.map(({ recordCount }) => recordCount)).toEqual([3]);
  expect(say(findings[0]!.explanation)).toContain('shop.example (198.51.100.7, port 443)');
  expect(say(findings[0]!.explanation)).toContain('expired');
  expect(say(findings[0]!.explanation, 'zh')).toContain('已过期');
});

test('hostile records are left alone', () => {
  expect(
    told([
      certificate({ fingerprint: 7 }),
      certificate({ 'certificate.not_valid_after': 'never' }),
      handshake(place, { cert_chain_fps: [7] }),
      handshake(place, { cert_chain_fps: 'aa' }),
    ]),
  ).toEqual([]);
});
