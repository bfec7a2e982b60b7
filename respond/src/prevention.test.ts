import { expect, test } from 'vitest';
import type { Prevention } from '@forewarn/model/cause';
import { applyPrevention } from './prevention.ts';

const proposed: Prevention = {
  id: 'p',
  organisation: 'hospital',
  measure: 'strong-sign-in',
  title: 'Keys for all',
  causes: ['phishing'],
  owner: 'IT service',
  state: 'proposed',
  since: 1,
  dueAt: null,
  doneAt: null,
  reason: null,
};

test('a preventive measure is agreed, done, and taken up again when its cause comes back', () => {
  const done = applyPrevention(applyPrevention(proposed, { state: 'agreed', at: 2, reason: null }), { state: 'done', at: 3, reason: null }); // oxfmt-ignore
  expect(done).toMatchObject({ state: 'done', since: 3, doneAt: 3 });
  expect(() => applyPrevention(done, { state: 'doing', at: 4, reason: null })).toThrow(
    expect.objectContaining({ code: 'prevention.reason' }),
  );
  expect(applyPrevention(done, { state: 'doing', at: 4, reason: 'It came back.' })).toMatchObject({
    state: 'doing',
    doneAt: null,
  });
});

test('what a state does not allow is refused, and says what it does', () => {
  expect(() => applyPrevention({ ...proposed, state: 'done' }, { state: 'dropped', at: 2, reason: 'r' })).toThrow(
    expect.objectContaining({ code: 'prevention.state', advice: expect.stringContaining('doing') }),
  );
  expect(() => applyPrevention(proposed, { state: 'dropped', at: 2, reason: ' ' })).toThrow(
    expect.objectContaining({ code: 'prevention.reason' }),
  );
  expect(applyPrevention(proposed, { state: 'dropped', at: 2, reason: 'Too dear.' }).state).toBe('dropped');
});
