import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, cutAll, flowOf, hex, readCase, run } from '../trial.ts';
import { pendingMax, uuidText } from './conversation.ts';
import { dce_rpc } from './dce_rpc.ts';
import { endpointName, interfaceOfPipe, isEveryday, operationName } from './interfaces.ts';

const caseOf = (name: string) => readCase(readFileSync(new URL(`./cases/${name}/bytes.txt`, import.meta.url), 'utf8'));
const names = readdirSync(new URL('./cases/', import.meta.url));
const flow = flowOf('tcp', 135);

for (const name of names.filter((each) => caseOf(each).transport === 'tcp' && each !== 'no-pdu')) {
  test(`${name}: any split of the streams gives the same records`, () => {
    const { port, arrivals } = caseOf(name);
    const whole = run(dce_rpc, flowOf('tcp', port), arrivals);
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 12 }), (places) => {
        expect(run(dce_rpc, flowOf('tcp', port), cutAll(arrivals, places)).records).toEqual(whole.records);
      }),
    );
  });
}

describe('names', () => {
  test('of interfaces and operations', () => {
    expect(endpointName('367abb81-9844-35f1-ad32-98f038001003')).toBe('svcctl');
    expect(operationName('367abb81-9844-35f1-ad32-98f038001003', 12)).toBe('CreateServiceW');
    expect(operationName('e3514235-4b06-11d1-ab04-00c04fc2dcd2', 3)).toBe('DRSGetNCChanges');
    expect(operationName('12345678-1234-abcd-ef00-01234567cffb', 0x2d)).toBe('NetrLogonSamLogonWithFlags');
    expect(operationName('12345778-1234-abcd-ef00-0123456789ac', 0x40)).toBe('SamrConnect5');
    expect(operationName('12345778-1234-abcd-ef00-0123456789ab', 0x2c)).toBe('LsarOpenPolicy2');
    expect(operationName('4b324fc8-1670-01d3-1278-5a47bf6ee188', 0x37)).toBe('NetrServerAliasEnum');
    expect(operationName('4b324fc8-1670-01d3-1278-5a47bf6ee188', 0x36)).toBe('unknown-54');
    expect(operationName('12345678-1234-abcd-ef00-0123456789ab', 0x59)).toBe('RpcAddPrinterDriverEx');
    expect(operationName('76f03f96-cdfd-44fc-a22c-64950a001209', 0x27)).toBe('RpcAsyncAddPrinterDriver');
    expect(operationName('338cd001-2244-31f1-aaaa-900038001003', 0x16)).toBe('BaseRegSetValue');
    expect(operationName('6bffd098-a112-3610-9833-46c3f87e345a', 2)).toBe('NetrWkstaUserEnum');
    expect(operationName('9556dc99-828c-11cf-a37e-00aa003240c7', 0x18)).toBe('ExecMethod');
    expect(operationName('c681d488-d850-11d0-8c52-00c04fd90f7e', 0)).toBe('EfsRpcOpenFileRaw');
    expect(endpointName('00000000-0000-0000-0000-000000000000')).toBe('unknown-00000000-0000-0000-0000-000000000000');
  });
  test('of pipes, and of what everybody does all day', () => {
    expect(interfaceOfPipe('\\PIPE\\srvsvc')).toBe('4b324fc8-1670-01d3-1278-5a47bf6ee188');
    expect(interfaceOfPipe('WINREG')).toBe('338cd001-2244-31f1-aaaa-900038001003');
    expect(interfaceOfPipe('other')).toBeUndefined();
    expect([isEveryday('winreg', 'BaseRegOpenKey'), isEveryday('winreg', 'BaseRegSaveKey')]).toEqual([true, false]);
  });
  test('a UUID in both orders of bytes', () => {
    const bytes = hex('0102030405060708090a0b0c0d0e0f10');
    expect(uuidText(bytes, 0, true)).toBe('04030201-0605-0807-090a-0b0c0d0e0f10');
    expect(uuidText(bytes, 0, false)).toBe('01020304-0506-0708-090a-0b0c0d0e0f10');
  });
});

const [bind, acknowledge] = caseOf('endpoint-mapper').arrivals as [Arrival, Arrival];
const head = (type: number, call: number, length: number, flags = 3): string =>
  `0500 ${type.toString(16).padStart(2, '0')} ${flags.toString(16).padStart(2, '0')} 10000000 ${length.toString(16).padStart(2, '0')}00 0000 ${call.toString(16).padStart(2, '0')}000000`;
