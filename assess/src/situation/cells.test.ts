import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SituationEvent, SituationPart, SituationPlace } from '@forewarn/model/situation';
import { bandOf, loadOf, openPlace, placesOf, situationCell, situationCells } from './cells.ts';
import { readSituationRules, situationKinds } from './rules.ts';

const path = 'situation/index.yaml';
const rules = readSituationRules(readFileSync(new URL(`../../../content/${path}`, import.meta.url), 'utf8'), path);
const whole: SituationPlace = { dimension: 'whole', key: 'whole' };

const componentOf = {
  finding: 'threat',
  exposure: 'exposure',
  incident: 'damage',
  network: 'coverage',
  clock: 'readiness',
} as const;

function event(
  kind: keyof typeof componentOf,
  degree: string | [string, string],
  more: Partial<SituationEvent> = {},
): SituationEvent {
  const [least, most] = typeof degree === 'string' ? [degree, degree] : degree;
  const bare = { component: componentOf[kind], kind, degree: { least, most }, count: 1, ...more };
  return {
    id: `${kind} ${least}`,
    what: kind,
    opens: null,
    load: loadOf(rules, bare),
    networkTypes: [],
    tiers: [],
    regions: [],
    ...bare,
  };
}

const part = (organisation: string, events: SituationEvent[], more: Partial<SituationPart> = {}): SituationPart => ({
  organisation,
  sector: 'health',
  regions: ['east'],
  networkTypes: ['computer', 'control'],
  tiers: ['user'],
  importance: 1,
  events,
  ...more,
});

const seen = event('network', 'seen');

describe('the situation index', () => {
  it('is 0 where nothing is wrong and everything is seen, and 100 where every component is as bad as can be', () => {
    const calm = situationCell([part('a', [seen])], whole, rules)!;
    expect(calm).toMatchObject({ floor: 0, ceiling: 0, band: { floor: 'excellent', ceiling: 'excellent' }, seen: 1 });
    const all = rules.components.map(({ id }, i): SituationEvent => ({
      ...seen,
      id: `${i}`,
      component: id,
      load: { floor: 1, ceiling: 1 },
    }));
    expect(situationCell([part('a', all)], whole, rules)).toMatchObject({
      floor: 100,
      ceiling: 100,
      band: { floor: 'dangerous' },
    });
  });

  it('adds up as its rules say: worked by hand for two organisations', () => {
    const hit = part('a', [seen, event('incident', 'level-2'), event('finding', 'high'), event('clock', 'missed')]);
    const other = part('b', [seen, event('finding', 'low')], { importance: 0.3 });
    const cell = situationCell([hit, other], whole, rules)!;
    // worst · max + (1 - worst) · average by importance; the loads stand in content.
    const damage = 0.7 * 0.7 + 0.3 * ((1 * 0.7) / 1.3);
    const threat = 0.5 * 0.25 + 0.5 * ((1 * 0.25 + 0.3 * 0.02) / 1.3);
    const readiness = 0.4 * 0.3 + 0.6 * ((1 * 0.3) / 1.3);
    expect(cell.floor).toBeCloseTo(100 * (0.3 * damage + 0.2 * threat + 0.15 * readiness), 9);
    expect(cell.ceiling).toBeCloseTo(cell.floor, 9);
    expect(cell.organisations).toBe(2);
  });

  it('counts ten times as many of a kind like one more', () => {
    const once = loadOf(rules, { component: 'threat', kind: 'finding', degree: { least: 'high', most: 'high' }, count: 1 });
    const ten = loadOf(rules, { component: 'threat', kind: 'finding', degree: { least: 'high', most: 'high' }, count: 10 });
    expect(once.floor).toBe(0.25);
    expect(ten.floor).toBeCloseTo(1 - 0.75 ** 2, 12);
  });

  it('says between what the index lies where a grade is open, and where nobody sees', () => {
    const open = situationCell([part('a', [seen, event('incident', ['none', 'level-1'])])], whole, rules)!;
    expect(open.floor).toBeCloseTo(100 * 0.3 * 0.05, 9);
    expect(open.ceiling).toBeCloseTo(100 * 0.3, 9);
    const half = situationCell([part('a', [seen, event('network', 'blind'), event('finding', 'high')])], whole, rules)!;
    const threat = half.components.find(({ id }) => id === 'threat')!;
    expect(half.seen).toBe(0.5);
    expect(threat.risk.floor).toBe(0.25);
    expect(threat.risk.ceiling).toBeCloseTo(1 - 0.75 * 0.5, 12);
    // Nothing registered: nobody can say what is not seen.
    expect(situationCell([part('a', [])], whole, rules)!.components.find(({ id }) => id === 'coverage')!.risk).toEqual({
      floor: 0,
      ceiling: 1,
    });
  });

  it('counts an event where it concerns something, and one that names nothing wherever its organisation stands', () => {
    const parts = [part('a', [seen, event('finding', 'high', { networkTypes: ['control'] }), event('clock', 'missed')])];
    const at = (key: string) =>
      Object.fromEntries(
        situationCell(parts, { dimension: 'network-type', key }, rules)!.components.map(({ id, events }) => [id, events]),
      );
    expect(at('control')).toMatchObject({ threat: 1, readiness: 1, coverage: 1 });
    expect(at('computer')).toMatchObject({ threat: 0, readiness: 1, coverage: 1 });
    expect(situationCell(parts, { dimension: 'region', key: 'west' }, rules)).toBeUndefined();
  });

  it('names bands from their value on', () => {
    expect([0, 19.99, 20, 40, 60, 80, 100].map((value) => bandOf(rules, value))).toEqual([
      'excellent',
      'excellent',
      'good',
      'fair',
      'poor',
      'dangerous',
      'dangerous',
    ]);
  });

  it('tells of each event what the floor would be without it', () => {
    const parts = [
      part('a', [seen, event('incident', 'level-3'), event('finding', 'high'), event('finding', 'medium')]),
      part('b', [seen, event('network', 'blind'), event('incident', 'level-4')], { importance: 0.6 }),
    ];
    const { floor } = situationCell(parts, whole, rules)!;
    const opened = openPlace(parts, whole, rules);
    expect(opened.organisations.map(({ organisation }) => organisation)).toEqual(['a', 'b']);
    for (const one of parts) {
      for (const { id, effect } of opened.open(one).events) {
        const without = parts.map((each) => (each === one ? { ...each, events: each.events.filter((e) => e.id !== id) } : each));
        expect(floor - situationCell(without, whole, rules)!.floor, `${one.organisation} ${id}`).toBeCloseTo(effect, 9);
      }
    }
  });
});

