/** Names of COTP's and S7's codes, as icsnpp-s7comm writes them. */

const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`;
export const hex2 = (value: number): string => hex(value, 2);
export const hex4 = (value: number): string => hex(value, 4);

/** ISO 8073 (X.224 §13). */
const tpdus: { readonly [code: number]: string } = {
  1: 'ED Expedited Data',
  2: 'EA Expedited Data Acknowledgement',
  5: 'RJ Reject',
  6: 'AK Data Acknowledgement',
  7: 'ER TPDU Error',
  8: 'DR Disconnect Request',
  12: 'DC Disconnect Confirm',
  13: 'CC Connection Confirm',
  14: 'CR Connection Request',
  15: 'DT Data',
};
export const tpduName = (code: number): string | undefined => tpdus[code];

const rosctrs: { readonly [code: number]: string } = { 1: 'Job-Request', 2: 'ACK', 3: 'ACK-Data', 7: 'User-Data' };
export const rosctrName = (code: number): string => rosctrs[code] ?? 'unknown';

const functions: { readonly [code: number]: string } = {
  0x00: 'CPU Services',
  0x04: 'Read Variable',
  0x05: 'Write Variable',
  0x1a: 'Request Download',
  0x1b: 'Download Block',
  0x1c: 'Download Ended',
  0x1d: 'Start Upload',
  0x1e: 'Upload',
  0x1f: 'End Upload',
  0x28: 'PLC Control',
  0x29: 'PLC Stop',
  0xf0: 'Setup Communication',
};
export const functionName = (code: number): string => functions[code] ?? 'unknown';

/** Groups of user data and their subfunctions. */
const groups: { readonly [group: number]: { name: string; subfunctions: { readonly [code: number]: string } } } = {
  0: {
    name: 'Mode-Transition',
    subfunctions: {
      0: 'Stop',
      1: 'Warm Restart',
      2: 'Run',
      3: 'Hot Restart',
      4: 'Hold',
      6: 'Cold Restart',
      9: 'Run_R',
      11: 'Link-Up',
      12: 'Update',
    },
  },
  1: {
    name: 'Programmer Controls',
    subfunctions: {
      1: 'Block Status',
      2: 'Variable Status',
      3: 'Output ISTACK',
      4: 'Output BSTACK',
      5: 'Output LSTACK',
      6: 'Time Measurement',
      7: 'Force Selection',
      8: 'Modify Variable',
      9: 'Force',
      10: 'Breakpoint',
      11: 'Exit HOLD',
      12: 'Memory Reset',
      13: 'Disable Job',
      14: 'Enable Job',
      15: 'Delete Job',
      16: 'Read Job List',
      17: 'Read Job',
      18: 'Replace Job',
      19: 'Block Status v2',
      22: 'Flash LED',
    },
  },
  2: {
    name: 'Cyclic Services',
    subfunctions: {
      1: 'Cyclic Transfer',
      4: 'Unsubscribe',
      5: 'Change Driven Transfer',
      7: 'Change Driven Transfer Modify',
      8: 'RDREC',
    },
  },
  3: { name: 'Block Functions', subfunctions: { 1: 'List Blocks', 2: 'List Blocks of Type', 3: 'Get Block Info' } },
  4: {
    name: 'CPU Functions',
    subfunctions: {
      1: 'Read SZL',
      2: 'Message Service',
      3: 'Diagnostic Message',
      4: 'ALARM_8 Indication',
      5: 'NOTIFY Indication',
      6: 'ALARM_8 Lock',
      7: 'ALARM_8 Unlock',
      8: 'SCAN Indication',
      11: 'ALARM_S Indication',
      12: 'ALARM_SQ Indication',
      13: 'ALARM Query',
      14: 'ALARM ACK',
      17: 'ALARM ACK Indication',
      18: 'ALARM Lock Indication',
      19: 'ALARM Unlock Indication',
      22: 'NOTIFY_8 Indication',
    },
  },
  5: { name: 'Security', subfunctions: { 1: 'PLC Password' } },
  6: { name: 'PBC BSEND-BRECV', subfunctions: {} },
  7: {
    name: 'Time Functions',
    subfunctions: { 1: 'Read Clock', 2: 'Set Clock', 3: 'Read Clock (Following)', 4: 'Set Clock (2)' },
  },
  15: { name: 'NC Programming', subfunctions: {} },
};

const kinds: { readonly [kind: number]: string } = { 0: 'Push', 4: 'Request', 8: 'Response' };

/** The function of user data: its upper half says whether it asks, answers or reports, its lower half the group. */
export const userDataName = (code: number): string => `${kinds[code >> 4] ?? 'unknown'}: ${groups[code & 15]?.name ?? 'unknown'}`;
export const subfunctionName = (code: number, subfunction: number): string =>
  groups[code & 15]?.subfunctions[subfunction] ?? 'unknown';

const errorClasses: { readonly [code: number]: string } = {
  0x00: 'No error',
  0x81: 'Application relationship error',
  0x82: 'Object definition error',
  0x83: 'No ressources available error',
  0x84: 'Error on service processing',
  0x85: 'Error on supplies',
  0x87: 'Access error',
};
export const errorClassName = (code: number): string => errorClasses[code] ?? `Unknown error class-${hex2(code)}`;

const returns: { readonly [code: number]: string } = {
  0x00: 'Reserved',
  0x01: 'Hardware error',
  0x03: 'Accessing the object not allowed',
  0x05: 'Invalid address',
  0x06: 'Data type not supported',
  0x07: 'Data type inconsistent',
  0x0a: 'Object does not exist',
  0xff: 'Success',
};
export const returnName = (code: number): string => returns[code] ?? 'Unknown';

/** System status lists, by the lower byte of their number. */
const lists: { readonly [id: number]: string } = {
  0x00: 'List of all the SZL-IDs of a module',
  0x11: 'Module identification',
  0x12: 'CPU characteristics',
  0x13: 'User memory areas',
  0x14: 'System areas',
  0x15: 'Block types',
  0x16: 'Priority classes',
  0x17: 'List of the permitted SDBs with a number < 1000',
  0x18: 'Maximum S7-300 I/O configuration',
  0x19: 'Status of the module LEDs',
  0x1c: 'Component Identification',
  0x21: 'Interrupt / error assignment',
  0x22: 'Interrupt status',
  0x23: 'Priority classes',
  0x24: 'Modes',
  0x25: 'Assignment between process image partitions and OBs',
  0x31: 'Communication capability parameters',
  0x32: 'Communication status data',
  0x33: 'Diagnostics: device logon list',
  0x37: 'Ethernet - Details of a Module',
  0x71: 'H CPU group information',
  0x74: 'Status of the module LEDs',
  0x75: 'Switched DP slaves in the H-system',
  0x81: 'Start information list',
  0x82: 'Start event list',
  0x91: 'Module status information',
  0x92: 'Rack / station status information',
  0x94: 'Rack / station status information',
  0x95: 'Extended DP master system information',
  0x96: 'Module status information, PROFINET IO and PROFIBUS DP',
  0xa0: 'Diagnostic buffer of the CPU',
  0xb1: 'Module diagnostic information (data record 0)',
  0xb2: 'Module diagnostic information (data record 1), geographical address',
  0xb3: 'Module diagnostic information (data record 1), logical address',
  0xb4: 'Diagnostic data of a DP slave',
};
export const listName = (id: number): string => lists[id & 0xff] ?? 'Unknown';

const blocks: { readonly [type: string]: string } = {
  '08': 'Organization Block',
  '0A': 'Data Block',
  '0B': 'System Data Block',
  '0C': 'Function',
  '0D': 'System Function',
  '0E': 'Function Block',
  '0F': 'System Function Block',
};
export const blockName = (type: string): string => blocks[type] ?? 'Unknown';
export const filesystemName = (letter: string): string => ({ P: 'Passive', A: 'Active' })[letter] ?? 'Unknown';

/** Services of PLC Control that every controller knows; those of machine tools carry their name as it is. */
const services: { readonly [name: string]: string } = {
  _INSE: 'Activates a PLC module',
  _INS2: 'Activates a PLC module',
  _DELE: "Removes module from the PLC's passive file system",
  P_PROGRAM: 'PLC Start / Stop',
  _MODU: 'PLC Copy Ram to Rom',
  _GARB: 'Compress PLC memory',
};
export const serviceName = (name: string): string => services[name] ?? 'unknown';

const plusFunctions: { readonly [code: number]: string } = {
  0x04bb: 'Explore',
  0x04ca: 'Create Object',
  0x04d4: 'Delete Object',
  0x04f2: 'Set Variable',
  0x0524: 'Get Link',
  0x0542: 'Set Multi Variables',
  0x054c: 'Get Multi Variables',
  0x0556: 'Begin Sequence',
  0x0560: 'End Sequence',
  0x056b: 'Invoke',
  0x0586: 'Get Variable Sub Streamed',
};
export const plusFunctionName = (code: number): string => plusFunctions[code] ?? `Unknown s7comm-plus function-${hex4(code)}`;
const plusOpcodes: { readonly [code: number]: string } = { 0x31: 'Request', 0x32: 'Response', 0x33: 'Notification' };
export const plusOpcodeName = (code: number): string => plusOpcodes[code] ?? `Unknown s7comm-plus opcode-${hex2(code)}`;
