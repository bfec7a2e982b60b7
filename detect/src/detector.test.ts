import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import { compile } from '@forewarn/model/query/evaluate';
import type { AnyRecord } from '@forewarn/model/records/record';
import { behaviours } from './behaviours/index.ts';
import { assembleDetection } from './content.ts';
import { createDetector } from './detector.ts';
import { Indicators } from './indicators/indicators.ts';
import {
  assembled,
  chance,
  conn,
  content,
  contentFiles,
  detect,
  record,
  say,
  unanswered,
  type Line,
} from './testing/detection.ts';

function indicators(text: string): Indicators {
  const list = new Indicators({ warnings: content.warnings });
  const { refusals } = list.load(text, 'list.csv');
  if (refusals[0]) throw refusals[0];
  return list;
}

describe('indicators', () => {
  const list = indicators(
    'type,value,source,confidence,technique\ndomain,evil.example,CERT,90,T1566.002\naddress,203.0.113.9,CERT,60,T1071.001\nurl,http://bad.test/x?q=1,CERT,90,\nhash,' +
      'a'.repeat(64) +
      ',CERT,80,\n',
  );
  const options = { indicators: list, behaviours: [], tacticOf: content.tacticOf };

  test('one finding for the question, the page and the handshake of a name', () => {
    const { findings } = detect(
      [
        record('dns', 1_000, '10.0.0.5', '10.0.0.1', 53, { query: 'www.evil.example', answers: ['198.51.100.3'] }),
        record('http', 1_001, '10.0.0.5', '198.51.100.3', 80, { host: 'www.evil.example', uri: '/' }),
        record('ssl', 1_002, '10.0.0.5', '198.51.100.3', 443, { server_name: 'www.EVIL.example' }),
      ],
      options,
    );
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      source: '10.0.0.5',
      targets: ['198.51.100.3'],
      names: ['evil.example'],
      technique: ['T1566.002'],
      tactic: ['initial-access'],
      level: 'high',
      confidence: 0.9,
      recordCount: 3,
    });
    expect(say(findings[0]!.explanation)).toContain('10.0.0.5 met the name evil.example');
  });

  test('an address in a flow, in an answer', () => {
    const { findings } = detect(
      [
        conn(1_000, '10.0.0.5', '203.0.113.9', 443),
        record('dns', 1_001, '10.0.0.6', '10.0.0.1', 53, { query: 'x.example', answers: ['203.0.113.9'] }),
      ],
      options,
    );
    expect(findings.map((finding) => [finding.source, finding.level])).toEqual([
      ['10.0.0.5', 'medium'],
      ['10.0.0.6', 'medium'],
    ]);
  });

  test('a stranger who knocks is the weather, one who is answered is not', () => {
    const knock = detect([conn(1_000, '203.0.113.9', '10.0.0.5', 443, { conn_state: 'S0', resp_bytes: 0 })], options)
      .findings[0]!;
    const answered = detect([conn(1_000, '203.0.113.9', '10.0.0.5', 443)], options).findings[0]!;
    expect([knock.level, answered.level]).toEqual(['informational', 'medium']);
    expect(knock.explanation.text).toBe('detect.indicator.inbound');
  });

  test('a certificate, and a URL without its query in the sentence', () => {
    const { findings } = detect(
      [
        record('ssl', 1_000, '10.0.0.5', '198.51.100.3', 443, { cert_chain_fps: ['A'.repeat(64)] }),
        record('http', 1_001, '10.0.0.5', '198.51.100.4', 80, { host: 'bad.test', uri: '/x?q=1' }),
      ],
      options,
    );
    expect(findings.map((finding) => finding.explanation.values!['value'])).toEqual(['a'.repeat(64), 'http://bad.test/x']);
  });
});

