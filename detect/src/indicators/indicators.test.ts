import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describe as describeRefusal } from '@forewarn/base/refusal';
import { baseConfidence, readConfidence, shareLeft } from './confidence.ts';
import { createDetector } from '../detector.ts';
import { Indicators } from './indicators.ts';
import { readWarningList } from './warnings.ts';

const content = new URL('../../../content/indicators/', import.meta.url);
const warnings = readWarningList(readFileSync(new URL('warninglist.yaml', content), 'utf8'), 'warninglist.yaml');
const at = 1_700_000_000;

function loaded(text: string, file = 'list.csv'): { indicators: Indicators; complaints: string[]; count: number } {
  const indicators = new Indicators({ warnings });
  const list = indicators.load(text, file);
  return { indicators, complaints: list.refusals.map(describeRefusal), count: list.loaded };
}

describe('loads', () => {
  test('a list of values', () => {
    const { indicators, complaints, count } = loaded(
      '# ours\nevil.example\nhxxp://bad[.]test/x\n\n198.51.100.7  # server\n203.0.113.0/24\n2001:DB8:0::1\nd41d8cd98f00b204e9800998ecf8427e\n',
      'feeds/our.txt',
    );
    expect(complaints).toEqual([]);
    expect(count).toBe(6);
    expect(indicators.domain('evil.example', at)).toMatchObject({
      kind: 'domain',
      value: 'evil.example',
      source: 'our.txt',
      confidence: 0.5,
    });
    expect(indicators.url('bad.test', '/x', 80, at)?.value).toBe('http://bad.test/x');
    expect(indicators.address('198.51.100.7', at)?.kind).toBe('address');
    expect(indicators.address('203.0.113.200', at)?.kind).toBe('network');
    expect(indicators.address('2001:db8::1', at)?.kind).toBe('address');
    expect(indicators.hash('D41D8CD98F00B204E9800998ECF8427E', at)?.kind).toBe('hash');
    expect(indicators.address('198.51.100.8', at)).toBeUndefined();
  });

  test('a table with quoted cells, dates and a technique', () => {
    const { indicators, complaints } = loaded(
      'type,value,source,confidence,technique,valid_until,note\r\ndomain,evil.example,"CERT, ""north""",90,T1566.002,2023-11-15,"two\nlines"\r\nip,198.51.100.7,x,10,,,\r\n',
    );
    expect(complaints).toEqual([]);
    expect(indicators.domain('evil.example', at)).toMatchObject({
      source: 'CERT, "north"',
      confidence: 0.9,
      technique: 'T1566.002',
      note: 'two\nlines',
    });
    // 15 November 2023 begins at 1 700 006 400.
    expect(indicators.domain('evil.example', 1_700_006_399)).toBeDefined();
    expect(indicators.domain('evil.example', 1_700_006_400)).toBeUndefined();
  });

  test('the list of the demo', () => {
    const { complaints, count } = loaded(readFileSync(new URL('demo.csv', content), 'utf8'));
    expect(complaints).toEqual([]);
    expect(count).toBeGreaterThan(0);
  });

  test('each bad line is told with its number, the good ones are kept', () => {
    const { indicators, complaints, count } = loaded(
      [
        'type,value,confidence,technique,valid_until',
        'domain,good.example,,,',
        'domain,not a name,,,',
        'frob,x,,,',
        'domain,,,,',
        'domain,b.example,101,,',
        'domain,c.example,,T1,',
        'domain,d.example,,,soon',
        'address,999.1.1.1,,,',
        'domain,"x.example,,,',
        'domain,last.example,,,',
      ].join('\n'),
    );
    expect(count).toBe(2);
    expect(indicators.domain('last.example', at)).toBeDefined();
    expect(complaints.map((text) => /^list\.csv:(\d+)/.exec(text)?.[1])).toEqual(['3', '4', '5', '6', '7', '8', '9', '10']);
  });
});

describe('stops own goals', () => {
  test.each([
    '10.1.2.3',
    '192.168.0.0/16',
    '127.0.0.1',
    '0.0.0.0/0',
    '8.0.0.0/7',
    '8.8.8.8',
    '8.8.8.0/24',
    '1.1.1.1',
    '::1',
    'fe80::1',
    'com.cn',
    'github.io',
    'google.com',
    'http://192.168.1.1/x',
    'https://www.baidu.com/',
  ])('%s', (value) => {
    const { complaints, count } = loaded(`value\n${value}\n`);
    expect(count).toBe(0);
    expect(complaints[0]).toContain('list.csv:2');
  });

  test('what lies below a warned name may be an indicator', () => {
    expect(loaded('value\nevil.github.io\nhttps://github.com/evil/x.ps1\n').complaints).toEqual([]);
  });

  test('a top-level domain is no name', () => {
    expect(loaded('value\ncom\n').count).toBe(0);
  });
});

