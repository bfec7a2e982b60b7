/** Ceilings of signing in, and where their numbers come from. */

const hour = 3_600;

export const limits = {
  passwordCharactersMin: {
    name: 'passwordCharactersMin',
    value: 12,
    unit: 'characters',
    why: 'NIST SP 800-63B-4 asks for 8 beside a second factor and 15 without; twelve with throttled guessing lies between, and a second factor is offered to all.',
  },
  passwordCharactersMax: {
    name: 'passwordCharactersMax',
    value: 200,
    unit: 'characters',
    why: 'Longer than any passphrase; hashing takes no longer for it.',
  },
  hashesAtOnce: {
    name: 'hashesAtOnce',
    value: 2,
    unit: 'hashes',
    why: 'Each takes 32 MiB and some 100 ms of a thread; two leave the others to the stores.',
  },
  hashesWaiting: {
    name: 'hashesWaiting',
    value: 50,
    unit: 'hashes',
    why: 'The last waits some three seconds; a whole shift does not sign in at once.',
  },
  freeFailures: {
    name: 'freeFailures',
    value: 5,
    unit: 'attempts',
    why: 'Wrong passwords before the first wait: a person with three passwords in mind.',
  },
  failureWaitMax: {
    name: 'failureWaitMax',
    value: 60,
    unit: 's',
    why: 'Longest wait after a wrong password: 1,440 guesses a day, and nobody can shut a duty officer out for longer than a minute.',
  },
  failuresKept: {
    name: 'failuresKept',
    value: 10_000,
    unit: 'addresses',
    why: 'Mail addresses whose failures are remembered, about 2 MB; the oldest is forgotten first.',
  },
  sessionSeconds: { name: 'sessionSeconds', value: 12 * hour, unit: 's', why: 'A shift: who comes on duty signs in.' },
  sessionIdleSeconds: {
    name: 'sessionIdleSeconds',
    value: 4 * hour,
    unit: 's',
    why: 'Without any request; an open workbench asks every minute, so this is a closed one.',
  },
  seenEverySeconds: {
    name: 'seenEverySeconds',
    value: 300,
    unit: 's',
    why: 'How exactly the last use is written down; each writing is a sync of the disk.',
  },
  linkSeconds: {
    name: 'linkSeconds',
    value: 72 * hour,
    unit: 's',
    why: 'A one-time link to an account: sent on Friday, used on Monday.',
  },
  tokensPerAccount: {
    name: 'tokensPerAccount',
    value: 100,
    unit: 'tokens',
    why: 'One for each script somebody has; more is a leak.',
  },
} as const satisfies { [name: string]: { name: string; value: number; unit: string; why: string } };
