/** One row in every table that belongs to the organisation `owner`, for the proofs of isolation. */

import type { Finding } from '@forewarn/model/finding';
import type { Notice } from '@forewarn/model/notice';
import type { Transaction } from '../../postgres/database.ts';
import { addCampaign, addCampaignGrade, addMembers } from '../campaigns.ts';
import { putClock } from '../clocks.ts';
import { removeEstate, writeEstate } from '../estate.ts';
import { putEstateImport } from '../estate-imports.ts';
import { noteChange } from '../changes.ts';
import { fillChannels } from './fill-channels.ts';
import { addFact } from '../facts.ts';
import { ExceptionTerms } from '@forewarn/model/noise';
import { putFinding } from '../findings.ts';
import { addException, addVerdicts } from '../noise.ts';
import { addChain, addPrevention, putCauses } from '../causes.ts';
import { addForecasts } from '../forecasts.ts';
import { addHunt } from '../hunts.ts';
import { addAllowed, addIndicatorList } from '../indicators.ts';
import { addGrade } from '../grades.ts';
import { addGroupingDecision, placeFindings, redirectCandidate } from '../grouping.ts';
import { addDecision, addEvent, addResponsibility, addTask, addTaskEvent, addTimeline } from '../histories.ts';
import { addFindings, addIncident, addParticipant } from '../incidents.ts';
import { nextNumber } from '../numbers.ts';
import { addWeight } from '../link-weights.ts';
import { addPolicy } from '../links.ts';
import { addNoticeContent, addNotices } from '../notices.ts';
import { addPacketRequest } from '../packet-requests.ts';
import { putProposals, putSurfacesSeen } from '../proposals.ts';
import { addReport, putCopy } from '../reports.ts';
import { putBaselineDecision, putSchedule } from '../schedules.ts';
import { addQuantification } from '../quantifications.ts';
import { addSensor, addSettings, countBatch, putSensorState } from '../sensors.ts';
import { defaultSensorSettings } from '@forewarn/model/sensor';
import { addReading } from '../situation.ts';
import { addChases, deliver, noteDone } from '../warning-audience.ts';
import { addWarning, addWarningEvent, putProposal } from '../warnings.ts';

const name = (id: string) => ({ en: `Name of ${id}`, zh: id });
const common = { region: 'north', overseenBy: null, contact: 'telephone' } as const;

export const aFinding: Finding = {
  id: 'finding-owner',
  from: 10,
  to: 20,
  rule: { id: 'rule', version: '1', kind: 'behaviour', name: 'Rule' },
  technique: ['T1046'],
  tactic: ['discovery'],
  level: 'high',
  confidence: 0.9,
  explanation: { text: 'detect.scan', values: { host: '10.9.8.7' } },
  source: '10.9.8.7',
  targets: ['10.9.8.8'],
  names: ['secret.owner.example'],
  records: [{ log: 'conn', uid: 'Cowner', ts: 10 }],
  recordCount: 1,
  harm: null,
};

const aNotice = (warning: string): Notice => ({
  kind: 'warning-issued',
  subject: { kind: 'warning', id: warning },
  number: 'EW-2026-0001',
  recipient: 'owner',
  marking: 'TLP:AMBER',
  urgency: 'exposure',
  colour: 'red',
  title: name('warning of owner'),
  lines: [],
  dueAt: null,
  at: 30,
});

