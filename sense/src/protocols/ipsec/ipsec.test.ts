import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cutAll, flowOf, hex, readCase, run } from '../trial.ts';
import { exchanges, notificationName, transformName } from './codes.ts';
import { ipsec, ipsecOverTcp, ipsecTraversal } from './ipsec.ts';
import { vendorName } from './vendors.ts';

const arrivalsOf = (name: string) => readCase(readFileSync(new URL(`cases/${name}/bytes.txt`, import.meta.url), 'utf8')).arrivals;
const head = (exchange: string, flags: string, length: number, version = '20') =>
  hex(`1122334455667788 0000000000000000 00 ${version} ${exchange} ${flags} 00000000 ${length.toString(16).padStart(8, '0')}`);

describe('probe', () => {
  const ask = (protocol: typeof ipsec, bytes: Uint8Array, usual: boolean) => protocol.probe(bytes, 0, bytes.length, 0, usual);
  test('a header that fills its datagram, on any port, also behind the marker', () => {
    expect(ask(ipsec, head('22', '08', 28), false)).toBe('yes');
    expect(ask(ipsec, Buffer.concat([Buffer.alloc(4), head('22', '08', 28)]), false)).toBe('yes');
    expect(ask(ipsec, head('22', '08', 29), false)).toBe('no');
    expect(ask(ipsec, head('22', '08', 29), true)).toBe('yes');
    expect(ask(ipsec, head('22', '80', 28), false)).toBe('no');
    // RFC 7296 §3.1: reserved flags are passed over.
    expect(ask(ipsec, head('22', 'ff', 28), true)).toBe('yes');
    expect(ask(ipsec, head('02', '08', 28), true)).toBe('no');
    expect(ask(ipsec, head('02', '01', 28, '10'), true)).toBe('yes');
    expect(ask(ipsec, head('22', '00', 28, '10'), true)).toBe('no');
    expect(ask(ipsec, head('22', '08', 28, '30'), true)).toBe('no');
  });
  test('port 4500: ESP and the byte that keeps the way open, and no WireGuard', () => {
    const esp = hex(`c0ffee01 00000007 ${'5a'.repeat(24)}`);
    expect(ask(ipsecTraversal, esp, true)).toBe('yes');
    expect(ask(ipsecTraversal, esp, false)).toBe('no');
    expect(ask(ipsecTraversal, esp.subarray(0, 30), true)).toBe('no');
    expect(ask(ipsecTraversal, hex('ff'), true)).toBe('yes');
    expect(ask(ipsecTraversal, hex(`04000000 00000007 ${'5a'.repeat(24)}`), true)).toBe('no');
    expect(ask(ipsecTraversal, hex(`0000000f 00000007 ${'5a'.repeat(24)}`), true)).toBe('no');
  });
  test('a stream says what it is', () => {
    expect(ask(ipsecOverTcp, hex('494b45'), false)).toBe('more');
    expect(ask(ipsecOverTcp, hex('494b45544350'), false)).toBe('yes');
    expect(ask(ipsecOverTcp, hex('494b46'), true)).toBe('no');
  });
});

test('vendor ids: hashes of texts, beginnings, texts', () => {
  const name = (id: string) => vendorName(hex(id), 0, id.length / 2);
  expect(name('4a131c81070358455c5728f20e95452f')).toBe('RFC 3947 NAT-T');
  expect(name('90cb80913ebb696e086381b5ec427b1f')).toBe('draft-ietf-ipsec-nat-t-ike-02');
  expect(name('4048b7d56ebce88525e7de7f00d6c2d380000000')).toBe('IKE Fragmentation');
  expect(name('1e2b516905991c7d7c96fcbfb587e46100000009')).toBe('MS NT5 ISAKMPOAKLEY');
  expect(name('26244d38eddb61b3172a36e3d0cfb819')).toBe('Microsoft Initial-Contact');
  expect(name('882fe56d6fd20dbc2251613b2ebe5beb')).toBe('strongSwan');
  expect(name('4f70656e494b45442d372e32')).toBe('OpenIKED-7.2');
  expect(name('00')).toBe('UNKNOWN:00');
  expect(name('ab'.repeat(90))).toBe(`UNKNOWN:${'ab'.repeat(64)}`);
});

