/** Names of DNP3's functions and objects: functions as Zeek writes them, objects after IEEE 1815-2012 annex A. */

const functions: { readonly [code: number]: string } = {
  0: 'CONFIRM',
  1: 'READ',
  2: 'WRITE',
  3: 'SELECT',
  4: 'OPERATE',
  5: 'DIRECT_OPERATE',
  6: 'DIRECT_OPERATE_NR',
  7: 'IMMED_FREEZE',
  8: 'IMMED_FREEZE_NR',
  9: 'FREEZE_CLEAR',
  10: 'FREEZE_CLEAR_NR',
  11: 'FREEZE_AT_TIME',
  12: 'FREEZE_AT_TIME_NR',
  13: 'COLD_RESTART',
  14: 'WARM_RESTART',
  15: 'INITIALIZE_DATA',
  16: 'INITIALIZE_APPL',
  17: 'START_APPL',
  18: 'STOP_APPL',
  19: 'SAVE_CONFIG',
  20: 'ENABLE_UNSOLICITED',
  21: 'DISABLE_UNSOLICITED',
  22: 'ASSIGN_CLASS',
  23: 'DELAY_MEASURE',
  24: 'RECORD_CURRENT_TIME',
  25: 'OPEN_FILE',
  26: 'CLOSE_FILE',
  27: 'DELETE_FILE',
  28: 'GET_FILE_INFO',
  29: 'AUTHENTICATE_FILE',
  30: 'ABORT_FILE',
  31: 'ACTIVATE_CONFIG',
  32: 'AUTHENTICATE_REQ',
  33: 'AUTHENTICATE_ERR',
  129: 'RESPONSE',
  130: 'UNSOLICITED_RESPONSE',
  131: 'AUTHENTICATE_RESP',
};

export const functionName = (code: number): string => functions[code] ?? `unknown-${code}`;

const groups: { readonly [group: number]: string } = {
  0: 'Device Attributes',
  1: 'Binary Input',
  2: 'Binary Input Event',
  3: 'Double-bit Binary Input',
  4: 'Double-bit Binary Input Event',
  10: 'Binary Output',
  11: 'Binary Output Event',
  12: 'Binary Output Command',
  13: 'Binary Output Command Event',
  20: 'Counter',
  21: 'Frozen Counter',
  22: 'Counter Event',
  23: 'Frozen Counter Event',
  30: 'Analog Input',
  31: 'Frozen Analog Input',
  32: 'Analog Input Event',
  33: 'Frozen Analog Input Event',
  34: 'Analog Input Reporting Deadband',
  40: 'Analog Output Status',
  41: 'Analog Output',
  42: 'Analog Output Event',
  43: 'Analog Output Command Event',
  50: 'Time and Date',
  51: 'Time and Date Common Time-of-Occurrence',
  52: 'Time Delay',
  60: 'Class Objects',
  70: 'File-Control',
  80: 'Internal Indications',
  81: 'Device Storage',
  82: 'Device Profile',
  83: 'Data Set',
  85: 'Data Set Prototype',
  86: 'Data Set Descriptor',
  87: 'Data Set',
  88: 'Data Set Event',
  90: 'Application',
  91: 'Status of Requested Operation',
  101: 'Binary-Coded Decimal Integer',
  102: 'Unsigned Integer',
  110: 'Octet String',
  111: 'Octet String Event',
  112: 'Virtual Terminal Output Block',
  113: 'Virtual Terminal Event Data',
  120: 'Authentication',
  121: 'Security Statistic',
  122: 'Security Statistic Event',
};

const changes = ['Default Variation', 'Without Time', 'With Time', 'With Relative Time'];

/** Whether a variation has 32 or 16 bits: they take turns. */
const width = (variation: number): string => (variation % 2 === 1 ? '32-Bit' : '16-Bit');

/** Analog values: integers of both sizes, as many variations as said, then floating point of both sizes. */
const analog = (variation: number, integers: number): string =>
  variation <= integers ? width(variation) : variation % 2 === 1 ? '32-Bit Floating Point' : '64-Bit Floating Point';

/** What an object is called with its variation, as icsnpp-dnp3 does; of groups that it has no name for, group and number. */
export function objectName(group: number, variation: number): string {
  const named = variationName(group, variation);
  return named ?? `${groups[group] ?? `unknown-${group}`} ${variation}`;
}

