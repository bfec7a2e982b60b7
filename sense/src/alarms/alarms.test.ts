import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordType } from '@forewarn/model/records/index';
import { createLogIntake } from '../logs/intake.ts';
import { alarmOfElement, alarmOfMessage, isAlarmElement } from './structured.ts';
import { causeName, eventTypeName, severityName, severityOfState, trendName } from './x733.ts';

test('numbers of RFC 3877 and their names', () => {
  expect([1, 8, 26, 51, 82, 166, 500, 555, 600, 615, 1024].map(causeName)).toEqual([
    'aIS',
    'lossOfSignal',
    'routingFailure',
    'backplaneFailure',
    'protectingResourceFailure',
    'versionMismatch',
    'adapterError',
    'versionMismatchX733',
    'authenticationFailure',
    'unexpectedInformation',
    'other',
  ]);
  expect([27, 0, -1].map(causeName)).toEqual(['27', '0', '-1']);
  expect([1, 2, 11, 12].map(eventTypeName)).toEqual(['other', 'communicationsAlarm', 'timeDomainViolation', '12']);
  expect([1, 3, 6, 0].map(severityName)).toEqual(['cleared', 'critical', 'warning', '0']);
  expect([1, 3, 6, 7].map(severityOfState)).toEqual(['cleared', 'warning', 'critical', undefined]);
  expect([1, 3, 4].map(trendName)).toEqual(['moreSevere', 'lessSevere', '4']);
});

describe('the element of RFC 5674', () => {
  test('its name, or that of an enterprise', () => {
    expect(['alarm', 'Alarm', 'alarm@32473'].map(isAlarmElement)).toEqual([true, true, true]);
    expect(['alarms', 'alarm@', 'xalarm', 'alarm@x'].map(isAlarmElement)).toEqual([false, false, false, false]);
  });
  test('what it must say: an object or a severity; words it does not know stay as they are', () => {
    expect(alarmOfElement('probableCause="fire"')).toBeUndefined();
    expect(alarmOfElement('perceivedSeverity="Fatal" specificProblems="a b"')).toEqual({
      perceived_severity: 'Fatal',
      cleared: false,
      specific_problems: ['a b'],
    });
    expect(alarmOfElement('resource="first" resource="second"')).toEqual({ managed_object: 'first' });
    expect(alarmOfElement(`resource="${'x'.repeat(999)}"`)!['managed_object']).toHaveLength(255);
  });
  test('any text: no exception, and only columns of the log', () => {
    const columns = recordType('alarm')!.columns;
    const piece = fc.constantFrom('[alarm ', '[', ']', '"', '\\', '=', ' ', 'resource="x"', 'perceivedSeverity="1"', 'x', '\\]');
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 30 }), (pieces) => {
        const found = alarmOfMessage(`1 - - - - - ${pieces.join('')}`);
        for (const name of Object.keys(found ?? {})) expect(columns).toHaveProperty([name]);
      }),
      { numRuns: 2_000 },
    );
  });
});

test('a line that a collector received becomes the same record, with its message beside it', () => {
  const written: { log: string; record: object }[] = [];
  const intake = createLogIntake(
    { name: 'udp:514', at: () => 1_700_000_000 },
    {
      record: (log, record) => void written.push({ log, record }),
    },
  );
  intake.line(
    '<165>1 2026-11-22T08:00:00.003Z mux-7 alarmd 17 ID47 [origin ip="192.0.2.9"][alarm resource="/port=1" probableCause="lossOfSignal" perceivedSeverity="critical"] {"a": 1}',
  );
  intake.line('<165>1 2026-11-22T08:00:01Z mux-7 alarmd - - [alarm note="none"] text');
  intake.flush();
  expect(written).toEqual([
    {
      log: 'alarm',
      record: {
        ts: Date.UTC(2026, 10, 22, 8, 0, 0, 3) / 1000,
        facility: 'LOCAL4',
        severity: 'NOTICE',
        hostname: 'mux-7',
        'app-name': 'alarmd',
        procid: '17',
        msgid: 'ID47',
        'origin.ip': '192.0.2.9',
        msg: '{"a": 1}',
        source: 'syslog',
        managed_object: '/port=1',
        probable_cause: 'lossOfSignal',
        perceived_severity: 'critical',
        cleared: false,
      },
    },
    expect.objectContaining({ log: 'syslog_message' }),
  ]);
});
