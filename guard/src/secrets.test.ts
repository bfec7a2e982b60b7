import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkNewPassword, PasswordHasher } from './password.ts';
import { kindOf, makeSecret, seal, secretHash, unseal } from './secrets.ts';

const random = (bytes: number) => randomBytes(bytes);

test('a secret tells its kind, and what is kept of it does not tell the secret', () => {
  const secret = makeSecret('fw', random);
  expect(secret).toMatch(/^fw_[\w-]{43}$/);
  expect(kindOf(secret)).toBe('fw');
  expect(kindOf(`${secret}x`)).toBeUndefined();
  expect(kindOf(`xx${secret}`)).toBeUndefined();
  expect(secretHash(secret)).toMatch(/^[0-9a-f]{64}$/);
});

test('what is sealed opens with its key and purpose only, and not when a bit was changed', () => {
  const key = randomBytes(32);
  const sealed = seal({ key, purpose: 'totp a', random }, Buffer.from('plain'));
  expect(Buffer.from(unseal({ key, purpose: 'totp a' }, sealed)).toString()).toBe('plain');
  expect(() => unseal({ key, purpose: 'totp b' }, sealed)).toThrow(/unable to authenticate/);
  expect(() => unseal({ key: randomBytes(32), purpose: 'totp a' }, sealed)).toThrow(/unable to authenticate/);
  const bytes = Buffer.from(sealed, 'base64url');
  bytes[14]! ^= 1;
  expect(() => unseal({ key, purpose: 'totp a' }, bytes.toString('base64url'))).toThrow(/unable to authenticate/);
});

test('a password gives its own hash only, with another salt each time', async () => {
  const hasher = new PasswordHasher(random);
  const [one, two] = await Promise.all([hasher.hash('correct horse battery'), hasher.hash('correct horse battery')]);
  expect(one).not.toBe(two);
  expect(await hasher.verify('correct horse battery', one)).toBe(true);
  expect(await hasher.verify('correct horse batterY', one)).toBe(false);
  expect(await hasher.verify('', null)).toBe(false);
  expect(await hasher.verify('x', 'scrypt$99$99$99$x$')).toBe(false);
});

test('more than can wait are told so', async () => {
  const hasher = new PasswordHasher(random, 3);
  const all = await Promise.allSettled(Array.from({ length: 7 }, () => hasher.verify('x', null)));
  const refused = all.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
  expect(refused).toHaveLength(2);
  expect(refused[0]?.reason).toMatchObject({ code: 'guard.throttled' });
});

const owner = { email: 'ann.lee@east.test', name: 'Ann Lee' };
test.each(['short', 'aaaaaaaaaaaaaaaa', 'ann.lee@east.test', 'Ann.Lee12345', 'x'.repeat(500)])(
  '"%s" is no password for Ann Lee',
  (password) => {
    expect(() => checkNewPassword(password, owner)).toThrow(
      expect.objectContaining({ code: 'guard.password', place: { field: 'password' } }),
    );
  },
);
test.each(['correct horse battery', '一二三四五六七八九十百千', 'tr0ub4dor&3xyz'])('"%s" is one', (password) => {
  expect(() => checkNewPassword(password, owner)).not.toThrow();
});
