import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { flowOf, silent } from '../trial.ts';
import { isNtlm, NtlmExchange } from './ntlm.ts';

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const u32 = (...values: number[]): Buffer => Buffer.concat(values.map((value) => Buffer.from(Uint32Array.of(value).buffer)));
const field = (length: number, offset: number): Buffer =>
  Buffer.concat([Buffer.from(Uint16Array.of(length, length).buffer), u32(offset)]);
const signature = Buffer.from('NTLMSSP\0', 'latin1');

const negotiate = Buffer.concat([signature, u32(1, 0xe2088297), Buffer.alloc(16)]);

const pair = (id: number, value: Buffer): Buffer => Buffer.concat([Buffer.from(Uint16Array.of(id, value.length).buffer), value]);

function challenge(pairs: Buffer, flags = 0xe2898215): Buffer {
  return Buffer.concat([
    signature,
    u32(2),
    field(0, 56),
    u32(flags),
    Buffer.from('0123456789abcdef', 'hex'),
    Buffer.alloc(8),
    field(pairs.length, 56),
    Buffer.alloc(8),
    pairs,
  ]);
}

function authenticate(domain: Buffer, account: Buffer, workstation: Buffer, flags = 0xe2888215): Buffer {
  const response = Buffer.alloc(24, 0x7a);
  let at = 72;
  const place = (value: Buffer): Buffer => {
    at += value.length;
    return field(value.length, at - value.length);
  };
  const names = [domain, account, workstation].map(place);
  return Buffer.concat([
    signature,
    u32(3),
    place(response),
    place(response),
    ...names,
    field(0, at),
    u32(flags),
    Buffer.alloc(8),
    domain,
    account,
    workstation,
    response,
    response,
  ]);
}

const names = Buffer.concat([
  pair(2, utf16('EXAMPLE')),
  pair(1, utf16('FILES1')),
  pair(3, utf16('files1.example.net')),
  pair(5, utf16('example.net')),
  pair(0, Buffer.alloc(0)),
]);
const login = authenticate(utf16('EXAMPLE'), utf16('änna'), utf16('DESK7'));

function exchange(...steps: (Buffer | boolean)[]): { records: AnyRecord[]; weirds: string[] } {
  const records: AnyRecord[] = [];
  const weirds: string[] = [];
  const emit = {
    ...silent,
    record: (_log: string, record: AnyRecord) => void records.push(record),
    weird: (name: string) => void weirds.push(name),
  };
  const ntlm = new NtlmExchange(flowOf('tcp', 445), emit);
  for (const [i, step] of steps.entries()) {
    if (typeof step === 'boolean') ntlm.outcome(step);
    else ntlm.message(step, 0, step.length, i);
  }
  ntlm.finish();
  return { records, weirds };
}

test('a login: names of both sides and what came of it, and nothing of challenge or response', () => {
  const { records, weirds } = exchange(negotiate, challenge(names), login, true);
  expect(weirds).toEqual([]);
  expect(records).toEqual([
    {
      ...flowOf('tcp', 445).head(0),
      server_nb_computer_name: 'FILES1',
      server_dns_computer_name: 'files1.example.net',
      server_tree_name: 'example.net',
      domainname: 'EXAMPLE',
      username: 'änna',
      hostname: 'DESK7',
      success: true,
    },
  ]);
  expect(JSON.stringify(records)).not.toMatch(/zzzz|0123456789abcdef|7a7a/);
});

test('each attempt is a record of its own', () => {
  const { records } = exchange(negotiate, challenge(names), login, false, negotiate, challenge(names), login, true, negotiate);
  expect(records.map(({ success }) => success)).toEqual([false, true, undefined]);
});

test('a refusal before an account was named says nothing of success', () => {
  expect(exchange(negotiate, challenge(names), false).records).not.toMatchObject([{ success: false }]);
});

test('without Unicode names are in the character set of the sender', () => {
  const plain = authenticate(Buffer.from('EXAMPLE'), Buffer.from('anna'), Buffer.from('DESK7'), 0xe2888214);
  expect(exchange(plain).records).toMatchObject([{ username: 'anna', hostname: 'DESK7' }]);
});

describe('messages that are wrong', () => {
  test('names without an end, or beyond their message', () => {
    const open = names.subarray(0, names.length - 4);
    expect(exchange(challenge(open))).toMatchObject({
      records: [{ server_tree_name: 'example.net' }],
      weirds: ['ntlm_unterminated_target_information'],
    });
    expect(exchange(challenge(names).subarray(0, 80)).weirds).toEqual(['ntlm_unterminated_target_information']);
    expect(exchange(challenge(names).subarray(0, 20)).weirds).toEqual(['ntlm_truncated_message']);
  });
  test('fields outside of the message', () => {
    expect(exchange(login.subarray(0, 80)).weirds).toContain('ntlm_truncated_message');
  });
  test('what is none', () => {
    expect(isNtlm(login, 1, login.length)).toBe(false);
    expect(isNtlm(login, 0, 11)).toBe(false);
    expect(exchange(Buffer.concat([signature, u32(9, 0)])).records).toEqual([]);
  });
  test('mutated bytes never throw', () => {
    for (const good of [challenge(names), login]) {
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }),
          fc.nat(good.length),
          (changes, length) => {
            const bytes = Buffer.from(good);
            for (const [at, value] of changes) bytes[at] = value;
            expect(exchange(bytes.subarray(0, length)).records.length).toBeLessThan(2);
          },
        ),
        { numRuns: 1_000 },
      );
    }
  });
});
