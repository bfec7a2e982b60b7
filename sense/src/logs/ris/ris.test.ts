import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createLogIntake } from '../intake.ts';

const head = { timestamp: 1_700_000_000.25, peer: '192.0.2.1', peer_asn: '64500', id: '21-192-0-2-1-1', host: 'rrc21' };

function read(...messages: readonly unknown[]): { written: AnyRecord[]; refused: unknown } {
  const written: AnyRecord[] = [];
  const intake = createLogIntake({ name: 'ris-live' }, { record: (log, record) => void written.push({ log, ...record }) });
  for (const data of messages) intake.line(JSON.stringify({ type: 'ris_message', data }));
  intake.flush();
  return { written, refused: intake.account().refused };
}

test('an UPDATE gives the records that it gives on the wire', () => {
  const { written, refused } = read({
    ...head,
    type: 'UPDATE',
    path: [64_500, 4_200_000_001, [64_497, 64_498]],
    community: [[64_500, 1], [65_535, 666]],
    origin: 'igp',
    med: 50,
    aggregator: '64496:198.51.100.9',
    announcements: [
      { next_hop: '192.0.2.1', prefixes: ['203.0.113.0/24', '0.0.0.0/0'] },
      { next_hop: '2001:db8::1,fe80::1', prefixes: ['2001:db8:1::/48'] },
    ],
    withdrawals: ['10.0.0.0/8', '2001:db8:9::/48'],
    raw: 'FFFF',
  }); // oxfmt-ignore
  expect(refused).toEqual({});
  const shared = {
    log: 'bgp_update',
    ts: 1_700_000_000.25,
    collector: 'rrc21',
    peer_ip: '192.0.2.1',
    peer_asn: 64_500,
    origin: 'IGP',
    as_path: '64500 4200000001 {64497,64498}',
    as_path_count: 3,
    med: 50,
    aggregator_as: 64_496,
    aggregator_ip: '198.51.100.9',
    communities: ['64500:1', '65535:666'],
  };
  expect(written).toEqual([
    {
      ...shared,
      family: 'ipv4 unicast',
      next_hop: '192.0.2.1',
      announced: ['203.0.113.0/24', '0.0.0.0/0'],
      withdrawn: ['10.0.0.0/8'],
    },
    { ...shared, family: 'ipv6 unicast', next_hop: '2001:db8::1', next_hop_link_local: 'fe80::1', announced: ['2001:db8:1::/48'], withdrawn: ['2001:db8:9::/48'] }, // oxfmt-ignore
  ]);
});

test('sessions: OPEN, NOTIFICATION, states; KEEPALIVEs are passed over', () => {
  const { written, refused } = read(
    { ...head, type: 'OPEN', direction: 'sent', version: 4, asn: 12_654, hold_time: 180, router_id: '193.0.4.28', capabilities: { 1: { name: 'multiprotocol', families: ['ipv4/unicast'] }, 65: { name: 'asn4', asn4: 12_654 } } }, // oxfmt-ignore
    { ...head, type: 'NOTIFICATION', notification: { code: 6, subcode: 2, data: '0873656520796F7521' } },
    { ...head, type: 'RIS_PEER_STATE', state: 'down' },
    { ...head, type: 'KEEPALIVE' },
    { ...head, type: 'UPDATE', withdrawals: ['10.0.0.0/8'] },
    { ...head, type: 'UPDATE' },
  );
  expect(refused).toEqual({});
  const ends = { ts: 1_700_000_000.25, collector: 'rrc21', peer_ip: '192.0.2.1', peer_asn: 64_500 };
  expect(written).toEqual([
    { log: 'bgp_session', ...ends, event: 'open', is_local: true, version: 4, asn: 12_654, hold_time: 180, bgp_id: '193.0.4.28', capabilities: ['multiprotocol', 'four-octet-as'], families: ['ipv4 unicast'] }, // oxfmt-ignore
    { log: 'bgp_session', ...ends, event: 'notification', error_code: 6, error: 'Cease', error_subcode: 2, error_detail: 'Administrative Shutdown' }, // oxfmt-ignore
    { log: 'bgp_session', ...ends, event: 'state-change', new_state: 'down' },
    { log: 'bgp_update', ...ends, family: 'ipv4 unicast', withdrawn: ['10.0.0.0/8'] },
    { log: 'bgp_update', ...ends, family: 'ipv4 unicast', end_of_rib: true },
  ]);
});

test('what is no prefix is refused and the others are written; many become several records', () => {
  const { written, refused } = read({ ...head, type: 'UPDATE', path: [1, 'x'], announcements: [{ next_hop: 'nobody', prefixes: ['10.0.0.0/8', '10.0.0.0/99', 7, '::/0x'] }] }); // oxfmt-ignore
  expect(written).toMatchObject([{ announced: ['10.0.0.0/8'], errors: ['as_path'] }]);
  expect(written[0]).not.toHaveProperty('next_hop');
  expect(refused).toMatchObject({ malformed: { count: 1 } });
  const prefixes = Array.from({ length: 2_500 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
  const many = read({ ...head, type: 'UPDATE', path: [1], announcements: [{ next_hop: '192.0.2.1', prefixes }] }).written;
  expect(many.map(({ part }) => part)).toEqual([1, 2, 3]);
  expect(many.flatMap(({ announced }) => announced)).toEqual(prefixes);
});

test('any values in the place of those that belong there are survived', () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  const fields = ['timestamp', 'peer', 'peer_asn', 'host', 'path', 'community', 'origin', 'med', 'aggregator', 'announcements', 'withdrawals', 'capabilities', 'notification', 'state', 'direction']; // oxfmt-ignore
  fc.assert(
    fc.property(
      fc.constantFrom('UPDATE', 'OPEN', 'NOTIFICATION', 'RIS_PEER_STATE', 'X'),
      fc.array(fc.tuple(fc.constantFrom(...fields), json), { maxLength: 8 }),
      (type, changes) => {
        expect(read({ ...head, type, ...Object.fromEntries(changes) }).written.length).toBeLessThan(20);
      },
    ),
    { numRuns: 1_500 },
  );
});
