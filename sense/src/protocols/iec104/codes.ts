/** Names of the types, causes and commands of IEC 60870-5-101 and -104, and the sizes of their information elements. */

/** Unnumbered functions (IEC 60870-5-104 §5.1), by the upper six bits of the first control byte. */
const unnumbered: { readonly [code: number]: string } = {
  0x01: 'STARTDT act',
  0x02: 'STARTDT con',
  0x04: 'STOPDT act',
  0x08: 'STOPDT con',
  0x10: 'TESTFR act',
  0x20: 'TESTFR con',
};
export const unnumberedName = (code: number): string => unnumbered[code] ?? `unknown-${code}`;
export const isUnnumbered = (code: number): boolean => unnumbered[code] !== undefined;

/** Type identifications with the bytes of one information element, time tag included (IEC 60870-5-101 §7.3). */
const types: { readonly [code: number]: readonly [name: string, bytes: number] } = {
  1: ['M_SP_NA_1', 1],
  2: ['M_SP_TA_1', 4],
  3: ['M_DP_NA_1', 1],
  4: ['M_DP_TA_1', 4],
  5: ['M_ST_NA_1', 2],
  6: ['M_ST_TA_1', 5],
  7: ['M_BO_NA_1', 5],
  8: ['M_BO_TA_1', 8],
  9: ['M_ME_NA_1', 3],
  10: ['M_ME_TA_1', 6],
  11: ['M_ME_NB_1', 3],
  12: ['M_ME_TB_1', 6],
  13: ['M_ME_NC_1', 5],
  14: ['M_ME_TC_1', 8],
  15: ['M_IT_NA_1', 5],
  16: ['M_IT_TA_1', 8],
  17: ['M_EP_TA_1', 6],
  18: ['M_EP_TB_1', 7],
  19: ['M_EP_TC_1', 7],
  20: ['M_PS_NA_1', 5],
  21: ['M_ME_ND_1', 2],
  30: ['M_SP_TB_1', 8],
  31: ['M_DP_TB_1', 8],
  32: ['M_ST_TB_1', 9],
  33: ['M_BO_TB_1', 12],
  34: ['M_ME_TD_1', 10],
  35: ['M_ME_TE_1', 10],
  36: ['M_ME_TF_1', 12],
  37: ['M_IT_TB_1', 12],
  38: ['M_EP_TD_1', 10],
  39: ['M_EP_TE_1', 11],
  40: ['M_EP_TF_1', 11],
  45: ['C_SC_NA_1', 1],
  46: ['C_DC_NA_1', 1],
  47: ['C_RC_NA_1', 1],
  48: ['C_SE_NA_1', 3],
  49: ['C_SE_NB_1', 3],
  50: ['C_SE_NC_1', 5],
  51: ['C_BO_NA_1', 4],
  58: ['C_SC_TA_1', 8],
  59: ['C_DC_TA_1', 8],
  60: ['C_RC_TA_1', 8],
  61: ['C_SE_TA_1', 10],
  62: ['C_SE_TB_1', 10],
  63: ['C_SE_TC_1', 12],
  64: ['C_BO_TA_1', 11],
  70: ['M_EI_NA_1', 1],
  100: ['C_IC_NA_1', 1],
  101: ['C_CI_NA_1', 1],
  102: ['C_RD_NA_1', 0],
  103: ['C_CS_NA_1', 7],
  104: ['C_TS_NA_1', 2],
  105: ['C_RP_NA_1', 1],
  106: ['C_CD_NA_1', 2],
  107: ['C_TS_TA_1', 9],
  110: ['P_ME_NA_1', 3],
  111: ['P_ME_NB_1', 3],
  112: ['P_ME_NC_1', 5],
  113: ['P_AC_NA_1', 1],
  120: ['F_FR_NA_1', 6],
  121: ['F_SR_NA_1', 7],
  122: ['F_SC_NA_1', 4],
  123: ['F_LS_NA_1', 5],
  124: ['F_AF_NA_1', 4],
  125: ['F_SG_NA_1', -1],
  126: ['F_DR_TA_1', 13],
  127: ['F_SC_NB_1', 16],
};
export const typeName = (code: number): string => types[code]?.[0] ?? `unknown-${code}`;
export const isType = (code: number): boolean => types[code] !== undefined;
/** -1 where it is not known, or stated in the element itself. */
export const elementBytes = (code: number): number => types[code]?.[1] ?? -1;

/** IEC 60870-5-101 §7.2.3. */
const causes: { readonly [code: number]: string } = {
  1: 'per/cyc',
  2: 'back',
  3: 'spont',
  4: 'init',
  5: 'req',
  6: 'act',
  7: 'actcon',
  8: 'deact',
  9: 'deactcon',
  10: 'actterm',
  11: 'retrem',
  12: 'retloc',
  13: 'file',
  20: 'inrogen',
  37: 'reqcogen',
  44: 'unknown type',
  45: 'unknown cause',
  46: 'unknown asdu address',
  47: 'unknown object address',
};
export const causeName = (code: number): string =>
  causes[code] ??
  (code > 20 && code <= 36 ? `inro${code - 20}` : code > 37 && code <= 41 ? `reqco${code - 37}` : `unknown-${code}`);

/** What a command of each type asks for, by the lower bits of its qualifier (§7.2.6.15 to 17). */
export function commandName(type: number, qualifier: number): string | undefined {
  if (type === 45 || type === 58) return (qualifier & 1) === 1 ? 'On' : 'Off';
  if (type === 46 || type === 59) return ['not permitted-0', 'Off', 'On', 'not permitted-3'][qualifier & 3];
  if (type === 47 || type === 60) return ['not permitted-0', 'Lower', 'Higher', 'not permitted-3'][qualifier & 3];
  return undefined;
}
