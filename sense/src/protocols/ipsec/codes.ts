/** Numbers of IKE and their names: those of version 1 (RFC 2407 to 2409) and of version 2 (IANA, IKEv2 parameters). */

type Names = { readonly [code: number]: string };

/** Exchanges of version 1 (RFC 2408 §3.1, RFC 2409 appendix A), then those of version 2. */
export const exchanges: Names = {
  1: 'Base',
  2: 'Identity Protection',
  3: 'Authentication Only',
  4: 'Aggressive',
  5: 'Informational',
  6: 'Transaction',
  32: 'Quick Mode',
  33: 'New Group Mode',
  34: 'IKE_SA_INIT',
  35: 'IKE_AUTH',
  36: 'CREATE_CHILD_SA',
  37: 'INFORMATIONAL',
  38: 'IKE_SESSION_RESUME',
  39: 'GSA_AUTH',
  40: 'GSA_REGISTRATION',
  41: 'GSA_REKEY',
  43: 'IKE_INTERMEDIATE',
  44: 'IKE_FOLLOWUP_KE',
};

/** Attributes of a transform, with the plugin's words (RFC 2409 appendix A; of version 2 only the key's length). */
export const attributes: Names = {
  1: 'Encryption Algorithm',
  2: 'Hash Algorithm',
  3: 'Authentication Method',
  4: 'Group Description',
  5: 'Group Type',
  6: 'Group Prime/Irreducible Polynomial',
  7: 'Group Generator One',
  8: 'Group Generator Two',
  9: 'Group Curve A',
  10: 'Group Curve B',
  11: 'Life Type',
  12: 'Life Duration',
  13: 'PRF',
  14: 'Key Length',
  15: 'Field Size',
  16: 'Group Order',
};

/** Diffie-Hellman groups and what follows them (RFC 2409, 3526, 5114, 5903, 6954, 8031, 9385, 9370). */
const groups: Names = {
  0: 'NONE',
  1: 'MODP_768',
  2: 'MODP_1024',
  3: 'EC2N_155',
  4: 'EC2N_185',
  5: 'MODP_1536',
  14: 'MODP_2048',
  15: 'MODP_3072',
  16: 'MODP_4096',
  17: 'MODP_6144',
  18: 'MODP_8192',
  19: 'ECP_256',
  20: 'ECP_384',
  21: 'ECP_521',
  22: 'MODP_1024_160',
  23: 'MODP_2048_224',
  24: 'MODP_2048_256',
  25: 'ECP_192',
  26: 'ECP_224',
  27: 'BRAINPOOL_P224R1',
  28: 'BRAINPOOL_P256R1',
  29: 'BRAINPOOL_P384R1',
  30: 'BRAINPOOL_P512R1',
  31: 'CURVE25519',
  32: 'CURVE448',
  33: 'GOST3410_2012_256',
  34: 'GOST3410_2012_512',
  35: 'ML_KEM_512',
  36: 'ML_KEM_768',
  37: 'ML_KEM_1024',
};

const encryption: Names = {
  1: 'ENCR_DES_IV64',
  2: 'ENCR_DES',
  3: 'ENCR_3DES',
  4: 'ENCR_RC5',
  5: 'ENCR_IDEA',
  6: 'ENCR_CAST',
  7: 'ENCR_BLOWFISH',
  8: 'ENCR_3IDEA',
  9: 'ENCR_DES_IV32',
  11: 'ENCR_NULL',
  12: 'ENCR_AES_CBC',
  13: 'ENCR_AES_CTR',
  14: 'ENCR_AES_CCM_8',
  15: 'ENCR_AES_CCM_12',
  16: 'ENCR_AES_CCM_16',
  18: 'ENCR_AES_GCM_8',
  19: 'ENCR_AES_GCM_12',
  20: 'ENCR_AES_GCM_16',
  21: 'ENCR_NULL_AUTH_AES_GMAC',
  23: 'ENCR_CAMELLIA_CBC',
  24: 'ENCR_CAMELLIA_CTR',
  25: 'ENCR_CAMELLIA_CCM_8',
  26: 'ENCR_CAMELLIA_CCM_12',
  27: 'ENCR_CAMELLIA_CCM_16',
  28: 'ENCR_CHACHA20_POLY1305',
  29: 'ENCR_AES_CCM_8_IIV',
  30: 'ENCR_AES_GCM_16_IIV',
  31: 'ENCR_CHACHA20_POLY1305_IIV',
  32: 'ENCR_KUZNYECHIK_MGM_KTREE',
  33: 'ENCR_MAGMA_MGM_KTREE',
};

const randomFunctions: Names = {
  1: 'PRF_HMAC_MD5',
  2: 'PRF_HMAC_SHA1',
  3: 'PRF_HMAC_TIGER',
  4: 'PRF_AES128_XCBC',
  5: 'PRF_HMAC_SHA2_256',
  6: 'PRF_HMAC_SHA2_384',
  7: 'PRF_HMAC_SHA2_512',
  8: 'PRF_AES128_CMAC',
  9: 'PRF_HMAC_STREEBOG_512',
};

