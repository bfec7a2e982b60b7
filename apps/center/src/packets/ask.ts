/**
 * Asking for the packets of one flow. Nobody browses packets: each request is for a flow that somebody found something about, bound to that
 * finding or incident, for a purpose, and audited – with those whose traffic it is, too, when another asks.
 */

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import type { Seconds } from '@forewarn/base/time';
import { isSilent } from '@forewarn/detect/sensors/watch';
import { PacketRequestView } from '@forewarn/model/api';
import { recordType } from '@forewarn/model/records/index';
import type { RecordRow, RecordScope } from '@forewarn/store/clickhouse/records';
import type { Transaction } from '@forewarn/store/postgres/database';
import { findEstate } from '@forewarn/store/resources/estate';
import { findFinding, findingAbout } from '@forewarn/store/resources/findings';
import { findIncident } from '@forewarn/store/resources/incidents';
import { policiesOf } from '@forewarn/store/resources/links';
import {
  addPacketRequest,
  countWaiting,
  sameRequest,
  type FlowEnd,
  type PacketRequest,
} from '@forewarn/store/resources/packet-requests';
import { findSensor, findSensorState } from '@forewarn/store/resources/sensors';
import { act } from '../act.ts';
import { recordScopeOf } from '../api/records.ts';
import { route } from '../api/route.ts';
import type { Center } from '../center-parts.ts';
import { found, invalid, notFound } from '../refusals.ts';
import { requestView } from './view.ts';
import { whyNot } from './why-not.ts';

/** Requests that wait for one sensor: more than a team looks into at once; each may bring fifty megabytes over the sensor's line. */
const waitingMax = 20;

/** Records of one flow that are looked at; they differ in time only. */
const rowsMax = 1_000;

/** Editions that are looked back through for when packets began to be kept. */
const editionsMax = 100;

/** Of a flow whose end was not told yet the other records say only that it went on; its packets are looked for an hour around. */
const openFlowSeconds = 3_600;

type SeenFlow = {
  organisation: string;
  sensor: string;
  link: string | null;
  source: string;
  from: Seconds;
  to: Seconds;
  proto: string | null;
  service: string | null;
  originator: FlowEnd | null;
  responder: FlowEnd | null;
};

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function endOf(row: RecordRow, side: 'orig' | 'resp'): FlowEnd | null {
  const address = text(row[`id.${side}_h`]);
  const port = row[`id.${side}_p`];
  return address === null ? null : { address, port: typeof port === 'number' ? port : null };
}

/** The flows of this uid that the asker may read of, one for each sensor that saw one. */
async function flowsOf(
  center: Center,
  scope: RecordScope,
  asked: { log: string; uid: string; ts?: number | undefined },
): Promise<SeenFlow[]> {
  const type = recordType(asked.log);
  if (!type || !Object.hasOwn(type.columns, 'uid')) throw notFound();
  const where = { kind: 'text', field: 'uid', op: 'equals', value: asked.uid, cased: true } as const;
  const rowsOf = (log: string): Promise<RecordRow[]> =>
    center.records.query(scope, { from: [log], where, order: [{ field: 'ts' }], limit: rowsMax });
  const rows = await rowsOf(asked.log);
  const ends = asked.log === 'conn' ? rows : await rowsOf('conn');
  const flows = new Map<string, SeenFlow>();
  for (const row of rows) {
    const ts = Number(row['ts']);
    // An instant that went through JSON and back is the same number; half a microsecond is for those who rounded.
    if (asked.ts !== undefined && Math.abs(ts - asked.ts) > 0.5e-6) continue;
    const [organisation, sensor] = [String(row['_organisation']), String(row['_sensor'])];
    const key = `${organisation}\n${sensor}`;
    if (flows.has(key)) continue;
    const end = ends.find((one) => one['_organisation'] === organisation && one['_sensor'] === sensor);
    const started = end === undefined ? undefined : Number(end['ts']);
    flows.set(key, {
      organisation,
      sensor,
      link: text(row['_link']),
      source: String(row['_source'] ?? ''),
      from: started ?? ts - openFlowSeconds,
      to: started === undefined ? ts + openFlowSeconds : started + Number(end!['duration'] ?? 0),
      proto: text(end?.['proto']) ?? text(row['proto']),
      service: text(end?.['service']),
      originator: endOf(end ?? row, 'orig'),
      responder: endOf(end ?? row, 'resp'),
    });
  }
  return [...flows.values()];
}

