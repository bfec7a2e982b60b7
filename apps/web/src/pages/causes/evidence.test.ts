import { expect, test } from 'vitest';
import { readEvidence, writeEvidence } from './evidence.ts';

test('evidence is read as it is written, and what has no kind is a statement', () => {
  const text = 'finding: f-1 | Beacon | to one server\nlog: proxy of 12 May';
  expect(readEvidence(text)).toEqual([
    { kind: 'finding', reference: 'f-1', note: 'Beacon | to one server' },
    { kind: 'log', reference: 'proxy of 12 May', note: '' },
  ]);
  expect(writeEvidence(readEvidence(text))).toBe(text);
  expect(readEvidence(' The guard: saw it \n\n| nothing\n文件')).toEqual([
    { kind: 'statement', reference: 'The guard: saw it', note: '' },
    { kind: 'statement', reference: '文件', note: '' },
  ]);
  expect(readEvidence('Log：proxy')).toEqual([{ kind: 'log', reference: 'proxy', note: '' }]);
});
