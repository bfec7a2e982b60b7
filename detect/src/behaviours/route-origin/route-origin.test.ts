import { describe, expect, test } from 'vitest';
import { content, detect, say, type Line } from '../../testing/detection.ts';

const day = 86_400;
const only = content.behaviours.filter(({ behaviour }) => behaviour === 'route-origin');
const networks = ['203.0.113.0/24', '2001:db8::/32'];
const own = (lines: Iterable<Line>) => detect(lines, { behaviours: only, localNetworks: networks }).findings;

const update = (ts: number, path: string, announced: string[], more: object = {}): Line => ({
  log: 'bgp_update',
  record: {
    ts,
    collector: 'rrc00',
    peer_ip: '192.0.2.1',
    peer_asn: 64_500,
    family: 'ipv4 unicast',
    as_path: path,
    announced,
    ...more,
  },
});
const usual = (count = 48): Line[] =>
  Array.from({ length: count }, (_, i) => update(i * 3_600, '64500 64501 64511', ['203.0.113.0/24']));

describe('is told', () => {
  test('another origin of an own prefix, with who it was before and for how long', () => {
    const findings = own([...usual(), update(2 * day, '64500 64502 64666', ['203.0.113.0/24'])]);
    expect(findings).toMatchObject([
      { source: 'AS64666', names: ['203.0.113.0/24'], targets: ['203.0.113.0'], level: 'critical', harm: 'availability' },
    ]);
    expect(say(findings[0]!.explanation)).toContain('which AS64511 originated in 2 days of watching');
  });

  test('a part of an own prefix, of IPv6 as well', () => {
    const lines = [...usual(), update(100, '64500 64511', ['2001:db8::/32'])].sort(
      (a, b) => (a.record['ts'] as number) - (b.record['ts'] as number),
    );
    const findings = own([...lines, update(2 * day, '64500 64666', ['203.0.113.128/25', '2001:db8:42::/48'])]);
    expect(findings.map(({ names }) => names)).toEqual([['203.0.113.128/25'], ['2001:db8:42::/48']]);
    expect(say(findings[0]!.explanation)).toContain('a part of the own prefix 203.0.113.0/24');
  });

  test('a stored table says since when a route is known', () => {
    const rib: Line = {
      log: 'bgp_rib',
      record: {
        ts: 60 * day,
        originated: 30 * day,
        peer_ip: '192.0.2.1',
        family: 'ipv4 unicast',
        prefix: '203.0.113.0/24',
        as_path: '64500 64511',
      },
    };
    const findings = own([rib, update(60 * day + 1, '64500 64666', ['203.0.113.0/24'])]);
    expect(findings).toMatchObject([{ confidence: 0.85 }]);
  });

  test('a stranger next to the origin', () => {
    expect(own([...usual(), update(2 * day, '64500 64666 64511', ['203.0.113.0/24'])])).toMatchObject([
      { source: 'AS64666', level: 'medium', harm: null },
    ]);
  });

  test('a leak by the marks of RFC 9234', () => {
    const open = (role: string): Line => ({ log: 'bgp_session', record: { ts: 1, peer_ip: '192.0.2.1', event: 'open', role } });
    const marked = (marker: number): Line => update(5, '64500 64501', ['198.51.100.0/24'], { only_to_customer: marker });
    expect(own([open('customer'), marked(64_501)])).toMatchObject([{ source: 'AS64500', level: 'high' }]);
    expect(own([open('peer'), marked(64_501)])).toHaveLength(1);
    expect(own([open('peer'), marked(64_500)])).toEqual([]);
    expect(own([open('provider'), marked(64_501)])).toEqual([]);
  });

  test('prefixes that own routers tell outside are own without being registered', () => {
    const wire = (ts: number, path: string): Line => ({
      log: 'bgp_update',
      record: {
        ts,
        uid: 'C1',
        'id.orig_h': '203.0.113.1',
        'id.resp_h': '192.0.2.9',
        is_orig: true,
        peer_asn: 64_511,
        family: 'ipv4 unicast',
        as_path: path,
        announced: ['198.51.100.0/24'],
      },
    });
    const lines = [wire(1, '64511'), ...usual()];
    expect(own([...lines, update(2 * day, '64500 64666', ['198.51.100.0/25'])])).toHaveLength(1);
  });
});

describe('is not told', () => {
  const quiet = (lines: Iterable<Line>): void => expect(own(lines)).toEqual([]);
  test('routes of others, however they change', () => {
    quiet(Array.from({ length: 5_000 }, (_, i) => update(i, `64500 ${64_600 + (i % 50)}`, [`198.18.${i % 200}.0/24`])));
  });
  test('several origins from the beginning, withdrawals, sets, own parts of an own prefix', () => {
    quiet([
      ...usual(),
      ...Array.from({ length: 40 }, (_, i) => update(10 + i, '64500 64512', ['203.0.113.0/24'])),
      update(2 * day, '64500 64501 64511', ['203.0.113.0/25']),
      update(2 * day, '64500 64501 {64511,64666}', ['203.0.113.0/24']),
      update(2 * day, '64500 64666', ['203.0.113.0/24'], { treat_as_withdraw: true }),
      update(2 * day, '', [], { withdrawn: ['203.0.113.0/24'] }),
    ].sort((a, b) => (a.record['ts'] as number) - (b.record['ts'] as number))); // oxfmt-ignore
  });
  test('a default route, and hostile records', () => {
    quiet([
      ...usual(),
      update(2 * day, '64500 64666', ['0.0.0.0/0', 'x/y', '203.0.113.0/99', '::/0']),
      update(2 * day, '64666 '.repeat(2_000), ['203.0.113.0/24']),
      { log: 'bgp_update', record: { ts: 'x' as never, announced: 7 as never } },
    ]);
  });
  test('a new origin that stayed for a week', () => {
    const after = Array.from({ length: 24 * 9 }, (_, i) => update(2 * day + i * 3_600, '64500 64501 64512', ['203.0.113.0/24']));
    expect(Math.max(...own([...usual(), ...after]).map(({ to }) => to))).toBeLessThan(9 * day + 1);
  });
});

test('the table of own prefixes keeps its ceiling', () => {
  const lines = function* (): Iterable<Line> {
    for (let i = 0; i < 51_000; i++) yield update(i / 100, '64500 64511', [`2001:db8:${i.toString(16)}::/48`]);
  };
  expect(own(lines())).toEqual([]);
});
