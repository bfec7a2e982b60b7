import { describe, expect, it } from 'vitest';
import type { WarningContent, WarningEvent } from '@forewarn/model/warning';
import { isValid, leadTime, planFields, reactionTimes, warningState } from './warning.ts';

const noon = 1_795_000_000;
const content: WarningContent = {
  title: 'Beacons to a known control server',
  incidentType: 'BI',
  colour: 'orange',
  urgency: 'incident',
  startAt: noon,
  validUntil: noon + 86_400,
  scope: { addresses: [], names: [], businesses: [], sectors: [] },
  possibleScope: 'Hosts that reached the address.',
  mattersToNote: 'Look for outbound TLS to the address.',
  measures: [
    { id: 'block', text: 'Block the address.', dueAt: noon + 3600, needs: 600 },
    { id: 'reimage', text: 'Rebuild infected hosts.', dueAt: noon + 3600, needs: 36_000 },
  ],
  issuingAuthority: 'centre',
};
const draft: WarningEvent = { kind: 'draft', at: noon, by: 'li', content };
const issue: WarningEvent = { kind: 'issue', at: noon + 10, by: 'wang', audience: ['hospital', 'water'] };
const acknowledge = (organisation: string): WarningEvent => ({ kind: 'acknowledge', at: noon + 20, by: 'x', organisation });
const propose: WarningEvent = {
  kind: 'propose',
  at: noon + 25,
  by: 'li',
  reason: 'it spreads',
  content: { ...content, colour: 'red' },
};
const adjust: WarningEvent = {
  kind: 'adjust',
  at: noon + 30,
  by: 'wang',
  reason: 'it spreads',
  content: { ...content, colour: 'red' },
  audience: ['hospital', 'bank'],
};
const drop: WarningEvent = { kind: 'drop', at: noon + 6, by: 'li', reason: 'nobody is exposed' };
const lift: WarningEvent = { kind: 'lift', at: noon + 40, by: 'li', reason: 'over' };

describe('a warning', () => {
  it('goes from draft to issued, adjusted and lifted, and asks for an acknowledgement of each edition', () => {
    expect(warningState([draft])).toMatchObject({ state: 'draft', edition: 0, issuedAt: null, unacknowledged: [] });
    expect(warningState([draft, issue, acknowledge('water')])).toMatchObject({
      state: 'issued',
      edition: 1,
      unacknowledged: ['hospital'],
    });
    const adjusted = warningState([draft, issue, acknowledge('water'), propose, adjust]);
    // Whoever got the first edition gets the second, though its audience no longer names them.
    expect(adjusted).toMatchObject({
      state: 'adjusted',
      edition: 2,
      content: { colour: 'red' },
      unacknowledged: ['hospital', 'water', 'bank'],
    });
    expect(warningState([draft, issue, propose, adjust, lift])).toMatchObject({
      state: 'lifted',
      liftedAt: noon + 40,
      unacknowledged: [],
    });
  });

  it('is read by two before it leaves, or issued alone with a reason', () => {
    const approve: WarningEvent = { kind: 'approve', at: noon + 5, by: 'wang' };
    const byAuthor: WarningEvent = { ...issue, by: 'li' } as WarningEvent;
    expect(warningState([draft, approve, byAuthor])).toMatchObject({ state: 'issued', approvedBy: 'wang' });
    expect(warningState([draft, issue])).toMatchObject({ state: 'issued', approvedBy: 'wang' });
    expect(warningState([draft, { ...byAuthor, alone: 'Night; the other is on the way.' } as WarningEvent])).toMatchObject({
      state: 'issued',
      approvedBy: null,
    });
    // Another text is another draft.
    expect(warningState([draft, approve, draft])).toMatchObject({ state: 'draft', approvedBy: null });
  });

  it('is dropped while nobody has it', () => {
    const approve: WarningEvent = { kind: 'approve', at: noon + 5, by: 'wang' };
    expect(warningState([draft, drop])).toMatchObject({ state: 'dropped', edition: 0, issuedAt: null, liftedAt: null });
    expect(warningState([draft, approve, drop]).state).toBe('dropped');
    expect(isValid(warningState([draft, drop]), noon + 20)).toBe(false);
  });

  it.each([
    ['an approval by its author', [draft, { kind: 'approve', at: noon + 5, by: 'li' }]],
    ['an issue by its author alone', [draft, { ...issue, by: 'li' }]],
    ['a change that its author alone wants', [draft, issue, propose, { ...adjust, by: 'li' }]],
    ['a change that nobody proposed', [draft, issue, adjust]],
    ['a lift before the issue', [draft, lift]],
    ['dropping what was issued', [draft, issue, drop]],
    ['another text after dropping', [draft, drop, draft]],
    ['an issue after dropping', [draft, drop, issue]],
    ['lifting after dropping', [draft, drop, lift]],
    ['an issue to nobody', [draft, { ...issue, audience: [] }]],
    ['a second issue', [draft, issue, issue]],
    ['an acknowledgement by a stranger', [draft, issue, acknowledge('bank')]],
    ['anything after lifting', [draft, issue, lift, acknowledge('water')]],
    [
      'an unknown measure',
      [draft, issue, { kind: 'measure-done', at: noon + 20, by: 'x', organisation: 'water', measure: 'pray' }],
    ],
    ['no draft', [issue]],
  ] as [string, WarningEvent[]][])('refuses %s', (_name, events) => {
    expect(() => warningState(events)).toThrow(
      expect.objectContaining({ name: 'Refusal', code: expect.stringMatching(/^warning\./) }),
    );
  });

  it('shows the reaction time given against needed, per measure', () => {
    expect(reactionTimes(warningState([draft, issue]), noon + 1810)).toEqual([
      { measure: 'block', given: 3590, needs: 600, left: 1790, enough: true },
      { measure: 'reimage', given: 3590, needs: 36_000, left: 1790, enough: false },
    ]);
  });

  it('is valid from its issue to its end', () => {
    const issued = warningState([draft, issue]);
    expect([noon + 9, noon + 10, noon + 86_400, noon + 86_401].map((at) => isValid(issued, at))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(isValid(warningState([draft, issue, lift]), noon + 40)).toBe(false);
  });

  it('carries the eight fields of the plan', () => {
    expect(Object.keys(planFields(content))).toEqual([
      'incident_type',
      'colour',
      'start_time',
      'possible_scope',
      'matters_to_note',
      'measures_to_take',
      'deadline_for_measures',
      'issuing_authority',
    ]);
  });
});

describe('the lead time', () => {
  it('runs from the issue to the harm, and is negative when the warning came too late', () => {
    expect(leadTime(warningState([draft, issue]), noon + 70)).toBe(60);
    expect(leadTime(warningState([draft, issue]), noon)).toBe(-10);
    expect(leadTime(warningState([draft]), noon)).toBeNull();
  });
});
