import { describe, expect, test } from 'vitest';
import { situationCell } from '@forewarn/assess/situation/cells';
import { emptyEstate } from '@forewarn/model/estate';
import type { TaskEvent } from '@forewarn/model/response';
import { contentFolder, readContentFiles } from '../content.ts';
import { smallEstate } from '../testing/estate.ts';
import { situationParts, type SituationSources } from './parts.ts';
import { situationRulesOf } from './reading.ts';

const rules = situationRulesOf(await readContentFiles(contentFolder, ['situation']));
const now = 1_764_000_000;

const nothing: SituationSources = {
  at: now,
  centre: 'centre',
  estate: smallEstate,
  links: [],
  coverage: [],
  sensors: [{ id: 'hospital-sensor', link: 'hospital-link', networkType: 'computer' }],
  findings: [],
  warnings: [],
  exposures: [],
  incidents: [],
  clocks: [],
  tasks: [],
  responsibilities: [],
};

const eventsOf = async (sources: Partial<SituationSources>, organisation = 'hospital') =>
  (await situationParts({ ...nothing, ...sources }, rules))
    .find((part) => part.organisation === organisation)!
    .events.filter(({ kind }) => kind !== 'protection');

describe('the parts of a reading', () => {
  test('say where an organisation stands, and count it by the most important thing that it protects', async () => {
    const parts = await situationParts(nothing, rules);
    expect(parts.map(({ organisation }) => organisation)).toContain('clinic');
    expect(parts.find(({ organisation }) => organisation === 'hospital')).toMatchObject({
      sector: 'health',
      regions: ['north'],
      networkTypes: ['computer'],
      tiers: ['user'],
      importance: rules.importance.special,
    });
    expect(parts.find(({ organisation }) => organisation === 'clinic')).toMatchObject({ importance: rules.importance.general });
    expect(await situationParts({ ...nothing, estate: emptyEstate() }, rules)).toEqual([]);
  });

  test('put exposures together by place and outcome; a possible one is nothing at least', async () => {
    const one = {
      organisation: 'hospital',
      network: 'hospital-lan',
      floor: 'scheduled',
      ceiling: 'immediate',
      count: 3,
    } as const;
    const [sure, possible, overdue] = await eventsOf({
      exposures: [
        { ...one, certainty: 'exposed', overdue: false },
        { ...one, certainty: 'exposed', overdue: true, ceiling: 'scheduled' },
        { ...one, certainty: 'possibly', overdue: false },
        // A table of another centre, with an outcome that the rules do not know: open from nothing to the gravest.
        { ...one, organisation: 'clinic', certainty: 'exposed', overdue: false, floor: 'tomorrow', ceiling: 'tomorrow' },
      ],
    });
    expect(overdue).toMatchObject({ kind: 'exposure-overdue', degree: { least: 'scheduled', most: 'scheduled' }, count: 3 });
    expect(sure).toMatchObject({
      kind: 'exposure',
      degree: { least: 'scheduled', most: 'immediate' },
      networkTypes: ['computer'],
    });
    expect(possible).toMatchObject({ degree: { least: 'none', most: 'immediate' }, load: { floor: 0 } });
    expect(overdue!.load.floor).toBeGreaterThan(sure!.load.floor);
    expect(overdue!.opens).toBe('/exposure?organisation=hospital&decision=scheduled&certainty=exposed');
  });

  test('grade incidents from floor to ceiling; contained ones weigh less, and an ungraded one may be anything', async () => {
    const incident = { id: 'i', number: 'FW-1', organisations: ['hospital'], sensors: ['hospital-sensor'] };
    const grade = { scheme: 's', confidence: 'H' } as const;
    const [graded, ungraded, contained] = await eventsOf({
      incidents: [
        { ...incident, state: 'open', grade: { ...grade, floor: 3, ceiling: 2 } },
        { ...incident, id: 'j', state: 'open', grade: null },
        { ...incident, id: 'c', state: 'contained', grade: { ...grade, floor: 3, ceiling: 3 } },
      ],
    });
    expect(graded).toMatchObject({ degree: { least: 'level-3', most: 'level-2' }, networkTypes: ['computer'], tiers: ['user'] });
    expect(ungraded).toMatchObject({ degree: { least: 'none', most: 'level-1' } });
    expect(contained!.kind).toBe('incident-contained');
    expect(contained!.load.floor).toBeLessThan(graded!.load.floor);
  });

  test('count what is late: clocks, tasks past their time, requests without an answer, warnings nobody has read', async () => {
    const about = { incident: 'i', number: 'FW-1' };
    const task = (id: string, ...events: TaskEvent[]) => ({ ...about, id, events });
    const create = { kind: 'create', at: 1, by: 'o', title: 'Patch', organisation: 'hospital', dueAt: now - 1 } as const;
    const kinds = (
      await eventsOf({
        clocks: [{ ...about, id: 'c', organisation: 'hospital', law: 'l', duty: 'd', state: 'missed' }],
        tasks: [
          task('late', create),
          task('done', create, { kind: 'finish', at: 2, by: 'o', result: 'Done.' }),
          task('early', { ...create, dueAt: now + 1 }),
        ],
        responsibilities: [
          {
            ...about,
            id: 'i',
            events: [
              { kind: 'open', at: 1, by: 'o', organisation: 'centre' },
              { kind: 'assign', at: 2, by: 'o', organisation: 'hospital', part: 'lead' },
            ],
          },
        ],
        warnings: [
          { id: 'w', number: 'EW-1', colour: 'red', organisation: 'hospital', acknowledgedAt: null },
          { id: 'x', number: 'EW-2', colour: 'red', organisation: 'hospital', acknowledgedAt: 5 },
        ],
      })
    ).map(({ kind, id }) => [kind, id.split(' ')[1]]);
    expect(kinds).toEqual([
      ['clock', 'c'],
      ['request', 'i'],
      ['task', 'late'],
      ['warning', 'w'],
      ['warning', 'x'],
      ['warning-unread', 'w'],
    ]);
  });

  test('concern all of an organisation where its place is not known, and nobody who is not registered', async () => {
    const finding = { rule: 'r', name: 'Rule', level: 'high', sensor: 'gone', count: 2 };
    const [event] = await eventsOf({
      findings: [
        { ...finding, organisation: 'hospital' },
        { ...finding, organisation: 'nobody' },
      ],
    });
    expect(event).toMatchObject({ kind: 'finding', networkTypes: [], tiers: [], count: 2 });
    const parts = await situationParts({ ...nothing, findings: [{ ...finding, organisation: 'hospital' }] }, rules);
    const cell = situationCell(parts, { dimension: 'network-type', key: 'computer' }, rules)!;
    expect(cell.components.find(({ id }) => id === 'threat')!.events).toBe(1);
  });
});
