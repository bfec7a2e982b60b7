/** The grading desk through the API: computed facts from estate and traffic, the signed table, what is tried, history and its seal, campaigns. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTrialCenter, person, type Person, type Trial } from '../testing/center.ts';
import { fillEstate, hospitalIncident } from '../testing/estate.ts';
import { gradeCampaignsDue } from '../campaigns/routes.ts';
import { regradeByTable } from './quantification.ts';

let trial: Trial;
let incident: string;
const officer = person('centre', 'duty-officer');
const liaison = person('hospital', 'liaison-officer');

const must = async (who: Person, method: string, path: string, body?: unknown): Promise<any> => {
  const answer = await trial.ask(who, method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.body;
};

/** The incident begins here; the present is an hour and a half later. */
const began = 1_763_999_000;

beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
  trial.clock.at = began + 5_400;
  incident = await hospitalIncident(trial.center);
  // The records server answers every half minute until ten minutes after the beginning; another machine of the network goes on.
  const flows = [];
  for (let at = began - 3_600; at < began + 5_400; at += 30) {
    const flow = (uid: string, server: string) => ({
      ts: at,
      uid,
      'id.orig_h': '10.20.10.57',
      'id.orig_p': 1,
      'id.resp_h': server,
      'id.resp_p': 443,
      proto: 'tcp',
      resp_pkts: 3,
      local_orig: true,
      local_resp: true,
    });
    if (at < began + 600) flows.push(flow(`Crecords${at}`, '10.20.1.21'));
    flows.push(flow(`Cother${at}`, '10.20.1.99'));
  }
  const out = {
    ts: began + 60,
    uid: 'Cout',
    'id.orig_h': '10.20.10.57',
    'id.orig_p': 1,
    'id.resp_h': '203.0.113.9',
    'id.resp_p': 443,
  };
  flows.push({ ...out, proto: 'tcp', orig_bytes: 5_000_000, resp_bytes: 10, local_orig: true, local_resp: false });
  await trial.records.insertBatch(
    { sensor: 'hospital-sensor', organisation: 'hospital', link: 'hospital-link', networkType: 'computer', source: 'x.pcap', marking: 'TLP:AMBER' },
    { id: 'a'.repeat(64), source: 'x.pcap', logs: { conn: flows } },
  ); // oxfmt-ignore
});
afterAll(() => trial.end());

const valueOf = (items: any[], fact: string) => items.find((one) => one.fact === fact)?.value;

describe('computed facts', () => {
  test('say what estate and traffic show, within the steps in which traffic was looked at', async () => {
    const { items, not } = await must(liaison, 'GET', `/incidents/${incident}/computed-facts`);
    expect(valueOf(items, 'hosts_down')).toEqual({ kind: 'quantity', value: 1 });
    expect(valueOf(items, 'services_down')).toEqual({ kind: 'quantity', value: 1 });
    const outage = valueOf(items, 'service_outage_minutes');
    // It answered for ten minutes; records of the last two minutes are waited for.
    const silentMinutes = 90 - 10 - 2;
    expect(outage.min).toBeGreaterThanOrEqual(silentMinutes - 4);
    expect(outage.min).toBeLessThanOrEqual(silentMinutes);
    expect(outage.max).toBeGreaterThanOrEqual(silentMinutes - 1);
    expect(outage.max).toBeLessThanOrEqual(silentMinutes + 2);
    const hours = valueOf(items, 'user_hours_lost');
    expect(hours.min).toBe(Math.floor((outage.min / 60) * 1000));
    expect(valueOf(items, 'service_value_lost_cny').min).toBe(Math.floor((outage.min / 60) * 10));
    expect(valueOf(items, 'bytes_out')).toEqual({ kind: 'interval', min: 5_000_000, max: null });
    expect(valueOf(items, 'users_behind_links_share')).toBeDefined();
    expect(not).toEqual([]);
    const value = items.find((one: any) => one.fact === 'user_hours_lost');
    expect(value.how.parts).toEqual([{ kind: 'business', id: 'hospital-care', organisation: 'hospital', value: hours }]);
    expect(value.kept).toBeNull();
  });

  test('a supporter sees what it comes to and not whose machines', async () => {
    await must(officer, 'POST', `/incidents/${incident}/responsibilities`, { organisation: 'telecom', part: 'support' });
    await must(person('telecom', 'liaison-officer'), 'POST', `/incidents/${incident}/responsibilities/answer`, { part: 'support', answer: 'accept' }); // oxfmt-ignore
    const { text, body } = await trial.ask(person('telecom', 'analyst'), 'GET', `/incidents/${incident}/computed-facts`);
    expect(text).not.toMatch(/hospital|10\.20\./);
    expect(body.items.find((one: any) => one.fact === 'hosts_down')).toMatchObject({ hidden: 1, how: { parts: [] } });
  });

  test('count when a person keeps them, and say that they were computed', async () => {
    await must(liaison, 'POST', `/incidents/${incident}/computed-facts`, {
      facts: ['service_outage_minutes', 'user_hours_lost'],
    });
    const desk = await must(liaison, 'GET', `/incidents/${incident}/grading`);
    expect(desk.facts.find((one: any) => one.fact === 'service_outage_minutes')).toMatchObject({ origin: 'computed' });
    const { items } = await must(liaison, 'GET', `/incidents/${incident}/computed-facts`);
    expect(items.find((one: any) => one.fact === 'user_hours_lost').kept).toMatchObject({ computed: true });
  });

  test('an index is stated by nobody', async () => {
    const body = { fact: 'social_stability_index', value: 90, source: 'my opinion' };
    const { status, body: problem } = await trial.ask(officer, 'POST', `/incidents/${incident}/facts`, body);
    expect([status, problem.code]).toEqual([422, 'facts.computed']);
  });
});