export const askForPackets = route({
  method: 'post',
  path: '/packet-requests',
  access: 'packets:read',
  summary: 'Asks for the packets of a flow that has to do with a finding or incident; the sensor that kept them sends them.',
  body: z.strictObject({
    log: z.string().max(64).describe('The log of the record, such as conn or http.'),
    uid: z.string().min(1).max(100),
    ts: z.number().optional().describe('Of the record, where several of its log have the uid.'),
    finding: z.string().min(1).max(100).optional(),
    incident: z.string().min(1).max(100).optional(),
    purpose: z.string().trim().max(500).default(''),
  }),
  answer: PacketRequestView,
  status: 201,
  async handle({ center, principal, scope, body }) {
    if ((body.finding === undefined) === (body.incident === undefined)) {
      throw invalid('finding', 'Packets are asked for because of one finding or one incident.', 'Give "finding" or "incident".');
    }
    const bound: { finding: string } | { incident: string } =
      body.finding === undefined ? { incident: body.incident! } : { finding: body.finding };
    const flows = await flowsOf(center, recordScopeOf(principal), body);
    if (flows.length === 0) throw notFound();
    const { flow, request } = await center.database.scoped(scope, async (tx) => {
      if ('finding' in bound) found(await findFinding(tx, bound.finding));
      else found(await findIncident(tx, bound.incident));
      for (const one of flows) {
        const addresses = [one.originator, one.responder].flatMap((end) => end?.address ?? []);
        if ((await findingAbout(tx, bound, { ...one, uid: body.uid, addresses })) !== undefined) {
          return { flow: one, request: await newRequest(tx, center, one) };
        }
      }
      throw new Refusal('packets.unbound', 'This flow has nothing to do with what it is asked for.', {
        place: { field: 'finding' in bound ? 'finding' : 'incident' },
        advice:
          'A flow has to do with a finding when its record is among the evidence, or when the host that the finding is about is one of its ends within an hour of the finding.',
      });
    });

    async function newRequest(
      tx: Transaction,
      { clock }: Center,
      one: SeenFlow,
    ): Promise<Parameters<typeof addPacketRequest>[1]> {
      const sensor = await findSensor(tx, one.sensor);
      const state = sensor && (await findSensorState(tx, one.sensor));
      const link = one.link === null ? undefined : await findEstate(tx, 'links', one.link);
      const none = whyNot({
        flow: one,
        sensor: one.sensor,
        source: one.source,
        state,
        silent: state !== undefined && isSilent(state, { at: clock.now(), since: center.startedAt }, center.sensorRules),
        link: link && { id: link.id, role: link.role, editions: await policiesOf(tx, link.id, editionsMax) },
      });
      return {
        id: randomUUID(),
        organisation: one.organisation,
        sensor: one.sensor,
        link: one.link,
        log: body.log,
        uid: body.uid,
        from: one.from,
        to: one.to,
        flow: { proto: one.proto, service: one.service, originator: one.originator, responder: one.responder },
        finding: body.finding ?? null,
        incident: body.incident ?? null,
        purpose: body.purpose,
        at: clock.now(),
        by: principal.account,
        byOrganisation: principal.organisation,
        state: none ? 'none' : 'waiting',
        reason: none?.reason ?? null,
        advice: none?.advice ?? null,
      };
    }

    return act(center, principal, async (acting) => {
      const { tx } = acting;
      const same = request.state === 'waiting' ? await sameRequest(tx, request) : undefined;
      if (!same && request.state === 'waiting' && (await countWaiting(tx, flow.sensor)) >= waitingMax) {
        throw new Refusal('packets.busy', `${waitingMax} requests wait for this sensor already.`, {
          advice: 'Wait for some of them; they are answered or given up within two minutes.',
        });
      }
      const told: PacketRequest = same ?? {
        ...request,
        packets: null,
        bytes: null,
        part: [],
        givenAt: null,
        answeredAt: null,
        keptUntil: null,
      };
      if (!same) {
        await addPacketRequest(tx, request);
        acting.changed('packets', told.id, { organisation: told.organisation });
        if (told.state === 'waiting') tx.afterCommit(() => center.orders.wake(flow.sensor));
      }
      noteLook(acting, 'packets.request', { ...told, purpose: body.purpose });
      return requestView(told);
    });
  },
});

/** Who looked at whose packets, and because of what: in the audit of the asker's organisation, and of the one whose traffic it is. */
export function noteLook(
  { audit, doer }: Pick<Parameters<Parameters<typeof act>[2]>[0], 'audit' | 'doer'>,
  action: string,
  request: PacketRequest,
): void {
  const detail = {
    ...(request.finding === null ? {} : { finding: request.finding }),
    ...(request.incident === null ? {} : { incident: request.incident }),
    flow: request.uid,
    sensor: request.sensor,
    state: request.state,
    ...(request.purpose === '' ? {} : { purpose: request.purpose }),
  };
  const object = `packets/${request.id}`;
  audit(action, object, detail);
  if (request.organisation !== doer.organisation) {
    audit(action, object, { ...detail, byOrganisation: doer.organisation }, request.organisation);
  }
}
