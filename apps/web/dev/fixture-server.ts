/**
 * A centre made of fixtures, for working on the pages before the real one answers. Serves `dist` beside it. Never part of
 * the bundle. Everything it sends is parsed with the model's schemas first.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as api from '@forewarn/model/api';
import { Estate } from '@forewarn/model/estate';
import { recordTypes } from '@forewarn/model/records/index';
import { roles } from '@forewarn/model/permissions';
import { parsePredicate } from '@forewarn/model/query/text';
import { compile } from '@forewarn/model/query/evaluate';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../..');
const dist = join(here, '../dist');
const T0 = Date.now();
const iso = (s: number) => new Date(T0 + s * 1000).toISOString();
let seed = 7;
const rnd = () => ((seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff);
const pick = <T>(a: readonly T[]) => a[Math.floor(rnd() * a.length)]!;
const lt = (en: string, zh: string) => ({ en, zh });

const estate = Estate.parse({
  organisations: [
    { id: 'national-centre', name: lt('National Response Centre', '国家应急响应中心'), kind: 'centre', sector: 'government', region: 'capital', reporter: 'national-cac', overseenBy: null, contact: '+86 10 0000 0001' },
    { id: 'health-department', name: lt('Department of Health', '卫生主管部门'), kind: 'department', sector: 'health', region: 'capital', reporter: 'cii-protection-department', overseenBy: null, contact: 'duty@health.example' },
    { id: 'hospital-east', name: lt('East Hospital Group', '东部医院集团'), kind: 'operator', sector: 'health', region: 'east', reporter: 'cii-operator', overseenBy: 'health-department', contact: 'soc@hospital-east.example' },
    { id: 'water-north', name: lt('North Water Works', '北部水务'), kind: 'operator', sector: 'water', region: 'north', reporter: 'cii-operator', overseenBy: null, contact: 'soc@water-north.example' },
    { id: 'telecom-one', name: lt('Telecom One', '第一电信'), kind: 'operator', sector: 'telecom', region: 'capital', reporter: 'network-operator', overseenBy: null, contact: 'noc@telecom-one.example' },
  ],
  networks: [
    { id: 'hospital-office', organisation: 'hospital-east', name: lt('Office network', '办公网'), type: 'computer', addresses: ['10.20.0.0/16'], domains: ['hospital-east.example'] },
    { id: 'hospital-iot', organisation: 'hospital-east', name: lt('Medical devices', '医疗设备网'), type: 'iot', addresses: ['10.21.0.0/16'], domains: [] },
    { id: 'water-control', organisation: 'water-north', name: lt('Control network', '控制网'), type: 'control', addresses: ['10.30.1.0/24'], domains: [] },
    { id: 'water-office', organisation: 'water-north', name: lt('Office network', '办公网'), type: 'computer', addresses: ['10.30.0.0/24'], domains: ['water-north.example'] },
    { id: 'telecom-core', organisation: 'telecom-one', name: lt('Core', '核心网'), type: 'telecom', addresses: ['198.51.100.0/24'], domains: ['telecom-one.example'] },
  ],
  links: [{ id: 'hospital-uplink', organisation: 'hospital-east', name: lt('Uplink', '上联链路'), tier: 'user', role: 'primary', capacityMbps: 1000, from: 'hospital-office', to: 'telecom-core' }],
  assets: [
    { id: 'his-db', organisation: 'hospital-east', network: 'hospital-office', name: lt('Patient record database', '病历数据库'), kind: 'server', importance: 'special', addresses: ['10.20.4.12'], names: ['his.hospital-east.example'], businesses: ['outpatients'] },
    { id: 'plc-1', organisation: 'water-north', network: 'water-control', name: lt('Pump controller 1', '一号泵控制器'), kind: 'controller', importance: 'special', addresses: ['10.30.1.11'], names: [], businesses: ['water-supply'] },
  ],
  businesses: [
    { id: 'outpatients', organisation: 'hospital-east', name: lt('Outpatient registration', '门诊挂号'), usersServed: 620000, valuePerHourCny: 410000, surfaces: [{ kind: 'web', name: 'https://his.hospital-east.example' }] },
    { id: 'water-supply', organisation: 'water-north', name: lt('Drinking water', '供水'), usersServed: 2400000, valuePerHourCny: 900000, surfaces: [] },
  ],
});

const people = [
  { account: 'chen', name: 'Chen Jing', organisation: 'national-centre', role: 'duty-officer' },
  { account: 'admin', name: 'Ada Lund', organisation: 'national-centre', role: 'administrator' },
  { account: 'wei', name: 'Wei Lan', organisation: 'national-centre', role: 'analyst' },
  { account: 'liu', name: 'Liu Yang', organisation: 'hospital-east', role: 'liaison-officer' },
  { account: 'sun', name: 'Sun Mei', organisation: 'health-department', role: 'regulator' },
].map((p) => ({ ...p, link: `/sign-in/demo-${p.account}` }));
const meOf = (account: string) => {
  const p = people.find((x) => x.account === account) ?? people[0]!;
  const o = estate.organisations.find((x) => x.id === p.organisation)!;
  return api.Me.parse({ account: p.account, name: p.name, organisation: { id: o.id, name: o.name, centre: o.kind === 'centre' }, role: p.role, permissions: [...roles[p.role as keyof typeof roles]], demo: true });
};

const techniques = ['T1566', 'T1071.001', 'T1046', 'T1110', 'T1048', 'T0855'];
const rules = [
  { id: 'phish-domain', version: '1', kind: 'indicator', name: 'Contact with a listed phishing domain' },
  { id: 'beacon', version: '3', kind: 'behaviour', name: 'Regular contact with one outside host' },
  { id: 'scan', version: '2', kind: 'behaviour', name: 'Many hosts asked on one port' },
  { id: 'brute-force', version: '2', kind: 'behaviour', name: 'Many refused sign-ins' },
  { id: 'sigma-4f', version: '2024-05', kind: 'sigma', name: 'Large transfer to a new host' },
  { id: 'modbus-write', version: '1', kind: 'sigma', name: 'Modbus write from an office address' },
];
const levels = ['low', 'high', 'medium', 'high', 'critical', 'critical'] as const;
const findings = Array.from({ length: 64 }, (_, i) => {
  const r = i % 6;
  const water = r === 5;
  const at = -i * 260 - 60;
  return api.FindingView.parse({
    id: `fd${i}`, from: iso(at - 40), to: iso(at), rule: rules[r], technique: [techniques[r]], tactic: [['initial-access', 'command-and-control', 'discovery', 'credential-access', 'exfiltration', 'impair-process-control'][r]],
    level: levels[r], confidence: [0.95, 0.81, 0.9, 0.86, 0.7, 0.97][r],
    explanation: { text: 'detect.fixture', values: { source: water ? '10.30.0.44' : '10.20.7.31', target: ['login-mail.example', '203.0.113.66', '10.20.4.0/24', '10.20.4.12', '203.0.113.66', '10.30.1.11'][r]!, count: 40 + i } },
    source: water ? '10.30.0.44' : '10.20.7.31', targets: [['203.0.113.66', '203.0.113.66', '10.20.4.12', '10.20.4.12', '203.0.113.66', '10.30.1.11'][r]], names: r === 0 ? ['login-mail.example'] : [],
    records: Array.from({ length: 4 }, (_x, k) => ({ log: ['dns', 'ssl', 'conn', 'http', 'conn', 'modbus'][r]!, uid: `CuF${i}${k}`, ts: (T0 + (at - k * 9) * 1000) / 1000 })), recordCount: 40 + i,
    harm: r === 4 ? 'confidentiality' : r === 5 ? 'controllability' : null, organisations: [water ? 'water-north' : 'hospital-east'], incident: i < 40 ? (water ? 'in2' : 'in1') : null,
  });
});

const grade = (scheme: string, title: { en: string; zh: string }, floor: number | null, ceiling: number | null) => ({
  scheme, schemeTitle: title, at: iso(-400), floor, ceiling,
  floorName: floor === null ? null : [lt('Particularly major', '特别重大'), lt('Major', '重大'), lt('Significant', '较大'), lt('General', '一般')][floor - 1]!,
  ceilingName: ceiling === null ? null : [lt('Particularly major', '特别重大'), lt('Major', '重大'), lt('Significant', '较大'), lt('General', '一般')][ceiling - 1]!,
  confidence: 'M',
  fired: floor === null ? [] : [{ criterion: 'personal-data', text: { text: 'assess.fixture.fired' }, level: floor, fact: 'personal_records_leaked', value: '1,400,000', threshold: '≥ 1,000,000', confidence: 'H', article: 'Annex 1, item 4' }, { criterion: 'outage', text: { text: 'assess.fixture.outage' }, level: 4, fact: 'outage', value: '12 min', threshold: '–', confidence: 'U', article: 'Annex 1, item 2' }],
  missing: [{ fact: 'people_affected', name: lt('People affected', '受影响人数'), unit: 'persons', couldReach: 1 }, { fact: 'cii_main_function_down', name: lt('Main function of critical infrastructure down', '关键信息基础设施主要功能中断时长'), unit: 'hours', couldReach: 2 }, { fact: 'system_importance', name: lt('Importance of the system', '系统重要程度'), unit: null, couldReach: 2 }],
  next: [{ fact: 'personal_records_leaked', name: lt('Personal records leaked', '个人信息泄露数量'), level: 2, threshold: '10,000,000', now: '1,400,000' }, { fact: 'direct_loss', name: lt('Direct loss', '直接经济损失'), level: 3, threshold: 'CNY 5,000,000', now: null }],
});
const clock = (id: string, org: string, duty: { en: string; zh: string }, startedS: number | null, limit: number | null, state: string, met: number | null = null) => ({
  id, law: 'cn-2025-reporting', lawTitle: lt('Measures on reporting cybersecurity incidents (2025)', '国家网络安全事件报告管理办法（2025）'), duty: id, dutyText: duty, organisation: org, reporter: 'cii-operator',
  to: [lt('protection department', '保护工作部门'), lt('public security organ', '公安机关')], article: 'Art. 7(1)', confidence: 'H', startedAt: startedS === null ? null : iso(startedS), startedBy: startedS === null ? null : { text: 'respond.fixture.started' },
  dueAt: startedS === null || limit === null ? null : iso(startedS + limit), limitSeconds: limit, state, metAt: met === null ? null : iso(met),
  content: [{ id: 'a', text: lt('Name of the unit and of the systems concerned', '事发单位及相关系统名称'), first: true }, { id: 'b', text: lt('Time and place of discovery, kind of incident, harm so far', '事件发现或发生时间、地点、类型、已造成的影响和危害'), first: true }, { id: 'c', text: lt('Cause, if known', '初步原因分析'), first: false }, { id: 'd', text: lt('Measures taken and intended', '已采取的处置措施'), first: false }],
});
const clocks1 = [
  clock('k1', 'hospital-east', lt('Report to the protection department and public security', '向保护工作部门、公安机关报告'), -2990, 3600, 'due-soon'),
  clock('k2', 'health-department', lt('Report on to the national authorities', '向国家网信部门报告'), -300, 1800, 'running'),
  clock('k3', 'hospital-east', lt('Final report within 30 days of handling', '处置结束后30日内总结报告'), null, 2592000, 'waiting'),
];
const clocks2 = [clock('k4', 'water-north', lt('Report to the protection department and public security', '向保护工作部门、公安机关报告'), -5200, 3600, 'missed'), clock('k5', 'water-north', lt('Tell the police of a suspected crime', '涉嫌犯罪的及时报案'), -5200, null, 'running'), clock('k6', 'water-north', lt('Supplement the report', '补充报告'), -6000, 7200, 'met', -1200)];
const cn = lt('National reporting guide 2025', '国家网络安全事件报告分级指南（2025）');
const gb = lt('GB/Z 20986-2007', 'GB/Z 20986-2007');
const mk = (id: string, number: string, title: object, state: string, orgs: string[], floor: number | null, ceiling: number | null, clocks: object[], stage: string, lead: string, created: number, n: number) => ({
  id, number, title, state, createdAt: iso(created), updatedAt: iso(-90), from: iso(created - 900), to: iso(-90), organisations: orgs, marking: 'TLP:AMBER', findings: n, techniques: techniques.slice(0, 5),
  grade: floor === null && ceiling === null ? null : { scheme: 'cn-2025', floor, ceiling, confidence: 'M' }, stage: { stage, harmAt: stage === 'before' ? null : { from: iso(created + 200), to: iso(created + 260) }, reason: { text: 'assess.fixture.stage' } },
  lead: { organisation: lead, since: iso(created + 60) }, clocks,
  grades: [grade('cn-2025', cn, floor, ceiling), grade('gbz-20986', gb, floor === null ? null : 2, 1)],
  facts: [
    { id: 'f1', fact: 'personal_records_leaked', name: lt('Personal records leaked', '个人信息泄露数量'), unit: 'count', value: 1400000, source: 'Count of rows in the transfer', by: 'Wei Lan', at: iso(-600), superseded: false },
    { id: 'f0', fact: 'personal_records_leaked', name: lt('Personal records leaked', '个人信息泄露数量'), unit: 'count', value: { min: 100000, max: 2000000 }, source: 'First estimate', by: 'Liu Yang', at: iso(-1500), superseded: true },
    { id: 'f2', fact: 'harm_kind', name: lt('Harm', '损害'), unit: null, value: 'confidentiality', source: 'Finding fd4', by: 'product', at: iso(-1200), superseded: false },
  ],
  responsibilities: [
    { organisation: lead, part: 'lead', state: 'accepted', since: iso(created + 60), by: 'Chen Jing', reason: null },
    { organisation: orgs[0], part: 'lead', state: 'asked', since: iso(-700), by: 'Chen Jing', reason: 'The hit organisation knows its systems.' },
    { organisation: 'telecom-one', part: 'support', state: 'refused', since: iso(-500), by: 'Zhao Min', reason: 'No link of ours is concerned.' },
  ].filter((r, i) => i === 0 || r.organisation !== lead),
  tasks: [{ id: 't1', title: 'Isolate 10.20.7.31 from the network', organisation: orgs[0], state: 'doing', dueAt: iso(1800), createdAt: iso(-900), doneAt: null, by: 'Chen Jing' }, { id: 't2', title: 'Keep the memory image', organisation: orgs[0], state: 'open', dueAt: null, createdAt: iso(-800), doneAt: null, by: 'Wei Lan' }, { id: 't3', title: 'Block 203.0.113.66 at the border', organisation: 'telecom-one', state: 'done', dueAt: null, createdAt: iso(-1000), doneAt: iso(-300), by: 'Chen Jing' }],
  decisions: [{ id: 'd1', at: iso(-650), question: 'Take the record system offline?', options: ['Take it offline now', 'Block the host only', 'Watch'], chosen: 'Block the host only', reasons: 'Outpatients depend on it; one host is the source.', dissent: 'Analyst would take it offline.', article: 'Art. 25', by: 'Chen Jing', organisation: 'national-centre' }],
  timeline: [
    { at: iso(created - 900), enteredAt: iso(created), kind: 'finding', text: { text: 'timeline.fixture.finding', values: { name: 'Contact with a listed phishing domain' } }, by: null, reference: 'fd0' },
    { at: iso(created), enteredAt: iso(created), kind: 'state', text: { text: 'timeline.fixture.opened' }, by: null, reference: null },
    { at: iso(created + 60), enteredAt: iso(created + 60), kind: 'responsibility', text: { text: 'timeline.fixture.lead' }, by: 'Chen Jing', reference: null },
    { at: iso(-1200), enteredAt: iso(-600), kind: 'fact', text: { text: 'timeline.fixture.fact', values: { value: 1400000 } }, by: 'Wei Lan', reference: 'f1' },
    { at: iso(-590), enteredAt: iso(-590), kind: 'grade', text: { text: 'timeline.fixture.grade' }, by: null, reference: null },
    { at: iso(-300), enteredAt: iso(-300), kind: 'warning', text: { text: 'timeline.fixture.warning' }, by: 'Chen Jing', reference: 'wa1' },
  ],
  hosts: ['10.20.7.31', '10.20.4.12'], reasons: [{ text: 'detect.fixture.reason1' }, { text: 'detect.fixture.reason2' }], warnings: id === 'in1' ? ['wa1'] : [], cause: null,
});
const incidents = [
  mk('in1', 'FW-2026-0001', { text: 'fixture.title1' }, 'open', ['hospital-east', 'health-department'], 3, 1, clocks1, 'during', 'national-centre', -3600, 34),
  mk('in2', 'FW-2026-0002', { text: 'fixture.title2' }, 'open', ['water-north'], 2, 2, clocks2, 'before', 'water-north', -5600, 6),
  mk('in3', 'FW-2026-0003', { text: 'fixture.title3' }, 'contained', ['telecom-one'], 4, 4, [], 'after', 'telecom-one', -40000, 3),
  mk('in4', 'FW-2026-0004', { text: 'fixture.title3' }, 'open', ['hospital-east'], null, null, [], 'unknown', 'national-centre', -600, 1),
].map((x) => api.IncidentView.parse(x));
const warnings = [
  { id: 'wa1', number: 'FW-W-2026-0001', state: 'issued', colour: 'orange', marking: 'TLP:AMBER', incidentType: 'Data leak', title: lt('Phishing and theft of patient records at hospitals', '针对医院的钓鱼与病历窃取'), startTime: iso(-3600), possibleScope: 'Hospitals that received mail from login-mail.example', mattersToNote: 'Staff are asked to sign in on a copied page; stolen accounts are used from inside within the hour.', measuresToTake: '1. Block login-mail.example and 203.0.113.66.\n2. Reset accounts that signed in there.\n3. Look for regular contact with 203.0.113.66.', measuresDeadline: iso(7200), issuingAuthority: 'national-centre', scope: { addresses: ['10.20.0.0/16'], names: ['login-mail.example'], businesses: [], sectors: ['health'] }, incident: 'in1', createdAt: iso(-700), issuedAt: iso(-300), issuedBy: 'Chen Jing', validUntil: iso(80000), liftedAt: null, audience: [{ organisation: 'hospital-east', reasons: [{ text: 'warning.fixture.reason' }], deliveredAt: iso(-298), acknowledgedAt: null }, { organisation: 'health-department', reasons: [{ text: 'warning.fixture.reason' }], deliveredAt: iso(-298), acknowledgedAt: iso(-120) }] },
  { id: 'wa2', number: 'FW-W-2026-0002', state: 'draft', colour: 'red', marking: 'TLP:RED', incidentType: 'Control of machines', title: lt('Writes to pump controllers from office networks', '办公网对泵站控制器的写操作'), startTime: iso(-3600), possibleScope: 'Water works', mattersToNote: 'Modbus writes', measuresToTake: 'Close the way from office to control networks.', measuresDeadline: null, issuingAuthority: 'national-centre', scope: { addresses: ['10.30.0.0/16'], names: [], businesses: ['water-supply'], sectors: [] }, incident: 'in2', createdAt: iso(-200), issuedAt: null, issuedBy: null, validUntil: null, liftedAt: null, audience: [] },
  { id: 'wa3', number: 'FW-W-2026-0000', state: 'lifted', colour: 'blue', marking: 'TLP:GREEN', incidentType: 'Scan', title: lt('Scans of VPN devices', '针对VPN设备的扫描'), startTime: iso(-90000), possibleScope: 'All', mattersToNote: '-', measuresToTake: 'Update.', measuresDeadline: null, issuingAuthority: 'national-centre', scope: { addresses: [], names: [], businesses: [], sectors: [] }, incident: null, createdAt: iso(-90000), issuedAt: iso(-89000), issuedBy: 'Chen Jing', validUntil: null, liftedAt: iso(-4000), audience: [] },
].map((x) => api.WarningView.parse(x));

const rec = (log: string, i: number): Record<string, unknown> => {
  const ts = T0 / 1000 - i * 3.7 - rnd();
  const base = { ts, uid: `C${log}${i.toString(36)}x`, 'id.orig_h': `10.20.${i % 9}.${(i * 7) % 250}`, 'id.orig_p': 40000 + (i % 20000), 'id.resp_h': pick(['10.20.4.12', '203.0.113.66', '198.51.100.9', '2001:db8::12']), 'id.resp_p': pick([53, 80, 443, 502]), _organisation: 'hospital-east', _sensor: 'hospital-tap', _link: 'hospital-uplink' };
  if (log === 'conn') return { ...base, proto: pick(['tcp', 'udp']), service: pick(['dns', 'ssl', 'http']), duration: rnd() * 30, orig_bytes: Math.floor(rnd() * 9000), resp_bytes: Math.floor(rnd() * 900000), conn_state: pick(['SF', 'S0', 'REJ']), history: 'ShADadFf', orig_pkts: 7, orig_ip_bytes: 900, resp_pkts: 9, resp_ip_bytes: 8000, ip_proto: 6, community_id: `1:${Buffer.from(String(i)).toString('base64')}AbCdEfGhIjKlMnOpQrSt=` };
  if (log === 'dns') return { ...base, proto: 'udp', query: pick(['login-mail.example', 'his.hospital-east.example', 'updates.example']), qtype_name: 'A', rcode_name: 'NOERROR', answers: ['203.0.113.66', '203.0.113.67'], TTLs: [300, 300], rejected: false };
  if (log === 'http') return { ...base, trans_depth: 1, method: pick(['GET', 'POST']), host: 'login-mail.example', uri: '/signin', user_agent: 'Mozilla/5.0', status_code: pick([200, 401, 302]) };
  if (log === 'modbus') return { ...base, tid: i, unit: 1, func: pick(['WRITE_SINGLE_COIL', 'READ_HOLDING_REGISTERS']), pdu_type: 'REQ', address: 40 + i, quantity: 1 };
  if (log === 'ssl') return { ...base, version: 'TLSv13', cipher: 'TLS_AES_128_GCM_SHA256', server_name: 'updates.example', established: true, resumed: false };
  if (log === 'x509') return { ts, fingerprint: 'ab'.repeat(32), 'certificate.version': 3, 'certificate.subject': 'CN=updates.example', 'certificate.issuer': 'CN=Example CA' };
  return { ...base, name: 'dns_unmatched_reply', addl: '', source: 'dns' };
};
const records: { [log: string]: Record<string, unknown>[] } = Object.fromEntries(recordTypes.map((r) => [r.log, Array.from({ length: r.log === 'conn' ? 4000 : r.log === 'weird' ? 0 : 400 }, (_, i) => rec(r.log, i))]));

const situation = () => api.SituationView.parse({
  at: new Date().toISOString(), openByLevel: { 0: 1, 1: 0, 2: 1, 3: 1, 4: 0 },
  clocks: [...clocks2.map((c) => ({ ...c, incident: 'in2', number: 'FW-2026-0002' })), ...clocks1.map((c) => ({ ...c, incident: 'in1', number: 'FW-2026-0001' }))].filter((c) => c.state !== 'met'),
  incidents: incidents.filter((i) => i.state !== 'closed'), warnings: warnings.filter((w) => w.state !== 'lifted'), responseRatio: { before: 3, of: 4, averted: 2, unknown: 1 },
  findings: { from: iso(-86400), bucketSeconds: 1800, counts: (['informational', 'low', 'medium', 'high', 'critical'] as const).map((level, k) => ({ level, buckets: Array.from({ length: 48 }, (_, i) => Math.max(0, Math.round(6 - k + 8 * Math.exp(-((i - 44) ** 2) / 8) * (k / 2) - rnd() * 5))) })) },
  sensors: [{ id: 'hospital-tap', organisation: 'hospital-east', link: 'hospital-uplink', lastBatchAt: new Date(Date.now() - 4000).toISOString(), records: 812345 }, { id: 'water-tap', organisation: 'water-north', link: null, lastBatchAt: iso(-900), records: 92345 }, { id: 'telecom-tap', organisation: 'telecom-one', link: null, lastBatchAt: null, records: 0 }],
  records: { from: iso(-3600), bucketSeconds: 60, buckets: Array.from({ length: 60 }, (_, i) => 800 + Math.round(300 * Math.sin(i / 6) + rnd() * 100)) },
});

const quantity = (id: string, name: object, unit: string) => ({ id, name, means: name, knownFrom: ['person'], kind: 'quantity', unit, stepsPerUnit: 1, whole: true });
const facts = [
  quantity('people_affected', lt('People affected', '受影响人数'), 'persons'), quantity('cii_main_function_down', lt('Main function down', '主要功能中断时长'), 'hours'), quantity('personal_records_leaked', lt('Personal records leaked', '个人信息泄露数量'), 'count'), quantity('direct_loss', lt('Direct loss', '直接经济损失'), 'CNY'),
  { id: 'system_importance', name: lt('Importance of the system', '系统重要程度'), means: lt('How important the system is.', '系统有多重要。'), knownFrom: ['estate'], kind: 'term', terms: [{ id: 'general', name: lt('General', '一般') }, { id: 'important', name: lt('Important', '重要') }, { id: 'special', name: lt('Specially important', '特别重要') }] },
  { id: 'crime', name: lt('Suspected crime', '涉嫌犯罪'), means: lt('Whether a crime is suspected.', '是否涉嫌犯罪。'), knownFrom: ['person'], kind: 'boolean' },
];
const audit = Array.from({ length: 120 }, (_, i) => api.AuditView.parse({ seq: 120 - i, at: iso(-i * 50), organisation: pick(['national-centre', 'hospital-east']), actor: pick(['chen', 'wei', 'liu']), demo: true, action: pick(['incident.fact', 'warning.issue', 'session.start', 'incident.task']), object: pick(['in1', 'wa1', 'in2']), detail: { fact: 'people_affected', value: 3 }, hash: (i * 7919).toString(16).padStart(8, 'a').repeat(8) }));

const fixtureTexts: { [l: string]: { [k: string]: string } } = {
  en: { 'detect.fixture': '{source} contacted {target} {count} times.', 'assess.fixture.fired': 'At least one million personal records leaked.', 'assess.fixture.outage': 'Main function down.', 'assess.fixture.stage': 'The first large outbound transfer is the harm.', 'respond.fixture.started': 'Found and graded III.', 'timeline.fixture.finding': 'Finding: {name}.', 'timeline.fixture.opened': 'Incident opened from grouped findings.', 'timeline.fixture.lead': 'National Response Centre leads.', 'timeline.fixture.fact': 'Personal records leaked: {value}.', 'timeline.fixture.grade': 'Graded III (could reach I).', 'timeline.fixture.warning': 'Warning FW-W-2026-0001 issued, orange.', 'detect.fixture.reason1': 'All findings share the host 10.20.7.31 within 2 hours.', 'detect.fixture.reason2': 'Contact with a phishing domain is followed by regular contact with one outside host.', 'fixture.title1': 'Phishing, beacon and large transfer at East Hospital Group', 'fixture.title2': 'Writes to pump controllers from an office address', 'fixture.title3': 'Scan from outside', 'warning.fixture.reason': 'Its network 10.20.0.0/16 lies in the scope.' },
  zh: { 'detect.fixture': '{source} 与 {target} 通信 {count} 次。', 'assess.fixture.fired': '泄露个人信息达到100万条以上。', 'assess.fixture.outage': '主要功能中断。', 'assess.fixture.stage': '首次大流量外传即为损害发生。', 'respond.fixture.started': '发现并定级为较大。', 'timeline.fixture.finding': '发现:{name}。', 'timeline.fixture.opened': '由归并的发现生成事件。', 'timeline.fixture.lead': '国家应急响应中心牵头。', 'timeline.fixture.fact': '个人信息泄露数量:{value}。', 'timeline.fixture.grade': '定级为较大(可能达到特别重大)。', 'timeline.fixture.warning': '发布橙色预警 FW-W-2026-0001。', 'detect.fixture.reason1': '全部发现均涉及主机 10.20.7.31,集中在2小时内。', 'detect.fixture.reason2': '访问钓鱼域名后出现规律外联。', 'fixture.title1': '东部医院集团遭钓鱼、外联与大量数据外传', 'fixture.title2': '办公地址对泵站控制器的写操作', 'fixture.title3': '外部扫描', 'warning.fixture.reason': '其网段 10.20.0.0/16 在影响范围内。' },
};

const streams = new Set<import('node:http').ServerResponse>();
const change = (kind: string, id: string) => {
  for (const s of streams) s.write(`data: ${JSON.stringify({ kind, id, at: new Date().toISOString() })}\n\n`);
};
setInterval(() => change('records', 'conn'), 4000);

const body = async (req: IncomingMessage) => {
  let text = '';
  for await (const chunk of req) text += chunk;
  return text === '' ? {} : JSON.parse(text);
};
const types: { [e: string]: string } = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const csp = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

createServer(async (req, res) => {
  const url = new URL(req.url!, 'http://x');
  const p = url.pathname;
  const send = (status: number, value: unknown, headers: Record<string, string> = {}) => res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
  const account = /account=([\w-]+)/.exec(req.headers.cookie ?? '')?.[1];
  if (!p.startsWith('/api/v1')) {
    const file = join(dist, p);
    const found = extname(p) !== '' && existsSync(file) ? file : join(dist, 'index.html');
    return res.writeHead(200, { 'content-type': types[extname(found)] ?? 'application/octet-stream', 'content-security-policy': csp }).end(readFileSync(found));
  }
  const path = p.slice(7);
  const list = (items: unknown[]) => send(200, { items, next: null });
  const get = req.method === 'GET';
  let m: RegExpExecArray | null;
  if ((m = /^\/languages\/(en|zh)$/.exec(path))) {
    const dir = join(root, 'content/text', m[1]!);
    return send(200, Object.assign({}, ...readdirSync(dir).map((f) => JSON.parse(readFileSync(join(dir, f), 'utf8'))), fixtureTexts[m[1]!]));
  }
  if (path === '/sessions/demo') return send(200, people);
  if (path === '/sessions/link') {
    const { token } = await body(req);
    const who = String(token).replace('demo-', '');
    if (!people.some((x) => x.account === who)) return send(401, { type: 'about:blank', title: 'Refused', status: 401, code: 'session.link', detail: 'This link was used before or has expired.', advice: 'Ask an administrator for a new one.' });
    return send(200, meOf(who), { 'set-cookie': `account=${who}; Path=/; HttpOnly` });
  }
  if (path === '/sessions' && !get) return send(401, { type: 'about:blank', title: 'Refused', status: 401, code: 'session.password', detail: 'E-mail address, password or code is wrong.' });
  if (path === '/sessions/current') return send(200, {}, { 'set-cookie': 'account=; Path=/; Max-Age=0' });
  if (account === undefined || account === '') return send(401, { type: 'about:blank', title: 'Sign in', status: 401, code: 'session.none', detail: 'Sign in first.' });
  if (path === '/events') {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    res.write(': hello\n\n');
    streams.add(res);
    req.on('close', () => streams.delete(res));
    return;
  }
  if (path === '/me') return send(200, meOf(account));
  if (path === '/situation') return send(200, situation());
  if (path === '/record-types') return send(200, { items: recordTypes.map((r) => ({ log: r.log, means: r.means, columns: Object.entries(r.columns).map(([name, c]) => ({ name, ...(c as object) })) })), next: null });
  const fitting = (log: string) => {
    const from = Date.parse(url.searchParams.get('from') ?? '') / 1000 || 0;
    const to = Date.parse(url.searchParams.get('to') ?? '') / 1000 || Infinity;
    const test = compile(parsePredicate(url.searchParams.get('q') || 'everything'));
    return (records[log] ?? []).filter((r) => (r['ts'] as number) >= from && (r['ts'] as number) < to && test(r as never));
  };
  if ((m = /^\/records\/(\w+)$/.exec(path))) {
    const all = fitting(m[1]!);
    const at = Number(url.searchParams.get('cursor') ?? 0);
    const limit = Number(url.searchParams.get('limit') ?? 100);
    return send(200, { items: all.slice(at, at + limit), next: at + limit < all.length ? String(at + limit) : null });
  }
  if ((m = /^\/records\/(\w+)\/histogram$/.exec(path))) {
    const from = Date.parse(url.searchParams.get('from')!) / 1000;
    const to = Date.parse(url.searchParams.get('to')!) / 1000;
    const n = Number(url.searchParams.get('buckets') ?? 60);
    const bucketSeconds = (to - from) / n;
    const buckets = Array.from({ length: n }, () => 0);
    for (const r of fitting(m[1]!)) buckets[Math.min(n - 1, Math.floor(((r['ts'] as number) - from) / bucketSeconds))]!++;
    return send(200, { from: new Date(from * 1000).toISOString(), bucketSeconds, buckets });
  }
  if ((m = /^\/records\/(\w+)\/top$/.exec(path))) {
    const field = url.searchParams.get('field')!;
    const counts = new Map<unknown, number>();
    for (const r of fitting(m[1]!)) for (const v of [r[field]].flat()) if (v !== undefined) counts.set(v, (counts.get(v) ?? 0) + 1);
    return send(200, { items: [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count).slice(0, Number(url.searchParams.get('n') ?? 10)), next: null });
  }
  if ((m = /^\/flows\/(.+)$/.exec(path))) return send(200, { conn: [records['conn']![0]], dns: [records['dns']![0]] });
  if (path === '/findings') return list(findings.filter((f) => (!url.searchParams.get('incident') || f.incident === url.searchParams.get('incident')) && (!url.searchParams.get('level') || f.level === url.searchParams.get('level'))));
  if ((m = /^\/findings\/(\w+)$/.exec(path))) return findings.some((f) => f.id === m![1]) ? send(200, findings.find((f) => f.id === m![1])) : send(404, { status: 404, code: 'not-found', detail: 'There is no such finding.', title: 'Not found', type: 'about:blank' });
  if (path === '/incidents' && get) return list(incidents);
  if ((m = /^\/incidents\/(\w+)$/.exec(path)) && get) {
    const it = incidents.find((i) => i.id === m![1]);
    return it ? send(200, it) : send(404, { status: 404, code: 'not-found', detail: 'There is no such incident.', title: 'Not found', type: 'about:blank' });
  }
  if ((m = /^\/incidents\/(\w+)\/(\w+)/.exec(path))) {
    const it = incidents.find((i) => i.id === m![1])!;
    const b = await body(req);
    if (m[2] === 'facts') it.facts.unshift({ id: `f${Date.now()}`, fact: b.fact, name: lt(b.fact, b.fact), unit: null, value: b.value, source: b.source, by: account, at: new Date().toISOString(), superseded: false });
    if (m[2] === 'tasks' && req.method === 'POST') it.tasks.push({ id: `t${Date.now()}`, title: b.title, organisation: b.organisation, state: 'open', dueAt: b.dueAt ?? null, createdAt: new Date().toISOString(), doneAt: null, by: account });
    change('incident', it.id);
    return send(200, it);
  }
  if (path === '/warnings' && get) return list(warnings);
  if ((m = /^\/warnings\/(\w+)$/.exec(path)) && get) return send(200, warnings.find((w) => w.id === m![1]));
  if ((m = /^\/warnings\/(\w+)\/preview$/.exec(path))) return send(200, { recipients: [{ recipient: 'water-north', allowed: true, reason: { text: 'warning.fixture.reason' } }, { recipient: 'telecom-one', allowed: false, reason: { text: 'warning.fixture.reason' } }], matched: [{ organisation: 'water-north', reasons: [{ text: 'warning.fixture.reason' }] }] });
  if (path.startsWith('/warnings')) return send(200, warnings[0]);
  for (const kind of ['organisations', 'networks', 'links', 'assets', 'businesses'] as const) if (path === `/${kind}`) return list(estate[kind]);
  if (path === '/estate/import') return send(422, { type: 'about:blank', title: 'Rows refused', status: 422, code: 'estate.rows', detail: '2 rows were refused; nothing was changed.', place: { rows: [{ line: 3, field: 'addresses', message: '"10.20.0.1/16" is no network.' }] } });
  if (path === '/facts') return list(facts);
  if (path === '/schemes') return list([]);
  if (path === '/audit') return list(audit);
  if (path === '/audit/verify') return send(200, { ok: true, entries: 120 });
  if (path === '/search') return list(incidents.map((i) => ({ kind: 'incident', id: i.id, title: i.number })));
  if (path === '/tokens') return list([{ id: 'tk1', name: 'shift export', createdAt: iso(-90000), lastUsedAt: null }]);
  if (path === '/accounts') return list(people.map((x) => ({ id: x.account, name: x.name, email: `${x.account}@demo.example`, organisation: x.organisation, role: x.role })));
  if (path === '/sensors') return get ? list([{ id: 'hospital-tap', organisation: 'hospital-east', link: null }]) : send(200, { id: 'x', token: 'fw_once' });
  return send(404, { type: 'about:blank', title: 'Not found', status: 404, code: 'not-found', detail: `No such address: ${path}` });
}).listen(Number(process.env['PORT'] ?? 4190), '127.0.0.1', () => console.log('fixtures on 4190'));
