import { describe, expect, test } from 'vitest';
import { findingStage, IncidentCandidate, type Finding } from '@forewarn/model/finding';
import { createCandidates } from './candidates.ts';
import { courseOf, matrixOf, tacticsOf } from './candidates/course.ts';
import { divide } from './candidates/decisions.ts';
import { readCandidateSettings } from './candidates/settings.ts';
import { createHosts } from './hosts.ts';
import { createInside } from './inside.ts';
import { content, say } from './testing/detection.ts';

let serial = 0;

const finding = (more: Partial<Finding>): Finding => ({
  id: `f${++serial}`,
  from: 1_000,
  to: 1_010,
  rule: { id: `rule${serial}`, version: '1', kind: 'behaviour', name: `Rule ${serial}` },
  technique: [],
  tactic: [],
  level: 'high',
  confidence: 0.9,
  explanation: { text: 'x' },
  source: '10.0.0.5',
  targets: [],
  names: [],
  records: [],
  recordCount: 1,
  harm: null,
  ...more,
});

function group(
  findings: Finding[],
  addressOf?: (host: string) => string,
): { last: Map<string, IncidentCandidate>; merged: string[] } {
  const last = new Map<string, IncidentCandidate>();
  const merged: string[] = [];
  const candidates = createCandidates({
    settings: content.candidates,
    ...(addressOf ? { addressOf } : {}),
    sink: {
      candidate: (candidate) => void last.set(candidate.id, candidate),
      merged: (gone, into) => {
        last.delete(gone);
        merged.push(`${gone}→${into}`);
      },
    },
  });
  for (const one of findings) candidates.push(one);
  return { last, merged };
}