describe('meets', () => {
  const { indicators } = loaded(
    'value\nevil.example\nxn--bcher-kva.example\nhttp://bad.test/x?y=1\nhttp://bad.test:8080/z\n198.51.100.0/24\n198.51.100.128/25\n2001:db8::/32\n',
  );
  test('sub-domains, any case, with the final dot', () => {
    expect(indicators.domain('WWW.Evil.Example.', at)?.value).toBe('evil.example');
    expect(indicators.domain('notevil.example', at)).toBeUndefined();
    expect(indicators.domain('evil.example.org', at)).toBeUndefined();
  });
  test('names in other scripts as they are on the wire', () => {
    const { indicators: own } = loaded('value\nbücher.example\n');
    expect(own.domain('xn--bcher-kva.example', at)).toBeDefined();
  });
  test('URLs by host, port and query', () => {
    expect(indicators.url('BAD.test', '/x?y=1', 80, at)).toBeDefined();
    expect(indicators.url('bad.test', '/x', 80, at)).toBeUndefined();
    expect(indicators.url('bad.test', '/z', 8080, at)).toBeDefined();
    expect(indicators.url('bad.test:8080', '/z', 8080, at)).toBeDefined();
    expect(indicators.url('', 'http://bad.test/x?y=1', 3128, at)).toBeDefined();
  });
  test('the narrowest network', () => {
    expect(indicators.address('198.51.100.200', at)?.value).toBe('198.51.100.128/25');
    expect(indicators.address('198.51.100.100', at)?.value).toBe('198.51.100.0/24');
    expect(indicators.address('2001:db8:ff::1', at)?.value).toBe('2001:db8::/32');
  });
  test('hostile values do not throw', () => {
    for (const value of ['', '.', '..', 'a'.repeat(100_000), '\u0000', '[', '%', '::', '\ud800']) {
      expect(indicators.domain(value, at)).toBeUndefined();
      expect(indicators.address(value, at)).toBeUndefined();
      expect(indicators.url(value, value, 80, at)).toBeUndefined();
      expect(indicators.hash(value, at)).toBeUndefined();
    }
  });
});

test('many values stay apart', () => {
  const indicators = new Indicators();
  const defaults = { list: 'many', source: 's' };
  for (let i = 0; i < 50_000; i++) indicators.add({ kind: 'domain', value: `h${i}.example`, confidence: 1 }, defaults);
  for (let i = 0; i < 3; i++)
    indicators.add({ kind: 'domain', value: 'h7.example', confidence: 0.1 }, { list: 'few', source: 't' });
  expect(indicators.size).toBe(50_001);
  for (let i = 0; i < 50_000; i += 997) expect(indicators.domain(`h${i}.example`, at)?.value).toBe(`h${i}.example`);
  expect(indicators.domain('h50000.example', at)).toBeUndefined();
  expect(indicators.domain('h7.example', at)?.confidence).toBe(1);
  // A list that is withdrawn is gone, its room is given back, and what others say of the same value stays.
  indicators.remove('many');
  expect(indicators.size).toBe(1);
  expect(indicators.domain('h7.example', at)).toMatchObject({ confidence: 0.1, list: 'few' });
  expect(indicators.domain('h997.example', at)).toBeUndefined();
  for (let i = 0; i < 50_000; i++) indicators.add({ kind: 'address', value: `10.0.${i >> 8}.${i & 255}` }, defaults);
  expect(indicators.address('10.0.100.7', at)).toBeDefined();
  expect(indicators.address('10.0.200.7', at)).toBeUndefined();
  expect(indicators.size).toBe(50_001);
});

test('a value of many lists is met by the one that is worth most then', () => {
  const indicators = new Indicators();
  for (let i = 0; i < 100; i++)
    indicators.add({ kind: 'address', value: '198.51.100.7', confidence: i / 100 }, { list: `l${i}`, source: 's' });
  expect(indicators.size).toBe(32);
  expect(indicators.address('198.51.100.7', at)?.list).toBe('l31');
});

