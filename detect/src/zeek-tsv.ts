/**
 * Zeek's tab-separated logs as records. What a log is and what its columns hold stands in its own head (`#path`, `#fields`, `#types`), so that
 * logs of any Zeek, package or site are read; a file may hold several logs, each behind a head of its own.
 */

import type { AnyRecord } from '@forewarn/model/records/record';

/** Columns of one log; the widest of Zeek's own has some forty. */
const columnsMax = 2_000;

type Value = AnyRecord[string];

const numbers = new Set(['time', 'interval', 'count', 'int', 'double', 'port']);

export type ZeekTsv = {
  /** Reads one line: a record, `head` for a line of the head or of the end, `undefined` for what is no line of the log. */
  line(text: string): { log: string; record: AnyRecord } | 'head' | undefined;
};

/** Makes a reader of one file. `log` is the name that the file suggests; `#path` says better. */
export function createZeekTsv(log: string): ZeekTsv {
  let name = log;
  let separator = '\t';
  let setSeparator = ',';
  let empty = '(empty)';
  let unset = '-';
  let fields: string[] = [];
  let types: string[] = [];

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
    else if (key === '#path') name = value === '' ? log : value.slice(0, 64);
    else if (key === '#fields') fields = values.slice(0, columnsMax);
    else if (key === '#types') types = values.slice(0, columnsMax);
  }

  function one(text: string, type: string): string | number | boolean | undefined {
    if (numbers.has(type)) {
      const number = Number(text);
      return text === '' || !Number.isFinite(number) ? undefined : number;
    }
    if (type === 'bool') return text === 'T' ? true : text === 'F' ? false : undefined;
    return unescape(text);
  }

  function valueOf(text: string, type: string): Value {
    if (text === unset) return undefined;
    const list = /^(?:set|vector)\[(\w+)\]$/.exec(type);
    if (!list) return text === empty ? '' : one(text, type);
    if (text === empty) return [];
    return text
      .split(setSeparator)
      .map((element) => one(element, list[1]!))
      .filter((element) => element !== undefined && typeof element !== 'boolean') as string[] | number[];
  }

  return {
    line(text) {
      if (text.startsWith('#')) {
        head(text);
        return 'head';
      }
      if (fields.length === 0) return undefined;
      const cells = text.split(separator);
      if (cells.length !== fields.length) return undefined;
      const record: { [field: string]: Value } = {};
      for (const [i, field] of fields.entries()) {
        const value = valueOf(cells[i]!, types[i] ?? 'string');
        if (value !== undefined) record[field] = value;
      }
      return { log: name, record };
    },
  };
}

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
