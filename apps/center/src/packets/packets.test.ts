/** From a flow of a finding to its packets, through the doors that people and sensors use. */

import { zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AuditView, LinkView } from '@forewarn/model/api';
import type { StreamView } from '@forewarn/model/packet';
import type { SensorReport } from '@forewarn/model/sensor';
import { writeEstate } from '@forewarn/store/resources/estate';
import { datagram, pcapOf } from '../testing/capture.ts';
import { openTrialCenter, person, type Person, type Trial } from '../testing/center.ts';
import { fillEstate, finding, hospitalIncident, recordFindings, smallEstate } from '../testing/estate.ts';
import { tidyPackets } from './tidy.ts';

let trial: Trial;
let incident = '';
const tokens: { [sensor: string]: string } = {};
const administrator = person('hospital', 'administrator');
const analyst = person('hospital', 'analyst');
const officer = person('centre', 'duty-officer');
const liaison = person('hospital', 'liaison-officer');

const start = 1_763_999_000;
const flow = (uid: string, source: string, more: object = {}) => ({
  ts: start,
  uid,
  'id.orig_h': source,
  'id.orig_p': 40_000,
  'id.resp_h': '10.20.1.21',
  'id.resp_p': 53,
  proto: 'udp',
  duration: 2,
  orig_ip_bytes: 100,
  resp_ip_bytes: 300,
  ...more,
});

beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
  incident = await hospitalIncident(trial.center);
  for (const organisation of ['hospital', 'stranger']) {
    const sensor = `${organisation}-sensor`;
    const admin = person(organisation, 'administrator');
    tokens[sensor] = (await trial.ask(admin, 'POST', `/sensors/${sensor}/token`)).body.token;
  }
  const envelope = { networkType: 'computer', source: 'eth1', marking: 'TLP:AMBER' } as const;
  await trial.records.insertBatch(
    { ...envelope, sensor: 'hospital-sensor', organisation: 'hospital', link: 'hospital-link' },
    {
      id: 'a'.repeat(64),
      source: 'eth1',
      logs: {
        conn: [
          // The evidence of finding-1; another flow of its host; one a day later; one of another host.
          flow('Chospital1', '10.20.10.99'),
          flow('Cnear', '10.20.10.57'),
          flow('Clate', '10.20.10.57', { ts: start + 86_400 }),
          flow('Cother', '10.20.10.99', { 'id.resp_h': '10.20.1.98' }),
        ],
        dns: [{ ts: start + 0.123_456, uid: 'Cnear', 'id.orig_h': '10.20.10.57', 'id.resp_h': '10.20.1.21', proto: 'udp' }],
      },
    },
  );
  // The same private address, and the same uid, at another organisation.
  await trial.records.insertBatch(
    { ...envelope, sensor: 'stranger-sensor', organisation: 'stranger', link: 'stranger-link' },
    { id: 'b'.repeat(64), source: 'eth1', logs: { conn: [flow('Cnear', '10.20.10.57'), flow('Cstrange', '10.20.10.57')] } },
  );
});
afterAll(() => trial.end());