test('what is listed of a value is told, with those around it', () => {
  const indicators = new Indicators({ warnings });
  indicators.add({ kind: 'network', value: '198.51.100.0/24' }, { list: 'a', source: 'A', reliability: 'B' });
  indicators.add({ kind: 'domain', value: 'evil.example', exact: true }, { list: 'a', source: 'A' });
  indicators.add({ kind: 'domain', value: 'bad.example' }, { list: 'a', source: 'A' });
  expect(indicators.lookUp('198.51.100[.]9', at)).toMatchObject({
    kind: 'address',
    listed: [{ kind: 'network', value: '198.51.100.0/24', confidence: 0.75 }],
  });
  expect(indicators.lookUp('www.bad.example', at)?.listed).toHaveLength(1);
  expect(indicators.lookUp('www.evil.example', at)?.listed).toHaveLength(0);
  expect(indicators.domain('www.evil.example', at)).toBeUndefined();
  expect(indicators.domain('Evil.example.', at)?.value).toBe('evil.example');
  expect(indicators.lookUp('8.8.8.8', at)?.warning).toContain('name server');
  expect(indicators.lookUp('what?', at)).toBeUndefined();
});

describe('confidence', () => {
  const confidence = readConfidence(readFileSync(new URL('confidence.yaml', content), 'utf8'), 'confidence.yaml');
  const day = 86_400;

  test('is the mean of the source’s reliability and of what it says', () => {
    expect(baseConfidence({ reliability: 'A', credibility: '2' }, confidence)).toBeCloseTo(0.85);
    expect(baseConfidence({ reliability: 'D', confidence: 0.9 }, confidence)).toBeCloseTo(0.575);
    expect(baseConfidence({ confidence: 0.9 }, confidence)).toBe(0.9);
    expect(baseConfidence({}, confidence)).toBe(0.5);
  });

  test('falls as MISP’s polynomial, to half after a quarter of its life', () => {
    expect(shareLeft('address', 30 * day, confidence)).toBeCloseTo(0.5);
    expect(shareLeft('address', 120 * day, confidence)).toBe(0);
    expect(shareLeft('hash', 10_000 * day, confidence)).toBe(1);
    expect(shareLeft('domain', -day, confidence)).toBe(1);
  });

  test('a value rests when little is left, and until then says what is left of it', () => {
    const indicators = new Indicators({ confidence });
    indicators.add(
      { kind: 'domain', value: 'old.example', confidence: 0.8, seenAt: at },
      { list: '', source: 's', reliability: 'A' },
    );
    const match = indicators.domain('old.example', at + 30 * day)!;
    expect(match.confidence).toBeCloseTo(0.45);
    expect(match.parts).toEqual({
      text: 'detect.confidence.parts',
      values: {
        said: { text: 'detect.confidence.stated', values: { percent: 80 } },
        source: { text: 'detect.confidence.reliability', values: { grade: 'A', percent: 100 } },
        old: { text: 'detect.confidence.age', values: { days: 30, percent: 50 } },
      },
    });
    expect(indicators.domain('old.example', at + 58 * day)).toBeDefined();
    expect(indicators.domain('old.example', at + 59 * day)).toBeUndefined();
    expect(indicators.lookUp('old.example', at + 59 * day)?.listed).toMatchObject([{ rests: true }]);
  });
});

test('lists come and go while a detector runs, in the sets that all share and in one’s own', () => {
  const [shared, own] = [new Indicators(), new Indicators()];
  const found: string[] = [];
  const detector = createDetector({ indicators: [shared, own], sink: ({ rule }) => void found.push(rule.id) });
  let number = 0;
  const meet = (): string[] => {
    found.length = 0;
    // Each hour's findings are their own.
    const ts = at + ++number * 3_600;
    const ends = { 'id.orig_h': '10.0.0.5', 'id.orig_p': 4_000, 'id.resp_h': '203.0.113.7', 'id.resp_p': 443 };
    detector.push('conn', { ts, uid: `C${number}`, ...ends, proto: 'tcp', conn_state: 'SF' });
    return [...new Set(found)];
  };
  expect(meet()).toEqual([]);
  own.add({ kind: 'address', value: '203.0.113.7' }, { list: 'ours', source: 's' });
  expect(meet()).toEqual(['indicator:ours']);
  shared.add({ kind: 'network', value: '203.0.113.0/24' }, { list: 'all', source: 's' });
  own.remove('ours');
  expect(meet()).toEqual(['indicator:all']);
  shared.remove('all');
  expect(meet()).toEqual([]);
});
