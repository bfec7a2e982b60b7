import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { detect, record, say, type Line } from '../../testing/detection.ts';
import { networkOf } from './operations.ts';

const partner = '203.0.113.9';
const gateway = '10.70.1.2';

const begin = (operation: string, more: AnyRecord = {}): AnyRecord => ({
  is_orig: true,
  message: 'UDT',
  opc: 4_001,
  dpc: 310,
  tcap: 'begin',
  application: 'map',
  components: ['invoke'],
  operations: [operation],
  calling_gt: '491710000001',
  called_gt: '8613900000001',
  ...more,
});
const map = (ts: number, operation: string, more: AnyRecord = {}, from = partner, to = gateway): Line =>
  record('sccp', ts, from, to, 2_905, begin(operation, more));

const request = (ts: number, more: AnyRecord, from = partner, to = gateway): Line =>
  record('diameter', ts, from, to, 3_868, {
    is_orig: true,
    is_request: true,
    application_id: 16_777_217,
    command: 'User-Data',
    origin_host: 'as1.epc.mnc007.mcc262.3gppnetwork.org',
    origin_realm: 'epc.mnc007.mcc262.3gppnetwork.org',
    destination_realm: 'epc.mnc001.mcc460.3gppnetwork.org',
    user_name: '460010000000001',
    ...more,
  });

describe('is told', () => {
  test('an operation of MAP that stays within a network, from a peer outside', () => {
    const { findings } = detect([map(1_000, 'anyTimeInterrogation')]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      rule: { id: 'behaviour:inner-signalling' },
      source: partner,
      targets: [gateway],
      technique: ['T1430.002'],
      level: 'medium',
      confidence: 0.8,
      recordCount: 1,
    });
    expect(say(findings[0]!.explanation)).toBe(
      '203.0.113.9 (point code 4001) asked 10.70.1.2 (point code 310) for the operation anyTimeInterrogation, which by 3GPP TS 29.002 is between gsmSCF, HLR of one network: 1 messages in this hour. 203.0.113.9 is outside the own networks.',
    );
    expect(say(findings[0]!.explanation, 'zh')).toContain('按 3GPP TS 29.002');
    // About elements, never about subscribers.
    expect(JSON.stringify(findings)).not.toMatch(/4917|8613/);
  });

  test('again and again: one finding of the hour, which becomes high', () => {
    const { findings, told } = detect(Array.from({ length: 30 }, (_, i) => map(1_000 + i * 10, 'sendIMSI')));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ level: 'high', recordCount: 30 });
    expect(told[0]!.level).toBe('medium');
  });

  test('from the other end of an association that we opened', () => {
    const { findings } = detect([map(1_000, 'sendRoutingInfo', { is_orig: false }, gateway, partner)]);
    expect(findings[0]).toMatchObject({ source: partner, targets: [gateway] });
  });

  test('by the network indicator where both addresses are inside', () => {
    const said = (indicator: number): Line[] => {
      const carried = map(1_000, 'anyTimeModification', {}, '10.70.9.1', gateway);
      const { ts, uid } = carried.record;
      return [
        { log: 'm3ua', record: { ...carried.record, ts: ts!, uid: uid!, message: 'DATA', network_indicator: indicator } },
        carried,
      ];
    };
    expect(detect(said(0)).findings[0]).toMatchObject({ confidence: 0.5 });
    expect(detect(said(2)).findings).toEqual([]);
  });

  test('a request of an application of Diameter that stays within a network', () => {
    const { findings } = detect([request(1_000, {})]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ source: partner, names: ['as1.epc.mnc007.mcc262.3gppnetwork.org'], confidence: 0.8 });
    expect(say(findings[0]!.explanation)).toContain('the request User-Data of the application Sh');
    expect(JSON.stringify(findings)).not.toContain('46001');
  });

  test('the same behind an own agent: the realms are of two countries', () => {
    const { findings } = detect([request(1_000, {}, '10.70.9.1')]);
    expect(findings[0]).toMatchObject({ confidence: 0.7 });
    expect(say(findings[0]!.explanation)).toContain('of another country');
  });

  test('a host of one network under the realm of another', () => {
    const { findings } = detect([
      request(1_000, {
        application_id: 16_777_251,
        command: 'Update-Location',
        origin_host: 'mme1.epc.mnc002.mcc250.3gppnetwork.org',
      }),
    ]);
    expect(findings).toHaveLength(1);
    expect(say(findings[0]!.explanation)).toContain('Host and realm are of two networks');
  });
});

describe('is not told', () => {
  const quiet = (...lines: Line[]): void => expect(detect(lines).findings).toEqual([]);

  test('what roaming needs', () => {
    quiet(
      ...['updateLocation', 'sendAuthenticationInfo', 'provideRoamingNumber', 'sendRoutingInfoForSM', 'mt-forwardSM'].map(
        (operation) => map(1_000, operation),
      ),
      request(1_001, { application_id: 16_777_251, command: 'Update-Location' }),
      request(1_002, { application_id: 0, command: 'Device-Watchdog' }),
    );
  });

  test('within the own network', () => {
    quiet(
      map(1_000, 'anyTimeInterrogation', {}, '10.70.3.3', gateway),
      request(
        1_001,
        { origin_host: 'as1.epc.mnc001.mcc460.3gppnetwork.org', origin_realm: 'epc.mnc001.mcc460.3gppnetwork.org' },
        '10.70.3.3',
      ),
      // Another network of the same country may be the same operator's.
      request(
        1_002,
        { origin_host: 'as1.epc.mnc008.mcc460.3gppnetwork.org', origin_realm: 'epc.mnc008.mcc460.3gppnetwork.org' },
        '10.70.3.3',
      ),
    );
  });

  test('own messages that leave', () => {
    quiet(map(1_000, 'anyTimeInterrogation', {}, gateway, partner), request(1_001, {}, gateway, partner));
  });

  test('the answer to it, and what goes on in a dialogue', () => {
    quiet(
      map(1_000, 'anyTimeInterrogation', { tcap: 'end', components: ['result'] }),
      map(1_001, 'anyTimeInterrogation', { tcap: 'continue' }),
      request(1_002, { is_request: false, result_code: 2_001 }),
    );
  });

  test('hostile records', () => {
    quiet(
      { log: 'sccp', record: { ts: Number.NaN, uid: 'x'.repeat(1_000) } },
      record('sccp', 1, partner, gateway, 1, { tcap: 'begin', application: 'map', components: [], operations: [] }),
      record('sccp', 1, partner, gateway, 1, {
        tcap: 'begin',
        application: 'map',
        components: ['invoke'],
        operations: ['constructor'],
      }),
      record('diameter', 1, partner, gateway, 1, { is_request: true, origin_realm: 'x'.repeat(10_000), origin_host: [] }),
      { log: 'm3ua', record: { ts: 1 } },
    );
  });
});

test('state keeps its ceiling', () => {
  const lines = function* (): Iterable<Line> {
    for (let i = 0; i < 12_000; i++) yield map(1_000 + i / 100, 'sendIMSI', {}, `203.0.${i >> 8}.${i & 255}`);
  };
  expect(detect(lines()).findings).toHaveLength(12_000);
});

test.each([
  ['epc.mnc001.mcc460.3gppnetwork.org', { country: '460', network: '001' }],
  ['mme1.EPC.mnc01.mcc460.3gppnetwork.org.', { country: '460', network: '001' }],
  ['example.org', undefined],
  [7, undefined],
])('network of %s', (name, network) => expect(networkOf(name)).toEqual(network));
