import { describe, expect, test } from 'vitest';
import { IncidentCandidate, type Finding } from '@forewarn/model/finding';
import { createCandidates, readCandidateSettings } from './candidates.ts';
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

function group(findings: Finding[]): { last: Map<string, IncidentCandidate>; merged: string[] } {
  const last = new Map<string, IncidentCandidate>();
  const merged: string[] = [];
  const candidates = createCandidates({
    settings: content.candidates,
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
