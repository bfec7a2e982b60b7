/** Passwords: scrypt (RFC 7914) with the parameters OWASP names for 32 MiB, so that a stolen table is slow to try. */

import { scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { Refusal } from '@forewarn/base/refusal';
import { limits } from './limits.ts';

/** https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt */
const cost = { log2N: 15, r: 8, p: 3 };
const keyBytes = 32;
const saltBytes = 16;

function derive(password: string, salt: Uint8Array, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The same password typed on another keyboard is the same (RFC 8265 §4.2 asks for NFC).
    scrypt(password.normalize('NFC'), salt, keyBytes, { ...options, maxmem: 256 * 1024 * 1024 }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

/** At most some at once and some waiting: each takes memory and a thread. */
export class PasswordHasher {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #random: (bytes: number) => Uint8Array;

  readonly #waitingMax: number;

  constructor(random: (bytes: number) => Uint8Array, waitingMax: number = limits.hashesWaiting.value) {
    this.#random = random;
    this.#waitingMax = waitingMax;
  }

  async #turn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running >= limits.hashesAtOnce.value) {
      if (this.#waiting.length >= this.#waitingMax) {
        throw new Refusal('guard.throttled', 'Too many people are signing in at this moment.', {
          advice: 'Try again in some seconds.',
        });
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** `scrypt$15$8$3$<salt>$<key>`, both in base64url. */
  hash(password: string): Promise<string> {
    return this.#turn(async () => {
      const salt = this.#random(saltBytes);
      const key = await derive(password, salt, { N: 2 ** cost.log2N, r: cost.r, p: cost.p });
      return ['scrypt', cost.log2N, cost.r, cost.p, Buffer.from(salt).toString('base64url'), key.toString('base64url')].join('$');
    });
  }

  /** Whether the password gives the hash. Without a hash it takes as long and says no, so that nobody learns who has an account. */
  verify(password: string, hash: string | null): Promise<boolean> {
    return this.#turn(async () => {
      const match = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]+)\$([\w-]+)$/.exec(hash ?? '');
      const [log2N, r, p] = match ? match.slice(1, 4).map(Number) : [cost.log2N, cost.r, cost.p];
      const salt = match ? Buffer.from(match[4] as string, 'base64url') : new Uint8Array(saltBytes);
      const key = await derive(password, salt, { N: 2 ** (log2N as number), r: r as number, p: p as number });
      const kept = Buffer.from(match?.[5] ?? '', 'base64url');
      return kept.length === keyBytes && timingSafeEqual(kept, key);
    });
  }
}

/** Refuses with `guard.password` what is too short, too long, or about its owner. No rules of composition (NIST SP 800-63B-4 §3.1.1.2). */
export function checkNewPassword(password: string, owner: { email: string; name: string }): void {
  const refuse = (message: string, advice: string) => {
    throw new Refusal('guard.password', message, { place: { field: 'password' }, advice });
  };
  const length = [...password].length;
  if (length < limits.passwordCharactersMin.value) {
    refuse(
      `The password has ${length} characters.`,
      `Take at least ${limits.passwordCharactersMin.value}; some words make a good one.`,
    );
  }
  if (length > limits.passwordCharactersMax.value)
    refuse('The password is too long.', `Take at most ${limits.passwordCharactersMax.value} characters.`);
  const folded = password.toLowerCase();
  const own = [owner.email, owner.email.split('@', 1)[0] ?? '', owner.name].map((text) => text.toLowerCase());
  const rest = own.reduce((left, text) => (text.length >= 4 ? left.replaceAll(text, '') : left), folded);
  if (new Set(folded).size < 5 || rest.length < limits.passwordCharactersMin.value / 2) {
    refuse('The password is easy to guess.', 'Take words that have nothing to do with you.');
  }
}
