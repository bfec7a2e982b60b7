/**
 * Alarms in syslog (RFC 5674): the element `alarm` of a message's structured data, in words of X.733.
 *
 *     [alarm resource="…" probableCause="lossOfSignal" perceivedSeverity="major" eventType="communicationsAlarm" …]
 */

import { structuredData } from '../logs/syslog/structured.ts';
import { quotedPairs } from '../logs/pairs.ts';
import { causeName, eventTypeName, isSeverity, severityName, trendName } from './x733.ts';

/** Characters of a value that are kept; names of objects and causes are shorter. */
export const valueCharactersMax = 255;

/** What the element says, by the columns of the log `alarm`. */
export type AlarmFields = { [column: string]: string | boolean | string[] };

/** Columns by parameter, in small letters, and how its numbers are named where some write numbers. */
const columns: { readonly [parameter: string]: { column: string; name?: (number: number) => string } | undefined } = {
  resource: { column: 'managed_object' },
  managedobject: { column: 'managed_object' },
  resourceuri: { column: 'resource_uri' },
  probablecause: { column: 'probable_cause', name: causeName },
  perceivedseverity: { column: 'perceived_severity', name: severityName },
  eventtype: { column: 'event_type', name: eventTypeName },
  trendindication: { column: 'trend_indication', name: trendName },
  specificproblems: { column: 'specific_problems' },
};

/** Is this the name of an element that holds an alarm: `alarm`, or that of an enterprise (`alarm@32473`)? */
export const isAlarmElement = (name: string): boolean => /^alarm(?:@\d{1,10})?$/i.test(name);

/** Reads the parameters of an element; nothing where it does not say what is affected or how grave it is. */
export function alarmOfElement(parameters: string): AlarmFields | undefined {
  const fields: AlarmFields = {};
  quotedPairs(parameters, (parameter, given) => {
    const known = columns[parameter.toLowerCase()];
    if (!known || fields[known.column] !== undefined) return;
    const value = given.slice(0, valueCharactersMax);
    if (known.column === 'specific_problems') fields[known.column] = [value];
    else fields[known.column] = known.name && /^\d{1,5}$/.test(value) ? known.name(Number(value)) : value;
  });
  const severity = fields['perceived_severity'];
  if (typeof severity === 'string') {
    const word = severity.toLowerCase();
    if (isSeverity(word)) fields['perceived_severity'] = word;
    fields['cleared'] = word === 'cleared';
  }
  return fields['managed_object'] === undefined && severity === undefined ? undefined : fields;
}

/** Version, time, host, program, process and type of a message, as RFC 5424 §6 has them. */
const head = /^1 \S{1,64} (\S{1,255}) (\S{1,64}) \S{1,128} \S{1,64} /;

/** The alarm of a message of RFC 5424 whose priority was taken off, with its host and program; nothing where it has none. */
export function alarmOfMessage(text: string): AlarmFields | undefined {
  // Nearly all messages have no such element.
  if (!text.startsWith('1 ') || !/\[alarm[ @]/i.test(text)) return undefined;
  const written = head.exec(text);
  if (!written) return undefined;
  const alarms: AlarmFields[] = [];
  structuredData(text, written[0].length, (name, parameters) => {
    const alarm = isAlarmElement(name) ? alarmOfElement(parameters) : undefined;
    if (alarm) alarms.push(alarm);
  });
  const [found] = alarms;
  if (!found) return undefined;
  const [, host, program] = written;
  if (host !== '-') found['hostname'] = host!;
  if (program !== '-') found['app-name'] = program!;
  return found;
}
