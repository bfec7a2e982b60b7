import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chase, keyOf, readChasingRules, type Chased } from './chasing.ts';
import { proposeColour, readColourRules, type ColourFacts } from './colour.ts';
import { effectOf } from './effect.ts';

const text = (name: string): string => readFileSync(new URL(`../../../content/warnings/${name}`, import.meta.url), 'utf8');
const outcomes = ['defer', 'scheduled', 'out-of-cycle', 'immediate'];
const colours = readColourRules(text('colours.yaml'), 'colours.yaml', outcomes);
const chasing = readChasingRules(text('chasing.yaml'), 'chasing.yaml');

const nothing: ColourFacts = {
  level: null,
  exploited: null,
  special: null,
  fix: null,
  probability: null,
  decision: null,
  publicCode: null,
  cvss: null,
};
const none: ColourFacts = { ...nothing, level: { floor: null, ceiling: null }, exploited: false, special: false, fix: true, probability: 0, decision: { floor: 'defer', ceiling: 'defer' }, publicCode: false, cvss: 0 }; // oxfmt-ignore

describe('the colour', () => {
  it.each([
    [1, 'red'],
    [2, 'orange'],
    [3, 'yellow'],
    [4, 'blue'],
    [null, 'blue'],
  ] as const)('of an incident of level %s is %s', (level, colour) => {
    expect(proposeColour(colours, 'incident', { ...none, level: { floor: level, ceiling: level } })).toMatchObject({
      colour,
      mark: 'H',
      could: null,
    });
  });

  it.each([
    [{ exploited: true, special: true, fix: false }, 'red'],
    [{ exploited: true, special: true, fix: true }, 'orange'],
    [{ exploited: true, special: false, fix: false }, 'orange'],
    [{ probability: 0.5, decision: { floor: 'out-of-cycle', ceiling: 'immediate' } }, 'orange'],
    [{ probability: 0.49, decision: { floor: 'out-of-cycle', ceiling: 'immediate' }, cvss: 7 }, 'yellow'],
    [{ probability: 0.9, decision: { floor: 'scheduled', ceiling: 'scheduled' } }, 'blue'],
    [{ publicCode: true }, 'yellow'],
    [{ cvss: 7 }, 'yellow'],
    [{ cvss: 6.9 }, 'blue'],
    [{}, 'blue'],
  ] as const)('of an exposure with %o is %s', (facts, colour) => {
    expect(proposeColour(colours, 'exposure', { ...none, ...facts }).colour).toBe(colour);
  });

  it('tells the graver one that the unknowns still allow, and what is unknown', () => {
    expect(proposeColour(colours, 'incident', { ...none, level: { floor: 3, ceiling: 1 } })).toMatchObject({
      colour: 'yellow',
      could: { colour: 'red', unknown: [{ text: 'assess.colour.level' }] },
    });
    expect(proposeColour(colours, 'exposure', { ...none, exploited: true, special: true, fix: null })).toMatchObject({
      colour: 'orange',
      could: { colour: 'red', unknown: [{ text: 'assess.colour.fix.no' }] },
    });
    // Nothing known: the mildest, and the gravest is possible.
    expect(proposeColour(colours, 'exposure', nothing)).toMatchObject({ colour: 'blue', could: { colour: 'red' } });
  });

  it.each([
    ['no rule that holds always', (all: string) => all.replace(/ {2}- id: other-exposure[\s\S]*$/, '')],
    ['a graver colour after a milder one', (all: string) => all.replace(/(id: exploited\n.*\n {4}colour: )orange/, '$1blue')],
    ['an unknown outcome', (all: string) => all.replace('out-of-cycle', 'sometime')],
    ['an unknown source', (all: string) => all.replace('source: makers', 'source: hearsay')],
  ])('refuses %s with its line', (_name, change) => {
    const changed = change(text('colours.yaml'));
    expect(changed).not.toBe(text('colours.yaml'));
    expect(() => readColourRules(changed, 'colours.yaml', outcomes)).toThrow(
      expect.objectContaining({
        errors: [expect.objectContaining({ place: expect.objectContaining({ line: expect.any(Number) }) })],
      }),
    );
  });
});

const hour = 3600;
const warning = {
  colour: 'orange' as const,
  validUntil: null,
  measures: [
    { id: 'block', text: 'Block it.', dueAt: 20 * hour, needs: hour },
    { id: 'rebuild', text: 'Rebuild it.', dueAt: 20 * hour, needs: 12 * hour },
    { id: 'watch', text: 'Watch it.', dueAt: null, needs: null },
  ],
};
const silent: Chased = { deliveredAt: 0, acknowledged: false, done: new Set(), sent: new Set() };
const at = (now: number, of: Partial<Chased> = {}) => chase(warning, { ...silent, ...of }, chasing, now);