const schemeOf = (desk: any, scheme: string) => desk.schemes.find((one: any) => one.scheme === scheme);

describe('the quantification table', () => {
  test('counts for nothing until a person of the centre signs it', async () => {
    const before = await must(liaison, 'GET', `/incidents/${incident}/grading`);
    expect(before.table).toBeNull();
    expect(before.made).toEqual([]);
    const { proposed, inForce } = await must(liaison, 'GET', '/quantification');
    expect(inForce).toBeNull();
    const body = { after: 0, table: proposed, reason: 'Judged by the expert group.' };
    expect((await trial.ask(person('hospital', 'administrator'), 'POST', '/quantification', body)).status).toBe(403);
    const signed = await must(officer, 'POST', '/quantification', body);
    expect(signed.inForce).toMatchObject({ version: 1, seal: 'sealed' });
    expect((await trial.ask(officer, 'POST', '/quantification', body)).body.code).toBe('quantification.newer');
  });

  test('then its words follow from quantities, and what is open is graded anew', async () => {
    while (await regradeByTable(trial.center));
    const desk = await must(liaison, 'GET', `/incidents/${incident}/grading`);
    expect(desk.table).toMatchObject({ version: 1 });
    // More than half an hour and less than three: at least considerable.
    const loss = desk.facts.find((one: any) => one.fact === 'system_loss');
    expect(loss).toMatchObject({ origin: 'table', value: { kind: 'terms', min: 'considerable', max: 'extremely_severe' } });
    expect(schemeOf(desk, 'gbz-20986-2007')).toMatchObject({ floor: 3, confidence: 'H' });
    const { grades } = await must(liaison, 'GET', `/incidents/${incident}`);
    expect(grades.find((one: any) => one.scheme === 'gbz-20986-2007').floor).toBe(3);
    expect(desk.made.find((one: any) => one.fact === 'system_loss').mark).toBe('U');
  });

  test('a table whose words could fall with more harm is refused', async () => {
    const { table } = await must(officer, 'GET', '/quantification');
    table.indices[0].parts[0].points.reverse();
    const { status, body } = await trial.ask(officer, 'POST', '/quantification', { after: 1, table, reason: 'r' });
    expect([status, body.code]).toEqual([422, 'quantification.table']);
  });
});

describe('what is tried', () => {
  test('grades under every scheme and writes nothing', async () => {
    const audit = async () => (await trial.center.audit.verify()).entries;
    const before = await audit();
    const body = { incident, facts: { people_affected: 20_000_000, service_outage_minutes: null } };
    const desk = await must(liaison, 'POST', '/grading/preview', body);
    expect(schemeOf(desk, 'cn-reporting-2025')).toMatchObject({ floor: 1, ceiling: 1, leastRegret: { level: 1, worst: 0 } });
    expect(desk.facts.find((one: any) => one.fact === 'people_affected').origin).toBe('tried');
    expect(await audit()).toBe(before);
    const own = await must(liaison, 'GET', `/incidents/${incident}/grading`);
    expect(own.facts.some((one: any) => one.fact === 'people_affected')).toBe(false);
  });

  test('without an incident too; what is no fact is refused', async () => {
    const desk = await must(liaison, 'POST', '/grading/preview', { facts: { cii_total_outage_hours: { min: 2, max: 20 } } });
    const guide = schemeOf(desk, 'cn-reporting-2025');
    expect([guide.floor, guide.ceiling]).toEqual([2, 1]);
    expect(guide.leastRegret).toMatchObject({ level: 1, worst: 1 });
    expect(desk.next.length).toBeGreaterThan(0);
    expect((await trial.ask(liaison, 'POST', '/grading/preview', { facts: { mood: 1 } })).status).toBe(422);
  });
});