const integrity: Names = {
  0: 'AUTH_NONE',
  1: 'AUTH_HMAC_MD5_96',
  2: 'AUTH_HMAC_SHA1_96',
  3: 'AUTH_DES_MAC',
  4: 'AUTH_KPDK_MD5',
  5: 'AUTH_AES_XCBC_96',
  6: 'AUTH_HMAC_MD5_128',
  7: 'AUTH_HMAC_SHA1_160',
  8: 'AUTH_AES_CMAC_96',
  9: 'AUTH_AES_128_GMAC',
  10: 'AUTH_AES_192_GMAC',
  11: 'AUTH_AES_256_GMAC',
  12: 'AUTH_HMAC_SHA2_256_128',
  13: 'AUTH_HMAC_SHA2_384_192',
  14: 'AUTH_HMAC_SHA2_512_256',
};

const sequenceNumbers: Names = { 0: 'NO_ESN', 1: 'ESN' };

/** Kinds of transforms of version 2 (RFC 7296 §3.3.2, RFC 9370 §2.2.1) and the names of each. */
const kinds: readonly { readonly name: string; readonly names: Names }[] = [
  { name: '', names: {} },
  { name: 'ENCR', names: encryption },
  { name: 'PRF', names: randomFunctions },
  { name: 'AUTH', names: integrity },
  { name: 'KE', names: groups },
  { name: 'ESN', names: sequenceNumbers },
  ...['ADDKE1', 'ADDKE2', 'ADDKE3', 'ADDKE4', 'ADDKE5', 'ADDKE6', 'ADDKE7'].map((name) => ({ name, names: groups })),
];

/** A transform of version 2 by its kind and number; additional key exchanges have their place in front. */
export function transformName(kind: number, id: number): string {
  const of = kinds[kind];
  if (!of || kind === 0) return `UNKNOWN_${kind}_${id}`;
  const name = of.names[id];
  if (name === undefined) return `${of.name}_${id}`;
  return kind > 5 ? `${of.name}_${name}` : name;
}

const ciphersV1: Names = {
  1: 'DES_CBC',
  2: 'IDEA_CBC',
  3: 'BLOWFISH_CBC',
  4: 'RC5_R16_B64_CBC',
  5: '3DES_CBC',
  6: 'CAST_CBC',
  7: 'AES_CBC',
  8: 'CAMELLIA_CBC',
  // GM/T 0022.
  127: 'SM4_CBC',
  128: 'SM1_CBC',
  129: 'SM4_CBC',
};
const hashesV1: Names = { 1: 'MD5', 2: 'SHA', 3: 'TIGER', 4: 'SHA2_256', 5: 'SHA2_384', 6: 'SHA2_512', 20: 'SM3' };
const methodsV1: Names = {
  1: 'PSK',
  2: 'DSS_SIG',
  3: 'RSA_SIG',
  4: 'RSA_ENC',
  5: 'RSA_REVISED_ENC',
  9: 'ECDSA_256',
  10: 'ECDSA_384',
  11: 'ECDSA_521',
  64221: 'HYBRID_INIT_RSA',
  64222: 'HYBRID_RESP_RSA',
  64223: 'HYBRID_INIT_DSS',
  64224: 'HYBRID_RESP_DSS',
  65001: 'XAUTH_INIT_PSK',
  65002: 'XAUTH_RESP_PSK',
  65005: 'XAUTH_INIT_RSA',
  65006: 'XAUTH_RESP_RSA',
};

/** What an attribute of version 1 chooses; nothing where it is no choice of an algorithm. */
export function chosenV1(attribute: number, value: number): string | undefined {
  if (attribute === 1) return ciphersV1[value] ?? `ENCR_${value}`;
  if (attribute === 2) return hashesV1[value] ?? `HASH_${value}`;
  if (attribute === 3) return methodsV1[value] ?? `AUTH_${value}`;
  if (attribute === 4) return groups[value] ?? `GROUP_${value}`;
  return undefined;
}

/** Notifications of version 1 (RFC 2408 §3.14.1, RFC 2407 §4.6.3, RFC 3706 §5.4). */
const notificationsV1: Names = {
  1: 'INVALID-PAYLOAD-TYPE',
  2: 'DOI-NOT-SUPPORTED',
  3: 'SITUATION-NOT-SUPPORTED',
  4: 'INVALID-COOKIE',
  5: 'INVALID-MAJOR-VERSION',
  6: 'INVALID-MINOR-VERSION',
  7: 'INVALID-EXCHANGE-TYPE',
  8: 'INVALID-FLAGS',
  9: 'INVALID-MESSAGE-ID',
  10: 'INVALID-PROTOCOL-ID',
  11: 'INVALID-SPI',
  12: 'INVALID-TRANSFORM-ID',
  13: 'ATTRIBUTES-NOT-SUPPORTED',
  14: 'NO-PROPOSAL-CHOSEN',
  15: 'BAD-PROPOSAL-SYNTAX',
  16: 'PAYLOAD-MALFORMED',
  17: 'INVALID-KEY-INFORMATION',
  18: 'INVALID-ID-INFORMATION',
  19: 'INVALID-CERT-ENCODING',
  20: 'INVALID-CERTIFICATE',
  21: 'CERT-TYPE-UNSUPPORTED',
  22: 'INVALID-CERT-AUTHORITY',
  23: 'INVALID-HASH-INFORMATION',
  24: 'AUTHENTICATION-FAILED',
  25: 'INVALID-SIGNATURE',
  26: 'ADDRESS-NOTIFICATION',
  27: 'NOTIFY-SA-LIFETIME',
  28: 'CERTIFICATE-UNAVAILABLE',
  29: 'UNSUPPORTED-EXCHANGE-TYPE',
  30: 'UNEQUAL-PAYLOAD-LENGTHS',
  16384: 'CONNECTED',
  24576: 'RESPONDER-LIFETIME',
  24577: 'REPLAY-STATUS',
  24578: 'INITIAL-CONTACT',
  36136: 'R-U-THERE',
  36137: 'R-U-THERE-ACK',
};

