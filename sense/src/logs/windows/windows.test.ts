import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createLogIntake } from '../intake.ts';
import { recogniseLog } from '../read.ts';
import { EventCutter, readElement, unescape } from './xml.ts';

const system = (id: number): string =>
  `<System><Provider Name='Microsoft-Windows-Sysmon' Guid='{5770385f}'/><EventID Qualifiers="0">${id}</EventID><Level>4</Level><TimeCreated SystemTime='2026-11-22T08:00:00.1234567Z'/><EventRecordID>7</EventRecordID><Correlation/><Execution ProcessID='1' ThreadID='2'/><Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>pc.example</Computer><Security UserID='S-1-5-18'/></System>`;
const event = (id: number, data: string): string =>
  `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>${system(id)}<EventData>${data}</EventData></Event>`;

const expected = (id: number): AnyRecord => ({
  ts: 1_795_334_400.123457,
  Provider_Name: 'Microsoft-Windows-Sysmon',
  Provider_Guid: '{5770385f}',
  EventID: id,
  EventID_Qualifiers: '0',
  Level: 4,
  TimeCreated_SystemTime: '2026-11-22T08:00:00.1234567Z',
  EventRecordID: 7,
  Execution_ProcessID: 1,
  Execution_ThreadID: 2,
  Channel: 'Microsoft-Windows-Sysmon/Operational',
  Computer: 'pc.example',
  Security_UserID: 'S-1-5-18',
});

function read(text: string, cuts: readonly number[] = []): { records: AnyRecord[]; refused: unknown } {
  const bytes = new TextEncoder().encode(text);
  const records: AnyRecord[] = [];
  const reading = recogniseLog(bytes, 'x.xml')!.open({ name: 'x.xml' }, { record: (_log, record) => void records.push(record) });
  let from = 0;
  for (const to of [...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]) {
    reading.push(bytes.subarray(from, to));
    from = to;
  }
  return { records, refused: reading.end().refused };
}