describe('rules', () => {
  const options = { rules: content.rules, behaviours: [] };

  test('the product’s own compile and hold their cases', () => {
    expect(assembled.refusals).toEqual([]);
    expect(content.rules.length).toBeGreaterThan(5);
    for (const rule of content.rules.filter(({ alone }) => alone)) {
      expect(rule.cases.some((one) => one.matches) && rule.cases.some((one) => !one.matches)).toBe(true);
      for (const { about, record: of, matches } of rule.cases) {
        expect(`${rule.title}: ${about}: ${compile(rule.predicate)(of as AnyRecord)}`).toBe(
          `${rule.title}: ${about}: ${matches}`,
        );
      }
    }
  });

  test('the product’s own correlations hold their cases', () => {
    const own = content.correlations.filter(({ alone }) => alone);
    expect(own.length).toBeGreaterThan(0);
    for (const correlation of own) {
      expect(correlation.cases.some((one) => one.matches) && correlation.cases.some((one) => !one.matches)).toBe(true);
      for (const { about, records, matches } of correlation.cases) {
        const lines = records.map(({ _log: log = 'ssh', ...of }) => ({ log: String(log), record: of as AnyRecord }));
        const { findings } = detect(lines, { ...options, correlations: content.correlations });
        expect([about, findings.map(({ rule }) => rule.id)]).toEqual([about, matches ? [correlation.id] : []]);
        for (const { explanation, records: named } of findings) {
          expect(say(explanation)).toContain(correlation.title);
          expect(say(explanation, 'zh')).toMatch(/^规则.*10 分钟内/);
          expect(named.length).toBeGreaterThan(1);
        }
      }
    }
  });

  test('a finding names the rule, the flow and no content', () => {
    const { findings } = detect(
      [
        record('http', 1_000, '203.0.113.4', '10.0.0.5', 80, {
          method: 'GET',
          host: 'shop.example',
          uri: '/?secret=${jndi:ldap://x}',
          user_agent: 'curl',
        }),
      ],
      options,
    );
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      rule: { kind: 'sigma' },
      source: '203.0.113.4',
      targets: ['10.0.0.5'],
      technique: ['T1190'],
      level: 'high',
    });
    expect(JSON.stringify(findings[0])).not.toContain('secret');
    expect(say(findings[0]!.explanation)).toContain('Lookup expression in an HTTP request');
  });

  test('repetitions are one finding an hour', () => {
    const attack = (ts: number): Line =>
      record('http', ts, '203.0.113.4', '10.0.0.5', 80, { user_agent: 'sqlmap/1.8', uri: `/${ts}` });
    const { findings } = detect([...Array.from({ length: 50 }, (_, i) => attack(3_600 + i)), attack(7_300)], options);
    expect(findings.map((finding) => finding.recordCount)).toEqual([50, 1]);
  });
});

describe('content', () => {
  test('each behaviour has its settings, and the settings fit', () => {
    expect(content.behaviours.map((of) => of.behaviour)).toEqual(behaviours.map((of) => of.id));
  });

  test('a missing, unknown or misspelt parameter is refused', () => {
    const [scan] = content.behaviours;
    const make = (settings: typeof scan) => () => createDetector({ behaviours: [settings!], sink: () => undefined });
    const { hostsMin: _gone, ...fewer } = scan!.parameters;
    expect(make({ ...scan!, parameters: fewer })).toThrow('needs the parameter "hostsMin"');
    expect(make({ ...scan!, parameters: { ...scan!.parameters, hostMin: 3 } })).toThrow('has no parameter "hostMin"');
    expect(make({ ...scan!, behaviour: 'scam' })).toThrow('no behaviour "scam"');
  });

  test('a wrong or missing file is refused with its place', () => {
    const without = contentFiles.filter((file) => file.path !== 'behaviours/scan.yaml');
    expect(() => assembleDetection(without)).toThrow(Refusal);
    const wrong = contentFiles.map((file) =>
      file.path === 'behaviours/scan.yaml' ? { ...file, text: file.text.replace('value: 10', 'value: ten') } : file,
    );
    expect(() => assembleDetection(wrong)).toThrow(
      expect.objectContaining({
        place: expect.objectContaining({ file: 'behaviours/scan.yaml', field: 'parameters.hostsMin.value' }),
      }),
    );
  });

  test.each(['detect', 'detect-networks'])('both languages have the same texts with the same places: %s', (area) => {
    const read = (language: string): { [key: string]: string } =>
      JSON.parse(readFileSync(new URL(`../../content/text/${language}/${area}.json`, import.meta.url), 'utf8'));
    const places = (texts: { [key: string]: string }): object =>
      Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, [...text.matchAll(/\{\w+\}/g)].map(String).sort()]));
    expect(places(read('zh'))).toEqual(places(read('en')));
  });
});

/** A bit of everything, for what must hold of any stream. */
function mixture(seed: number, count = 4_000): Line[] {
  const random = chance(seed);
  const pick = (...from: string[]): string => from[Math.floor(random() * from.length)]!;
  const host = (): string => `10.0.${Math.floor(random() * 3)}.${1 + Math.floor(random() * 40)}`;
  const lines: Line[] = [];
  for (let i = 0; i < count; i++) {
    const ts = 1_000 + i + random() * 30;
    switch (Math.floor(random() * 6)) {
      case 0:
        lines.push(unanswered(ts, pick('10.0.0.66', host()), host(), 445));
        break;
      case 1:
        lines.push(
          record('http', ts, '10.0.0.66', '10.0.1.20', 80, {
            host: 'p.example',
            uri: '/login',
            status_code: random() < 0.95 ? 401 : 200,
          }),
        );
        break;
      case 2:
        lines.push(
          record('modbus', ts, pick('10.0.0.66', '10.0.2.1'), '10.0.2.9', 502, {
            func: pick('READ_COILS', 'WRITE_SINGLE_COIL'),
            pdu_type: pick('REQ', 'RESP'),
          }),
        );
        break;
      case 3:
        lines.push(conn(ts, '10.0.0.66', '203.0.113.9', 443, { orig_bytes: Math.floor(random() * 3e6) }));
        break;
      default:
        lines.push(conn(ts, host(), `198.51.100.${1 + Math.floor(random() * 200)}`, 443));
    }
  }
  return lines;
}