async function sensorAsks(
  path: string,
  body: object | Uint8Array<ArrayBuffer>,
  headers: { [name: string]: string } = {},
  sensor = 'hospital-sensor',
) {
  const raw = body instanceof Uint8Array;
  const response = await trial.app.request(`/api/v1/intake${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${tokens[sensor]}`,
      'content-type': raw ? 'application/vnd.tcpdump.pcap' : 'application/json',
      ...headers,
    },
    body: raw ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

const report = (packets: SensorReport['packets'], more: Partial<SensorReport> = {}) =>
  sensorAsks('/reports', {
    input: 'interface',
    startedAt: 1,
    stopping: false,
    settings: { version: 0, refused: null },
    stats: { ts: trial.clock.at, span: 60 },
    lost: { batches: 0, records: 0 },
    ...(packets === undefined ? {} : { packets }),
    ...more,
  });

const ring = { from: start - 1_000, to: start + 100_000, bytes: 5_000_000, packets: 40_000, dropped: 0 };
const setPolicy = (who: Person, after: number, values: object, link = 'hospital-link') =>
  trial.ask(who, 'PUT', `/links/${link}/policy`, { after, values });
const packets = {
  depth: 'packets',
  keepHours: 48,
  keepBytes: 1_000_000_000,
  purpose: 'The records of patients stand behind it.',
};
const linkOf = async (who = analyst) => (await trial.ask(who, 'GET', '/links/hospital-link')).body;
const auditOf = async (who: Person, action: string) =>
  ((await trial.ask(who, 'GET', `/audit?limit=500`)).body.items as AuditView[]).filter((entry) => entry.action === action);

describe('the policy of a link', () => {
  test('elements unless somebody says otherwise', async () => {
    expect(await linkOf()).toMatchObject({ policy: null, depth: 'elements', ring: null, editions: [], role: 'primary' });
    const { body } = await report({ version: 0, ring: null });
    expect(body.packets).toBe(null);
  });

  test('is set by those who may, for a reason, of a primary link', async () => {
    expect((await setPolicy(analyst, 0, packets)).status).toBe(403);
    expect((await setPolicy(liaison, 0, packets)).status).toBe(403);
    const codes = async (values: object) => (await setPolicy(administrator, 0, values)).body.code;
    expect(await codes({ ...packets, purpose: ' ' })).toBe('link.policy.purpose');
    expect(await codes({ ...packets, keepHours: 721 })).toBe('request.invalid');
    expect(await codes({ ...packets, keepBytes: 5e12 })).toBe('request.invalid');
    const grant = { log: 'http', field: 'uri', purpose: 'p', until: '2026-01-01T00:00:00Z' };
    expect(await codes({ ...packets, content: [{ ...grant, field: 'method' }] })).toBe('link.policy.field');
    expect(await codes({ ...packets, content: [{ ...grant, log: 'http', field: 'password' }] })).toBe('link.policy.field');
    expect(await codes({ ...packets, content: [{ ...grant, until: '2036-01-01T00:00:00Z' }] })).toBe('link.policy.until');
    const [link] = smallEstate.links;
    await trial.center.database.system((tx) => writeEstate(tx, { links: [{ ...link!, role: 'secondary' }] }));
    expect(await codes(packets)).toBe('link.policy.secondary');
    expect(await codes({ depth: 'elements', content: [grant] })).toBe('link.policy.secondary');
    await trial.center.database.system((tx) => writeEstate(tx, { links: [link!] }));
  });

  test('has editions, stands in the audit, and reaches its sensors with the next answer', async () => {
    const first = await setPolicy(administrator, 0, packets);
    expect([first.status, first.body.version]).toEqual([201, 1]);
    expect((await setPolicy(officer, 0, packets)).body.code).toBe('link.policy.changed');
    const content = [{ log: 'http', field: 'uri', purpose: 'p', until: '2026-01-01T00:00:00.000Z' }];
    expect((await setPolicy(officer, 1, { ...packets, keepHours: 24, content })).body).toMatchObject({
      version: 2,
      values: { content },
    });
    expect(await linkOf()).toMatchObject({
      depth: 'packets',
      policy: { version: 2, values: { keepHours: 24 } },
      editions: [{ version: 2 }, { version: 1 }],
    });
    const [entry] = await auditOf(administrator, 'link.policy');
    expect(entry).toMatchObject({ object: 'link/hospital-link', detail: { version: 1, purpose: packets.purpose } });
    const { body } = await report({ version: 0, ring: null });
    expect(body.packets).toEqual({ version: 2, keepHours: 24, keepBytes: 1_000_000_000 });
    await report({ version: 2, ring });
    expect((await auditOf(administrator, 'link.policy.follow'))[0]).toMatchObject({
      actor: 'sensor:hospital-sensor',
      detail: { version: 2 },
    });
    expect(await linkOf()).toMatchObject({
      sensors: [{ id: 'hospital-sensor', policyInForce: 2, ring: { bytes: 5_000_000 } }],
      ring: { packets: 40_000, from: '2025-11-24T15:26:40.000Z' },
    });
    expect((await sensorAsks('/reports', {}, {}, 'stranger-sensor')).status).toBe(422);
  });

  test('does not count while the link is secondary', async () => {
    const [link] = smallEstate.links;
    await trial.center.database.system((tx) => writeEstate(tx, { links: [{ ...link!, role: 'secondary' }] }));
    expect((await report({ version: 2, ring })).body.packets).toBe(null);
    expect((await linkOf()).depth).toBe('elements');
    await trial.center.database.system((tx) => writeEstate(tx, { links: [link!] }));
    expect((await report({ version: 2, ring })).body.packets.version).toBe(2);
  });

  test('beside it stand what passed and what was found', async () => {
    const range = 'from=2025-11-24T15:00:00Z&to=2025-11-24T16:00:00Z';
    const { traffic, findings } = (await trial.ask(analyst, 'GET', `/links/hospital-link?${range}`)).body;
    const sum = (list: number[]): number => list.reduce((a, b) => a + b, 0);
    expect([sum(traffic.flows), sum(traffic.bytes)]).toEqual([3, 1_200]);
    expect(findings).toEqual({ count: 2, byLevel: { high: 2 } });
    const list = (await trial.ask(analyst, 'GET', `/links?${range}`)).body.items as LinkView[];
    expect(list.map(({ id }) => id)).toEqual(['hospital-link']);
    expect(list[0]!.traffic).toEqual(traffic);
  });
});

describe('a request for packets', () => {
  beforeAll(() => {
    (trial.center.packets as { hours: number }).hours = 1;
  });
  const ask = (who: Person, body: object) => trial.ask(who, 'POST', '/packet-requests', { log: 'conn', ...body });
  beforeEach(() => report({ version: 2, ring }));

  test('needs the permission, which an administrator does not have', async () => {
    for (const who of [administrator, person('centre', 'administrator'), liaison, person('hospital', 'regulator')]) {
      expect((await ask(who, { uid: 'Cnear', finding: 'finding-1' })).status).toBe(403);
      expect((await trial.ask(who, 'GET', '/packet-requests')).status).toBe(403);
    }
  });

  test('is bound to a finding or incident that the flow has to do with', async () => {
    expect((await ask(analyst, { uid: 'Cnear' })).body.code).toBe('request.invalid');
    expect((await ask(analyst, { uid: 'Cnear', finding: 'finding-1', incident })).body.code).toBe('request.invalid');
    expect((await ask(analyst, { uid: 'Cnear', finding: 'no-such' })).status).toBe(404);
    expect((await ask(analyst, { uid: 'Cnosuch', finding: 'finding-1' })).status).toBe(404);
    expect((await ask(analyst, { log: 'nosuch', uid: 'Cnear', finding: 'finding-1' })).status).toBe(404);
    for (const uid of ['Cother', 'Clate']) {
      expect((await ask(analyst, { uid, finding: 'finding-1' })).body.code).toBe('packets.unbound');
      expect((await ask(analyst, { uid, incident })).body.code).toBe('packets.unbound');
    }
    // The stranger's 10.20.10.57 is another machine, for the centre too.
    expect((await ask(officer, { uid: 'Cstrange', finding: 'finding-1' })).body.code).toBe('packets.unbound');
    const evidence = await ask(analyst, { uid: 'Chospital1', finding: 'finding-1' });
    expect([evidence.status, evidence.body.state]).toEqual([201, 'waiting']);
    expect((await ask(officer, { uid: 'Cnear', incident })).body).toMatchObject({ organisation: 'hospital', state: 'waiting' });
  });

  test('a stranger’s own flow cannot be bound to another’s finding, known or not', async () => {
    const stranger = person('stranger', 'duty-officer');
    const foreign = await ask(stranger, { uid: 'Cstrange', finding: 'finding-1' });
    const absent = await ask(stranger, { uid: 'Cstrange', finding: 'finding-0' });
    expect([foreign.status, foreign.text]).toEqual([404, absent.text]);
  });

  test('reaches the sensor that holds a question open, and comes back with the packets', async () => {
    const frames = [
      datagram({ from: { address: '10.20.10.57', port: 40_000 }, to: { address: '10.20.1.21', port: 53 }, payload: 'question' }),
      datagram({ from: { address: '10.20.1.21', port: 53 }, to: { address: '10.20.10.57', port: 40_000 }, payload: 'answer' }),
    ];
    // What waited from before goes out first.
    await sensorAsks('/orders', { version: 2, wait: 0 });
    const held = sensorAsks('/orders', { version: 2, wait: 20 });
    const asked = await ask(analyst, {
      log: 'dns',
      uid: 'Cnear',
      ts: start + 0.123_456,
      finding: 'finding-1',
      purpose: 'Is it a tunnel?',
    });
    expect(asked.body).toMatchObject({
      state: 'waiting',
      sensor: 'hospital-sensor',
      link: 'hospital-link',
      purpose: 'Is it a tunnel?',
      flow: { uid: 'Cnear', proto: 'udp', originator: { address: '10.20.10.57', port: 40_000 } },
    });
    const { id } = asked.body;
    const orders = (await held).body;
    expect(orders.requests).toEqual([{ id, uid: 'Cnear', from: start - 2, to: start + 4 }]);
    // Given once a minute, until it is answered.
    expect((await sensorAsks('/orders', { version: 2, wait: 0 })).body.requests).toEqual([]);
    trial.clock.at += 61;
    expect((await sensorAsks('/orders', { version: 2, wait: 0 })).body.requests).toContainEqual(orders.requests[0]);

    expect((await trial.ask(analyst, 'GET', `/packet-requests/${id}/packets`)).body.code).toBe('packets.waiting');
    const capture = new Uint8Array(zstdCompressSync(pcapOf(frames, start)));
    const path = `/packets/${id}?packets=2&bytes=100&part=ring-later`;
    expect((await sensorAsks(path, capture, { 'content-encoding': 'zstd' }, 'stranger-sensor')).status).toBe(404);
    expect((await sensorAsks(path, {})).body.code).toBe('request.type');
    expect((await sensorAsks(path, capture, { 'content-encoding': 'zstd' })).status).toBe(204);
    expect((await sensorAsks(path, capture, { 'content-encoding': 'zstd' })).body.code).toBe('packets.answered');

    const ready = (await trial.ask(analyst, 'GET', `/packet-requests/${id}`)).body;
    expect(ready).toMatchObject({
      state: 'ready',
      packets: 2,
      bytes: 100,
      reason: null,
      partial: [{ text: 'center.packets.part.ring-later' }],
    });
    const list = (await trial.ask(analyst, 'GET', `/packet-requests/${id}/packets`)).body;
    expect(list).toMatchObject({ total: 2, items: [{ direction: 0, destination: '10.20.1.21' }, { direction: 1 }] });
    const second = (await trial.ask(analyst, 'GET', `/packet-requests/${id}/packets/2`)).body;
    expect(Buffer.from(second.bytes, 'base64')).toEqual(frames[1]);
    expect((await trial.ask(analyst, 'GET', `/packet-requests/${id}/packets/3`)).status).toBe(404);
    const stream = (await trial.ask(analyst, 'GET', `/packet-requests/${id}/stream`)).body as StreamView;
    expect(stream.pieces.map((piece) => [piece.direction, Buffer.from(piece.bytes, 'base64').toString()])).toEqual([
      [0, 'question'],
      [1, 'answer'],
    ]);
    const file = await trial.app.request(`/api/v1/packet-requests/${id}/pcap`, { headers: await trial.headersOf(analyst) });
    expect(file.headers.get('content-disposition')).toBe('attachment; filename="Cnear.pcap"');
    expect(Buffer.from(await file.arrayBuffer())).toEqual(pcapOf(frames, start));

    // The same question again brings the same packets; the centre's look is in both audits.
    expect((await ask(officer, { uid: 'Cnear', finding: 'finding-1', purpose: 'For the handover' })).body.id).toBe(id);
    await trial.ask(officer, 'GET', `/packet-requests/${id}/packets`);
    const of = async (action: string) =>
      (await auditOf(administrator, action)).filter(({ object }) => object === `packets/${id}`);
    expect((await of('packets.request')).map(({ detail }) => detail)).toEqual([
      {
        finding: 'finding-1',
        flow: 'Cnear',
        sensor: 'hospital-sensor',
        state: 'ready',
        purpose: 'For the handover',
        byOrganisation: 'centre',
      },
      { finding: 'finding-1', flow: 'Cnear', sensor: 'hospital-sensor', state: 'waiting', purpose: 'Is it a tunnel?' },
    ]);
    // Pages of one look are one entry.
    expect((await of('packets.view')).map(({ organisation, detail }) => [organisation, detail.byOrganisation])).toEqual([
      ['hospital', 'centre'],
      ['hospital', undefined],
    ]);
    expect([(await of('packets.stream')).length, (await of('packets.download')).length]).toEqual([1, 1]);
    const mine = (await trial.ask(analyst, 'GET', '/packet-requests?finding=finding-1&uid=Cnear')).body.items;
    expect(mine.map(({ id: its }: { id: string }) => its)).toEqual([id]);

    // When their time is over they are gone, and the row says so.
    trial.clock.at += 3_599 - 62;
    await tidyPackets(trial.center);
    expect(trial.center.packets.files.ids).toEqual([id]);
    trial.clock.at += 63;
    await tidyPackets(trial.center);
    expect(trial.center.packets.files.ids).toEqual([]);
    expect((await trial.ask(analyst, 'GET', `/packet-requests/${id}`)).body).toMatchObject({
      state: 'none',
      reason: { text: 'center.packets.none.removed' },
      packets: 2,
    });
    expect((await trial.ask(analyst, 'GET', `/packet-requests/${id}/pcap`)).body.code).toBe('packets.none');
  });

  test('a reader of changes is told when they come', async () => {
    const { body } = await ask(analyst, { uid: 'Cnear', finding: 'finding-1' });
    const events = await trial.app.request('/api/v1/events', {
      headers: { ...(await trial.headersOf(analyst)), 'last-event-id': '00000000-0000-7000-8000-000000000000' },
    });
    const told = (async () => {
      let text = '';
      const reader = events.body!.getReader();
      const decoder = new TextDecoder();
      // Once when it was asked for, once when it is answered.
      while (text.split(body.id).length < 3) {
        const { value, done } = await reader.read();
        if (done) break;
        text += decoder.decode(value, { stream: true });
      }
      await reader.cancel();
      return text;
    })();
    expect((await sensorAsks(`/packets/${body.id}/none`, { reason: 'unknown-flow' })).status).toBe(204);
    expect(await told).toContain(`event: packets\ndata: {"kind":"packets","id":"${body.id}"`);
    expect((await trial.ask(analyst, 'GET', `/packet-requests/${body.id}`)).body).toMatchObject({
      state: 'none',
      reason: { text: 'center.packets.none.sensor-unknown-flow', values: { sensor: 'hospital-sensor' } },
      advice: { text: 'center.packets.todo.sensor-unknown-flow' },
    });
  });

  test('a capture that is not what was announced ends it; so does time', async () => {
    const frame = datagram({ from: { address: '10.20.10.57', port: 1 }, to: { address: '10.20.1.21', port: 53 }, payload: 'x' });
    const bad = (await ask(analyst, { uid: 'Cnear', finding: 'finding-1' })).body.id;
    const cut = pcapOf([frame, frame], start).subarray(0, -5);
    expect((await sensorAsks(`/packets/${bad}?packets=2&bytes=1`, new Uint8Array(cut))).body.code).toBe('packets.malformed');
    expect((await trial.ask(analyst, 'GET', `/packet-requests/${bad}`)).body).toMatchObject({
      state: 'failed',
      reason: { text: 'center.packets.none.malformed', values: { packets: 2, found: 1 } },
    });
    const noise = (await ask(analyst, { uid: 'Cnear', finding: 'finding-1' })).body.id;
    expect(
      (await sensorAsks(`/packets/${noise}?packets=1&bytes=1`, new Uint8Array(Buffer.from('not a capture at all, only text'))))
        .body.code,
    ).toBe('packets.malformed');
    const late = (await ask(analyst, { uid: 'Cnear', finding: 'finding-1' })).body.id;
    trial.clock.at += 119;
    await tidyPackets(trial.center);
    expect((await trial.ask(analyst, 'GET', `/packet-requests/${late}`)).body.state).toBe('waiting');
    trial.clock.at += 2;
    await tidyPackets(trial.center);
    expect((await trial.ask(analyst, 'GET', `/packet-requests/${late}`)).body).toMatchObject({
      state: 'none',
      reason: { text: 'center.packets.none.unanswered' },
    });
    expect((await sensorAsks(`/packets/${late}?packets=1&bytes=1`, new Uint8Array(pcapOf([frame], start)))).body.code).toBe(
      'packets.answered',
    );
    expect(trial.center.packets.files.ids).toEqual([]);
  });

  test('packets that are on their way over a thin line are not given up', async () => {
    const { id } = (await ask(analyst, { uid: 'Cnear', finding: 'finding-1' })).body;
    const ends = { from: { address: '10.20.10.57', port: 1 }, to: { address: '10.20.1.21', port: 53 } };
    const capture = new Uint8Array(pcapOf([datagram({ ...ends, payload: 'x' })], start));
    let finish = (): void => undefined;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(capture.subarray(0, 30));
        finish = () => {
          controller.enqueue(capture.subarray(30));
          controller.close();
        };
      },
    });
    const answer = trial.app.request(`/api/v1/intake/packets/${id}?packets=1&bytes=1`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens['hospital-sensor']}`, 'content-type': 'application/vnd.tcpdump.pcap' },
      body,
      duplex: 'half',
    } as RequestInit);
    await expect.poll(() => trial.center.packets.arriving.has(id), { timeout: 10_000 }).toBe(true);
    trial.clock.at += 300;
    await tidyPackets(trial.center);
    finish();
    expect((await answer).status).toBe(204);
    expect((await trial.ask(analyst, 'GET', `/packet-requests/${id}`)).body.state).toBe('ready');
    await trial.center.packets.files.remove(id);
    await tidyPackets(trial.center);
    expect((await trial.ask(analyst, 'GET', `/packet-requests/${id}`)).body.reason.text).toBe('center.packets.none.removed');
  });

  test('why there are none is said at once where it is known', async () => {
    trial.clock.at += 3_600;
    expect((await ask(analyst, { uid: 'Cnear', finding: 'finding-1' })).body).toMatchObject({
      state: 'none',
      reason: { text: 'center.packets.none.silent' },
    });
    await report({ version: 2, ring }, { stopping: true });
    expect((await ask(analyst, { uid: 'Cnear', finding: 'finding-1' })).body.reason.text).toBe('center.packets.none.stopped');
    await report(undefined);
    expect((await ask(analyst, { uid: 'Cnear', finding: 'finding-1' })).body.reason.text).toBe('center.packets.none.too-old');
    await setPolicy(officer, 2, { depth: 'elements' });
    const { body } = await ask(analyst, { uid: 'Cnear', finding: 'finding-1' });
    expect(body.reason).toEqual({ text: 'center.packets.none.elements', values: { link: 'hospital-link' } });
    // Orders bring the change at once, whatever the sensor waits for.
    expect((await sensorAsks('/orders', { version: 2, wait: 20 })).body).toMatchObject({ packets: null, requests: [] });
  });

  test('questions for orders end with the policy, with the asker, and are not without number', async () => {
    const held = sensorAsks('/orders', { version: 0, wait: 20 });
    await setPolicy(officer, 3, packets);
    expect((await held).body.packets).toMatchObject({ version: 4 });
    const leaving = new AbortController();
    const many = Array.from({ length: 4 }, async () =>
      trial.app.request('/api/v1/intake/orders', {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens['hospital-sensor']}`, 'content-type': 'application/json' },
        body: JSON.stringify({ version: 4, wait: 25 }),
        signal: leaving.signal,
      }),
    );
    // The fifth, once the four are there.
    let fifth = 0;
    for (let tries = 0; tries < 200 && fifth !== 429; tries++)
      fifth = (await sensorAsks('/orders', { version: 4, wait: 0 })).status;
    expect(fifth).toBe(429);
    leaving.abort();
    await Promise.allSettled(many);
    expect((await sensorAsks('/orders', { version: 4, wait: 0 })).status).toBe(200);
    const { status } = await trial.ask(analyst, 'POST', '/intake/orders', { version: 0 });
    expect(status).toBe(403);
  });

  test('room for new packets is made by those that would leave first', async () => {
    const frame = datagram({
      from: { address: '10.20.10.57', port: 1 },
      to: { address: '10.20.1.21', port: 53 },
      payload: 'x'.repeat(1_000),
    });
    const capture = pcapOf([frame], start);
    (trial.center.packets as { bytesMax: number }).bytesMax = capture.length * 2;
    const ids: string[] = [];
    for (const name of ['finding-21', 'finding-22', 'finding-23']) {
      await recordFindings(trial.center, [{ finding: finding(name), sensor: 'hospital-sensor', seenBy: 'hospital' }]);
      await report({ version: 4, ring });
      const { id } = (await ask(analyst, { uid: 'Cnear', finding: name })).body;
      trial.clock.at += 1;
      expect((await sensorAsks(`/packets/${id}?packets=1&bytes=1`, new Uint8Array(capture))).status).toBe(204);
      ids.push(id);
    }
    expect(trial.center.packets.files.ids.toSorted()).toEqual(ids.slice(1).toSorted());
    expect((await trial.ask(analyst, 'GET', `/packet-requests/${ids[0]}`)).body.reason.text).toBe('center.packets.none.no-room');
  });
});