/** Notifications of version 2 (IANA; RFC 7296 §3.10.1 and those after it). Below 16384 they are errors. */
const notificationsV2: Names = {
  1: 'UNSUPPORTED_CRITICAL_PAYLOAD',
  4: 'INVALID_IKE_SPI',
  5: 'INVALID_MAJOR_VERSION',
  7: 'INVALID_SYNTAX',
  9: 'INVALID_MESSAGE_ID',
  11: 'INVALID_SPI',
  14: 'NO_PROPOSAL_CHOSEN',
  17: 'INVALID_KE_PAYLOAD',
  24: 'AUTHENTICATION_FAILED',
  34: 'SINGLE_PAIR_REQUIRED',
  35: 'NO_ADDITIONAL_SAS',
  36: 'INTERNAL_ADDRESS_FAILURE',
  37: 'FAILED_CP_REQUIRED',
  38: 'TS_UNACCEPTABLE',
  39: 'INVALID_SELECTORS',
  40: 'UNACCEPTABLE_ADDRESSES',
  41: 'UNEXPECTED_NAT_DETECTED',
  42: 'USE_ASSIGNED_HoA',
  43: 'TEMPORARY_FAILURE',
  44: 'CHILD_SA_NOT_FOUND',
  45: 'INVALID_GROUP_ID',
  46: 'AUTHORIZATION_FAILED',
  47: 'STATE_NOT_FOUND',
  48: 'TS_MAX_QUEUE',
};

/** From 16384 on, in their order. */
const statusesV2 =
  'INITIAL_CONTACT SET_WINDOW_SIZE ADDITIONAL_TS_POSSIBLE IPCOMP_SUPPORTED NAT_DETECTION_SOURCE_IP NAT_DETECTION_DESTINATION_IP COOKIE USE_TRANSPORT_MODE HTTP_CERT_LOOKUP_SUPPORTED REKEY_SA ESP_TFC_PADDING_NOT_SUPPORTED NON_FIRST_FRAGMENTS_ALSO MOBIKE_SUPPORTED ADDITIONAL_IP4_ADDRESS ADDITIONAL_IP6_ADDRESS NO_ADDITIONAL_ADDRESSES UPDATE_SA_ADDRESSES COOKIE2 NO_NATS_ALLOWED AUTH_LIFETIME MULTIPLE_AUTH_SUPPORTED ANOTHER_AUTH_FOLLOWS REDIRECT_SUPPORTED REDIRECT REDIRECTED_FROM TICKET_LT_OPAQUE TICKET_REQUEST TICKET_ACK TICKET_NACK TICKET_OPAQUE LINK_ID USE_WESP_MODE ROHC_SUPPORTED EAP_ONLY_AUTHENTICATION CHILDLESS_IKEV2_SUPPORTED QUICK_CRASH_DETECTION IKEV2_MESSAGE_ID_SYNC_SUPPORTED IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED IKEV2_MESSAGE_ID_SYNC IPSEC_REPLAY_COUNTER_SYNC SECURE_PASSWORD_METHODS PSK_PERSIST PSK_CONFIRM ERX_SUPPORTED IFOM_CAPABILITY SENDER_REQUEST_ID IKEV2_FRAGMENTATION_SUPPORTED SIGNATURE_HASH_ALGORITHMS CLONE_IKE_SA_SUPPORTED CLONE_IKE_SA PUZZLE USE_PPK PPK_IDENTITY NO_PPK_AUTH INTERMEDIATE_EXCHANGE_SUPPORTED IP4_ALLOWED IP6_ALLOWED ADDITIONAL_KEY_EXCHANGE USE_AGGFRAG SUPPORTED_AUTH_METHODS SA_RESOURCE_INFO'.split(
    ' ',
  );

/** The name of a notification; the plugin's words where there is none. */
export function notificationName(version: number, type: number): string {
  const name = version === 1 ? notificationsV1[type] : (notificationsV2[type] ?? statusesV2[type - 16_384]);
  return name ?? `unknown-notify-message-type: ${type}`;
}
