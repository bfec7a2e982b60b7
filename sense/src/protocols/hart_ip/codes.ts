/** Names of HART-IP's messages (FieldComm TS10085) and of HART's universal and common practice commands (TS20127, TS20151). */

type Names = { readonly [code: number]: string };

export const typeName = (code: number): string =>
  ({ 0: 'Request', 1: 'Response', 2: 'Publish', 15: 'NAK' })[code as 0] ?? `unknown-${code}`;
export const isType = (code: number): boolean => code <= 2 || code === 15;

const identifiers: readonly string[] = [
  'Session Initiate',
  'Session Close',
  'Keep Alive',
  'Token Passing PDU',
  'Direct PDU',
  'Read Audit Log',
];
export const identifierName = (code: number): string => identifiers[code] ?? `unknown-${code}`;
export const isIdentifier = (code: number): boolean => code < identifiers.length;

const statuses: Names = {
  0: 'Success',
  2: 'Invalid Selection Error',
  5: 'Too Few Data Bytes Received',
  6: 'Device Specific Command Error',
  8: 'Set to Nearest Possible Value Warning',
  14: 'Version Not Supported Warning',
  15: 'All Available Sessions In Use Error',
  16: 'Access Restricted Error',
  17: 'Security Not Initialized Error',
};
export const statusName = (code: number): string => statuses[code] ?? `unknown-${code}`;

/** What a frame of HART is: a master asks, a device answers, or publishes by itself. */
export const frameName = (code: number): string =>
  ({ 1: 'Burst Frame', 2: 'STX Master to Field', 6: 'Acknowledgement Field to Master' })[code as 1] ?? `unknown-${code}`;

const commands: Names = {
  0: 'Read Unique Identifier',
  1: 'Read Primary Variable',
  2: 'Read Loop Current And Percent Of Range',
  3: 'Read Dynamic Variables And Loop Current',
  6: 'Write Polling Address',
  7: 'Read Loop Configuration',
  8: 'Read Dynamic Variable Classifications',
  9: 'Read Device Variables With Status',
  11: 'Read Unique Identifier Associated With Tag',
  12: 'Read Message',
  13: 'Read Tag, Descriptor, Date',
  14: 'Read Primary Variable Transducer Information',
  15: 'Read Device Information',
  16: 'Read Final Assembly Number',
  17: 'Write Message',
  18: 'Write Tag, Descriptor, Date',
  19: 'Write Final Assembly Number',
  20: 'Read Long Tag',
  21: 'Read Unique Identifier Associated With Long Tag',
  22: 'Write Long Tag',
  33: 'Read Device Variables',
  34: 'Write Primary Variable Damping Value',
  35: 'Write Primary Variable Range Values',
  36: 'Set Primary Variable Upper Range Value',
  37: 'Set Primary Variable Lower Range Value',
  38: 'Reset Configuration Changed Flag',
  40: 'Enter/Exit Fixed Current Mode',
  41: 'Perform Self Test',
  42: 'Perform Device Reset',
  43: 'Set Primary Variable Zero',
  44: 'Write Primary Variable Units',
  45: 'Trim Loop Current Zero',
  46: 'Trim Loop Current Gain',
  47: 'Write Primary Variable Transfer Function',
  48: 'Read Additional Device Status',
  49: 'Write Primary Variable Transducer Serial Number',
  50: 'Read Dynamic Variable Assignments',
  51: 'Write Dynamic Variable Assignments',
  52: 'Set Device Variable Zero',
  53: 'Write Device Variable Units',
  54: 'Read Device Variable Information',
  59: 'Write Number Of Response Preambles',
  71: 'Lock Device',
  72: 'Squawk',
  74: 'Read I/O System Capabilities',
  75: 'Poll Sub-Device',
  76: 'Read Lock Device State',
  77: 'Send Command To Sub-Device',
  78: 'Read Aggregated Commands',
  79: 'Write Device Variable',
  84: 'Read Sub-Device Identity Summary',
};
export const commandName = (code: number): string => commands[code] ?? `unknown-0x${code.toString(16).padStart(2, '0')}`;

/** Bits of the status of a device, the highest first. */
const deviceStates: readonly string[] = [
  'device_malfunction',
  'configuration_changed',
  'cold_start',
  'more_status_available',
  'loop_current_fixed',
  'loop_current_saturated',
  'non_primary_variable_out_of_limits',
  'primary_variable_out_of_limits',
];
export const deviceStatus = (bits: number): string[] => deviceStates.filter((_, i) => (bits & (0x80 >> i)) !== 0);
