/** Names of LDAP operations and results as Zeek writes them (RFC 4511 §4, appendix A; IANA LDAP parameters). */

/** Operations by their application tag. */
export const BIND_REQUEST = 0x60;
export const BIND_RESPONSE = 0x61;
export const UNBIND_REQUEST = 0x42;
export const SEARCH_REQUEST = 0x63;
export const SEARCH_RESULT_ENTRY = 0x64;
export const SEARCH_RESULT_DONE = 0x65;
export const MODIFY_REQUEST = 0x66;
export const ADD_REQUEST = 0x68;
export const DEL_REQUEST = 0x4a;
export const MOD_DN_REQUEST = 0x6c;
export const COMPARE_REQUEST = 0x6e;
export const ABANDON_REQUEST = 0x50;
export const SEARCH_RESULT_REFERENCE = 0x73;
export const EXTENDED_REQUEST = 0x77;
export const EXTENDED_RESPONSE = 0x78;
export const INTERMEDIATE_RESPONSE = 0x79;

const operations: { readonly [tag: number]: string } = {
  [BIND_REQUEST]: 'bind',
  [BIND_RESPONSE]: 'bind',
  [UNBIND_REQUEST]: 'unbind',
  [SEARCH_REQUEST]: 'search',
  [SEARCH_RESULT_ENTRY]: 'search',
  [SEARCH_RESULT_DONE]: 'search',
  [MODIFY_REQUEST]: 'modify',
  0x67: 'modify',
  [ADD_REQUEST]: 'add',
  0x69: 'add',
  [DEL_REQUEST]: 'delete',
  0x6b: 'delete',
  [MOD_DN_REQUEST]: 'modify',
  0x6d: 'modify',
  [COMPARE_REQUEST]: 'compare',
  0x6f: 'compare',
  [ABANDON_REQUEST]: 'abandon',
  [SEARCH_RESULT_REFERENCE]: 'search',
  [EXTENDED_REQUEST]: 'extended',
  [EXTENDED_RESPONSE]: 'extended',
  [INTERMEDIATE_RESPONSE]: 'intermediate',
};

/** `bind` for both bind request and response, … ; `undefined` for a tag that is no operation. */
export function operationName(tag: number): string | undefined {
  return operations[tag];
}

const results: { readonly [code: number]: string } = {
  0: 'success',
  1: 'operations error',
  2: 'protocol error',
  3: 'time limit exceeded',
  4: 'size limit exceeded',
  5: 'compare false',
  6: 'compare true',
  7: 'auth method not supported',
  8: 'stronger auth required',
  9: 'partial results',
  10: 'referral',
  11: 'admin limit exceeded',
  12: 'unavailable critical extension',
  13: 'confidentiality required',
  14: 'SASL bind in progress',
  16: 'no such attribute',
  17: 'undefined attribute type',
  18: 'inappropriate matching',
  19: 'constraint violation',
  20: 'attribute or value exists',
  21: 'invalid attribute syntax',
  32: 'no such object',
  33: 'alias problem',
  34: 'invalid DN syntax',
  36: 'alias dereferencing problem',
  48: 'inappropriate authentication',
  49: 'invalid credentials',
  50: 'insufficient access rights',
  51: 'busy',
  52: 'unavailable',
  53: 'unwilling to perform',
  54: 'loop detect',
  60: 'sort control missing',
  61: 'offset range error',
  64: 'naming violation',
  65: 'object class violation',
  66: 'not allowed on non-leaf',
  67: 'not allowed on RDN',
  68: 'entry already exists',
  69: 'object class mods prohibited',
  70: 'results too large',
  71: 'affects multiple DSAs',
  76: 'control error',
  80: 'other',
  118: 'canceled',
  119: 'no such operation',
  120: 'too late',
  121: 'cannot cancel',
  122: 'assertion failed',
  123: 'authorization denied',
};

/** `success`; `unknown` for a code without a name. */
export function resultName(code: number): string {
  return results[code] ?? 'unknown';
}

const scopes = ['base', 'single', 'tree'];
const derefs = ['never', 'searching', 'finding', 'always'];

/** Zeek's words for the scope of a search (RFC 4511 §4.5.1.2). */
export const scopeName = (code: number): string => scopes[code] ?? 'unknown';

/** Zeek's words for how aliases are followed (RFC 4511 §4.5.1.3). */
export const derefName = (code: number): string => derefs[code] ?? 'unknown';

/** StartTLS (RFC 4511 §4.14). */
export const startTls = '1.3.6.1.4.1.1466.20037';

const extended: { readonly [identifier: string]: string } = {
  [startTls]: 'StartTLS',
  '1.3.6.1.4.1.4203.1.11.3': 'whoami',
  // RFC 3062, RFC 3909: Zeek calls them unknown.
  '1.3.6.1.4.1.4203.1.11.1': 'password modify',
  '1.3.6.1.1.8': 'cancel',
};

/** `1.3.6.1.4.1.1466.20037 (StartTLS)`. */
export const extendedName = (identifier: string): string => `${identifier} (${extended[identifier] ?? 'unknown'})`;

/** Attributes whose values are passwords, their hashes or keys (RFC 4519, [MS-ADA3], [MS-LAPS], Samba); compared in lower case. */
const secrets: ReadonlySet<string> = new Set([
  'userpassword',
  'unicodepwd',
  'clearpassword',
  'dbcspwd',
  'ntpwdhistory',
  'lmpwdhistory',
  'supplementalcredentials',
  'trustauthincoming',
  'trustauthoutgoing',
  'initialauthincoming',
  'initialauthoutgoing',
  'currentvalue',
  'priorvalue',
  'msds-managedpassword',
  'ms-mcs-admpwd',
  'mslaps-password',
  'mslaps-encryptedpassword',
  'mslaps-encryptedpasswordhistory',
  'mslaps-encrypteddsrmpassword',
  'mslaps-encrypteddsrmpasswordhistory',
  'sambantpassword',
  'sambalmpassword',
  'sambapasswordhistory',
  'krbprincipalkey',
  'ipanthash',
  'pwdhistory',
  'authpassword',
  'olcrootpw',
]);

/** Whether values of the attribute are secrets; its options (`;binary`) do not matter. */
export function isSecret(attribute: string): boolean {
  const options = attribute.indexOf(';');
  return secrets.has((options < 0 ? attribute : attribute.slice(0, options)).toLowerCase());
}