describe('the history of grades', () => {
  test('is sealed by the audit, whole grade by whole grade', async () => {
    const { items } = await must(officer, 'GET', `/incidents/${incident}/grades?whole=true`);
    expect(items.length).toBeGreaterThan(3);
    expect(new Set(items.map((one: any) => one.seal))).toEqual(new Set(['sealed']));
    expect(items.every((one: any) => one.audit > 0)).toBe(true);
    const own = await must(liaison, 'GET', `/incidents/${incident}/grades`);
    expect(own.items.every((one: any) => one.audit === null && one.seal === 'sealed')).toBe(true);
  });

  test('shows when a grade was changed behind its back', async () => {
    await trial.center.database.system((tx) =>
      tx.query(`update grade set floor = 4 where incident = $1 and scheme = 'gbz-20986-2007' and floor = 3`, [incident]),
    );
    const { items } = await must(officer, 'GET', `/incidents/${incident}/grades`);
    expect(items.filter((one: any) => one.seal === 'differs').map((one: any) => one.scheme)).toContain('gbz-20986-2007');
    await trial.center.database.system((tx) =>
      tx.query(`update grade set body = jsonb_set(body, '{confidence}', '"M"') where incident = $1 and scheme = 'cn-miit-2017'`, [
        incident,
      ]),
    );
    const whole = await must(officer, 'GET', `/incidents/${incident}/grades?whole=true`);
    expect(whole.items.filter((one: any) => one.seal === 'differs').map((one: any) => one.scheme)).toContain('cn-miit-2017');
  });
});

describe('a campaign', () => {
  let campaign: string;
  const open = async (people: number): Promise<string> => {
    const { id } = await must(officer, 'POST', '/incidents', { title: 'Small one', organisations: ['clinic'] });
    await must(officer, 'POST', `/incidents/${id}/facts`, { fact: 'direct_loss_cny', value: people, source: 'register' });
    return id;
  };

  test('of small incidents has the grade of what they do together', async () => {
    const small = [await open(3_000_000), await open(3_000_000)];
    for (const id of small) {
      const { grades } = await must(officer, 'GET', `/incidents/${id}`);
      expect(grades.find((one: any) => one.scheme === 'cn-reporting-2025').floor).toBe(4);
    }
    const made = await must(officer, 'POST', '/campaigns', {
      name: 'The same shop swindle',
      incidents: small,
      reason: 'The same host.',
    });
    campaign = made.id;
    expect(made).toMatchObject({ number: expect.stringMatching(/^CP-\d{4}-0001$/), incidents: 2, grade: { floor: 3 } });
    expect(made.together.find((one: any) => one.fact === 'direct_loss_cny')).toMatchObject({ rule: 'sum', stated: 2, silent: 0 });
    expect(made.desk.facts.find((one: any) => one.fact === 'direct_loss_cny').value).toEqual({
      kind: 'quantity',
      value: 6_000_000,
    });
  });

  test('is graded anew when one of its incidents changes, and keeps what was', async () => {
    const more = await open(30_000_000);
    await must(officer, 'POST', `/campaigns/${campaign}/change`, { add: [more], reason: 'The same host again.' });
    await must(officer, 'POST', `/incidents/${more}/facts`, { fact: 'direct_loss_cny', value: 95_000_000, source: 'register' });
    await gradeCampaignsDue(trial.center);
    const view = await must(officer, 'GET', `/campaigns/${campaign}`);
    const leading = view.history.filter((one: any) => one.scheme === 'cn-reporting-2025').map((one: any) => one.floor);
    expect(leading).toEqual([3, 2, 1]);
    const without = await must(officer, 'POST', `/campaigns/${campaign}/change`, { remove: [more], reason: 'Another matter.' });
    expect(without).toMatchObject({ incidents: 2, grade: { floor: 3 } });
    expect(without.members.find((one: any) => one.incident === more).removed).toMatchObject({ reason: 'Another matter.' });
  });

  test('is the centre’s alone', async () => {
    expect((await trial.ask(person('clinic', 'administrator'), 'GET', `/campaigns/${campaign}`)).status).toBe(404);
    expect((await must(person('clinic', 'administrator'), 'GET', '/campaigns')).items).toEqual([]);
    const { status } = await trial.ask(liaison, 'POST', '/campaigns', { name: 'n', incidents: [incident], reason: 'r' });
    expect(status).toBe(403);
  });
});
