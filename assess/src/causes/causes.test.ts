/** Causes: the taxonomy that is shipped, chains that cannot be, how sure one is, what signs propose, and counting over incidents. */

import { readFileSync } from 'node:fs';
import { array, assert, constantFrom, nat, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { confidences, type CauseChain, type CausedIncident, type CauseStep } from '@forewarn/model/cause';
import { chainConfidence, checkChain, inOrder } from './chain.ts';
import { proposeChain } from './propose.ts';
import { effectOf, measuresFor, monthsUntil, recurrence } from './recurrence.ts';
import { readCauses } from './taxonomy.ts';

const path = 'causes/causes.yaml';
const text = readFileSync(new URL('../../../content/causes/causes.yaml', import.meta.url), 'utf8');
const causes = readCauses(text, path);

const step = (id: string, more: Partial<CauseStep> = {}): CauseStep => ({
  id,
  role: 'step',
  reality: 'happened',
  cause: null,
  text: id,
  at: null,
  confidence: 'high',
  evidence: [{ kind: 'log', reference: 'proxy', note: '' }],
  follows: [],
  ...more,
});

describe('the taxonomy', () => {
  test('has the five natures of the EU, something of each, and a measure for every cause but "other"', () => {
    expect(causes.taxonomy.groups.map(({ id, citations }) => [id, citations[0]!.mark])).toEqual([
      ['malicious-actions', 'H'],
      ['human-errors', 'H'],
      ['system-failures', 'H'],
      ['third-party-failures', 'H'],
      ['natural-phenomena', 'H'],
      ['other', 'U'],
    ]);
    expect(causes.taxonomy.causes.filter(({ measures }) => measures.length === 0).map(({ id }) => id)).toEqual(['other']);
    const used = new Set(causes.taxonomy.causes.flatMap(({ measures }) => measures));
    expect(causes.taxonomy.measures.filter(({ id }) => !used.has(id))).toEqual([]);
  });

  test.each([
    ['a measure that is not there', 'measures: [redundancy]\n', 'measures: [wishes]\n', /no measure "wishes"/],
    ['an id twice', '  - id: fire\n', '  - id: flood\n', /"flood" is used twice/],
    ['a source that is not there', 'source: cg-taxonomy', 'source: hearsay', /no source "hearsay"/],
    ['a word too many', 'recurring:\n', 'recurring:\n  often: true\n', /often/],
  ])('%s is refused with its line', (_, from, to, message) => {
    const refusals = (() => {
      try {
        readCauses(text.replace(from, to), path);
        return [];
      } catch (error) {
        return (error as AggregateError).errors as { message: string; place: { file: string; line: number } }[];
      }
    })();
    expect(refusals.map((one) => one.message).join('\n')).toMatch(message);
    expect(refusals[0]!.place).toMatchObject({ file: path, line: expect.any(Number) });
  });
});

describe('a chain', () => {
  const root = step('mail', { role: 'root', cause: 'phishing' });

  test.each<[string, CauseChain, string]>([
    ['a cause that is not listed', [step('a', { cause: 'fate' })], 'steps[0].cause'],
    ['a root without a cause', [step('a', { role: 'root' })], 'steps[0].cause'],
    ['two of one name', [step('a'), step('a')], 'steps[0].id'],
    ['one that follows from nothing there', [step('a', { follows: ['b'] })], 'steps[0].follows'],
    ['certain after what only may be', [step('a', { reality: 'may' }), step('b', { follows: ['a'] })], 'steps[1].follows'],
    ['sure without evidence', [step('a', { evidence: [] })], 'steps[0].evidence'],
    ['its own cause', [step('a', { follows: ['b'] }), step('b', { follows: ['a'] })], 'steps[0].follows'],
  ])('%s is refused at its field', (_, chain, field) => {
    expect(() => checkChain(chain, causes)).toThrow(expect.objectContaining({ code: 'cause.chain', place: { field } }));
  });

  test('what is only thought needs no evidence, what may be neither', () => {
    const thought: Partial<CauseStep> = { confidence: 'low', evidence: [] };
    checkChain([root, step('a', { ...thought, follows: ['mail'] }), step('b', { reality: 'may', evidence: [], follows: ['a'] })], causes); // oxfmt-ignore
  });

  test('is as sure as its weakest step; of two roots the surer counts; without a root it says nothing', () => {
    expect(chainConfidence([])).toBeNull();
    expect(chainConfidence([step('a')])).toBeNull();
    const chain = [root, step('a', { follows: ['mail'], confidence: 'medium' }), step('b', { follows: ['a'] })];
    expect(chainConfidence(chain)).toBe('medium');
    expect(chainConfidence([...chain, step('may', { reality: 'may', confidence: 'low', follows: ['b'] })])).toBe('medium');
    expect(chainConfidence([...chain, step('other', { role: 'root', cause: 'flood' })])).toBe('high');
  });

  test('a step that is less sure never makes the chain surer; order of writing never matters', () => {
    const chains = array(record({ confidence: constantFrom(...confidences), before: nat() }), { minLength: 1, maxLength: 12 })
      .map((list) => list.map(({ confidence, before }, i) => step(`s${i}`, { confidence, ...(i === 0 ? { role: 'root', cause: 'phishing' } : { follows: [`s${before % i}`] }) } as Partial<CauseStep>))); // oxfmt-ignore
    assert(
      property(chains, nat(), (chain, at) => {
        checkChain(chain, causes);
        const sure = confidences.indexOf(chainConfidence(chain)!);
        const weaker = chain.map((one, i) => (i === at % chain.length ? { ...one, confidence: 'low' as const } : one));
        expect(confidences.indexOf(chainConfidence(weaker)!)).toBeLessThanOrEqual(sure);
        expect(confidences.indexOf(chainConfidence(chain.toReversed())!)).toBe(sure);
        const ordered = inOrder(chain.toReversed());
        expect(ordered.every(({ follows }, i) => follows.every((id) => ordered.findIndex((one) => one.id === id) < i))).toBe(
          true,
        );
      }),
    );
  });
});

test('signs propose the earliest cause as the root, what was lost after it, and what may fall last', () => {
  const sign = (id: string, technique: string, from: number, confidence: number) => ({
    id,
    name: id,
    technique: [technique],
    confidence,
    from,
    says: `says ${id}`,
  });
  const chain = proposeChain(causes, {
    signs: [
      sign('guess', 'T1110.003', 300, 0.6),
      sign('mail', 'T1566.002', 100, 0.9),
      sign('second-mail', 'T1566', 200, 0.3),
      sign('scan', 'T1046', 50, 1),
    ],
    losses: [{ property: 'confidentiality', says: 'Confidentiality lost', at: 400, fact: 'confidentiality_lost' }],
    exposed: [{ service: 'care', says: 'Care may fall' }],
  });
  checkChain(chain, causes);
  expect(chain.map(({ id, role, reality, confidence, follows }) => [id, role, reality, confidence, follows])).toEqual([
    ['phishing', 'root', 'happened', 'high', []],
    ['stolen-credentials', 'step', 'happened', 'medium', ['phishing']],
    ['lost-confidentiality', 'effect', 'happened', 'medium', ['stolen-credentials']],
    ['may-1', 'effect', 'may', 'low', ['lost-confidentiality']],
  ]);
  expect(chain[0]!.evidence.map(({ reference }) => reference)).toEqual(['mail', 'second-mail']);
  expect(proposeChain(causes, { signs: [], losses: [], exposed: [] })).toEqual([]);
});

describe('over incidents', () => {
  const day = 86_400;
  const at = Date.UTC(2026, 10, 23) / 1000;
  const one = (incident: string, cause: string, daysAgo: number, more: Partial<CausedIncident> = {}): CausedIncident => ({
    incident,
    number: `FW-${incident}`,
    organisation: 'hospital',
    cause,
    part: 'leading',
    confidence: 'high',
    from: at - daysAgo * day,
    closedAt: at - daysAgo * day + 3600,
    level: 3,
    ...more,
  });

  test('a cause recurs from the second incident within its time, not beyond, and not where it only contributed', () => {
    const recurring = (list: CausedIncident[]) => recurrence(causes, list, [], at).map(({ cause, recurring: yes }) => [cause, yes]); // oxfmt-ignore
    expect(recurring([one('1', 'flood', 10)])).toEqual([['flood', false]]);
    expect(recurring([one('1', 'flood', 10), one('2', 'flood', 182.9)])).toEqual([['flood', true]]);
    expect(recurring([one('1', 'flood', 10), one('2', 'flood', 183)])).toEqual([['flood', false]]);
    expect(recurring([one('1', 'flood', 10), one('2', 'flood', 5, { part: 'contributing' })])).toEqual([['flood', false]]);
  });

  test('counts add up: leading and contributing apart, an incident once, months by when it began', () => {
    const list = [
      one('1', 'phishing', 1, { level: 2 }),
      one('1', 'stolen-credentials', 1, { part: 'contributing' }),
      one('2', 'phishing', 40, { organisation: 'clinic', level: null }),
      one('2', 'phishing', 40, { organisation: 'clinic', part: 'contributing', level: null }),
      one('3', 'stolen-credentials', 500),
    ];
    const [first, second] = recurrence(causes, list, [], at);
    expect(first).toMatchObject({
      cause: 'phishing',
      leading: 2,
      contributing: 0,
      organisations: 2,
      gravest: 2,
      recurring: true,
    });
    expect(first!.months.slice(-3).map(({ count }) => count)).toEqual([0, 1, 1]);
    expect(first!.months).toHaveLength(12);
    expect(second).toMatchObject({ cause: 'stolen-credentials', leading: 1, contributing: 1, recurring: false });
    // Strong sign-in helps against both causes of all three; each counts once.
    expect(measuresFor(causes, list, [])[0]).toMatchObject({
      measure: 'strong-sign-in',
      incidents: 3,
      causes: ['phishing', 'stolen-credentials'],
    });
    expect(monthsUntil(at, 2)).toEqual(['2026-10', '2026-11']);
  });

  test('a measure that is done is held against what began after it', () => {
    const list = [one('1', 'flood', 10), one('2', 'flood', 2), one('3', 'fire', 1)];
    const doneAt = at - 5 * day;
    expect(effectOf({ causes: ['flood'], state: 'done', doneAt }, list)).toEqual({ incidents: 2, cameBack: 1 });
    expect(effectOf({ causes: ['flood'], state: 'doing', doneAt: null }, list)).toEqual({ incidents: 2, cameBack: 0 });
    expect(effectOf({ causes: ['flood'], state: 'done', doneAt: at - 2 * day }, list).cameBack).toBe(0);
  });
});