const request = (call: number, operation: number, flags = 3): string =>
  `${head(0, call, 24, flags)} 00000000 0000 ${operation.toString(16).padStart(2, '0')}00`;
const there = (text: string, ts = 2): Arrival => ({ direction: 0, ts, bytes: hex(text) });
const back = (text: string, ts = 3): Arrival => ({ direction: 1, ts, bytes: hex(text) });

describe('calls', () => {
  test('are joined with their answers by number, not by order', () => {
    const { records } = run(dce_rpc, flow, [
      bind,
      acknowledge,
      there(`${request(5, 3)} ${request(6, 2)}`, 10),
      back(`${head(2, 6, 24)} 00000000 00000000`, 11),
      back(`${head(2, 5, 24)} 00000000 00000000`, 14),
    ]);
    expect(records.map(({ record }) => [record['operation'], record['rtt']])).toEqual([
      ['ept_lookup', 1],
      ['ept_map', 4],
    ]);
  });
  test('fragments of a question are one call', () => {
    const { records } = run(dce_rpc, flow, [
      bind,
      there(request(5, 3, 1)),
      there(request(5, 3, 0)),
      there(request(5, 3, 2)),
      back(`${head(2, 5, 24)} 00000000 00000000`),
    ]);
    expect(records).toHaveLength(1);
  });
  test('without an interface nothing is known, and nothing is written', () => {
    expect(run(dce_rpc, flow, [there(request(1, 3)), back(`${head(2, 1, 24)} 00000000 00000000`)]).records).toEqual([]);
  });
  test('too many without an answer: the oldest is written', () => {
    const calls = Array.from({ length: pendingMax + 1 }, (_, i) => request(i, 3)).join(' ');
    const { records, weirds } = run(dce_rpc, flow, [bind, there(calls)]);
    expect(records).toHaveLength(pendingMax + 1);
    expect(weirds).toEqual([{ name: 'dce_rpc_too_many_pending_calls', addl: String(pendingMax) }]);
  });
  test('a hole in what is asked costs nothing', () => {
    const long = `${head(0, 1, 24).replace('1800', 'e803')} 00000000 0000 0300`;
    const { records } = run(dce_rpc, flow, [
      bind,
      there(long),
      { direction: 0, ts: 2, missing: 1_000 - 24 },
      there(request(2, 2)),
    ]);
    expect(records.map(({ record }) => record['operation'])).toEqual(['ept_map', 'ept_lookup']);
  });
});

test('mutated bytes never throw', () => {
  const { arrivals } = caseOf('ntlm');
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(300), fc.nat(255)), { maxLength: 6 }), (changes) => {
      const changed = arrivals.map((arrival) =>
        'bytes' in arrival ? { ...arrival, bytes: Uint8Array.from(arrival.bytes) } : arrival,
      );
      for (const [which, at, value] of changes) {
        const arrival = changed[which % changed.length]!;
        if ('bytes' in arrival) arrival.bytes[at % arrival.bytes.length] = value;
      }
      expect(run(dce_rpc, flow, changed).records.length).toBeLessThan(20);
    }),
    { numRuns: 1_000 },
  );
});

describe('probe', () => {
  const ask = (text: string, usual = false) => dce_rpc.probe(hex(text), 0, hex(text).length, 0, usual);
  test('a binding on any port, anything with a right head on the usual one', () => {
    expect(ask(head(11, 1, 72))).toBe('yes');
    expect(ask(head(0, 1, 24))).toBe('no');
    expect(ask(request(1, 3))).toBe('yes');
    expect(ask(head(0, 1, 24), true)).toBe('yes');
    expect(ask('0500 0b')).toBe('more');
    expect(ask('0502')).toBe('no');
    expect(ask('0500 0b 03 10000001')).toBe('no');
    expect(ask('0503')).toBe('no');
  });
  test('a datagram whose length agrees', () => {
    const datagram = Buffer.from((caseOf('over-udp').arrivals[0] as { bytes: Uint8Array }).bytes);
    expect(dce_rpc.probe(datagram, 0, datagram.length, 0, false)).toBe('yes');
    expect(dce_rpc.probe(datagram, 0, datagram.length - 1, 0, false)).toBe('no');
  });
});
