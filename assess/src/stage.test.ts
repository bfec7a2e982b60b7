import { describe, expect, it } from 'vitest';
import type { Fact, Facts } from '@forewarn/model/facts';
import { harmOf, responseRatio, stageOf, timeliness, type Harm, type RatedIncident } from './stage.ts';

const noon = 1_795_000_000;
const facts = (values: { [id: string]: Fact['value'] }): Facts =>
  Object.fromEntries(Object.entries(values).map(([id, value]) => [id, { id, value }]));
const at = (value: number): Fact['value'] => ({ kind: 'quantity', value });
const no: Fact['value'] = { kind: 'boolean', value: false };
const yes: Fact['value'] = { kind: 'boolean', value: true };
const harmAt = (from: number): Harm => harmOf(facts({ availability_lost_at: at(from) }));
const incident = (harm: Harm, actions: RatedIncident['actions'], hit = ['hospital']): RatedIncident => ({
  id: 'i',
  harm,
  hit,
  actions,
});
const warning = (issuedAt: number, ...audience: string[]): RatedIncident['actions'][number] => ({
  kind: 'warning',
  id: `w${issuedAt}`,
  at: issuedAt,
  audience,
});

describe('harm', () => {
  it('begins at the earliest loss', () => {
    const harm = harmOf(facts({ confidentiality_lost_at: at(noon), availability_lost_at: at(noon - 60), integrity_lost: no }));
    expect(harm).toMatchObject({ kind: 'known', from: noon - 60, to: noon - 60, property: 'availability' });
  });

  it('is an interval when its moments are', () => {
    const harm = harmOf(
      facts({ confidentiality_lost_at: { kind: 'interval', min: noon - 100, max: noon + 100 }, availability_lost_at: at(noon) }),
    );
    expect(harm).toMatchObject({ kind: 'known', from: noon - 100, to: noon });
  });

  it('has no known beginning when one loss has no moment', () => {
    expect(harmOf(facts({ confidentiality_lost: yes, availability_lost_at: at(noon) }))).toMatchObject({
      kind: 'known',
      from: null,
      to: noon,
    });
  });

  it('is none only when every loss is excluded', () => {
    const three = { confidentiality_lost: no, integrity_lost: no, availability_lost: no };
    expect(harmOf(facts(three)).kind).toBe('unknown');
    expect(harmOf(facts({ ...three, controllability_lost: no })).kind).toBe('none');
    expect(harmOf({}).kind).toBe('unknown');
  });
});

describe('the stage', () => {
  it.each([
    ['before', harmAt(noon + 60), null],
    ['during', harmAt(noon), null],
    ['after', harmAt(noon - 60), noon],
    ['unknown', harmOf({}), null],
    ['unknown', harmOf(facts({ integrity_lost_at: { kind: 'interval', min: noon - 1, max: noon + 1 } })), null],
  ] as const)('is %s', (stage, harm, containedAt) => {
    expect(stageOf({ harm, containedAt, at: noon }).stage).toBe(stage);
  });
});

describe('acting before harm', () => {
  it('flips when the beginning of harm moves by a second across a warning', () => {
    const early = responseRatio([incident(harmAt(noon + 1), [warning(noon, 'hospital')])]);
    const late = responseRatio([incident(harmAt(noon), [warning(noon, 'hospital')])]);
    expect([early.ratio, late.ratio]).toEqual([1, 0]);
    expect(early.incidents[0]!.timeliness).toEqual({ outcome: 'before', action: `w${noon}`, leadSeconds: 1 });
  });

  it('counts a warning only for those whom it reached', () => {
    expect(timeliness(incident(harmAt(noon), [warning(noon - 60, 'water works')])).outcome).toBe('not-before');
    expect(timeliness(incident(harmAt(noon), [warning(noon - 60, 'hospital')], ['hospital', 'water works'])).outcome).toBe(
      'not-before',
    );
    const both = timeliness(
      incident(harmAt(noon), [warning(noon - 60, 'hospital'), warning(noon - 30, 'water works')], ['hospital', 'water works']),
    );
    expect(both).toMatchObject({ outcome: 'before', leadSeconds: 30 });
  });

  it('counts a recorded measure', () => {
    expect(timeliness(incident(harmAt(noon), [{ kind: 'measure', id: 'blocked', at: noon - 5 }]))).toMatchObject({
      outcome: 'before',
      leadSeconds: 5,
    });
  });

  it('takes an unknown moment as not before, and the earliest of an interval', () => {
    const action = [warning(noon, 'hospital')];
    expect(timeliness(incident(harmOf({}), action)).outcome).toBe('not-before');
    expect(timeliness(incident(harmOf(facts({ integrity_lost: yes })), action)).outcome).toBe('not-before');
    const interval = harmOf(facts({ integrity_lost_at: { kind: 'interval', min: noon, max: noon + 999 } }));
    expect(timeliness(incident(interval, action)).outcome).toBe('not-before');
  });

  it('counts incidents without harm apart, and lists what it leaves out', () => {
    const none = harmOf(facts({ confidentiality_lost: no, integrity_lost: no, availability_lost: no, controllability_lost: no }));
    const ratio = responseRatio([
      { ...incident(none, [warning(noon, 'hospital')]), id: 'averted' },
      { ...incident(none, []), id: 'nothing' },
      { ...incident(harmOf({}), []), id: 'unknown' },
      { ...incident(harmAt(noon), [warning(noon - 1, 'hospital')]), id: 'early' },
    ]);
    expect(ratio).toMatchObject({
      before: 1,
      of: 2,
      ratio: 0.5,
      unknown: 1,
      averted: [{ id: 'averted', evidence: [`w${noon}`] }],
      excluded: [{ id: 'nothing' }],
    });
    expect(responseRatio([]).ratio).toBeNull();
  });
});