describe('is proposed', () => {
  test('a course of stages on one host, with its reasons', () => {
    const { last } = group([
      finding({ level: 'high', tactic: ['initial-access'], rule: { id: 'i', version: '1', kind: 'indicator', name: 'List' } }),
      finding({ level: 'medium', tactic: ['command-and-control'] }),
      finding({ level: 'high', tactic: ['exfiltration'], harm: 'confidentiality' }),
    ]);
    expect(last.size).toBe(1);
    const [candidate] = last.values();
    expect(IncidentCandidate.safeParse(candidate).success).toBe(true);
    expect(candidate!.findings).toHaveLength(3);
    expect(candidate!.hosts).toEqual(['10.0.0.5']);
    const sentences = candidate!.reasons.map((reason) => say(reason));
    expect(sentences).toContain('Stages of an attack (3): Initial access, Command and control, Exfiltration');
    expect(sentences).toContain('A loss is shown: confidentiality');
    expect(sentences).toContain('Several kinds of evidence agree: behaviour and indicator');
    for (const reason of candidate!.reasons) expect(say(reason, 'zh')).not.toMatch(/\[|\{/);
  });

  test('a single finding that shows a loss', () => {
    expect(group([finding({ level: 'critical', confidence: 0.9, harm: 'controllability' })]).last.size).toBe(1);
  });

  test('with the same id while it grows', () => {
    const { last } = group([finding({ harm: 'confidentiality' }), finding({}), finding({})]);
    expect([...last.values()].map((candidate) => candidate.findings.length)).toEqual([3]);
  });

  test('and what a host did to another belongs to it', () => {
    const { last } = group([
      finding({ source: '10.0.0.5', targets: ['10.0.0.9'], tactic: ['credential-access'], level: 'critical' }),
      finding({ source: '10.0.0.9', from: 2_000, to: 2_010, tactic: ['exfiltration'], harm: 'confidentiality' }),
    ]);
    expect([...last.values()].map((candidate) => candidate.hosts)).toEqual([['10.0.0.5', '10.0.0.9']]);
  });

  test('two groups that meet become the older one', () => {
    const { last, merged } = group([
      finding({ source: '10.0.0.9', from: 3_000, to: 3_010, harm: 'integrity' }),
      finding({ source: '10.0.0.5', harm: 'integrity' }),
      finding({ source: '10.0.0.5', targets: ['10.0.0.9'], from: 2_000, to: 2_010 }),
      finding({ source: '10.0.0.9', from: 3_020, to: 3_030 }),
    ]);
    expect(last.size).toBe(1);
    expect([...last.values()][0]!.findings).toHaveLength(4);
    expect(merged).toHaveLength(1);
  });
});

describe('stays alone', () => {
  const quiet = (findings: Finding[]): void => expect(group(findings).last.size).toBe(0);
  test('a single weak finding', () => quiet([finding({ level: 'medium', confidence: 0.5 })]));
  test('a single strong finding without loss', () => quiet([finding({ level: 'high' })]));
  test('the same rule again and again', () => {
    const rule = { id: 'same', version: '1', kind: 'sigma' as const, name: 'Same' };
    quiet(Array.from({ length: 100 }, () => finding({ level: 'medium', rule })));
  });
  test('informational ones, however many', () =>
    quiet(Array.from({ length: 50 }, () => finding({ level: 'informational', tactic: [`t${serial}`] }))));
  test('findings of different hosts', () => quiet([finding({ source: '10.0.0.5' }), finding({ source: '10.0.0.6' })]));
  test('findings of one host days apart', () => quiet([finding({}), finding({ from: 200_000, to: 200_010 })]));
  test('hosts that one outside scan reached', () => {
    quiet([
      finding({ source: '203.0.113.5', level: 'low', targets: Array.from({ length: 50 }, (_, i) => `10.0.0.${i + 1}`) }),
      finding({ source: '10.0.0.7', level: 'medium' }),
    ]);
  });
});

test('the order of findings does not change the weight', () => {
  const findings = [
    finding({ level: 'high', tactic: ['a'] }),
    finding({ level: 'low', tactic: ['b'] }),
    finding({ level: 'critical', harm: 'integrity' }),
  ];
  const weights = [findings, findings.toReversed()].map((of) => [...group(of).last.values()][0]!.weight);
  expect(weights[0]).toBe(weights[1]);
});

test('wrong weights are refused with their place', () => {
  expect(() => readCandidateSettings('candidates:\n  version: "1"\n  window: soon\n', 'c.yaml')).toThrow(
    expect.objectContaining({ place: expect.objectContaining({ file: 'c.yaml' }) }),
  );
});

describe('the course of an attack', () => {
  test('tactics as they were first seen, and how far it has come by the order of the matrix', () => {
    const { last } = group([
      finding({ from: 3_000, to: 3_001, tactic: ['command-and-control'], technique: ['T1071.001'] }),
      finding({ from: 1_000, to: 1_001, tactic: ['discovery'], technique: ['T1082'] }),
      finding({ from: 2_000, to: 2_001, tactic: ['discovery', 'stealth'], technique: ['T1055'], harm: 'confidentiality' }),
    ]);
    const [candidate] = [...last.values()];
    expect(candidate!.course.map(({ tactic, technique, at, findings }) => [tactic, technique, at, findings])).toEqual([
      ['discovery', ['T1082', 'T1055'], 1_000, 2],
      ['stealth', ['T1055'], 2_000, 1],
      ['command-and-control', ['T1071.001'], 3_000, 1],
    ]);
    expect(candidate!.tactics).toEqual(['stealth', 'discovery', 'command-and-control']);
    expect(candidate!.harmAt).toBe(2_000);
  });

  test('control systems and mobile devices have an order of their own', () => {
    const course = (technique: string, tactics: string[]) =>
      tacticsOf(courseOf([finding({ technique: [technique], tactic: tactics })], content.candidates), content.candidates);
    expect(course('T0836', ['impair-process-control', 'inhibit-response-function', 'evasion'])).toEqual([
      'evasion',
      'inhibit-response-function',
      'impair-process-control',
    ]);
    expect(matrixOf(['T1437.001'], content.candidates)).toBe('mobile');
    // A tactic that the matrix does not have is none of it.
    expect(course('T1437.001', ['impact', 'reconnaissance', 'execution'])).toEqual(['execution', 'impact']);
    expect(course('T1046', ['no-tactic'])).toEqual([]);
  });

  test('before harm, while it goes on, after it was contained', () => {
    const stage = (from: number, to: number, containedAt: number | null = null) =>
      findingStage({ from, to, harm: null }, { harmAt: 100, containedAt });
    expect([stage(50, 99), stage(50, 100), stage(150, 160), stage(150, 160, 150)]).toEqual([
      'before',
      'during',
      'during',
      'after',
    ]);
    expect(findingStage({ from: 1, to: 2, harm: null }, { harmAt: null, containedAt: null })).toBe('before');
    expect(findingStage({ from: 1, to: 2, harm: 'integrity' }, { harmAt: null, containedAt: null })).toBe('during');
  });
});

describe('own systems used against others', () => {
  const said = (findings: Finding[]): string[] =>
    [...group(findings).last.values()].flatMap(({ reasons }) => reasons.map((reason) => say(reason)));
  const rule = { id: 'r', version: '1', kind: 'behaviour' as const, name: 'R' };

  test('a reflector, with a reason of its own, is proposed though nothing of ours is lost', () => {
    const findings = [finding({ rule, technique: ['T1498.002'], tactic: ['impact'], targets: ['198.51.100.7'] })];
    expect(said(findings)).toContain('Own systems are used against others (they reflect and amplify a flood): 10.0.0.5');
    expect([...group(findings).last.values()][0]!.abuse).toEqual(['reflector']);
  });
  test('a member of a botnet, a prober, a host of fraud', () => {
    const kinds = (more: Partial<Finding>) =>
      [...group([finding({ level: 'critical', rule, ...more })]).last.values()].flatMap(({ abuse }) => abuse);
    expect(kinds({ technique: ['T1110'], targets: ['198.51.100.7'] })).toEqual(['prober']);
    expect(kinds({ technique: ['T1585.001'], source: 'platform.example' })).toEqual(['mass-registration']);
    const sender = { ...rule, id: 'behaviour:outbound-abuse' };
    expect(kinds({ rule: sender, technique: ['T1566'], targets: ['198.51.100.7'] })).toEqual(['fraud-sender']);
    expect(kinds({ technique: ['T1583'], source: '198.51.100.7', targets: ['10.0.0.5'] })).toEqual(['fraud-hosting']);
  });
  test('commanded from outside and harming others, a host is a member of a botnet; commanded alone, it is a victim', () => {
    const commanded = { technique: ['T1071.001'], tactic: ['command-and-control'], targets: ['198.51.100.9'] };
    const flood = { technique: ['T1498'], targets: ['198.51.100.7'] };
    const kinds = (findings: Finding[]) => [...group(findings).last.values()].flatMap(({ abuse }) => abuse);
    expect(kinds([finding(commanded), finding(flood)])).toEqual(['botnet-member', 'flooder']);
    expect(kinds([finding(commanded), finding({ harm: 'integrity' })])).toEqual([]);
    // Who opens a phishing page is no sender of phishing.
    expect(kinds([finding({ technique: ['T1566.002'], names: ['bad.example'], harm: 'integrity' })])).toEqual([]);
  });
  test('what stays inside, and what comes from outside, is no abuse of ours', () => {
    const reasons = (more: Partial<Finding>) => said([finding({ rule, harm: 'integrity', ...more })]).join();
    expect(reasons({ technique: ['T1110'], targets: ['10.0.0.9'] })).not.toContain('against others');
    expect(reasons({ technique: ['T1110'], source: '198.51.100.7', targets: ['10.0.0.9'] })).not.toContain('against others');
  });
});

test('duplicates collapse, and are counted', () => {
  const rule = { id: 'same', version: '1', kind: 'sigma' as const, name: 'Same' };
  const repeated = Array.from({ length: 40 }, () => finding({ rule, level: 'high' }));
  const [candidate] = [...group([...repeated, finding({ harm: 'integrity' })]).last.values()];
  expect([candidate!.signs, candidate!.findings.length]).toEqual([2, 41]);
  expect(candidate!.reasons.map((reason) => say(reason)).join('\n')).toContain('2 different signs in 41 findings');
});

test('a host by its name and by its address is one host, once its records have said so', () => {
  const hosts = createHosts(createInside());
  const findings = [
    finding({ source: 'WS1.corp.example', tactic: ['credential-access'], level: 'critical', harm: 'confidentiality' }),
    finding({ source: '10.0.0.5', tactic: ['command-and-control'] }),
  ];
  expect(group(findings, (host) => hosts.addressOf(host)).last.size).toBe(1);
  expect([...group(findings, (host) => hosts.addressOf(host)).last.values()][0]!.findings).toHaveLength(1);
  hosts.push('windows', { EventID: 3, Initiated: 'true', Computer: 'ws1.corp.example', SourceIp: '10.0.0.5' });
  const [candidate] = [...group(findings, (host) => hosts.addressOf(host)).last.values()];
  expect([candidate!.findings.length, candidate!.hosts]).toEqual([2, ['10.0.0.5']]);
  // What others began, what is loopback, and what is an address already teaches nothing.
  hosts.push('windows', { EventID: 3, Initiated: 'false', Computer: 'other', SourceIp: '10.0.0.6' });
  hosts.push('windows', { EventID: 3, Initiated: 'true', Computer: 'self', SourceIp: '127.0.0.1' });
  hosts.push('dhcp', { host_name: '10.0.0.7', assigned_addr: '10.0.0.8' });
  expect(['other', 'self', '10.0.0.7'].map((host) => hosts.addressOf(host))).toEqual(['other', 'self', '10.0.0.7']);
});

test('a name whose address becomes known later brings its group along', () => {
  let asked = 0;
  const { last, merged } = group(
    [
      finding({ source: 'ws1', harm: 'confidentiality' }),
      finding({ source: '10.0.0.5', harm: 'integrity' }),
      finding({ source: 'ws1' }),
    ],
    // Unknown at the first look.
    (host) => (host === 'ws1' && asked++ > 0 ? '10.0.0.5' : host),
  );
  expect([...last.values()].map(({ hosts, findings }) => [hosts, findings.length])).toEqual([[['10.0.0.5'], 3]]);
  expect(merged).toHaveLength(1);
});

describe('what people decided', () => {
  const at = (id: string, source: string) => ({ id, source });
  const group1 = [at('1', 'x'), at('2', 'x'), at('3', 'y'), at('4', 'y'), at('5', 'z')];

  test('stands above the group: taken out, elsewhere, and what a split-off host does next', () => {
    const divided = divide(group1, {
      placements: new Map([
        ['1', null],
        ['3', 'other'],
      ]),
      home: 'home',
      members: new Set(['2']),
    });
    expect([divided.home, [...divided.others], divided.out]).toEqual([['2', '5'], [['other', ['3', '4']]], ['1']]);
  });

  test('a host of which something stays is not split off', () => {
    const divided = divide(group1, { placements: new Map([['1', 'other']]), home: 'home', members: new Set(['2']) });
    expect([divided.home, [...divided.others]]).toEqual([['2', '3', '4', '5'], [['other', ['1']]]]);
  });

  test('of a group without an incident, what nobody moved is left', () => {
    const divided = divide(group1, { placements: new Map([['1', null]]), home: undefined, members: new Set() });
    expect([divided.home, divided.out]).toEqual([['2', '3', '4', '5'], ['1']]);
  });
});
