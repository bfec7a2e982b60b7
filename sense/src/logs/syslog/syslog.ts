/**
 * Syslog messages as lines: RFC 5424, RFC 3164 and what files hold of them without their priority. A message that is of a format of its own (CEF, LEEF,
 * JSON, Linux audit, pairs) becomes its record, with host, program and priority beside it; so does one that holds an alarm (RFC 5674).
 */

import type { FlatRecord } from '../flatten.ts';
import type { LogFormat, LogSource } from '../format.ts';
import { alarmOfElement, isAlarmElement, type AlarmFields } from '../../alarms/structured.ts';
import { instantBefore, instantOf, instantOfText, monthOf } from '../instants.ts';
import { Pairs, quotedPairs } from '../pairs.ts';
import { structuredData } from './structured.ts';

const log = 'syslog_message';
const alarmLog = 'alarm';

const facilities = ['KERN', 'USER', 'MAIL', 'DAEMON', 'AUTH', 'SYSLOG', 'LPR', 'NEWS', 'UUCP', 'CRON', 'AUTHPRIV', 'FTP', 'NTP', 'AUDIT', 'ALERT', 'CLOCK', 'LOCAL0', 'LOCAL1', 'LOCAL2', 'LOCAL3', 'LOCAL4', 'LOCAL5', 'LOCAL6', 'LOCAL7']; // oxfmt-ignore
const severities = ['EMERG', 'ALERT', 'CRIT', 'ERR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG'];

/** Octet counting of RFC 6587 may have been left before it. */
const priority = /^(?:\d{1,7} )?<(\d{1,3})>/;
const version1 = /^1 (\S{1,64}) (\S{1,255}) (\S{1,64}) (\S{1,128}) (\S{1,64}) /;
/** `Nov 22 08:00:00`, with a year behind it or before it as some write; ISO as rsyslog writes. */
const bsd =
  /^(?:(\d{4}) )?([A-Z][a-z]{2}) {1,2}(\d{1,2})(?: (\d{4}))? (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?:?(?: [A-Z]{3,4})?(?: |$)/;
const iso = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?) /;
/** Of RFC 3164: letters and digits, a number in brackets, a colon; the names of today have more in them. */
const tag = /^([^\s:[\]]{1,128})(?:\[([^\]\s]{1,128})\])?:(?: |$)/;
const host = /^([A-Za-z0-9._:%-]{1,255}) /;

export const syslog: LogFormat = {
  name: 'syslog',
  logs: [log, alarmLog],
  lines: {
    owns(line) {
      const head = priority.exec(line);
      if (head) return Number(head[1]) < 192;
      if (bsd.test(line)) return true;
      const time = iso.exec(line);
      return time !== null && host.test(line.slice(time[0].length));
    },
    open: (emit, source, within) => ({
      line(text) {
        const pairs = new Pairs();
        const { record } = pairs;
        const head = priority.exec(text);
        let rest = head ? text.slice(head[0].length) : text;
        if (head) {
          record['facility'] = facilities[Number(head[1]) >> 3] ?? '';
          record['severity'] = severities[Number(head[1]) & 7]!;
        }
        const first = version1.exec(rest);
        const alarms: AlarmFields[] = [];
        rest = first ? rfc5424(first, rest, pairs, alarms) : rfc3164(rest, record, source);
        const [alarm] = alarms;
        if (record['ts'] === undefined) {
          const at = source.at?.();
          if (at !== undefined) record['ts'] = at;
        }
        if (pairs.shortened) emit.shortened();
        // An alarm says what it is by itself.
        const payload = alarm ? '' : rest.replace(/^(?:@cee:|\u{feff})\s*/u, '');
        // Only what says what it is: a sentence with a few pairs in it stays a message.
        if (payload !== '' && within(payload.startsWith('audit: ') ? payload.slice(7) : payload, record)) return;
        if (rest !== '') record['msg'] = rest;
        if (alarm) emit.record(alarmLog, { ...record, source: 'syslog', ...alarm });
        else emit.record(log, record);
      },
      end: () => undefined,
    }),
  },
};

/** Answers the message. */
function rfc5424(head: RegExpExecArray, text: string, pairs: Pairs, alarms: AlarmFields[]): string {
  const [whole, time, hostname, app, process, id] = head;
  const { record } = pairs;
  const ts = instantOfText(time!);
  if (ts !== undefined) record['ts'] = ts;
  for (const [name, value] of [['hostname', hostname], ['app-name', app], ['procid', process], ['msgid', id]] as const) if (value !== '-') pairs.put(name, value!); // oxfmt-ignore
  const at = structuredData(text, whole.length, (name, parameters) => {
    // What an alarm says has columns of its own.
    const alarm = isAlarmElement(name) ? alarmOfElement(parameters) : undefined;
    if (alarm) alarms.push(alarm);
    else quotedPairs(parameters, (parameter, value) => pairs.put(`${name}.${parameter}`, value));
  });
  return text.slice(text[at] === ' ' ? at + 1 : at).replace(/^\u{feff}/u, '');
}

/** Answers the message. */
function rfc3164(text: string, record: FlatRecord, source: LogSource): string {
  let rest = text;
  const written = bsd.exec(rest);
  const exact = written ? null : iso.exec(rest);
  if (written) {
    const ts = instantWithoutYear(written, source);
    if (ts !== undefined) record['ts'] = ts;
    rest = rest.slice(written[0].length);
  } else if (exact) {
    const ts = instantOfText(exact[1]!);
    if (ts !== undefined) record['ts'] = ts;
    rest = rest.slice(exact[0].length);
  }
  if (written || exact) {
    const named = host.exec(rest);
    // A program in the place of the host: some devices leave the host out.
    if (named && !tag.test(rest)) {
      record['hostname'] = named[1]!;
      rest = rest.slice(named[0].length);
    }
  }
  const program = /^(?:CEF|LEEF):/.test(rest) ? null : tag.exec(rest);
  if (program) {
    record['app-name'] = program[1]!;
    if (program[2] !== undefined) record['procid'] = program[2];
    rest = rest.slice(program[0].length);
  }
  return rest;
}

/** The year is that in which the message is not from the future: of the time of reception, or the one before. */
function instantWithoutYear(written: RegExpExecArray, source: LogSource): number | undefined {
  const [, before, month, ofMonth, behind, hour, minute, second, fraction] = written;
  const given = before ?? behind;
  const of = {
    month: monthOf(month!),
    day: Number(ofMonth),
    seconds: Number(hour) * 3600 + Number(minute) * 60 + Number(second),
    fraction: fraction === undefined ? 0 : Number(`0.${fraction}`),
    zoneSeconds: 0,
  };
  return given === undefined ? instantBefore(of, source.at?.() ?? source.changed) : instantOf({ ...of, year: Number(given) });
}
