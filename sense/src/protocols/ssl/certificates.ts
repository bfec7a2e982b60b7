/** Certificates as they pass: each is read once a process, and written as Zeek's `x509.log` writes it. */

import { hash } from 'node:crypto';
import type { Seconds } from '@forewarn/base/time';
import type { X509Record } from '@forewarn/model/records/network';
import { alternativeNamesMax, attributeBytesMax, type Certificate, nameAttributesMax, readCertificate } from './x509.ts';

/** Parsed certificates remembered, about 2 KB each: a busy site shows some hundreds again and again. */
const certificateCacheMax = 2_048;

/** The ceilings of reading certificates, for the reference. */
export const limits = [
  {
    name: 'ssl.certificateCacheMax',
    value: certificateCacheMax,
    unit: 'certificates',
    why: 'Parsed certificates of one process, about 2 KB each, so that a known one costs only its fingerprint.',
  },
  {
    name: 'ssl.alternativeNamesMax',
    value: alternativeNamesMax,
    unit: 'names per certificate',
    why: 'The largest public certificates have some hundreds.',
  },
  {
    name: 'ssl.nameAttributesMax',
    value: nameAttributesMax,
    unit: 'attributes per name',
    why: 'Subjects and issuers have about ten.',
  },
  {
    name: 'ssl.attributeBytesMax',
    value: attributeBytesMax,
    unit: 'bytes per attribute',
    why: 'RFC 5280 allows 64 for most attributes; longer ones are cut.',
  },
] as const;

/** SHA-256 of a certificate's bytes, by which it is known everywhere. */
export const fingerprintOf = (bytes: Uint8Array, start: number, end: number): string =>
  hash('sha256', bytes.subarray(start, end), 'hex');

/** Parsed certificates by fingerprint: what they say depends on nothing else. The longest unused goes first. */
const cache = new Map<string, Certificate | undefined>();

/** The certificate with this fingerprint, read from the bytes where it is new; `undefined` when the bytes are none. */
export function knownCertificate(fingerprint: string, bytes: Uint8Array, start: number, end: number): Certificate | undefined {
  if (cache.has(fingerprint)) {
    const known = cache.get(fingerprint);
    cache.delete(fingerprint);
    cache.set(fingerprint, known);
    return known;
  }
  const certificate = readCertificate(bytes, start, end);
  if (cache.size >= certificateCacheMax) cache.delete(cache.keys().next().value!);
  cache.set(fingerprint, certificate);
  return certificate;
}

/** The `x509` record of a certificate that stood first in its chain (`host`) and was sent by the client or the server. */
export function certificateRecord(
  from: Certificate,
  fingerprint: string,
  sender: { host: boolean; client: boolean },
  ts: Seconds,
): X509Record {
  const record: X509Record = {
    ts,
    fingerprint,
    'certificate.version': from.version,
    'certificate.serial': from.serial,
    'certificate.subject': from.subject,
    'certificate.issuer': from.issuer,
    'certificate.key_alg': from.keyAlgorithm,
    'certificate.sig_alg': from.signatureAlgorithm,
    'certificate.tbs_sig_alg': from.signedAlgorithm,
  };
  if (from.notValidBefore !== undefined) record['certificate.not_valid_before'] = from.notValidBefore;
  if (from.notValidAfter !== undefined) record['certificate.not_valid_after'] = from.notValidAfter;
  if (from.keyType !== undefined) record['certificate.key_type'] = from.keyType;
  if (from.keyLength !== undefined) record['certificate.key_length'] = from.keyLength;
  if (from.exponent !== undefined) record['certificate.exponent'] = from.exponent;
  if (from.curve !== undefined) record['certificate.curve'] = from.curve;
  // Lists are copied: records are given away, the cache is not.
  if (from.sanDns) record['san.dns'] = [...from.sanDns];
  if (from.sanUri) record['san.uri'] = [...from.sanUri];
  if (from.sanEmail) record['san.email'] = [...from.sanEmail];
  if (from.sanIp) record['san.ip'] = [...from.sanIp];
  if (from.ca !== undefined) record['basic_constraints.ca'] = from.ca;
  if (from.pathLength !== undefined) record['basic_constraints.path_len'] = from.pathLength;
  record.host_cert = sender.host;
  record.client_cert = sender.client;
  return record;
}