function variationName(group: number, variation: number): string | undefined {
  const v = variation;
  switch (group) {
    case 1:
      return ['Binary Input Default Variation', 'Single-bit Binary Input', 'Binary Input With Status'][v];
    case 3:
      return ['Double-bit Input Default Variation', 'Double-bit Input No Flags', 'Double-bit Input With Status'][v];
    case 10:
      return ['Binary Output Default Variation', 'Binary Output', 'Binary Output Status'][v];
    case 2:
    case 4:
    case 11: {
      const what = group === 2 ? 'Binary Input' : group === 4 ? 'Double-bit Input' : 'Binary Output';
      return v < (group === 11 ? 3 : 4) ? `${what} Change ${changes[v]}` : undefined;
    }
    case 20:
      if (v === 0) return 'Binary Counter Default Variation';
      return v <= 8
        ? `${width(v)} ${v % 4 === 1 || v % 4 === 2 ? 'Binary' : 'Delta'} Counter${v > 4 ? ' Without Flag' : ''}`
        : undefined;
    case 21: {
      if (v === 0) return 'Frozen Binary Counter Default Variation';
      const kind = v % 4 === 1 || v % 4 === 2 ? 'Frozen' : 'Frozen Delta';
      return v <= 12 ? `${width(v)} ${kind} Counter${v > 8 ? ' Without Flag' : v > 4 ? ' w/ Time of Freeze' : ''}` : undefined;
    }
    case 22:
      if (v === 0) return 'Counter Change Event Default Variation';
      return v <= 8
        ? `${width(v)} ${v % 4 === 1 || v % 4 === 2 ? '' : 'Delta '}Counter Change Event ${v > 4 ? 'with' : 'w/o'} Time`
        : undefined;
    case 23:
      if (v === 0) return 'Frozen Binary Counter Change Event Default Variation';
      return v <= 8
        ? `${width(v)} Frozen ${v % 4 === 1 || v % 4 === 2 ? '' : 'Delta '}Counter Change Event${v > 4 ? ' w/ Time of Freeze' : ''}`
        : undefined;
    case 30:
      if (v === 0) return 'Analog Input Default Variation';
      return v <= 4 ? `${width(v)} Analog Input${v > 2 ? ' Without Flag' : ''}` : v <= 6 ? `${analog(v, 4)} Input` : undefined;
    case 31:
      if (v === 0 || v > 8) return undefined;
      return v > 6
        ? `${v === 7 ? '32' : '64'}-Bit Frozen Floating Point Input`
        : `${width(v)} Frozen Analog Input${v > 4 ? ' Without Flag' : v > 2 ? ' w/ Time of Freeze' : ''}`;
    case 32:
      if (v === 0) return 'Analog Input Change Default Variation';
      return v <= 8 ? `${analog(v, 4)} ${v <= 4 ? 'Analog ' : ''}Change Event ${timed(v)} Time` : undefined;
    case 33:
      if (v === 0 || v > 8) return undefined;
      return v <= 4 ? `${width(v)} Frozen Analog Event ${timed(v)} Time` : `${analog(v, 4)} Frozen Change Event ${timed(v)} Time`;
    case 40:
      if (v === 0) return 'Analog Output Default Variation';
      return v <= 2 ? `${width(v)} Analog Output Status` : v <= 4 ? `${analog(v, 2)} Output Status` : undefined;
    case 41:
      if (v === 0) return undefined;
      return v <= 2 ? `${width(v)} Analog Output Block` : v <= 4 ? `${analog(v, 2)} Output Block` : undefined;
    case 42:
      if (v === 0) return 'Analog Output Event Default Variation';
      return v <= 8 ? `${v <= 4 ? `${width(v)} Analog` : analog(v, 4)} Output Event ${timed(v)} Time` : undefined;
    case 60:
      return v >= 1 && v <= 4 ? `Class ${v - 1} Data` : undefined;
    default:
      return undefined;
  }
}

const timed = (variation: number): string => ((variation - 1) % 4 < 2 ? 'w/o' : 'w/');

/** Bits of an object that is packed, negative, or bytes of one that is not; by group and variation. Absent: the sizes differ or are unknown. */
const sizes: { readonly [groupAndVariation: number]: number } = Object.fromEntries(
  (
    [
      [1, [-1, 1]],
      [2, [1, 7, 3]],
      [3, [-2, 1]],
      [4, [1, 7, 3]],
      [10, [-1, 1]],
      [11, [1, 7]],
      [12, [11, 11, -1]],
      [13, [1, 7]],
      [20, [5, 3, 5, 3, 4, 2, 4, 2]],
      [21, [5, 3, 5, 3, 11, 9, 11, 9, 4, 2, 4, 2]],
      [22, [5, 3, 5, 3, 11, 9, 11, 9]],
      [23, [5, 3, 5, 3, 11, 9, 11, 9]],
      [30, [5, 3, 4, 2, 5, 9]],
      [31, [5, 3, 11, 9, 4, 2, 5, 9]],
      [32, [5, 3, 11, 9, 5, 9, 11, 15]],
      [33, [5, 3, 11, 9, 5, 9, 11, 15]],
      [34, [2, 4, 4]],
      [40, [5, 3, 5, 9]],
      [41, [5, 3, 5, 9]],
      [42, [5, 3, 11, 9, 5, 9, 11, 15]],
      [43, [5, 3, 11, 9, 5, 9, 11, 15]],
      [50, [6, 10, 6, 11]],
      [51, [6, 6]],
      [52, [2, 2]],
      [80, [-1]],
    ] as [number, number[]][]
  ).flatMap(([group, each]) => each.map((size, i) => [(group << 8) | (i + 1), size])),
);

/** See `sizes`. */
export const objectSize = (group: number, variation: number): number | undefined => sizes[(group << 8) | variation];

/** Control codes of a CROB (IEEE 1815-2012 A.8.1): what is done, and to which side. */
export const operationName = (code: number): string =>
  ['Nul', 'Pulse On', 'Pulse Off', 'Latch On', 'Latch Off'][code & 15] ?? `unknown-${code & 15}`;
export const tripName = (code: number): string => ['Nul', 'Close', 'Trip', 'Reserved'][code >> 6]!;

/** What an outstation says of a control (IEEE 1815-2012 table 4-9). */
const statuses = [
  'Success',
  'Timeout',
  'No Select',
  'Format Error',
  'Not Supported',
  'Already Active',
  'Hardware Error',
  'Local',
  'Too Many Objects',
  'Not Authorized',
  'Automation Inhibit',
  'Processing Limited',
  'Out of Range',
  'Downstream Local',
  'Already Complete',
  'Blocked',
  'Canceled',
  'Blocked Other Master',
  'Downstream Fail',
];
export const statusName = (code: number): string =>
  statuses[code & 0x7f] ??
  ((code & 0x7f) === 126 ? 'Non Participating' : (code & 0x7f) === 127 ? 'Undefined' : `unknown-${code & 0x7f}`);
