/**
 * Zeek's tab-separated logs. What a log is and what its columns hold stands in its own head (`#path`, `#fields`, `#types`), so that logs of any
 * Zeek, package or site are read; a file may hold several logs, each behind a head of its own.
 */

import type { AnyRecord } from '@forewarn/model/records/record';
import { logNamed, logNameOf } from '../account.ts';
import type { LineReader, LogEmit } from '../format.ts';
import { microseconds } from '../instants.ts';
import { limits } from '../limits.ts';

type Value = AnyRecord[string];

const numbers = new Set(['time', 'interval', 'count', 'int', 'double', 'port']);

/** Reads the lines of one file; those of the head are no events. */
export function zeekLines(emit: LogEmit, file: string): LineReader {
  const named = logNamed(file);
  let name = named;
  let separator = '\t';
  let setSeparator = ',';
  let empty = '(empty)';
  let unset = '-';
  let fields: string[] = [];
  let types: string[] = [];
  let lists: (string | undefined)[] = [];

  function head(text: string): void {
    const separated = /^#separator (.+)$/.exec(text);
    if (separated) {
      separator = unescape(separated[1]!);
      return;
    }
    const [key, ...values] = text.split(separator);
    const value = values[0] ?? '';
    if (key === '#set_separator') setSeparator = unescape(value);
    else if (key === '#empty_field') empty = value;
    else if (key === '#unset_field') unset = value;
    else if (key === '#path') name = value === '' ? named : logNameOf(value.slice(0, 64));
    else if (key === '#fields') fields = values.slice(0, limits.fieldsMax.value);
    else if (key === '#types') {
      types = values.slice(0, limits.fieldsMax.value);
      lists = types.map((type) => /^(?:set|vector)\[(\w+)\]$/.exec(type)?.[1]);
    }
  }

  function one(text: string, type: string): string | number | boolean | undefined {
    if (numbers.has(type)) {
      const number = Number(text);
      return text === '' || !Number.isFinite(number)
        ? undefined
        : type === 'time' || type === 'interval'
          ? microseconds(number)
          : exact(text, number);
    }
    if (type === 'bool') return text === 'T' ? true : text === 'F' ? false : undefined;
    return unescape(text);
  }

  function valueOf(text: string, i: number): Value {
    if (text === unset) return undefined;
    const type = types[i] ?? 'string';
    const list = lists[i];
    if (list === undefined) return text === empty ? '' : one(text, type);
    if (text === empty) return [];
    const elements: (string | number)[] = [];
    for (const part of text.split(setSeparator)) {
      // Zeek's JSON leaves unset elements of lists out as well.
      const element = part === unset ? undefined : part === empty ? '' : one(part, list);
      if (element === undefined) continue;
      if (elements.length >= limits.elementsMax.value) {
        emit.shortened();
        break;
      }
      elements.push(typeof element === 'boolean' ? String(element) : element);
    }
    return elements as string[] | number[];
  }

  return {
    line(text) {
      if (text.startsWith('#')) {
        head(text);
        return;
      }
      const cells = text.split(separator);
      if (fields.length === 0 || cells.length !== fields.length) {
        emit.refused('malformed');
        return;
      }
      const record: { [field: string]: Value } = {};
      for (let i = 0; i < fields.length; i++) {
        const value = valueOf(cells[i]!, i);
        if (value !== undefined && fields[i] !== '__proto__') record[fields[i]!] = value;
      }
      emit.record(name, record);
    },
    end: () => undefined,
  };
}

/** Whole numbers beyond 2^53 stay exact, as texts. */
const exact = (text: string, number: number): number | string =>
  Number.isInteger(number) && !Number.isSafeInteger(number) && /^-?\d+$/.test(text) ? text : number;

/** Bytes that would break the format stand as `\xNN`, and a backslash as two. */
const unescape = (text: string): string =>
  text.includes('\\')
    ? text.replaceAll(/\\(?:x([0-9a-fA-F]{2})|\\)/g, (whole, digits: string | undefined) =>
        digits === undefined ? '\\' : escaped(digits, whole),
      )
    : text;

/** What Zeek's JSON writes of a byte that is no character, its tab-separated form writes too: both stand alike. */
const escaped = (digits: string, whole: string): string => {
  const code = Number.parseInt(digits, 16);
  return code < 0x80 ? String.fromCharCode(code) : whole;
};
