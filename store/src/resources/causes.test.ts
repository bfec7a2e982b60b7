/** Incidents that were closed with a sentence, before there was a list of causes, keep it and count. */

import { expect, test } from 'vitest';
import { emptyEstate } from '@forewarn/model/estate';
import { migrations } from '../migrations/index.ts';
import { migrate } from '../postgres/migrations.ts';
import { openTrial } from '../trial.ts';
import { causedIncidents } from './causes.ts';
import { addIncident, findIncident, type Incident } from './incidents.ts';
import { writeEstate } from './estate.ts';

test('a cause that was a sentence becomes another cause with that sentence; an unknown one stays unknown', async () => {
  const at = migrations.findIndex(({ id }) => id === '0063-causes');
  const trial = await openTrial({ migrations: migrations.slice(0, at) });
  try {
    const incident = (id: string, state: Incident['state'], cause: unknown): Incident => ({
      id,
      number: `FW-2026-${id}`,
      candidate: null,
      title: { text: 'x' },
      state,
      createdAt: 1,
      updatedAt: 5,
      from: 1,
      to: 2,
      marking: 'TLP:AMBER',
      hosts: [],
      techniques: [],
      reasons: [],
      stage: { stage: 'unknown', harmAt: null, reason: { text: 'x' } },
      grade: { scheme: 's', floor: 3, ceiling: 1, confidence: 'H' },
      lead: { organisation: 'centre', since: 1 },
      cause: cause as Incident['cause'],
      openedBy: 'x',
    });
    const centre = { id: 'centre', name: { en: 'c', zh: 'c' }, kind: 'centre', sector: 'government', region: 'north', reporter: 'national-cac', overseenBy: null, contact: 'c' } as const; // oxfmt-ignore
    await trial.database.system(async (tx) => {
      await writeEstate(tx, { ...emptyEstate(), organisations: [centre] });
      await addIncident(tx, incident('1', 'closed', { kind: 'known', cause: 'Phishing', evidence: [], confidence: 'medium' }));
      await addIncident(tx, incident('2', 'closed', { kind: 'unknown', reason: 'Logs were gone.' }));
      await addIncident(tx, incident('3', 'open', { kind: 'known', cause: 'Flood', evidence: [], confidence: 'high' }));
      await addIncident(tx, incident('4', 'open', null));
    });
    await migrate(trial.database, migrations);
    const [causes, told] = await trial.database.system(async (tx) => [
      await Promise.all(['1', '2', '3', '4'].map(async (id) => (await findIncident(tx, id))!.cause)),
      await causedIncidents(tx),
    ]);
    expect(causes).toEqual([
      { kind: 'known', cause: 'other', text: 'Phishing', contributing: [], evidence: [], confidence: 'medium' },
      { kind: 'unknown', reason: 'Logs were gone.' },
      { kind: 'known', cause: 'other', text: 'Flood', contributing: [], evidence: [], confidence: 'high' },
      null,
    ]);
    expect(told).toMatchObject({ closed: 2, unknown: 1, items: [{ incident: '1', cause: 'other', part: 'leading', closedAt: 5, level: 3 }] }); // oxfmt-ignore
  } finally {
    await trial.end();
  }
});
