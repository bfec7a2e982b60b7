import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Der } from '../der.ts';
import { type Arrival, cutAll, flowOf, hex, readCase, run } from '../trial.ts';
import { filterDepthMax, filterText } from './filter.ts';
import { ldap } from './ldap.ts';
import { pendingMax } from './operations.ts';

const flow = flowOf('tcp', 389);
const caseOf = (name: string) => readCase(readFileSync(new URL(`./cases/${name}/bytes.txt`, import.meta.url), 'utf8'));
const names = readdirSync(new URL('./cases/', import.meta.url));

for (const name of names.filter((each) => caseOf(each).transport === 'tcp' && each !== 'no-message' && each !== 'starttls')) {
  test(`${name}: any split of the streams gives the same records`, () => {
    const { port, arrivals } = caseOf(name);
    const told = (list: readonly Arrival[]) => run(ldap, flowOf('tcp', port), list);
    const whole = told(arrivals);
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 12 }), (places) => {
        const { records, weirds } = told(cutAll(arrivals, places));
        expect(records).toEqual(whole.records);
        expect(weirds).toEqual(whole.weirds);
      }),
    );
  });
}

test('StartTLS gives way with the bytes behind its answer, wherever it is cut', () => {
  const [ask, grant] = caseOf('starttls').arrivals as [Arrival, { direction: 1; ts: number; bytes: Uint8Array }];
  const [whole] = [run(ldap, flow, [ask, grant])];
  expect(whole.gaveWay).toMatchObject({ service: 'ssl' });
  for (let at = 1; at < grant.bytes.length - 5; at++) {
    const { gaveWay } = run(ldap, flow, [
      ask,
      { ...grant, bytes: grant.bytes.subarray(0, at) },
      { ...grant, bytes: grant.bytes.subarray(at) },
    ]);
    expect([...gaveWay!.rest]).toEqual([0x16, 3, 3, 0, 2]);
  }
  // A refusal changes nothing.
  const refusal = Uint8Array.from(grant.bytes);
  refusal[refusal.indexOf(0x0a) + 2] = 52;
  expect(run(ldap, flow, [ask, { ...grant, bytes: refusal.subarray(0, refusal.length - 5) }]).gaveWay).toBeUndefined();
});

test('no password is written, whichever way it travels', () => {
  for (const name of names) {
    const { transport, port, arrivals } = caseOf(name);
    expect(JSON.stringify(run(ldap, flowOf(transport, port), arrivals))).not.toMatch(/secret\d|not to be written/);
  }
});

