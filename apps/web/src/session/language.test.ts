import { expect, test } from 'vitest';
import { personName } from './language.tsx';

test.each([
  ['Lin Wei 林维', 'Lin Wei', '林维'],
  ['林维', '林维', '林维'],
  ['Ada Lund', 'Ada Lund', 'Ada Lund'],
])('%s is written %s and %s', (name, en, zh) => {
  expect(personName(name, 'en')).toBe(en);
  expect(personName(name, 'zh')).toBe(zh);
});
