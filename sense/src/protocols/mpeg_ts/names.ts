/** Text of DVB's tables (EN 300 468 Annex A): its first byte says in which character set it is. */

/** Non-spacing marks of ISO/IEC 6937 at 0xC1 on, which stand before their letter, as Unicode's, which stand behind it. */
const marks = '\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\0\u030a\u0327\0\u030b\u0328\u030c';

/** Tables A.3: one byte; 0x10 is followed by two that name a part of ISO/IEC 8859. */
const sets: { readonly [selector: number]: string } = {
  1: 'iso-8859-5', 2: 'iso-8859-6', 3: 'iso-8859-7', 4: 'iso-8859-8', 5: 'iso-8859-9', 6: 'iso-8859-10', 7: 'iso-8859-11', 9: 'iso-8859-13',
  10: 'iso-8859-14', 11: 'iso-8859-15', 0x11: 'utf-16be', 0x12: 'euc-kr', 0x13: 'gb18030', 0x14: 'big5', 0x15: 'utf-8',
}; // prettier-ignore

const decoders = new Map<string, TextDecoder>();

function decode(set: string, bytes: Uint8Array, start: number, end: number): string {
  let decoder = decoders.get(set);
  if (!decoder) decoders.set(set, (decoder = new TextDecoder(set, { ignoreBOM: true })));
  return decoder.decode(bytes.subarray(start, end));
}

/** Never longer than its bytes; what controls a display is left out. */
export function dvbText(bytes: Uint8Array, start: number, end: number): string {
  if (start >= end) return '';
  const first = bytes[start]!;
  let text: string;
  if (first >= 0x20) text = latin(bytes, start, end);
  else if (first === 0x10) {
    const part = bytes[start + 2]!;
    const known = start + 3 <= end && bytes[start + 1] === 0 && part >= 1 && part <= 15 && part !== 12;
    text = known ? decode(part === 1 ? 'latin1' : `iso-8859-${part}`, bytes, start + 3, end) : '';
  } else text = sets[first] === undefined ? '' : decode(sets[first], bytes, start + 1, end);
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\ue080-\ue09f]/g, '');
}

function latin(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let mark = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= 0xc1 && byte <= 0xcf) {
      mark = marks[byte - 0xc1]!;
      continue;
    }
    text += byte < 0x80 ? String.fromCharCode(byte) + mark : byte < 0xa0 ? '' : upper[byte - 0xa0]!;
    mark = '';
  }
  return text.normalize('NFC').replaceAll('\0', '');
}

/** ISO/IEC 6937 from 0xA0 on, with the euro sign that EN 300 468 adds. What it has not is a question mark. */
const upper =
  '\u00a0¡¢£€¥?§¤‘“«←↑→↓°±²³×µ¶·÷’”»¼½¾¿' +
  '????????????????' +
  '―¹®©™♪¬¦????⅛⅜⅝⅞' +
  'ΩÆÐªĦ?ĲĿŁØŒºÞŦŊŉ' +
  'ĸæđðħıĳŀłøœßþŧŋ\u00ad';
