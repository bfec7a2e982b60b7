/** Names of TLS numbers as Zeek writes them (IANA "TLS Parameters", RFC 8446 §4, §6). */

/** `TLSv12`, `TLSv13-draft23`; `unknown-32257` for anything else. TLCP (GB/T 38636) is version 1.1 of its own. */
export function versionName(version: number): string {
  switch (version) {
    case 0x0002:
      return 'SSLv2';
    case 0x0300:
      return 'SSLv3';
    case 0x0301:
      return 'TLSv10';
    case 0x0302:
      return 'TLSv11';
    case 0x0303:
      return 'TLSv12';
    case 0x0304:
      return 'TLSv13';
    case 0x0101:
      return 'TLCPv11';
    case 0xfeff:
      return 'DTLSv10';
    case 0xfefd:
      return 'DTLSv12';
    case 0xfefc:
      return 'DTLSv13';
  }
  return isDraft(version) ? `TLSv13-draft${version & 0x7f}` : `unknown-${version}`;
}

/** Drafts of TLS 1.3 went by 0x7f00 and their number (RFC 8446 §4.2.1 in its drafts). */
const isDraft = (version: number): boolean => version >= 0x7f00 && version < 0x7f80;

/** Whether everything after the hellos is encrypted. The experiment of 2017 (0x7e..) was like a draft. */
export const isVersion13 = (version: number): boolean =>
  version === 0x0304 || version === 0xfefc || isDraft(version) || version >> 8 === 0x7e;

const groups: { readonly [group: number]: string } = {
  1: 'sect163k1',
  2: 'sect163r1',
  3: 'sect163r2',
  4: 'sect193r1',
  5: 'sect193r2',
  6: 'sect233k1',
  7: 'sect233r1',
  8: 'sect239k1',
  9: 'sect283k1',
  10: 'sect283r1',
  11: 'sect409k1',
  12: 'sect409r1',
  13: 'sect571k1',
  14: 'sect571r1',
  15: 'secp160k1',
  16: 'secp160r1',
  17: 'secp160r2',
  18: 'secp192k1',
  19: 'secp192r1',
  20: 'secp224k1',
  21: 'secp224r1',
  22: 'secp256k1',
  23: 'secp256r1',
  24: 'secp384r1',
  25: 'secp521r1',
  26: 'brainpoolP256r1',
  27: 'brainpoolP384r1',
  28: 'brainpoolP512r1',
  29: 'x25519',
  30: 'x448',
  31: 'brainpoolP256r1tls13',
  32: 'brainpoolP384r1tls13',
  33: 'brainpoolP512r1tls13',
  34: 'GC256A',
  35: 'GC256B',
  36: 'GC256C',
  37: 'GC256D',
  38: 'GC512A',
  39: 'GC512B',
  40: 'GC512C',
  41: 'curveSM2',
  256: 'ffdhe2048',
  257: 'ffdhe3072',
  258: 'ffdhe4096',
  259: 'ffdhe6144',
  260: 'ffdhe8192',
  512: 'MLKEM512',
  513: 'MLKEM768',
  514: 'MLKEM1024',
  4587: 'SecP256r1MLKEM768',
  4588: 'X25519MLKEM768',
  4589: 'SecP384r1MLKEM1024',
  4590: 'curveSM2MLKEM768',
  16696: 'CECPQ2',
  25497: 'X25519Kyber768Draft00',
  25498: 'SecP256r1Kyber768Draft00',
  0xff01: 'arbitrary_explicit_prime_curves',
  0xff02: 'arbitrary_explicit_char2_curves',
};

/** `x25519`; `unknown-4660` for a number without a name. */
export function groupName(group: number): string {
  return groups[group] ?? `unknown-${group}`;
}

const alerts: { readonly [alert: number]: string } = {
  0: 'close_notify',
  10: 'unexpected_message',
  20: 'bad_record_mac',
  21: 'decryption_failed',
  22: 'record_overflow',
  30: 'decompression_failure',
  40: 'handshake_failure',
  41: 'no_certificate',
  42: 'bad_certificate',
  43: 'unsupported_certificate',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  46: 'certificate_unknown',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  49: 'access_denied',
  50: 'decode_error',
  51: 'decrypt_error',
  60: 'export_restriction',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  86: 'inappropriate_fallback',
  90: 'user_canceled',
  100: 'no_renegotiation',
  109: 'missing_extension',
  110: 'unsupported_extension',
  111: 'certificate_unobtainable',
  112: 'unrecognized_name',
  113: 'bad_certificate_status_response',
  114: 'bad_certificate_hash_value',
  115: 'unknown_psk_identity',
  116: 'certificate_required',
  117: 'general_error',
  120: 'no_application_protocol',
  121: 'ech_required',
};

/** `handshake_failure`; `unknown-200` for a number without a name. */
export function alertName(alert: number): string {
  return alerts[alert] ?? `unknown-${alert}`;
}

/** Letters of `ssl_history` by handshake type; `z` for any other. */
export const handshakeLetters: { readonly [type: number]: string } = {
  0: 'h',
  1: 'c',
  2: 's',
  3: 'v',
  4: 't',
  5: 'e',
  6: 'j',
  8: 'o',
  11: 'x',
  12: 'k',
  13: 'r',
  14: 'n',
  15: 'y',
  16: 'g',
  20: 'f',
  21: 'w',
  22: 'u',
  23: 'a',
  24: 'p',
  254: 'm',
};
