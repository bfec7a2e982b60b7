import { describe, expect, test } from 'vitest';
import { blocksOf, entityKinds, entityOf, recordsOf, serviceId, type EntityKind } from './entity.ts';
import { parseKql } from './kql/kql.ts';
import { recordTypes } from './records/index.ts';

const ids: { [kind in EntityKind]: string } = {
  host: '2001:db8::1',
  service: serviceId('2001:db8::1', 443, 'tcp'),
  domain: 'Bad.Example.',
  certificate: 'A'.repeat(64).toLowerCase(),
};

describe('things with pages', () => {
  test.each([
    ['host', '10.0.0.1', true],
    ['host', 'bad.example', false],
    ['host', '10.0.0.1" or "', false],
    ['service', '10.0.0.1:443/tcp', true],
    ['service', '10.0.0.1:70000/tcp', false],
    ['service', '[::1]:53/udp', true],
    ['domain', 'xn--fiq228c.example', true],
    ['domain', '钓鱼.中国', true],
    ['domain', 'localhost', false],
    ['domain', 'a".example', false],
    ['certificate', 'ab', false],
  ] as const)('%s %s: %s', (kind, id, expected) => expect(entityOf(kind, id) !== undefined).toBe(expected));

  test.each(entityKinds)('every question about a %s can be asked, as it stands', (kind) => {
    const entity = entityOf(kind, ids[kind])!;
    const blocks = blocksOf(entity, 86_400);
    expect(blocks.length).toBeGreaterThan(2);
    for (const { text } of blocks) expect(parseKql(text, { now: 0, recordTypes }).query.group).toBeDefined();
  });

  test('records of a host are looked for in every column of addresses', () => {
    const parts = recordsOf(entityOf('host', '10.0.0.1')!, recordTypes);
    expect(parts.find(({ log }) => log === 'conn')?.where).toMatchObject({
      kind: 'or',
      of: [{ field: 'id.orig_h' }, { field: 'id.resp_h' }],
    });
    expect(parts.map(({ log }) => log)).toContain('known_hosts');
  });
});