describe('chasing', () => {
  it('waits, reminds, climbs, each at its time and once', () => {
    expect(at(4 * hour - 1)).toEqual({ due: [], nextAt: 4 * hour });
    expect(at(4 * hour)).toEqual({
      due: [{ kind: 'warning-reminder', measure: null, count: 1, dueAt: 4 * hour }],
      nextAt: 6 * hour,
    });
    const sent = new Set(at(4 * hour).due.map(keyOf));
    expect(at(4 * hour + 1, { sent })).toEqual({ due: [], nextAt: 6 * hour });
    // At the eighth hour: the third reminder, whoever oversees it, and the measure whose last moment to begin has come.
    expect(at(8 * hour, { sent }).due.map(({ kind, measure, count }) => [kind, measure, count])).toEqual([
      ['warning-reminder', null, 3],
      ['warning-escalated', null, 1],
      ['measure-due', 'rebuild', 1],
    ]);
  });

  it('of what was missed sends the last only', () => {
    expect(at(7 * hour).due.map(({ kind, count }) => [kind, count])).toEqual([['warning-reminder', 2]]);
  });

  it('leaves in peace who acknowledged and did what was asked', () => {
    expect(at(100 * hour, { acknowledged: true, done: new Set(['block', 'rebuild']) })).toEqual({ due: [], nextAt: null });
    expect(at(15 * hour, { acknowledged: true, done: new Set(['rebuild']) })).toEqual({
      due: [{ kind: 'measure-due', measure: 'block', count: 1, dueAt: 20 * hour }],
      nextAt: 20 * hour,
    });
    expect(at(20 * hour, { acknowledged: true, done: new Set(['rebuild']) }).due).toEqual([
      { kind: 'warning-escalated', measure: 'block', count: 1, dueAt: 20 * hour },
    ]);
  });

  it('ends with the warning', () => {
    expect(chase({ ...warning, validUntil: 10 }, silent, chasing, 11)).toEqual({ due: [], nextAt: null });
  });

  it('knows the next moment: asked then, something is due', () => {
    let sent = new Set<string>();
    let now = 0;
    const seen: string[] = [];
    for (;;) {
      const { due, nextAt } = at(now, { sent });
      seen.push(...due.map(keyOf));
      sent = new Set([...sent, ...due.map(keyOf)]);
      if (nextAt === null) break;
      expect(nextAt).toBeGreaterThan(now);
      now = nextAt;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe(3 + 1 + 2 + 2);
  });

  it('refuses a span that is none, with its line', () => {
    expect(() => readChasingRules(text('chasing.yaml').replace('PT30M', 'soon'), 'chasing.yaml')).toThrow(
      expect.objectContaining({
        errors: [expect.objectContaining({ place: expect.objectContaining({ line: expect.any(Number) }) })],
      }),
    );
  });
});

describe('the effect', () => {
  const receipt = { deliveredAt: 100, acknowledgedAt: null, done: [], exposedThen: null, exposed: null, seenAt: null };
  const of = {
    issuedAt: 100,
    liftedAt: null,
    measures: [{ id: 'block', text: 'Block it.', dueAt: 200, needs: 150 }],
    harms: [],
    receipts: [
      { ...receipt, acknowledgedAt: 110, done: [{ measure: 'block', at: 200 }], exposedThen: 3, exposed: 0 },
      { ...receipt, acknowledgedAt: 150, done: [{ measure: 'block', at: 201 }], exposedThen: 2, exposed: 2, seenAt: 180 },
      receipt,
    ],
  };

  it('counts answers, deeds in time, what is left, and who was chased', () => {
    expect(effectOf(of, 1_100)).toMatchObject({
      leadSeconds: null,
      quietSeconds: 1_000,
      acknowledged: { count: 2, of: 3, seconds: { least: 10, median: 10, most: 50 } },
      measures: [{ givenSeconds: 100, needsSeconds: 150, enough: false, done: 2, inTime: 1, of: 3 }],
      exposure: { before: 5, now: 2, organisationsThen: 2, organisationsNow: 1 },
      seenAgain: 1,
    });
  });

  it('has a lead to the earliest harm, negative when it came too late; quiet only without harm', () => {
    const harm = (from: number, to = from) => ({ incident: `i${from}`, number: `${from}`, harm: { from, to } });
    expect(effectOf({ ...of, harms: [harm(400, 500), harm(160)] }, 600)).toMatchObject({
      leadSeconds: 60,
      quietSeconds: null,
      leads: [
        { least: 300, most: 400 },
        { least: 60, most: 60 },
      ],
    });
    expect(effectOf({ ...of, harms: [harm(99)] }, 600).leadSeconds).toBe(-1);
    expect(effectOf({ ...of, liftedAt: 300, harms: [{ ...harm(1), harm: null }] }, 600).quietSeconds).toBe(200);
  });
});
