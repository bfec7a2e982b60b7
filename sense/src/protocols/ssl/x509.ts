/**
 * Reading an X.509 certificate (RFC 5280) into the fields of Zeek's `x509.log`. Nothing is verified: a certificate is
 * what somebody sent.
 */

import { formatAddress } from '@forewarn/base/ip';
import { textOf } from '../text.ts';
import { BIT_STRING, BOOLEAN, Der, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, SET } from '../der.ts';

/** Alternative names of one certificate that are kept; the largest public ones have some hundreds. */
export const alternativeNamesMax = 1_000;

/** Relative names of a subject or issuer that are read; real ones have about ten. */
export const nameAttributesMax = 64;

/** Bytes of one attribute of a name; RFC 5280 §A.1 allows at most 32,768 for a few, 64 for most. */
export const attributeBytesMax = 1_024;

export type Certificate = {
  version: number;
  serial: string;
  subject: string;
  issuer: string;
  notValidBefore: number | undefined;
  notValidAfter: number | undefined;
  keyAlgorithm: string;
  signatureAlgorithm: string;
  /** The same as the issuer stated it inside what is signed; a difference is a forgery or a fault. */
  signedAlgorithm: string;
  keyType: string | undefined;
  keyLength: number | undefined;
  exponent: string | undefined;
  curve: string | undefined;
  commonName: string | undefined;
  sanDns: string[] | undefined;
  sanUri: string[] | undefined;
  sanEmail: string[] | undefined;
  sanIp: string[] | undefined;
  ca: boolean | undefined;
  pathLength: number | undefined;
};

/** Reads one certificate; `undefined` when the bytes are none. */
export function readCertificate(bytes: Uint8Array, start: number, end: number): Certificate | undefined {
  const outer = new Der(bytes, start, end);
  if (!outer.expect(SEQUENCE)) return undefined;
  const body = outer.inside();
  if (!body.expect(SEQUENCE)) return undefined;
  const tbs = body.inside();
  if (!body.expect(SEQUENCE)) return undefined;
  const signatureAlgorithm = algorithm(body.inside());

  let version = 1;
  if (tbs.expect(0xa0)) {
    const inside = tbs.inside();
    if (inside.expect(INTEGER) && inside.to > inside.from) version = bytes[inside.to - 1]! + 1;
  }
  if (!tbs.expect(INTEGER)) return undefined;
  const serial = tbs.integerHex();
  if (!tbs.expect(SEQUENCE)) return undefined;
  const signedAlgorithm = algorithm(tbs.inside());
  if (!tbs.expect(SEQUENCE)) return undefined;
  const issuer = distinguishedName(tbs.inside()).text;
  if (!tbs.expect(SEQUENCE)) return undefined;
  const validity = tbs.inside();
  const notValidBefore = validity.next() ? validity.time() : undefined;
  const notValidAfter = validity.next() ? validity.time() : undefined;
  if (!tbs.expect(SEQUENCE)) return undefined;
  const subject = distinguishedName(tbs.inside());
  if (!tbs.expect(SEQUENCE)) return undefined;
  const certificate: Certificate = {
    version,
    serial,
    subject: subject.text,
    issuer,
    notValidBefore,
    notValidAfter,
    keyAlgorithm: '',
    signatureAlgorithm,
    signedAlgorithm,
    keyType: undefined,
    keyLength: undefined,
    exponent: undefined,
    curve: undefined,
    commonName: subject.commonName,
    sanDns: undefined,
    sanUri: undefined,
    sanEmail: undefined,
    sanIp: undefined,
    ca: undefined,
    pathLength: undefined,
  };
  readKey(tbs.inside(), certificate);
  while (tbs.next()) {
    if (tbs.tag !== 0xa3) continue;
    const list = tbs.inside();
    if (list.expect(SEQUENCE)) readExtensions(list.inside(), certificate);
  }
  return certificate;
}

function algorithm(sequence: Der): string {
  return sequence.expect(OBJECT_IDENTIFIER) ? algorithmName(sequence.identifier()) : '';
}

function algorithmName(identifier: string): string {
  return algorithmNames[identifier] ?? identifier;
}

