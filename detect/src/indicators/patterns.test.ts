import { describe, expect, test } from 'vitest';
import type { Watched } from '@forewarn/model/indicator';
import { RecordView } from '@forewarn/model/query/evaluate';
import { content, detect, say, type Line } from '../testing/detection.ts';
import { Indicators } from './indicators.ts';
import { checkPattern, partsMax, rememberedMax, startPattern } from './patterns.ts';

const see = (name: string): Watched => ({
  kind: 'see',
  of: [{ log: 'conn', where: { kind: 'text', field: 'uid', op: 'startswith', value: name } }],
});
const [a, b] = [see('a'), see('b')];
const and: Watched = { kind: 'and', of: [a, b] };
const followed: Watched = { kind: 'followed', of: [a, b] };
const within = (seconds: number, of: Watched): Watched => ({ kind: 'within', seconds, of });
const repeats = (times: number, of: Watched): Watched => ({ kind: 'repeats', times, of });

/** `a0 b5`: a record that fits a at 0 s, then one that fits b at 5 s. The names of the way at each record; empty where none holds. */
function ways(watched: Watched, records: string): string[] {
  const view = new RecordView();
  const running = startPattern(watched, view);
  return records.split(' ').map((name) => {
    const ts = Number(name.slice(1));
    view.set({ uid: name, ts });
    return (running.push('conn', ts, () => ({ log: 'conn', uid: name, ts }))?.of ?? [])
      .map(({ reference }) => reference.uid)
      .join(' ');
  });
}

describe('holds', () => {
  test.each<[string, Watched, string, string[]]>([
    ['one', a, 'a0 b1', ['a0', '']],
    ['both, in any order', and, 'b0 a5', ['', 'b0 a5']],
    ['one after the other', followed, 'b0 a5 b9', ['', '', 'a5 b9']],
    ['at the same time', followed, 'a5 b5', ['', 'a5 b5']],
    ['after it, told late', followed, 'b9 a5', ['', 'a5 b9']],
    ['one of the two', { kind: 'or', of: [a, b] }, 'b1 a2', ['b1', 'a2']],
    ['another record for each part', { kind: 'and', of: [a, a] }, 'a0 a1', ['', 'a0 a1']],
    ['before the time is over', within(10, and), 'a0 b9', ['', 'a0 b9']],
    ['not when it is', within(10, and), 'a0 b10 a15', ['', '', 'b10 a15']],
    ['three times', repeats(3, a), 'a0 a1 b2 a3', ['', '', '', 'a0 a1 a3']],
    ['three times within', within(5, repeats(3, a)), 'a0 a4 a6 a8', ['', '', '', 'a4 a6 a8']],
    ['pairs twice', repeats(2, and), 'a0 b1 a2 b3', ['', '', '', 'a0 b1 a2 b3']],
    ['between two instants', { kind: 'between', from: 5, to: 8, of: a }, 'a4 a5 a8', ['', 'a5', '']],
    ['after both', { kind: 'followed', of: [and, a] }, 'a0 b1 a2', ['', '', 'a0 b1 a2']],
  ])('%s', (_name, watched, records, expected) => {
    expect(ways(watched, records)).toEqual(expected);
  });

  test('what is too much is refused, and what is forgotten is counted', () => {
    let wide = a;
    for (let i = 0; i < partsMax; i++) wide = { kind: 'or', of: [wide, b] };
    expect(checkPattern(wide)).toContain('parts');
    expect(checkPattern(repeats(40, repeats(40, a)))).toContain('repetitions');
    expect(checkPattern({ kind: 'see', of: [] })).toContain('nothing');
    const view = new RecordView();
    const running = startPattern(followed, view);
    for (let i = 0; i < rememberedMax + 5; i++) {
      view.set({ uid: 'a', ts: i });
      running.push('conn', i, () => ({ log: 'conn', uid: `a${i}`, ts: i }));
    }
    expect(running.forgotten).toBe(5);
  });
});

test('a pattern of a list becomes a finding with its records and its parts, and ends with its list', () => {
  const flow = (uid: string, ts: number): Line => ({
    log: 'conn',
    record: {
      ts,
      uid,
      'id.orig_h': '10.0.0.5',
      'id.orig_p': 4000,
      'id.resp_h': '203.0.113.7',
      'id.resp_p': 443,
      proto: 'tcp',
      conn_state: 'SF',
    },
  });
  const indicators = new Indicators({ confidence: content.confidence });
  const defaults = { list: 'l1', source: 'Partner', reliability: 'B' } as const;
  expect(
    indicators.addPattern({ name: 'Twice', text: '[…]', watched: within(60, repeats(2, see('C'))), confidence: 0.9 }, defaults),
  ).toBeUndefined();
  const lines = [flow('C1', 1_760_000_000), flow('C2', 1_760_000_010)];
  const { findings } = detect(lines, { behaviours: [], indicators });
  expect(findings).toMatchObject([
    {
      rule: { id: 'indicator:l1', kind: 'indicator', name: 'Partner' },
      source: '10.0.0.5',
      records: [{ uid: 'C1' }, { uid: 'C2' }],
      confidence: 0.825,
    },
  ]);
  expect(say(findings[0]!.explanation)).toContain('source reliability B (75 %)');
  expect(say(findings[0]!.explanation, 'zh')).toContain('来源可靠性 B 级');
  indicators.remove('l1');
  expect(detect(lines, { behaviours: [], indicators }).findings).toEqual([]);
});