const der = (tag: number, ...content: (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(content.map((each) => Buffer.from(each)));
  return Buffer.concat([
    Buffer.from(
      body.length < 128 ? [tag, body.length] : [tag, 0x83, body.length >> 16, (body.length >> 8) & 255, body.length & 255],
    ),
    body,
  ]);
};
const text = (value: string | Buffer): Buffer => der(4, value);
const shown = (filter: Buffer): string => filterText(new Der(filter, 0, filter.length));

describe('filters, after the examples of RFC 4515 §4', () => {
  const cases: [string, Buffer][] = [
    ['(cn=Babs Jensen)', der(0xa3, text('cn'), text('Babs Jensen'))],
    ['(!(cn=Tim Howes))', der(0xa2, der(0xa3, text('cn'), text('Tim Howes')))],
    [
      '(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))',
      der(
        0xa0,
        der(0xa3, text('objectClass'), text('Person')),
        der(0xa1, der(0xa3, text('sn'), text('Jensen')), der(0xa4, text('cn'), der(0x30, der(0x80, 'Babs J')))),
      ),
    ],
    ['(o=univ*of*mich*)', der(0xa4, text('o'), der(0x30, der(0x80, 'univ'), der(0x81, 'of'), der(0x81, 'mich')))],
    ['(cn=*b)', der(0xa4, text('cn'), der(0x30, der(0x82, 'b')))],
    ['(seeAlso=)', der(0xa3, text('seeAlso'), text(''))],
    ['(mail=*)', der(0x87, 'mail')],
    ['(age>=7)', der(0xa5, text('age'), text('7'))],
    ['(age<=7)', der(0xa6, text('age'), text('7'))],
    ['(cn~=jens)', der(0xa8, text('cn'), text('jens'))],
    [
      '(cn:caseExactMatch:=Fred Flintstone)',
      der(0xa9, der(0x81, 'caseExactMatch'), der(0x82, 'cn'), der(0x83, 'Fred Flintstone')),
    ],
    [
      '(sn:dn:2.4.6.8.10:=Barney Rubble)',
      der(0xa9, der(0x81, '2.4.6.8.10'), der(0x82, 'sn'), der(0x83, 'Barney Rubble'), der(0x84, Buffer.from([255]))),
    ],
    [
      '(o=Parens R Us \\28for all your parenthetical needs\\29)',
      der(0xa3, text('o'), text('Parens R Us (for all your parenthetical needs)')),
    ],
    ['(cn=*\\2a*)', der(0xa4, text('cn'), der(0x30, der(0x81, '*')))],
    ['(filename=C:\\5cMyFile)', der(0xa3, text('filename'), text('C:\\MyFile'))],
    ['(bin=\\00\\00\\00\\04)', der(0xa3, text('bin'), text(Buffer.from([0, 0, 0, 4])))],
    ['(sn=Lučić)', der(0xa3, text('sn'), text('Lučić'))],
    ['(bin=\\ff\\fe)', der(0xa3, text('bin'), text(Buffer.from([0xff, 0xfe])))],
    [
      '(objectSid=S-1-5-21-1-2)',
      der(0xa3, text('objectSid'), text(Buffer.from('0103000000000005150000000100000002000000', 'hex'))),
    ],
    ['(userPassword;binary=REDACTED)', der(0xa3, text('userPassword;binary'), text('x'))],
    ['(unicodePwd=REDACTED*)', der(0xa4, text('unicodePwd'), der(0x30, der(0x80, 'x')))],
  ];
  for (const [expected, bytes] of cases) test(`${expected}`, () => expect(shown(bytes)).toBe(expected));

  test('deep and wide ones are cut', () => {
    let deep = der(0x87, 'a');
    for (let i = 0; i < filterDepthMax + 10; i++) deep = der(0xa2, deep);
    expect(shown(deep)).toContain('…');
    const wide = der(0xa0, ...Array.from({ length: 5_000 }, () => der(0x87, 'attribute')));
    expect(shown(wide).length).toBeLessThan(4_500);
  });
});

describe('the layer of NTLM', () => {
  const sasl = der(0x30, der(2, Buffer.from([1])), der(0x60, der(2, Buffer.from([3])), text(''), der(0xa3, text('GSS-SPNEGO'))));
  const success = der(0x30, der(2, Buffer.from([1])), der(0x61, der(0x0a, Buffer.from([0])), text(''), text('')));
  const layer = (body: Buffer): Buffer =>
    Buffer.concat([Buffer.from([0, 0, 0, 16 + body.length, 1, 0, 0, 0]), Buffer.alloc(12, 0x5a), body]);
  const told = (body: Buffer) =>
    run(ldap, flow, [
      { direction: 0, ts: 1, bytes: sasl },
      { direction: 1, ts: 2, bytes: success },
      { direction: 0, ts: 3, bytes: layer(body) },
    ]);
  test('that only signs is read', () => {
    const search = der(
      0x63,
      text(''),
      der(0x0a, Buffer.from([0])),
      der(0x0a, Buffer.from([0])),
      der(2, Buffer.from([0])),
      der(2, Buffer.from([0])),
      der(1, Buffer.from([0])),
      der(0x87, 'a'),
      der(0x30),
    );
    expect(told(der(0x30, der(2, Buffer.from([2])), search)).records.at(-1)).toMatchObject({
      log: 'ldap_search',
      record: { filter: '(a=*)' },
    });
  });
  test('that seals stays closed, whatever it looks like', () => {
    for (const first of [0x30, 0x31, 0x00]) {
      const { records, weirds } = told(Buffer.from([first, ...Array.from({ length: 60 }, (_, i) => (i * 89 + 7) & 255)]));
      expect(records).toHaveLength(1);
      expect(weirds).toEqual([]);
    }
  });
});

describe('ceilings and nonsense', () => {
  const request = (id: number): Buffer => der(0x30, der(2, Buffer.from([id >> 8, id & 255])), der(0x4a, 'cn=a'));
  test('the oldest of too many unanswered operations is written', () => {
    const bytes = Buffer.concat(Array.from({ length: pendingMax + 2 }, (_, i) => request(i + 1)));
    const { records, weirds } = run(ldap, flow, [{ direction: 0, ts: 1, bytes }]);
    expect(records).toHaveLength(pendingMax + 2);
    expect(weirds.map(({ name }) => name)).toEqual(['LDAP_max_pending_messages_exceeded', 'LDAP_max_pending_messages_exceeded']);
  });
  test('of a large entry only the head is needed, and a hole in it costs nothing', () => {
    const entry = der(0x30, der(2, Buffer.from([7])), der(0x64, text('cn=a'), der(0x30, Buffer.alloc(200_000))));
    const done = der(0x30, der(2, Buffer.from([7])), der(0x65, der(0x0a, Buffer.from([0])), text(''), text('')));
    const { records } = run(ldap, flow, [
      { direction: 1, ts: 1, bytes: entry.subarray(0, 1_000) },
      { direction: 1, ts: 1, missing: 100_000 },
      { direction: 1, ts: 2, bytes: Buffer.concat([entry.subarray(101_000), done]) },
    ]);
    expect(records).toMatchObject([{ log: 'ldap_search', record: { result_count: 1, result: 'success' } }]);
  });
  test('a request longer than is kept is read as far as it goes', () => {
    const add = der(0x30, der(2, Buffer.from([7])), der(0x68, text('cn=a'), der(0x30, Buffer.alloc(300_000))));
    const { records, weirds } = run(ldap, flow, [{ direction: 0, ts: 1, bytes: add }]);
    expect(weirds).toEqual([{ name: 'ldap_message_too_long', addl: undefined }]);
    expect(records).toMatchObject([{ record: { opcode: 'add', message_id: 7 } }]);
  });
  test('mutated bytes never throw', () => {
    const { arrivals } = caseOf('signed');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(300), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const changed = arrivals.map((arrival) =>
          'bytes' in arrival ? { ...arrival, bytes: Uint8Array.from(arrival.bytes) } : arrival,
        );
        for (const [which, at, value] of changes) {
          const arrival = changed[which % changed.length]!;
          if ('bytes' in arrival) arrival.bytes[at % arrival.bytes.length] = value;
        }
        expect(run(ldap, flow, changed).records.length).toBeLessThan(20);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('probe', () => {
  const ask = (bytes: string, usual = false) => ldap.probe(hex(bytes), 0, hex(bytes).length, 0, usual);
  test('identifier, operation and lengths prove it', () => {
    expect(ask('300c 020101 6007 020103 0400 8000')).toBe('yes');
    expect(ask('3084 0000000c 020101 6007 020103')).toBe('yes');
    expect(ask('3005 020101 4200')).toBe('yes');
    expect(ask('300c 020101')).toBe('more');
    // SNMP begins alike.
    expect(ask('302902010004067075626c6963a01c')).toBe('no');
    expect(ask('300c 020101 6009 020103 0400 8000')).toBe('no');
  });
  test('a flow that is seen from inside its security layer, on the usual port only', () => {
    const wrap = '00000040 0504 04ff 000c 000c 0000000000000001';
    expect(ask(`${wrap}`, true)).toBe('yes');
    expect(ask(`${wrap}`, false)).toBe('no');
  });
});