test('numbers without a name keep their number', () => {
  expect(transformName(1, 999)).toBe('ENCR_999');
  expect(transformName(77, 3)).toBe('UNKNOWN_77_3');
  expect(notificationName(2, 40_961)).toBe('unknown-notify-message-type: 40961');
  expect(notificationName(1, 24_578)).toBe('INITIAL-CONTACT');
  expect(notificationName(2, 16_444)).toBe('SA_RESOURCE_INFO');
  expect(exchanges[42]).toBeUndefined();
});

test("the hash is the package's own: over its text of each list", () => {
  // Three vendor ids as in the package's baseline of ikev1-c, which has this very hash for them.
  const ids = ['afcad71368a1f1c96b8696fc77570100', '11bdfe02d056587f2c18125972c32401', '09002689dfd6b712'];
  const payloads = ids
    .map((id, i) => `${i < 2 ? '0d' : '00'}00 00${(4 + id.length / 2).toString(16).padStart(2, '0')} ${id}`)
    .join('');
  const bytes = hex(`e47a591fd057587f a00b8ef0902bb8ec 0d 10 02 00 00000000 00000050 ${payloads}`);
  const [written] = run(ipsec, flowOf('udp', 500), [{ direction: 0, ts: 1, bytes }]).records;
  expect(written!.record).toMatchObject({
    vendor_ids: ['Dead Peer Detection', 'UNKNOWN:11bdfe02d056587f2c18125972c32401', 'XAUTH'],
    hash: '39e81d66af9157fb5b2ce44517e5d62e',
  });
});

test('services: ESP beside IKE, ESP alone', () => {
  const arrivals = arrivalsOf('behind-address-translation');
  expect(run(ipsecTraversal, flowOf('udp', 4500), arrivals).services).toEqual(['ipsec', 'esp']);
  expect(run(ipsecTraversal, flowOf('udp', 4500), arrivals.slice(2, 4)).services).toEqual(['esp']);
});

test('more proposals than are read are an oddity', () => {
  const transform = '03000008 01000001';
  const proposal = `0200 ${(8 + 8 * 255).toString(16).padStart(4, '0')} 010100ff ${transform.repeat(255)}`;
  const association = proposal.repeat(3);
  const bytes = hex(association).length;
  const message = hex(
    `1122334455667788 0000000000000000 21 20 22 08 00000000 ${(32 + bytes).toString(16).padStart(8, '0')} 0000 ${(4 + bytes).toString(16).padStart(4, '0')} ${association}`,
  );
  const outcome = run(ipsec, flowOf('udp', 500), [{ direction: 0, ts: 1, bytes: message }]);
  expect(outcome.weirds).toMatchObject([{ name: 'ipsec_bad_message' }]);
  expect(outcome.records).toMatchObject([{ record: { proposals: [1] } }]);
});

test('any cutting of a stream gives the same records; after a gap nothing is guessed', () => {
  const arrivals = arrivalsOf('over-tcp');
  const whole = run(ipsecOverTcp, flowOf('tcp', 4500), arrivals);
  expect(whole.records).toHaveLength(3);
  fc.assert(
    fc.property(fc.array(fc.nat(2_000), { maxLength: 12 }), (places) => {
      expect(run(ipsecOverTcp, flowOf('tcp', 4500), cutAll(arrivals, places))).toEqual(whole);
    }),
  );
  const torn = run(ipsecOverTcp, flowOf('tcp', 4500), [arrivals[0]!, { direction: 0, ts: 1, missing: 5 }, arrivals[1]!]);
  expect(torn.records).toEqual([]);
});

test('messages with any byte changed: no exception, one record at most, one oddity at most', () => {
  const messages = ['version-1', 'version-2'].flatMap(arrivalsOf).flatMap((one) => ('bytes' in one ? [one.bytes] : []));
  fc.assert(
    fc.property(
      fc.constantFrom(...messages),
      fc.array(fc.tuple(fc.nat(700), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      fc.nat(700),
      (message, changes, length) => {
        const bytes = message.slice(0, Math.max(1, message.length - (length % 3 === 0 ? length : 0)));
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const outcome = run(ipsec, flowOf('udp', 500), [{ direction: 0, ts: 1, bytes }]);
        expect(outcome.records.length).toBeLessThanOrEqual(1);
        expect(outcome.weirds.length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 2_000 },
  );
});