/** OpenSSL's long names of algorithms, which Zeek writes. */
const algorithmNames: { readonly [identifier: string]: string } = {
  '1.2.840.113549.1.1.1': 'rsaEncryption',
  '1.2.840.113549.1.1.2': 'md2WithRSAEncryption',
  '1.2.840.113549.1.1.3': 'md4WithRSAEncryption',
  '1.2.840.113549.1.1.4': 'md5WithRSAEncryption',
  '1.2.840.113549.1.1.5': 'sha1WithRSAEncryption',
  '1.2.840.113549.1.1.7': 'rsaesOaep',
  '1.2.840.113549.1.1.10': 'rsassaPss',
  '1.2.840.113549.1.1.11': 'sha256WithRSAEncryption',
  '1.2.840.113549.1.1.12': 'sha384WithRSAEncryption',
  '1.2.840.113549.1.1.13': 'sha512WithRSAEncryption',
  '1.2.840.113549.1.1.14': 'sha224WithRSAEncryption',
  '1.3.14.3.2.3': 'md5WithRSA',
  '1.3.14.3.2.12': 'dsaEncryption-old',
  '1.3.14.3.2.13': 'dsaWithSHA1-old',
  '1.3.14.3.2.27': 'dsaWithSHA1-old',
  '1.3.14.3.2.29': 'sha1WithRSA',
  '1.2.840.10040.4.1': 'dsaEncryption',
  '1.2.840.10040.4.3': 'dsaWithSHA1',
  '2.16.840.1.101.3.4.3.1': 'dsa_with_SHA224',
  '2.16.840.1.101.3.4.3.2': 'dsa_with_SHA256',
  '1.2.840.10045.2.1': 'id-ecPublicKey',
  '1.2.840.10045.4.1': 'ecdsa-with-SHA1',
  '1.2.840.10045.4.3.1': 'ecdsa-with-SHA224',
  '1.2.840.10045.4.3.2': 'ecdsa-with-SHA256',
  '1.2.840.10045.4.3.3': 'ecdsa-with-SHA384',
  '1.2.840.10045.4.3.4': 'ecdsa-with-SHA512',
  '1.3.101.110': 'X25519',
  '1.3.101.111': 'X448',
  '1.3.101.112': 'ED25519',
  '1.3.101.113': 'ED448',
  '1.2.643.2.2.19': 'GOST R 34.10-2001',
  '1.2.643.2.2.3': 'GOST R 34.11-94 with GOST R 34.10-2001',
  '1.2.643.7.1.1.1.1': 'GOST R 34.10-2012 with 256 bit modulus',
  '1.2.643.7.1.1.1.2': 'GOST R 34.10-2012 with 512 bit modulus',
  '1.2.643.7.1.1.3.2': 'GOST R 34.10-2012 with GOST R 34.11-2012 (256 bit)',
  '1.2.643.7.1.1.3.3': 'GOST R 34.10-2012 with GOST R 34.11-2012 (512 bit)',
  '1.2.156.10197.1.301': 'sm2',
  '1.2.156.10197.1.501': 'SM2-with-SM3',
  '1.2.156.10197.1.504': 'sm3WithRSAEncryption',
  '2.16.840.1.101.3.4.3.17': 'ML-DSA-44',
  '2.16.840.1.101.3.4.3.18': 'ML-DSA-65',
  '2.16.840.1.101.3.4.3.19': 'ML-DSA-87',
};

/** Named curves: OpenSSL's short name and the bits of the order. */
const curves: { readonly [identifier: string]: readonly [string, number] } = {
  '1.2.840.10045.3.1.1': ['prime192v1', 192],
  '1.2.840.10045.3.1.7': ['prime256v1', 256],
  '1.3.132.0.10': ['secp256k1', 256],
  '1.3.132.0.33': ['secp224r1', 224],
  '1.3.132.0.34': ['secp384r1', 384],
  '1.3.132.0.35': ['secp521r1', 521],
  '1.3.132.0.26': ['sect233k1', 232],
  '1.3.132.0.27': ['sect233r1', 233],
  '1.3.132.0.16': ['sect283k1', 281],
  '1.3.132.0.17': ['sect283r1', 282],
  '1.3.132.0.36': ['sect409k1', 407],
  '1.3.132.0.37': ['sect409r1', 409],
  '1.3.132.0.38': ['sect571k1', 570],
  '1.3.132.0.39': ['sect571r1', 570],
  '1.3.36.3.3.2.8.1.1.7': ['brainpoolP256r1', 256],
  '1.3.36.3.3.2.8.1.1.11': ['brainpoolP384r1', 384],
  '1.3.36.3.3.2.8.1.1.13': ['brainpoolP512r1', 512],
  '1.2.156.10197.1.301': ['SM2', 256],
};

