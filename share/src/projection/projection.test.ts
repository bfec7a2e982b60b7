import { describe, expect, test } from 'vitest';
import type { IncidentView, WarningView } from '@forewarn/model/api';
import { hideHosts, projectIncident, projectSummary, sightOf, type Sight } from './incident.ts';
import { projectWarning } from './warning.ts';

const at = '2026-11-22T00:00:00.000Z';
const responsibility = (organisation: string, part: 'lead' | 'support' | 'inform', state: 'asked' | 'accepted') => ({
  organisation,
  part,
  state,
  since: at,
  by: 'p',
  reason: null,
});
const incident = {
  title: { text: 'detect.scan', values: { host: '10.1.1.1' } },
  organisations: ['hospital', 'clinic'],
  lead: { organisation: 'health', since: at },
  hosts: ['10.1.1.1', '10.2.2.2', '203.0.113.9'],
  reasons: [{ text: 'detect.same-host', values: { hosts: '10.1.1.1, 10.2.2.2' } }],
  facts: [{ id: 'f', source: 'log of 10.2.2.2' }],
  decisions: [
    {
      id: 'd',
      question: 'Cut 10.2.2.2 off?',
      options: ['10.2.2.2 off', 'leave 10.1.1.1'],
      chosen: '10.2.2.2 off',
      reasons: '10.2.2.2 spreads',
      dissent: '10.2.2.2 is needed',
    },
    { id: 'e', question: 'Q', options: [], chosen: 'a', reasons: 'r', dissent: null },
  ],
  tasks: [
    { id: 't1', organisation: 'hospital', title: 'Look at 10.1.1.1 and 10.2.2.2' },
    { id: 't2', organisation: 'telecom', title: 'Block 10.2.2.2:443' },
  ],
  grades: [{ scheme: 's', fired: [1], missing: [1], next: [1] }],
  timeline: [
    { kind: 'fact', text: { text: 'x', values: { host: '10.2.2.2' } } },
    { kind: 'state', text: { text: 'y' } },
  ],
  cause: {
    kind: 'known',
    cause: 'phishing',
    text: 'Phishing of 10.2.2.2',
    contributing: [],
    evidence: [{ kind: 'log', reference: 'proxy of 10.2.2.2', note: '10.1.1.1 asked' }],
    confidence: 'high',
  },
  responsibilities: [
    { ...responsibility('telecom', 'support', 'asked'), reason: '10.2.2.2 is behind its link' },
    responsibility('cloud', 'support', 'accepted'),
    responsibility('press', 'inform', 'accepted'),
  ],
} as unknown as IncidentView;
const hospitals = (host: string) => host === '10.1.1.1' || host === '203.0.113.9';
const sight = (organisation: string, centre = false) => sightOf({ organisation, centre }, incident, incident.responsibilities);
const seen = (organisation: string, how: Sight) => projectIncident(incident, { organisation, centre: false }, how, hospitals);

describe('what a participant sees of an incident', () => {
  test('depends on its part', () => {
    expect(sight('centre', true)).toBe('whole');
    expect(sight('health')).toBe('whole');
    expect(sight('clinic')).toBe('part');
    expect(sight('cloud')).toBe('part');
    expect(sight('telecom')).toBe('informed');
    expect(sight('press')).toBe('informed');
  });

  test('whole: everything', () => expect(seen('health', 'whole')).toEqual(incident));

  test('part: no host of another organisation, in no field', () => {
    const view = seen('hospital', 'part');
    expect(view.hosts).toEqual(['10.1.1.1', '203.0.113.9']);
    expect(view.facts.length).toBe(1);
    expect(view.tasks.length).toBe(2);
    expect(JSON.stringify(view)).not.toContain('10.2.2.2');
    expect(view.reasons[0]!.values!.hosts).toBe('10.1.1.1, •••');
    expect(view.tasks[0]!.title).toBe('Look at 10.1.1.1 and •••');
    expect(view.decisions[0]).toMatchObject({ options: ['••• off', 'leave 10.1.1.1'], dissent: '••• is needed' });
    expect([view.facts[0]!.source, view.decisions[1]!.dissent]).toEqual(['log of •••', null]);
    expect(view.cause).toMatchObject({
      text: 'Phishing of •••',
      evidence: [{ reference: 'proxy of •••', note: '10.1.1.1 asked' }],
    });
  });

  test('informed: that it is, how serious, who does what', () => {
    const view = projectIncident(incident, { organisation: 'telecom', centre: false }, 'informed', () => false);
    expect(view).toMatchObject({ hosts: [], reasons: [], facts: [], decisions: [], cause: null });
    expect(view.tasks.map(({ id }) => id)).toEqual(['t2']);
    expect(view.timeline.map(({ kind }) => kind)).toEqual(['state']);
    expect(view.grades[0]).toMatchObject({ scheme: 's', fired: [] });
    expect(JSON.stringify(view)).not.toMatch(/10\.\d/);
    expect(projectSummary(incident, 'informed', () => false).title.values!.host).toBe('•••');
  });

  test('addresses are found in any text, of both families', () => {
    const words = {
      text: 'k',
      values: {
        a: 'from 10.0.0.1:443 to [2001:db8::1], fe80::1 and 10.0.0.0/8; at 12:30:15',
        n: 5,
        w: { text: 'l', values: { b: '10.0.0.1' } },
      },
    };
    expect(hideHosts(words, () => false)).toEqual({
      text: 'k',
      values: { a: 'from •••:443 to [•••], ••• and •••/8; at 12:30:15', n: 5, w: { text: 'l', values: { b: '•••' } } },
    });
    expect(hideHosts({ text: 'k', values: { a: 'Modbus 1.2.3 and T1046' } }, () => false).values).toEqual({
      a: 'Modbus 1.2.3 and T1046',
    });
  });
});

describe('what an addressee sees of a warning', () => {
  const warning = {
    scope: { addresses: ['192.0.2.1', '192.0.2.2'], names: ['a.example'], businesses: ['b1', 'b2'], sectors: ['health'] },
    incident: 'i',
    audience: [{ organisation: 'hospital' }, { organisation: 'water' }],
  } as unknown as WarningView;
  const shown = {
    address: (one: string) => one.endsWith('.2'),
    name: () => true,
    asn: () => false,
    organisation: () => false,
    business: (id: string) => id === 'b2',
  };
  const view = (viewer: { organisation: string; centre: boolean; owns: boolean }) =>
    projectWarning(warning, viewer, shown, false);

  test('itself only, its own of the scope, and no incident it has no part in', () => {
    expect(view({ organisation: 'water', centre: false, owns: false })).toEqual({
      scope: { addresses: ['192.0.2.2'], names: ['a.example'], businesses: ['b2'], sectors: ['health'] },
      author: null,
      approvedBy: null,
      alone: null,
      proposed: null,
      incident: null,
      audience: [{ organisation: 'water' }],
    });
  });
  test('the centre and the author see all', () => {
    expect(view({ organisation: 'centre', centre: true, owns: false })).toEqual(warning);
    expect(view({ organisation: 'health', centre: false, owns: true })).toEqual(warning);
  });
});

test('addresses in a list of words are hidden like any other', () => {
  const words = {
    text: 'detect.candidate.hosts',
    values: { hosts: ['10.1.1.1', '10.2.2.2', { text: 'x', values: { host: '10.2.2.2' } }] },
  };
  expect(hideHosts(words, (address) => address === '10.1.1.1')).toEqual({
    text: 'detect.candidate.hosts',
    values: { hosts: ['10.1.1.1', '•••', { text: 'x', values: { host: '•••' } }] },
  });
});
