import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import type { ResponsibilityEvent } from '@forewarn/model/response';
import { applyResponsibility, leadAt, openResponsibilities, responsibilities } from './responsibility.ts';

const open = { kind: 'open', at: 0, by: 'duty officer', organisation: 'hospital' } as const;
const after = (...events: ResponsibilityEvent[]): ReturnType<typeof responsibilities> =>
  responsibilities([open, ...events], 'centre');
const assign = (organisation: string, at: number): ResponsibilityEvent => ({
  kind: 'assign',
  at,
  by: 'li',
  organisation,
  part: 'lead',
  reason: 'their network',
});
const accept = (organisation: string, at: number): ResponsibilityEvent => ({
  kind: 'accept',
  at,
  by: 'wang',
  organisation,
  part: 'lead',
});
const refuse = (organisation: string, at: number): ResponsibilityEvent => ({
  kind: 'refuse',
  at,
  by: 'wang',
  organisation,
  part: 'lead',
  reason: 'not ours',
});
const refused = (code: string): unknown => expect.objectContaining({ name: 'Refusal', code });

describe('the lead', () => {
  it('stays with the former until the new one accepts', () => {
    expect(after(assign('province', 10)).lead).toEqual({
      organisation: 'hospital',
      since: 0,
      asked: { organisation: 'province', since: 10 },
    });
    const taken = after(assign('province', 10), accept('province', 20));
    expect(taken.lead).toEqual({ organisation: 'province', since: 20, asked: null });
    expect(taken.leads).toEqual([
      { organisation: 'hospital', from: 0, until: 20 },
      { organisation: 'province', from: 20, until: null },
    ]);
    // Whoever led knows the incident and stays to support.
    expect(taken.parts).toContainEqual(expect.objectContaining({ organisation: 'hospital', part: 'support', state: 'accepted' }));
  });

  it('stays, and the refusal climbs to the centre', () => {
    const disputed = after(assign('province', 10), refuse('province', 20));
    expect(disputed.lead).toMatchObject({ organisation: 'hospital', asked: null });
    expect(disputed.disputes).toEqual([{ organisation: 'province', since: 20, reason: 'not ours' }]);
    const settled = applyResponsibility(disputed, { kind: 'escalate', at: 30, by: 'centre officer', reason: 'nobody else will' });
    expect(settled.lead.organisation).toBe('centre');
    expect(settled.disputes).toEqual([]);
  });

  it('is handed over by whoever has it, and to nobody who was not asked', () => {
    const handed = after(
      { kind: 'hand-over', at: 5, by: 'zhao', from: 'hospital', to: 'ministry', part: 'lead', reason: 'it spreads' },
      accept('ministry', 9),
    );
    expect(handed.lead).toMatchObject({ organisation: 'ministry', since: 9 });
    expect(() => after(accept('ministry', 9))).toThrow(refused('responsibility.not-asked'));
    expect(() => after({ kind: 'hand-over', at: 5, by: 'x', from: 'water', to: 'ministry', part: 'lead', reason: 'r' })).toThrow(
      refused('responsibility.hand-over'),
    );
  });

  it('is asked of one organisation at a time, and events come in order', () => {
    expect(() => after(assign('province', 10), assign('ministry', 11))).toThrow(refused('responsibility.asked'));
    expect(() => after(assign('province', 10), accept('province', 9))).toThrow(refused('responsibility.order'));
    expect(() => after({ ...open, at: 4 })).toThrow(refused('responsibility.open'));
    expect(() => responsibilities([], 'centre')).toThrow(refused('responsibility.open'));
  });

  it('is known at every moment since the incident was opened', () => {
    const state = after(assign('province', 10), accept('province', 20));
    expect([-1, 0, 19, 20, 1e9].map((at) => leadAt(state, at))).toEqual([
      undefined,
      'hospital',
      'hospital',
      'province',
      'province',
    ]);
  });
});

describe('supporting and being informed', () => {
  it('is asked, accepted, refused with a reason, and released', () => {
    const support = { kind: 'assign', at: 1, by: 'li', organisation: 'carrier', part: 'support' } as const;
    expect(after(support).parts).toContainEqual(expect.objectContaining({ organisation: 'carrier', state: 'asked' }));
    const accepted = after(support, { kind: 'accept', at: 2, by: 'x', organisation: 'carrier', part: 'support' });
    expect(accepted.parts).toContainEqual(expect.objectContaining({ organisation: 'carrier', state: 'accepted' }));
    const done = applyResponsibility(accepted, {
      kind: 'release',
      at: 3,
      by: 'x',
      organisation: 'carrier',
      part: 'support',
      reason: 'done',
    });
    expect(done.parts).toContainEqual(expect.objectContaining({ organisation: 'carrier', state: 'released', reason: 'done' }));
    const refusal = after(support, {
      kind: 'refuse',
      at: 2,
      by: 'x',
      organisation: 'carrier',
      part: 'support',
      reason: 'no staff',
    });
    expect(refusal.disputes).toEqual([]);
    expect(after({ ...support, part: 'inform' }).parts).toContainEqual(
      expect.objectContaining({ part: 'inform', state: 'accepted' }),
    );
  });
});

describe('any sequence of events', () => {
  const organisations = fc.constantFrom('hospital', 'province', 'ministry', 'centre');
  const part = fc.constantFrom('lead', 'support', 'inform');
  const anyEvent = fc.oneof(
    fc.record({ kind: fc.constant('assign'), organisation: organisations, part }),
    fc.record({ kind: fc.constant('accept'), organisation: organisations, part }),
    fc.record({ kind: fc.constant('refuse'), organisation: organisations, part, reason: fc.constant('r') }),
    fc.record({ kind: fc.constant('hand-over'), from: organisations, to: organisations, part, reason: fc.constant('r') }),
    fc.record({
      kind: fc.constant('release'),
      organisation: organisations,
      part: fc.constantFrom('support', 'inform'),
      reason: fc.constant('r'),
    }),
    fc.record({ kind: fc.constant('escalate'), reason: fc.constant('r') }),
  );

  it('leaves exactly one accepted lead, who is the named one, and no gap between leads', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 30 }), (events) => {
        let state = openResponsibilities(open, 'centre');
        events.forEach((event, i) => {
          try {
            state = applyResponsibility(state, { ...event, at: i + 1, by: 'x' } as ResponsibilityEvent);
          } catch (error) {
            if (!(error instanceof Refusal)) throw error;
          }
        });
        const leading = state.parts.filter((each) => each.part === 'lead' && each.state === 'accepted');
        expect(leading.map((each) => each.organisation)).toEqual([state.lead.organisation]);
        const asked = state.parts
          .filter((each) => each.part === 'lead' && each.state === 'asked')
          .map((each) => each.organisation);
        expect(asked).toEqual(state.lead.asked ? [state.lead.asked.organisation] : []);
        state.leads.forEach((lead, i) => expect(lead.until).toBe(state.leads[i + 1]?.from ?? null));
        expect(state.leads[0]!.from).toBe(0);
      }),
      { numRuns: 500, seed: 4 },
    );
  });
});