describe('XML', () => {
  test('an export: names as Sigma has them, wherever the pieces are cut', () => {
    const text = `<?xml version="1.0" encoding="utf-8"?>\n<!-- <Event> -->\n<Events>\n${event(1, '\n  <Data Name="CommandLine">a &lt; b &amp;&#38; &quot;c&quot; &#x10FFFF;</Data>\n  <Data Name="Empty"/>\n')}\n${event(3, '<Data>one</Data><Data>two</Data><Data Name="X"><![CDATA[</Event><Event>]]></Data>')}</Events>`;
    const whole = read(text);
    expect(whole).toEqual({
      records: [
        { ...expected(1), CommandLine: 'a < b && "c" \u{10ffff}' },
        { ...expected(3), Data: ['one', 'two'], X: '</Event><Event>' },
      ],
      refused: {},
    });
    for (let cut = 0; cut < text.length; cut += 7) expect(read(text, [cut, cut + 3])).toEqual(whole);
  });

  test('declared entities are not expanded', () => {
    const bomb = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><Events>${event(1, '<Data Name="X">&b;</Data>')}</Events>`;
    expect(read(bomb)).toEqual({
      records: [{ ...expected(1), X: '&b;' }],
      refused: { unrecognised: { count: 1, first: {} } },
    });
  });

  test('an event that was never closed does not take the next with it', () => {
    const broken = event(1, '<Data Name="X">').replace('</Event>', '');
    expect(read(`<Events>${broken}${event(3, '')}</Events>`)).toEqual({
      records: [expected(3)],
      refused: { malformed: { count: 1, first: {} } },
    });
  });

  test('depth, number and length have ceilings', () => {
    expect(readElement(`${'<a>'.repeat(65)}${'</a>'.repeat(65)}`)).toBe('too-deep');
    expect(readElement(`<a>${'<b/>'.repeat(20_000)}</a>`)).toBe('too-large');
    expect(
      read(`<Events>${event(1, `<Data>${'x'.repeat(5 << 20)}</Data>`)}${event(3, '')}</Events>`, [
        1 << 20,
        2 << 20,
        3 << 20,
        4 << 20,
        (4 << 20) + 2_000,
        5 << 20,
      ]).records,
    ).toEqual([expected(3)]);
  });

  test('characters by number that are none stay as they stand', () => {
    expect(unescape('&#0;&#xFFFFFF;&#1114112;&nbsp;&constructor;&#65;')).toBe('&#0;&#xFFFFFF;&#1114112;&nbsp;&constructor;A');
  });

  test('many beginnings and ends take no more than their length', () => {
    const taken: string[] = [];
    const cutter = new EventCutter(
      (xml) => taken.push(xml),
      () => undefined,
    );
    for (let i = 0; i < 100; i++) cutter.push(`<Event><![CDATA[${'</Event>'.repeat(5_000)}`);
    cutter.end();
    expect(taken).toEqual([]);
  });

  test('any text makes no trouble, and says the same however it is cut', () => {
    const unit = fc.constantFrom(
      '<Event>',
      '</Event>',
      '<a b="',
      '"',
      '>',
      '/>',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?',
      '?>',
      '<!D',
      '&lt;',
      'x',
      '<System>',
      '</System>',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(unit), fc.nat(200), (parts, cut) => {
        const text = parts.join('');
        const run = (pieces: readonly string[]): unknown => {
          const seen: string[] = [];
          const cutter = new EventCutter(
            (xml) => void seen.push(xml),
            (reason) => void seen.push(reason),
          );
          for (const piece of pieces) cutter.push(piece);
          cutter.end();
          return seen;
        };
        readElement(text);
        expect(run([text.slice(0, cut), text.slice(cut)])).toEqual(run([text]));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('lines and objects', () => {
  const take = (given: string | object): [string, AnyRecord][] => {
    const records: [string, AnyRecord][] = [];
    const intake = createLogIntake({ name: 'x' }, { record: (log, record) => void records.push([log, record]) });
    if (typeof given === 'string') intake.line(given);
    else intake.event(given as { [name: string]: unknown });
    return records;
  };

  test('a line of XML', () =>
    expect(take(event(1, '<Data Name="Image">C:\\a.exe</Data>'))).toEqual([['windows', { ...expected(1), Image: 'C:\\a.exe' }]]));

  test('as EVTX readers write it', () => {
    const json = {
      Event: {
        System: {
          Provider: { '#attributes': { Name: 'P' } },
          EventID: { '#attributes': { Qualifiers: 0 }, '#text': 4 },
          Channel: 'C',
          TimeCreated: { '#attributes': { SystemTime: '2026-11-22T08:00:00Z' } },
        },
        EventData: { A: 'b', Data: { '#text': ['x', 'y'] } },
        UserData: { EventXML: { B: 1 } },
      },
    };
    expect(take(json)).toEqual([
      [
        'windows',
        {
          ts: 1_795_334_400,
          Provider_Name: 'P',
          EventID: 4,
          EventID_Qualifiers: 0,
          Channel: 'C',
          TimeCreated_SystemTime: '2026-11-22T08:00:00Z',
          A: 'b',
          Data: ['x', 'y'],
          B: 1,
        },
      ],
    ]);
  });

  test('as Winlogbeat writes it', () => {
    const [, record] = take({
      '@timestamp': '2026-11-22T08:00:00.000Z',
      message: 'm',
      agent: { version: '9' },
      winlog: {
        channel: 'Security',
        event_id: '4624',
        provider_name: 'P',
        computer_name: 'pc',
        record_id: 5,
        event_data: { TargetUserName: 'u', param1: 'x' },
      },
    })[0]!;
    expect(record).toEqual({
      ts: 1_795_334_400,
      '@timestamp': '2026-11-22T08:00:00.000Z',
      Message: 'm',
      'agent.version': '9',
      Channel: 'Security',
      EventID: 4624,
      Provider_Name: 'P',
      Computer: 'pc',
      EventRecordID: 5,
      TargetUserName: 'u',
      param1: 'x',
    });
  });

  test('flat, as NXLog writes it', () => {
    expect(
      take({ EventTime: '2020-09-22 03:36:10', Hostname: 'pc', EventID: '1', Channel: 'C', SourceName: 'S', Image: 'i' }),
    ).toEqual([
      [
        'windows',
        {
          ts: 1_600_745_770,
          EventTime: '2020-09-22 03:36:10',
          Hostname: 'pc',
          EventID: 1,
          Channel: 'C',
          SourceName: 'S',
          Image: 'i',
          Computer: 'pc',
          Provider_Name: 'S',
        },
      ],
    ]);
  });
});
