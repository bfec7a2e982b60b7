/** What people decide about grouping holds: whatever the groups propose again, findings stay where somebody put them. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { candidate, fillEstate, finding, recordFindings } from '../testing/estate.ts';
import { deliverCandidate } from './deliver.ts';

let trial: Trial;
const officer = person('centre', 'duty-officer');
const liaison = person('hospital', 'liaison-officer');
const telecom = person('telecom', 'liaison-officer');
const other = '10.20.10.58';

beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
  const seen = { sensor: 'hospital-sensor', seenBy: 'hospital' };
  await recordFindings(
    trial.center,
    [
      finding('a'),
      finding('b', {
        rule: { id: 'r2', version: '1', kind: 'sigma', name: 'R2' },
        harm: 'confidentiality',
        tactic: ['exfiltration'],
      }),
      finding('c', { source: other }),
      finding('d', { source: other, from: 1_763_999_400 }),
      finding('e'),
    ].map((one) => ({ finding: one, ...seen })),
  );
});
afterAll(() => trial.end());

const incidents = async (): Promise<any[]> => (await trial.ask(officer, 'GET', '/incidents')).body.items;
const grouping = async (id: string, who = officer) => (await trial.ask(who, 'GET', `/incidents/${id}/grouping`)).body;
const findingsOf = async (id: string): Promise<string[]> =>
  (await grouping(id)).signs.flatMap(({ findings }: any) => findings as string[]).sort();
const decide = (id: string, body: object, who = officer) => trial.ask(who, 'POST', `/incidents/${id}/grouping`, body);

test('a group, taken apart and put together by people, each time with its reason', async () => {
  await deliverCandidate(trial.center, candidate('group', ['a', 'b', 'c']));
  const [first] = await incidents();
  expect(await findingsOf(first.id)).toEqual(['a', 'b', 'c']);
  const told = await grouping(first.id);
  expect(told.course.map(({ tactic }: any) => tactic)).toEqual(['discovery', 'exfiltration']);
  expect(told.signs.map(({ stage }: any) => stage)).toContain('during');

  // Taken out: the loss that only this finding showed is not known any more, and the group cannot bring it back.
  const out = await decide(first.id, { act: 'take-out', findings: ['b'], reason: 'our own backup' });
  expect(out.status).toBe(200);
  expect(out.body.facts.find(({ fact, superseded }: any) => fact === 'confidentiality_lost' && !superseded).value).toBe(null);
  await deliverCandidate(trial.center, candidate('group', ['a', 'b', 'c']));
  expect(await findingsOf(first.id)).toEqual(['a', 'c']);
  const after = await grouping(first.id);
  expect([after.taken.map(({ id }: any) => id), after.decisions[0].reason]).toEqual([['b'], 'our own backup']);

  // Undone.
  await decide(first.id, { act: 'put-in', findings: ['b'], reason: 'it was no backup' });
  expect(await findingsOf(first.id)).toEqual(['a', 'b', 'c']);
  expect((await grouping(first.id)).taken).toEqual([]);

  // Split: what that host does next goes to the new part, though the group is still one.
  await decide(first.id, { act: 'split', findings: ['c'], reason: 'another matter', title: 'The other host' });
  const part = (await incidents()).find(({ id }) => id !== first.id);
  await deliverCandidate(trial.center, candidate('group', ['a', 'b', 'c', 'd', 'e']));
  expect([await findingsOf(first.id), await findingsOf(part.id)]).toEqual([
    ['a', 'b', 'e'],
    ['c', 'd'],
  ]);
  expect((await trial.ask(officer, 'GET', `/incidents/${part.id}`)).body.hosts).toEqual([other]);

  // Merged back: one incident, the other closed, and the group's findings go to the one that is left.
  const merged = await decide(first.id, { act: 'merge', into: part.id, reason: 'one matter after all' });
  expect([merged.status, merged.body.state, merged.body.findings]).toEqual([200, 'closed', 0]);
  expect(await findingsOf(part.id)).toEqual(['a', 'b', 'c', 'd', 'e']);
  await recordFindings(trial.center, [{ finding: finding('f'), sensor: 'hospital-sensor', seenBy: 'hospital' }]);
  await deliverCandidate(trial.center, candidate('group', ['a', 'e', 'f']));
  expect(await findingsOf(part.id)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  expect(await findingsOf(first.id)).toEqual([]);
  expect((await grouping(part.id)).decisions.map(({ act, other: on }: any) => [act, on?.number])).toEqual([
    ['merged', first.number],
    ['split-off', first.number],
  ]);

  const audit = (await trial.ask(person('centre', 'administrator'), 'GET', '/audit?limit=200')).body.items;
  for (const action of ['incident.take-out', 'incident.put-in', 'incident.split', 'incident.merge'])
    expect(audit.map((entry: any) => entry.action)).toContain(action);
});

test('only the centre and the lead decide, and only about what is there', async () => {
  const [open] = (await incidents()).filter(({ state }) => state === 'open');
  const asked = { act: 'take-out', findings: ['a'], reason: 'r' };
  expect((await decide(open.id, asked, liaison)).status).toBe(403);
  expect((await decide(open.id, asked, telecom)).status).toBe(404);
  expect((await decide(open.id, { ...asked, findings: ['no-such'] })).status).toBe(404);
  expect((await decide(open.id, { ...asked, reason: '  ' })).status).toBe(422);
  expect((await decide(open.id, { act: 'merge', into: open.id, reason: 'r' })).status).toBe(422);
  expect((await decide(open.id, { act: 'merge', into: 'no-such', reason: 'r' })).status).toBe(404);
});