describe('any stream', () => {
  test('a replay gives the same findings with the same ids', () => {
    const lines = mixture(3);
    const first = detect(lines, { rules: content.rules });
    expect(first.findings.length).toBeGreaterThan(2);
    expect(detect(lines, { rules: content.rules })).toEqual(first);
  });

  test('every sentence is in both catalogues and has its values', () => {
    const list = indicators('value\nevil.example\n203.0.113.0/24\n');
    const { told } = detect(
      [
        ...mixture(4),
        ...content.rules.flatMap((rule) =>
          rule.cases
            .filter((one) => one.matches)
            .map((one) => ({ log: rule.logs[0]!, record: { ts: 9_000, ...one.record } as AnyRecord })),
        ),
      ],
      {
        rules: content.rules,
        indicators: list,
        tacticOf: content.tacticOf,
      },
    );
    expect(new Set(told.map((finding) => finding.rule.kind)).size).toBe(3);
    for (const finding of told) {
      for (const language of ['en', 'zh'] as const) expect(say(finding.explanation, language)).not.toMatch(/\[detect\.|\{\w+\}/);
    }
  });

  test('hostile records neither throw nor stop it', () => {
    const strange: unknown[] = [
      undefined,
      null,
      Number.NaN,
      Infinity,
      -1,
      1e300,
      '',
      'x'.repeat(100_000),
      [],
      [null],
      {},
      true,
      '\ud800',
      '::',
      '999.1.1.1',
      '${jndi:',
      ['a', 1, null],
    ];
    const random = chance(9);
    const fields = [
      'ts',
      'uid',
      'id.orig_h',
      'id.resp_h',
      'id.orig_p',
      'id.resp_p',
      'proto',
      'conn_state',
      'history',
      'duration',
      'orig_bytes',
      'resp_bytes',
      'query',
      'answers',
      'host',
      'uri',
      'status_code',
      'server_name',
      'cert_chain_fps',
      'func',
      'pdu_type',
      'fingerprint',
      'user_agent',
      '__proto__',
      'constructor',
    ];
    const lines = Array.from({ length: 20_000 }, (): Line => {
      const of: { [name: string]: unknown } = random() < 0.5 ? { ...conn(1_000, '10.0.0.1', '203.0.113.9', 443).record } : {};
      for (let i = 0; i < 4; i++)
        of[fields[Math.floor(random() * fields.length)]!] = strange[Math.floor(random() * strange.length)];
      return {
        log: ['conn', 'dns', 'http', 'ssl', 'x509', 'modbus', 'weird', '__proto__'][Math.floor(random() * 8)]!,
        record: of as AnyRecord,
      };
    });
    const after = [...lines, ...Array.from({ length: 40 }, (_, i) => unanswered(2_000 + i, '10.0.0.77', `10.1.0.${i + 1}`, 445))];
    const list = indicators('value\nevil.example\n203.0.113.9\n');
    const { findings } = detect(after, { rules: content.rules, indicators: list });
    expect(findings.some((finding) => finding.source === '10.0.0.77')).toBe(true);
  });

  test('one record from the far future does not close the present', () => {
    const lines = [
      ...Array.from({ length: 5 }, (_, i) => unanswered(1_000 + i, '10.0.0.77', `10.1.0.${i + 1}`, 445)),
      conn(4e9, '10.0.0.1', '10.0.0.2', 80),
      ...Array.from({ length: 5 }, (_, i) => unanswered(1_010 + i, '10.0.0.77', `10.1.0.${i + 6}`, 445)),
    ];
    expect(detect(lines).findings).toHaveLength(1);
  });
});

describe('own networks', () => {
  test('registered ones instead of the private', () => {
    const lines = Array.from({ length: 30 }, (_, i) => unanswered(1_000 + i, '198.51.100.7', `10.1.0.${i + 1}`, 445));
    expect(detect(lines, { localNetworks: ['198.51.100.0/24'] }).findings[0]!.level).toBe('high');
    expect(detect(lines).findings[0]!.level).toBe('low');
  });

  test('a network that is none is refused', () => {
    expect(() => detect([], { localNetworks: ['10.0.0.1/8'] })).toThrow('"10.0.0.1/8" is not a network');
  });
});
