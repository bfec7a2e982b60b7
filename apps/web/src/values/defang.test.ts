import { expect, test } from 'vitest';
import { defang, isInternalAddress, shownIndicator } from './defang.ts';

test.each([
  ['https://bad.example/a.b?c=d.e', 'hxxps://bad[.]example/a.b?c=d.e'],
  ['HTTP://Bad.Example', 'hxxp://Bad[.]Example'],
  ['203.0.113.7', '203[.]0[.]113[.]7'],
  ['203.0.113.0/24', '203[.]0[.]113[.]0/24'],
  ['login-mail.example', 'login-mail[.]example'],
  ['钓鱼.中国', '钓鱼[.]中国'],
  ['conn', 'conn'],
  ['T1071.001', 'T1071.001'],
  ['2.5', '2.5'],
])('%s is shown as %s', (text, shown) => {
  expect(defang(text)).toBe(shown);
});

test('internal addresses stay readable', () => {
  expect(shownIndicator('10.20.7.31')).toBe('10.20.7.31');
  expect(isInternalAddress('172.32.0.1')).toBe(false);
  expect(isInternalAddress('172.16.0.1')).toBe(true);
});
