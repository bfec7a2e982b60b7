import { describe, expect, it } from 'vitest';
import type { IncidentLifeEvent, TaskEvent } from '@forewarn/model/response';
import { decide, timeLeft } from './decisions.ts';
import { incidentLife } from './incident.ts';
import { task } from './tasks.ts';

const refused = (code: string): unknown => expect.objectContaining({ name: 'Refusal', code });

describe('a task', () => {
  const create: TaskEvent = { kind: 'create', at: 1, by: 'li', title: 'Block the address', organisation: 'carrier', dueAt: 100 };
  it('is open, doing, done, and may be opened again', () => {
    expect(task([create])).toMatchObject({ state: 'open', dueAt: 100, organisation: 'carrier' });
    const done = task([
      create,
      { kind: 'start', at: 2, by: 'x' },
      { kind: 'finish', at: 3, by: 'x', result: 'blocked at the border' },
    ]);
    expect(done).toMatchObject({ state: 'done', since: 3, result: 'blocked at the border' });
    expect(
      task([create, { kind: 'drop', at: 2, by: 'x', reason: 'moot' }, { kind: 'reopen', at: 3, by: 'x', reason: 'not moot' }])
        .state,
    ).toBe('open');
    expect(task([create, { kind: 'move', at: 2, by: 'x', organisation: 'ministry', reason: 'their router' }]).organisation).toBe(
      'ministry',
    );
    expect(task([create, { kind: 'due', at: 2, by: 'x', dueAt: 50, reason: 'sooner' }]).dueAt).toBe(50);
  });
  it('refuses what its state does not allow, and says what it does', () => {
    const finish: TaskEvent = { kind: 'finish', at: 3, by: 'x', result: 'r' };
    expect(() => task([create, finish, finish])).toThrow(
      expect.objectContaining({ code: 'task.state', advice: expect.stringContaining('reopen') }),
    );
    expect(() => task([create, create])).toThrow(refused('task.state'));
    expect(() => task([finish])).toThrow(refused('task.create'));
  });
});

describe("an incident's life", () => {
  const open: IncidentLifeEvent = { kind: 'open', at: 1, by: 'li' };
  const contain: IncidentLifeEvent = { kind: 'contain', at: 5, by: 'li', reason: 'host isolated' };
  const close: IncidentLifeEvent = {
    kind: 'close',
    at: 9,
    by: 'li',
    cause: {
      kind: 'known',
      cause: 'phishing',
      text: 'phished password',
      contributing: [],
      evidence: [{ kind: 'finding', reference: '7', note: '' }],
      confidence: 'high',
    },
  };
  it('is open, contained, closed with a cause, and may be reopened', () => {
    expect(incidentLife([open, contain, close])).toMatchObject({
      state: 'closed',
      openedAt: 1,
      containedAt: 5,
      closedAt: 9,
      cause: { cause: 'phishing', text: 'phished password' },
    });
    expect(incidentLife([open, contain, close, { kind: 'reopen', at: 10, by: 'li', reason: 'again' }])).toMatchObject({
      state: 'open',
      containedAt: null,
      closedAt: null,
    });
  });
  it('closes with a cause, or "unknown, because"', () => {
    const unknown: IncidentLifeEvent = {
      kind: 'close',
      at: 9,
      by: 'li',
      cause: { kind: 'unknown', reason: 'the logs were overwritten' },
    };
    expect(incidentLife([open, unknown]).cause).toEqual({ kind: 'unknown', reason: 'the logs were overwritten' });
    expect(() => incidentLife([open, { kind: 'close', at: 9, by: 'li', cause: { kind: 'unknown', reason: ' ' } }])).toThrow(
      refused('incident.cause'),
    );
    expect(() => incidentLife([open, { kind: 'close', at: 9, by: 'li' } as IncidentLifeEvent])).toThrow(
      refused('incident.cause'),
    );
  });
  it('names what a cause rests on, unless it is only thought', () => {
    const rests = (confidence: 'low' | 'medium', evidence: [] | [{ kind: 'log'; reference: string; note: string }]) =>
      incidentLife([
        open,
        {
          kind: 'close',
          at: 9,
          by: 'li',
          cause: { kind: 'known', cause: 'flood', text: 't', contributing: [], evidence, confidence },
        },
      ]).state;
    expect(() => rests('medium', [])).toThrow(refused('incident.evidence'));
    expect(rests('low', [])).toBe('closed');
    expect(rests('medium', [{ kind: 'log', reference: 'proxy', note: '' }])).toBe('closed');
  });
  it('refuses what its state does not allow', () => {
    expect(() => incidentLife([open, close, contain])).toThrow(refused('incident.state'));
    expect(() => incidentLife([open, { ...contain, at: 0 }])).toThrow(refused('incident.order'));
    expect(() => incidentLife([contain])).toThrow(refused('incident.open'));
  });
});

describe('a decision', () => {
  const decision = {
    at: 1,
    by: 'li',
    organisation: 'centre',
    question: 'Isolate the ward?',
    options: ['isolate', 'watch'],
    chosen: 'isolate',
    reasons: 'harm is near',
    dissent: [{ by: 'wang', text: 'patients depend on it' }],
  };
  it('keeps options, reasons and dissent', () => {
    expect(decide(decision)).toEqual(decision);
  });
  it('refuses a choice that was no option, and a power without its article', () => {
    expect(() => decide({ ...decision, chosen: 'pray' })).toThrow(refused('decision.chosen'));
    expect(() => decide({ ...decision, options: ['watch', 'watch'], chosen: 'watch' })).toThrow(refused('decision.options'));
    expect(() => decide({ ...decision, power: { name: 'order a disconnection' } })).toThrow(refused('decision.power'));
    expect(decide({ ...decision, power: { name: 'order a disconnection', article: 'Art. 58' } }).power!.article).toBe('Art. 58');
    expect(() => decide({ ...decision, reasons: '' })).toThrow(refused('decision.shape'));
  });
  it('counts the time left', () => {
    expect(timeLeft({ neededBy: 100 }, 40)).toBe(60);
    expect(timeLeft({}, 40)).toBeNull();
  });
});
