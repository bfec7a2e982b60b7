import { expect, test } from 'vitest';
import { withoutSecrets } from './secrets.ts';

test('declared secrets and, of open logs, what is a secret by its name stay out of the spool', () => {
  expect(withoutSecrets('http', { ts: 1, uri: '/', password: 'x' })).toEqual({ ts: 1, uri: '/' });
  const event = { ts: 1, CommandLine: 'x', ServicePassword: 'x', hasPassword: true };
  expect(withoutSecrets('windows', event)).toEqual({ ts: 1, CommandLine: 'x', hasPassword: true });
  expect(withoutSecrets('nobody_declared', { token: 'x', apiKey: 'x' })).toEqual({ token: 'x' });
  const plain = { ts: 1, Image: 'x' };
  expect(withoutSecrets('windows', plain)).toBe(plain);
});