export async function fill(tx: Transaction): Promise<void> {
  await writeEstate(tx, {
    organisations: [
      { ...common, id: 'centre', name: name('centre'), kind: 'centre', sector: 'government', reporter: 'national-cac' },
      {
        ...common,
        id: 'department',
        name: name('department'),
        kind: 'department',
        sector: 'health',
        reporter: 'cii-protection-department',
      },
      { ...common, id: 'owner', name: name('owner'), kind: 'operator', sector: 'health', reporter: 'cii-operator' },
      { ...common, id: 'helper', name: name('helper'), kind: 'operator', sector: 'telecom', reporter: 'network-operator' },
      { ...common, id: 'stranger', name: name('stranger'), kind: 'operator', sector: 'water', reporter: 'network-operator' },
    ],
    networks: [
      {
        id: 'owner-lan',
        organisation: 'owner',
        name: name('lan'),
        type: 'computer',
        addresses: ['10.9.0.0/16'],
        domains: ['owner.example'],
      },
    ],
    links: [
      {
        id: 'owner-link',
        organisation: 'owner',
        name: name('link'),
        tier: 'user',
        role: 'primary',
        capacityMbps: 100,
        from: 'owner-lan',
        to: 'owner-lan',
      },
    ],
    assets: [
      {
        id: 'owner-asset',
        organisation: 'owner',
        network: 'owner-lan',
        name: name('asset'),
        kind: 'server',
        importance: 'special',
        addresses: ['10.9.8.7'],
        names: [],
        businesses: ['owner-business'],
      },
    ],
    businesses: [
      { id: 'owner-business', organisation: 'owner', name: name('business'), usersServed: 10, valuePerHourCny: 5, surfaces: [] },
    ],
    nodes: [{ id: 'owner-node', organisation: 'owner', network: 'owner-lan', name: name('node'), kind: 'site' }],
    products: [{ id: 'owner-product', organisation: 'owner', name: name('product'), maker: 'Maker' }],
    systems: [
      {
        id: 'owner-system',
        organisation: 'owner',
        name: name('system'),
        importance: 'special',
        assets: ['owner-asset'],
        businesses: ['owner-business'],
      },
    ],
    data: [{ id: 'owner-data', organisation: 'owner', name: name('data'), system: 'owner-system', importance: 'special' }],
    applications: [
      {
        id: 'owner-application',
        organisation: 'owner',
        name: name('application'),
        importance: 'general',
        assets: ['owner-asset'],
        businesses: [],
      },
    ],
    components: [{ id: 'owner-component', organisation: 'owner', name: name('component'), asset: 'owner-asset' }],
  });
  const mistaken = { id: 'owner-mistaken', organisation: 'owner', name: name('mistaken'), maker: 'Maker' };
  await writeEstate(tx, { products: [mistaken] });
  await removeEstate(tx, 'products', { id: mistaken.id, version: 1, at: 1, by: 'account' });
  await putEstateImport(tx, {
    id: 'owner-import',
    organisation: 'owner',
    kind: 'assets',
    format: 'csv',
    name: 'assets.csv',
    check: false,
    state: 'done',
    rows: { total: 1, checked: 1, written: 1 },
    faults: [],
    faultCount: 0,
    at: 1,
    endedAt: 1,
    by: 'account',
    sha256: '0',
  });
  await addSensor(tx, {
    id: 'owner-sensor',
    organisation: 'owner',
    name: 'Sensor',
    link: 'owner-link',
    networkType: 'computer',
    marking: 'TLP:AMBER',
    createdAt: 1,
  });
  await putProposals(tx, [
    {
      id: 'owner-proposal',
      organisation: 'owner',
      kind: 'host',
      host: '10.9.8.9',
      matter: '',
      said: {},
      base: 0.8,
      confidence: 0.8,
      firstSeen: 10,
      lastSeen: 20,
      count: 2,
      log: 'known_hosts',
      sensor: 'owner-sensor',
      seenBy: 'owner',
    },
  ]);
  await putSurfacesSeen(tx, [
    { business: 'owner-business', kind: 'web', name: 'www.owner.example', organisation: 'owner', at: 20 },
  ]);
  const sensor = { sensor: 'owner-sensor', organisation: 'owner' };
  await putSensorState(tx, {
    ...sensor,
    reportedAt: 2,
    open: {},
    report: {
      input: 'interface',
      startedAt: 1,
      stopping: false,
      settings: { version: 1, refused: null },
      stats: { ts: 2 },
      lost: { batches: 0, records: 0 },
    },
  });
  await addSettings(tx, { ...sensor, after: 0, values: defaultSensorSettings, at: 2, by: 'officer' });
  await countBatch(tx, { ...sensor, at: 2, records: 3, logs: [{ log: 'conn', records: 3, lastAt: 1, withheld: 0 }] });
  await putFinding(tx, {
    finding: aFinding,
    access: [{ organisation: 'owner', part: 'source' }],
    sensor: 'owner-sensor',
    at: 21,
  });
  await addException(tx, {
    id: 'exception-owner',
    owner: 'owner',
    centre: false,
    terms: ExceptionTerms.parse({ kind: 'exception', rule: 'r', reason: 'Reason of owner', until: 100 }),
    at: 25,
    by: 'o',
  });
  await addVerdicts(tx, ['finding-owner'], {
    at: 26,
    verdict: 'expected',
    reason: 'Reason of owner',
    by: 'o',
    organisation: 'owner',
  });
  await addIncident(tx, {
    id: 'incident-owner',
    number: await nextNumber(tx, 'FW', 2026),
    candidate: 'candidate',
    title: { text: 'detect.scan', values: { host: '10.9.8.7' } },
    state: 'open',
    createdAt: 30,
    updatedAt: 30,
    from: 10,
    to: 20,
    marking: 'TLP:AMBER',
    hosts: ['10.9.8.7'],
    techniques: ['T1046'],
    reasons: [],
    stage: { stage: 'unknown', harmAt: null, reason: { text: 'assess.stage.unknown' } },
    grade: null,
    lead: { organisation: 'centre', since: 30 },
    cause: null,
    openedBy: 'system',
  });
  await addParticipant(tx, 'incident-owner', { organisation: 'owner', concerned: true, position: 0, reasons: [] });
  await addParticipant(tx, 'incident-owner', { organisation: 'helper', concerned: false, position: 1, reasons: [] });
  await addFindings(tx, 'incident-owner', ['finding-owner'], 30);
  await placeFindings(tx, ['finding-owner'], 'incident-owner', 30);
  await redirectCandidate(tx, 'candidate-owner', 'incident-owner', 30);
  const decided = { act: 'put-in', reason: 'Reason of owner', findings: ['finding-owner'], other: null } as const;
  await addGroupingDecision(tx, 'incident-owner', { ...decided, at: 30, by: 'o' });
  await addFact(tx, 'incident-owner', {
    fact: 'cii',
    value: { kind: 'boolean', value: true },
    source: 'estate',
    derived: true,
    by: 'o',
    organisation: 'owner',
    at: 30,
    enteredAt: 30,
  });
  await addChain(tx, 'incident-owner', { after: 0, chain: [], at: 30, by: 'o' });
  await putCauses(tx, 'incident-owner', { kind: 'unknown', reason: 'Reason of owner' }, 30);
  const point = { horizonSeconds: 1, expected: 4, lightest: 4, gravest: 4, courses: [], facts: [], at: 30, dueAt: 31, now: 4 };
  await addForecasts(tx, [{ ...point, incident: 'incident-owner', scheme: 's', model: '1' }]);
  const prevention = { organisation: 'owner', measure: null, title: 'Measure of owner', causes: ['flood'], owner: 'Office' };
  await addPrevention(tx, { ...prevention, state: 'proposed', since: 30, dueAt: null, doneAt: null, reason: null }, 'o');
  const grade = { scheme: 's', version: '1', floor: 4, ceiling: 1 } as never;
  await addGrade(tx, 'incident-owner', { at: 30, grade, digest: '0' });
  await addQuantification(tx, {
    version: 1,
    table: {} as never,
    digest: '0',
    signedAt: 1,
    signedBy: 'officer',
    reason: 'of the owner',
  });
  const campaign = await addCampaign(tx, {
    number: 'CP-2026-0001',
    name: 'Campaign of owner',
    note: '',
    createdAt: 1,
    createdBy: 'officer',
  });
  await addMembers(tx, campaign, ['incident-owner'], { at: 1, by: 'officer', reason: 'alike' });
  await addCampaignGrade(tx, campaign, {
    at: 30,
    grade: { scheme: 'scheme-owner', version: '1', floor: 4, ceiling: 1 } as never,
  });
  await addEvent(tx, 'incident-owner', {
    event: { event: 'found', at: 30 },
    enteredAt: 30,
    recordedBy: 'o',
    organisation: 'owner',
  });
  await addResponsibility(tx, 'incident-owner', { kind: 'open', at: 30, by: 'system', organisation: 'centre' });
  const task = await addTask(tx, 'incident-owner', { organisation: 'owner', createdAt: 30, by: 'o' });
  const created = { kind: 'create', at: 30, by: 'o', title: 'Task of owner', organisation: 'owner' } as const;
  await addTaskEvent(tx, { incident: 'incident-owner', task }, created);
  await addDecision(tx, 'incident-owner', {
    at: 30,
    by: 'o',
    organisation: 'owner',
    question: 'Question',
    options: ['A'],
    chosen: 'A',
    reasons: 'Reason',
    dissent: [],
  });
  await addTimeline(tx, 'incident-owner', {
    at: 30,
    enteredAt: 30,
    kind: 'note',
    text: { text: 'center.timeline.note' },
    by: null,
    reference: null,
    organisation: null,
  });
  await putClock(tx, {
    id: 'clock-owner',
    incident: 'incident-owner',
    organisation: 'owner',
    state: 'running',
    nextAt: 100,
    duty: { law: 'l', duty: 'd', startedAt: 30, dueAt: 130, metAt: null } as never,
  });
  await addWeight(tx, { link: 'owner-link', organisation: 'owner', after: 0, weight: 0.5, reason: 'Why', at: 2, by: 'officer' });
  const kept = { organisation: 'owner', at: 2, reason: 'Reason of owner', account: 'o' } as const;
  await putBaselineDecision(tx, { ...kept, subject: 'host 10.9.8.7', act: 'reset' });
  await putSchedule(tx, {
    kind: 'correlation',
    rule: 'rule',
    organisation: 'owner',
    title: 'Rule of owner',
    everySeconds: 3_600,
    level: 'high',
    owner: '',
    until: 1,
  });
  const policy = { depth: 'packets', keepHours: 24, keepBytes: 1e9, purpose: 'Reason of owner', content: [] } as const;
  await addPolicy(tx, {
    link: 'owner-link',
    organisation: 'owner',
    after: 0,
    policy: { ...policy, content: [] },
    at: 2,
    by: 'officer',
  });
  await addPacketRequest(tx, {
    id: '00000000-0000-4000-8000-000000000001',
    organisation: 'owner',
    sensor: 'owner-sensor',
    link: 'owner-link',
    log: 'conn',
    uid: 'Cowner',
    from: 10,
    to: 11,
    flow: { proto: 'tcp', service: null, originator: { address: '10.9.8.7', port: 1 }, responder: null },
    finding: 'finding-owner',
    incident: null,
    purpose: '',
    at: 40,
    by: 'officer',
    byOrganisation: 'centre',
    state: 'waiting',
    reason: null,
    advice: null,
  });
  const warning = {
    number: await nextNumber(tx, 'EW', 2026),
    owner: 'owner',
    state: 'draft',
    colour: 'red',
    incident: null,
    createdAt: 30,
    issuedAt: null,
    issuedBy: null,
    validUntil: null,
    liftedAt: null,
    edition: 0,
    author: 'o',
    body: { title: name('warning of owner') } as never,
  } as const;
  const id = await addWarning(tx, warning);
  await addWarningEvent(tx, { id, owner: 'owner' }, { kind: 'lift', at: 30, by: 'o', reason: 'None of owner' });
  const told = { organisation: 'owner', reasons: [], certainty: 'sure', part: 'warned', exposedThen: null } as const;
  await deliver(tx, { id, owner: 'owner', edition: 1 }, [{ ...told, reasons: [] }], 30);
  await noteDone(tx, { id, owner: 'owner' }, { organisation: 'owner', measure: 'm', by: 'o', at: 31, evidence: 'Of owner' });
  await putProposal(tx, { id, owner: 'owner' }, { by: 'o', at: 31, reason: 'Of owner', body: {} as never });
  const chased = { organisation: 'owner', recipient: 'owner', edition: 1, measure: null, count: 1, at: 31 };
  await addChases(tx, { id, owner: 'owner' }, [{ ...chased, kind: 'warning-reminder' }]);
  const content = await addNoticeContent(tx, { body: 'Told to owner' }, 30);
  const [notice] = await addNotices(tx, [aNotice(id)], new Map([[id, content]]));
  await fillChannels(tx, notice!);
  const report = (await addReport(tx, {
    number: await nextNumber(tx, 'SR', 2026),
    owner: 'owner',
    template: 'daily',
    title: name('report of owner'),
    about: 'situation',
    subject: null,
    subjectNumber: null,
    state: 'draft',
    from: 1,
    to: 2,
    madeAt: 3,
    madeBy: 'account',
    releasedAt: null,
    releasedBy: null,
    reason: null,
    remark: 'Remark of owner',
  }))!;
  await putCopy(
    tx,
    { id: report, owner: 'owner' },
    {
      organisation: 'owner',
      marking: 'TLP:AMBER',
      reasons: [],
      document: {
        title: 'Report',
        subject: null,
        number: 'SR-2026-0001',
        marking: 'TLP:AMBER',
        issuer: 'owner',
        from: 1,
        to: 2,
        madeAt: 3,
        released: null,
        demo: false,
        blocks: [],
      },
      digest: '0',
      deliveredAt: 3,
    },
  );
  await addHunt(tx, {
    organisation: 'owner',
    account: 'o',
    name: 'Hunt of owner',
    text: 'conn | count',
    shared: true,
    createdAt: 30,
  });
  await addIndicatorList(tx, {
    id: 'list-owner',
    organisation: 'owner',
    name: 'List of owner',
    source: 'owner',
    reliability: 'B',
    credibility: null,
    marking: 'TLP:AMBER',
    validFrom: null,
    validUntil: null,
    format: 'csv',
    sha256: '0'.repeat(64),
    bytes: 1,
    loaded: 1,
    refused: 0,
    refusals: [],
    at: 30,
    by: 'o',
    search: null,
  });
  const allowed = { kind: 'domain', value: 'owner.example', warning: 'w', reason: 'r', at: 30, by: 'o' } as const;
  await addAllowed(tx, { organisation: 'owner', ...allowed });
  const part = { organisation: 'owner', sector: 's', regions: [], networkTypes: [], tiers: [], importance: 1, events: [] };
  const cell = { dimension: 'organisation', key: 'owner' } as never;
  const reading = { at: 30, rules: { source: 'Rules of owner' } as never, kept: 'day' } as const;
  await addReading((work) => work(tx), reading, [part], { cells: [cell], centre: 'centre' });
  await noteChange(tx, { kind: 'incident', id: 'incident-owner', at: 30 }, { incident: 'incident-owner' });
}