describe('properties of the situation index', () => {
  const kinds = situationKinds.filter((kind): kind is keyof typeof componentOf => kind in componentOf);
  const anyEvent = fc
    .record({
      kind: fc.constantFrom(...kinds),
      pick: fc.tuple(fc.nat(4), fc.nat(4)),
      count: fc.integer({ min: 1, max: 10_000 }),
      networkTypes: fc.subarray(['computer', 'control']),
      tiers: fc.subarray(['user']),
    })
    .map(({ kind, pick, ...more }) => {
      const degrees = Object.keys(rules.loads[kind]!);
      return event(kind, [degrees[pick[0] % degrees.length]!, degrees[pick[1] % degrees.length]!], more);
    });
  const anyPart = (organisation: string) =>
    fc
      .record({ events: fc.array(anyEvent, { maxLength: 6 }), importance: fc.constantFrom(0.3, 0.6, 1) })
      .map(({ events, importance }) =>
        part(
          organisation,
          events.map((one, i) => ({ ...one, id: `${i}` })),
          { importance },
        ),
      );
  const anyParts = fc.tuple(anyPart('a'), anyPart('b'), anyPart('c'));

  it('does not depend on the order in which organisations come, and keeps floor below ceiling', () => {
    fc.assert(
      fc.property(anyParts, (parts) => {
        const cells = situationCells(parts, rules);
        for (const cell of cells) {
          expect(cell.floor).toBeLessThanOrEqual(cell.ceiling + 1e-9);
          expect(cell).toEqual(situationCell(parts.toReversed(), cell, rules));
        }
      }),
    );
  });

  it('never falls when something bad is added, and never narrows when something unknown is', () => {
    fc.assert(
      fc.property(anyParts, anyEvent, (parts, added) => {
        fc.pre(added.component !== 'coverage');
        const [first, ...rest] = parts;
        const before = situationCell(parts, whole, rules)!;
        const after = situationCell([{ ...first, events: [...first.events, { ...added, id: 'added' }] }, ...rest], whole, rules)!;
        expect(after.floor).toBeGreaterThanOrEqual(before.floor - 1e-9);
        expect(after.ceiling).toBeGreaterThanOrEqual(before.ceiling - 1e-9);
      }),
    );
  });

  it('has a cell for every place where somebody stands, once', () => {
    fc.assert(
      fc.property(anyParts, (parts) => {
        const ids = situationCells(parts, rules).map(({ dimension, key }) => `${dimension} ${key}`);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.toSorted()).toEqual(
          [...new Set(parts.flatMap((one) => placesOf(one).map(({ dimension, key }) => `${dimension} ${key}`)))].toSorted(),
        );
      }),
    );
  });
});