/** SubjectPublicKeyInfo. */
function readKey(info: Der, certificate: Certificate): void {
  if (!info.expect(SEQUENCE)) return;
  const kind = info.inside();
  if (!kind.expect(OBJECT_IDENTIFIER)) return;
  const identifier = kind.identifier();
  const name = algorithmName(identifier);
  certificate.keyAlgorithm = name;
  const parameters = kind.next() ? kind : undefined;
  if (!info.expect(BIT_STRING) || info.to <= info.from) return;
  const key = new Der(info.bytes, info.from + 1, info.to);
  if (/rsa/i.test(name)) {
    certificate.keyType = 'rsa';
    if (!key.expect(SEQUENCE)) return;
    const numbers = key.inside();
    if (numbers.expect(INTEGER)) certificate.keyLength = numbers.integerBits();
    if (numbers.expect(INTEGER)) certificate.exponent = numbers.integerText();
  } else if (name === 'id-ecPublicKey') {
    certificate.keyType = 'ecdsa';
    if (parameters?.tag !== OBJECT_IDENTIFIER) return;
    const curve = curves[parameters.identifier()];
    certificate.curve = curve?.[0] ?? parameters.identifier();
    if (curve) certificate.keyLength = curve[1];
  } else if (name === 'dsaEncryption') {
    certificate.keyType = 'dsa';
    if (parameters?.tag !== SEQUENCE) return;
    const numbers = parameters.inside();
    if (numbers.expect(INTEGER)) certificate.keyLength = numbers.integerBits();
  } else {
    certificate.keyType = algorithmNames[identifier] === undefined ? 'unknown' : name;
    // OpenSSL counts the bits of the group's order for Ed25519, and the bits of the key otherwise.
    certificate.keyLength = name === 'ED25519' ? 253 : (info.to - info.from - 1) * 8;
  }
}

function readExtensions(list: Der, certificate: Certificate): void {
  while (list.expect(SEQUENCE)) {
    const extension = list.inside();
    if (!extension.expect(OBJECT_IDENTIFIER)) continue;
    const identifier = extension.identifier();
    if (identifier !== '2.5.29.17' && identifier !== '2.5.29.19') continue;
    extension.expect(BOOLEAN);
    if (!extension.expect(OCTET_STRING)) continue;
    const value = extension.inside();
    if (!value.expect(SEQUENCE)) continue;
    if (identifier === '2.5.29.17') alternativeNames(value.inside(), certificate);
    else basicConstraints(value.inside(), certificate);
  }
}

function basicConstraints(sequence: Der, certificate: Certificate): void {
  certificate.ca = sequence.expect(BOOLEAN) && sequence.to > sequence.from && sequence.bytes[sequence.from] !== 0;
  if (!sequence.expect(INTEGER) || sequence.to - sequence.from > 4) return;
  let length = 0;
  for (let at = sequence.from; at < sequence.to; at++) length = length * 256 + sequence.bytes[at]!;
  certificate.pathLength = length;
}

function alternativeNames(list: Der, certificate: Certificate): void {
  for (let count = 0; count < alternativeNamesMax && list.next(); count++) {
    const { bytes, from, to } = list;
    switch (list.tag) {
      case 0x82:
        (certificate.sanDns ??= []).push(textOf(bytes, from, Math.min(to, from + attributeBytesMax)));
        break;
      case 0x86:
        (certificate.sanUri ??= []).push(textOf(bytes, from, Math.min(to, from + attributeBytesMax)));
        break;
      case 0x81:
        (certificate.sanEmail ??= []).push(textOf(bytes, from, Math.min(to, from + attributeBytesMax)));
        break;
      case 0x87:
        if (to - from === 4) (certificate.sanIp ??= []).push(formatAddress(bytes, from, 4));
        else if (to - from === 16) (certificate.sanIp ??= []).push(formatAddress(bytes, from, 16));
    }
  }
}

/** OpenSSL's short names of attribute types. */
const attributeNames: { readonly [identifier: string]: string } = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'street',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.13': 'description',
  '2.5.4.15': 'businessCategory',
  '2.5.4.16': 'postalAddress',
  '2.5.4.17': 'postalCode',
  '2.5.4.18': 'postOfficeBox',
  '2.5.4.20': 'telephoneNumber',
  '2.5.4.41': 'name',
  '2.5.4.42': 'GN',
  '2.5.4.43': 'initials',
  '2.5.4.44': 'generationQualifier',
  '2.5.4.45': 'x500UniqueIdentifier',
  '2.5.4.46': 'dnQualifier',
  '2.5.4.65': 'pseudonym',
  '2.5.4.97': 'organizationIdentifier',
  '1.2.840.113549.1.9.1': 'emailAddress',
  '1.2.840.113549.1.9.2': 'unstructuredName',
  '1.2.840.113549.1.9.8': 'unstructuredAddress',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.3.6.1.4.1.311.60.2.1.1': 'jurisdictionL',
  '1.3.6.1.4.1.311.60.2.1.2': 'jurisdictionST',
  '1.3.6.1.4.1.311.60.2.1.3': 'jurisdictionC',
};

/** `CN=www.example.org,O=Example,C=DE`: RFC 2253 as OpenSSL writes it, the last relative name first. */
function distinguishedName(sequence: Der): { text: string; commonName: string | undefined } {
  const parts: string[] = [];
  let commonName: string | undefined;
  while (parts.length < nameAttributesMax && sequence.expect(SET)) {
    const set = sequence.inside();
    const values: string[] = [];
    while (values.length < nameAttributesMax && set.expect(SEQUENCE)) {
      const pair = set.inside();
      if (!pair.expect(OBJECT_IDENTIFIER)) continue;
      const identifier = pair.identifier();
      if (!pair.next()) continue;
      const name = attributeNames[identifier];
      const text = name === undefined ? undefined : attributeText(pair);
      if (name === 'CN' && text !== undefined) commonName = text;
      const dump = `#${Buffer.prototype.hexSlice.call(pair.bytes, pair.head, Math.min(pair.to, pair.head + attributeBytesMax)).toUpperCase()}`;
      values.push(`${name ?? identifier}=${text === undefined ? dump : escape(text)}`);
    }
    parts.push(values.toReversed().join('+'));
  }
  return { text: parts.toReversed().join(','), commonName };
}

/** A string of any of ASN.1's kinds; `undefined` for what is none. */
function attributeText(value: Der): string | undefined {
  const { bytes, from } = value;
  const to = Math.min(value.to, from + attributeBytesMax);
  switch (value.tag) {
    case 0x0c:
      return Buffer.prototype.utf8Slice.call(bytes, from, to);
    case 0x12:
    case 0x13:
    case 0x14:
    case 0x16:
    case 0x1a:
    case 0x1b:
      return Buffer.prototype.latin1Slice.call(bytes, from, to);
    case 0x1e: {
      let text = '';
      for (let at = from; at + 1 < to; at += 2) text += String.fromCharCode((bytes[at]! << 8) | bytes[at + 1]!);
      return text;
    }
    case 0x1c: {
      let text = '';
      for (let at = from; at + 3 < to; at += 4) {
        const point = bytes[at]! * 0x1000000 + (bytes[at + 1]! << 16) + (bytes[at + 2]! << 8) + bytes[at + 3]!;
        text += point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
      }
      return text;
    }
    default:
      return undefined;
  }
}

/** RFC 2253 §2.4 with OpenSSL's additions: controls and everything beyond ASCII as `\XX`. */
function escape(text: string): string {
  if (/^[A-Za-z0-9*.\-_@/:&()'=?!%$ ]*$/.test(text) && !text.startsWith(' ') && !text.endsWith(' ')) return text;
  const bytes = Buffer.from(text, 'utf8');
  let escaped = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    const character = String.fromCharCode(byte);
    if (byte < 0x20 || byte >= 0x7f) escaped += `\\${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    else if (
      ',+"\\<>;'.includes(character) ||
      (i === 0 && (character === ' ' || character === '#')) ||
      (i === bytes.length - 1 && character === ' ')
    ) {
      escaped += `\\${character}`;
    } else escaped += character;
  }
  return escaped;
}

/**
 * Whether the certificate names the host (RFC 6125 §6.4, as OpenSSL's X509_check_host): by its alternative names, or
 * by its common name where it has none. A wildcard stands for one whole label, the first.
 */
export function namesHost(certificate: Certificate, host: string): boolean {
  const wanted = host.toLowerCase();
  const names = certificate.sanDns ?? (certificate.commonName === undefined ? [] : [certificate.commonName]);
  return names.some((name) => nameFits(name.toLowerCase(), wanted));
}

function nameFits(name: string, host: string): boolean {
  if (name === host) return true;
  if (!name.startsWith('*.')) return false;
  const suffix = name.slice(1);
  if (suffix.indexOf('.', 1) < 0 || !host.endsWith(suffix)) return false;
  const label = host.slice(0, host.length - suffix.length);
  return label !== '' && !label.includes('.');
}
