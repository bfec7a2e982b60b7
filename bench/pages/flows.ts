/**
 * A week of imagined traffic, seeded: the same numbers give the same records. Hosts, servers and names are popular as they are in the
 * world, a few much and most hardly (Zipf); days have their rhythm; each flow brings the records that parsers would make of it.
 */

import { createHash } from 'node:crypto';
import type { Batch } from '@forewarn/model/batch';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { BenchSensor } from './estate.ts';

/** Mulberry32: small, fast and the same everywhere. */
export function createChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function textOf(chance: () => number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += letters[Math.floor(chance() * letters.length)];
  return text;
}

/** A rank from 0 to count-1 whose frequency falls as one over the rank. */
const rank = (chance: () => number, count: number): number => Math.min(count - 1, Math.floor((count + 1) ** chance()) - 1);

const hostsPerOrganisation = 2_000;
const servers = 80_000;
const names = 50_000;

const host = (place: number, index: number): string => `10.${place}.${index >> 8}.${index & 255}`;
/** Public addresses spread over the whole range; the same index is the same server. */
function server(index: number): string {
  const mixed = Math.imul(index + 1, 0x9e3779b1) >>> 0;
  return `${20 + (mixed % 180)}.${(mixed >>> 8) & 255}.${(mixed >>> 16) & 255}.${(mixed >>> 24) & 255}`;
}
const domain = (index: number): string =>
  `${['www', 'api', 'cdn', 'mail', 'img'][index % 5]}.site${index}.${['example', 'test', 'invalid'][index % 3]}`;

/** What a flow is, and how often of a thousand. */
const kinds = [
  { service: 'dns', proto: 'udp', port: 53, of: 400 },
  { service: 'ssl', proto: 'tcp', port: 443, of: 240 },
  { service: 'http', proto: 'tcp', port: 80, of: 70 },
  { service: 'quic', proto: 'udp', port: 443, of: 60 },
  { service: 'ntp', proto: 'udp', port: 123, of: 30 },
  { service: 'ssh', proto: 'tcp', port: 22, of: 8 },
  { service: 'gssapi,smb', proto: 'tcp', port: 445, of: 15 },
  { service: 'krb_tcp', proto: 'tcp', port: 88, of: 10 },
  { service: 'modbus', proto: 'tcp', port: 502, of: 7 },
  { service: undefined, proto: 'icmp', port: 0, of: 20 },
  // Attempts without an answer, and what no parser knows.
  { service: undefined, proto: 'tcp', port: -1, of: 140 },
] as const;

const agents = ['Mozilla/5.0 (Windows NT 10.0; Win64; x64)', 'curl/8.9', 'Microsoft-CryptoAPI/10.0', 'python-requests/2.32'];
const ciphers = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'];
const histories = ['ShADadFf', 'ShADadfF', 'ShADadFfR', 'ShADdaFf', 'ShADadR'];

type Logs = { [log: string]: AnyRecord[] };

/** The records of one flow, into the batch's logs. */
function addFlow(logs: Logs, chance: () => number, sensor: BenchSensor, ts: number): void {
  const draw = chance() * 1000;
  let below = 0;
  const kind = kinds.find(({ of }) => draw < (below += of)) ?? kinds[0];
  const uid = `C${textOf(chance, 17)}`;
  const open = kind.port >= 0;
  const inside = kind.service === 'modbus' || kind.service === 'krb_tcp' || kind.service === 'gssapi,smb';
  const id = {
    uid,
    'id.orig_h': host(sensor.place, rank(chance, hostsPerOrganisation)),
    'id.orig_p': 32_768 + Math.floor(chance() * 28_000),
    'id.resp_h': inside || kind.service === 'dns' ? host(sensor.place, rank(chance, 40)) : server(rank(chance, servers)),
    'id.resp_p': open ? kind.port : 1 + rank(chance, 65_000),
  };
  const bytes = Math.floor(60 * 10 ** (chance() * 4));
  const pkts = 1 + (bytes >> 9);
  const push = (log: string, record: AnyRecord): void => void (logs[log] ??= []).push({ ts, ...id, ...record });
  push('conn', {
    proto: kind.proto,
    ...(kind.service === undefined ? {} : { service: kind.service }),
    ...(open ? { duration: Math.round(10 ** (chance() * 5)) / 1000, orig_bytes: pkts * 40, resp_bytes: bytes } : {}),
    conn_state: open ? (chance() < 0.93 ? 'SF' : 'RSTO') : chance() < 0.7 ? 'S0' : 'REJ',
    local_orig: true,
    local_resp: inside,
    missed_bytes: 0,
    history: kind.proto === 'tcp' ? (open ? histories[rank(chance, histories.length)]! : 'S') : 'Dd',
    orig_pkts: pkts,
    orig_ip_bytes: pkts * 80,
    resp_pkts: open ? pkts : 0,
    resp_ip_bytes: open ? bytes + pkts * 40 : 0,
    ip_proto: kind.proto === 'tcp' ? 6 : kind.proto === 'udp' ? 17 : 1,
    community_id: `1:${textOf(chance, 27)}=`,
  });
  const name = domain(rank(chance, names));
  if (kind.service === 'dns') {
    const failed = chance() < 0.05;
    push('dns', {
      proto: 'udp',
      trans_id: Math.floor(chance() * 65_536),
      query: name,
      qclass: 1,
      qclass_name: 'C_INTERNET',
      qtype: 1,
      qtype_name: chance() < 0.7 ? 'A' : 'AAAA',
      rcode: failed ? 3 : 0,
      rcode_name: failed ? 'NXDOMAIN' : 'NOERROR',
      AA: false,
      TC: false,
      RD: true,
      RA: true,
      Z: 0,
      rejected: false,
      opcode: 0,
      opcode_name: 'query',
      ...(failed ? {} : { rtt: Math.round(chance() * 5e4) / 1e6, answers: [server(rank(chance, servers))], TTLs: [300] }),
    });
  } else if (kind.service === 'ssl' || kind.service === 'quic') {
    if (kind.service === 'quic') {
      push('quic', { version: '1', server_name: name, client_protocol: 'h3', history: 'IISzhHhO' });
    }
    push('ssl', {
      version: chance() < 0.8 ? 'TLSv13' : 'TLSv12',
      cipher: ciphers[rank(chance, ciphers.length)]!,
      curve: 'x25519',
      server_name: name,
      resumed: chance() < 0.2,
      next_protocol: 'h2',
      established: chance() < 0.97,
      ssl_history: 'CsxkrIi',
      ja3: createHash('md5')
        .update(`ja3 ${rank(chance, 300)}`)
        .digest('hex'),
      ja4: `t13d1516h2_${textOf(createChance(rank(chance, 300)), 12).toLowerCase()}_02713d6af862`,
    });
    if (chance() < 0.15) {
      const { uid: _uid, ...noFlow } = id;
      void noFlow;
      (logs['x509'] ??= []).push({
        ts,
        fingerprint: createHash('sha256').update(name).digest('hex'),
        'certificate.version': 3,
        'certificate.serial': textOf(chance, 16),
        'certificate.subject': `CN=${name}`,
        'certificate.issuer': `CN=Authority ${rank(chance, 40)}`,
        'certificate.not_valid_before': ts - 5e6,
        'certificate.not_valid_after': ts + 5e6,
        'certificate.key_alg': 'rsaEncryption',
        'certificate.sig_alg': 'sha256WithRSAEncryption',
        'san.dns': [name],
        host_cert: true,
        client_cert: false,
      });
    }
  } else if (kind.service === 'http') {
    const fuid = `F${textOf(chance, 17)}`;
    const found = chance() < 0.9;
    push('http', {
      trans_depth: 1,
      method: chance() < 0.9 ? 'GET' : 'POST',
      host: name,
      uri: `/${['index', 'api/v1/items', 'static/app', 'update/check'][rank(chance, 4)]}/${rank(chance, 20_000)}`,
      version: '1.1',
      user_agent: agents[rank(chance, agents.length)]!,
      request_body_len: 0,
      response_body_len: bytes,
      status_code: found ? 200 : 404,
      status_msg: found ? 'OK' : 'Not Found',
      resp_fuids: [fuid],
      resp_mime_types: ['text/html'],
    });
    push('files', {
      fuid,
      source: 'HTTP',
      depth: 0,
      mime_type: 'text/html',
      duration: 0.01,
      is_orig: false,
      seen_bytes: bytes,
      total_bytes: bytes,
      missing_bytes: 0,
      timedout: false,
      sha256: createHash('sha256').update(fuid).digest('hex'),
    });
  } else if (kind.service === 'ntp') {
    push('ntp', { version: 4, mode: 3, stratum: 0, poll: 64, precision: 1e-6, root_delay: 0, root_disp: 0, ref_id: 'INIT' });
  } else if (kind.service === 'ssh') {
    push('ssh', { version: 2, client: 'SSH-2.0-OpenSSH_9.6', server: 'SSH-2.0-OpenSSH_9.2', auth_success: chance() < 0.7 });
  } else if (kind.service === 'modbus') {
    for (let tid = 0; tid < 6; tid++) {
      const pdu = { tid, unit: 1, func: 'READ_HOLDING_REGISTERS', address: 40 * tid, quantity: 10 };
      push('modbus', { ...pdu, pdu_type: tid % 2 === 0 ? 'REQ' : 'RESP' });
    }
  }
  if (chance() < 0.01) {
    const weird = ['bad_TCP_checksum', 'data_before_established', 'truncated_header', 'dns_unmatched_reply'];
    push('weird', { name: weird[rank(chance, weird.length)]!, source: 'TCP' });
  }
}

/** How a sensor fared in a minute. */
function stats(chance: () => number, ts: number): AnyRecord {
  const packets = Math.floor(60_000 + chance() * 20_000);
  return {
    ts,
    span: 60,
    input: 'interface eth1',
    version: '0.1.0',
    settings: 0,
    mem: 210,
    cpu: 0.2,
    pkts_proc: packets,
    bytes_recv: packets * 600,
    pkts_link: packets,
    pkts_dropped: chance() < 0.02 ? Math.floor(chance() * 500) : 0,
    gaps: 0,
    missed_bytes: 0,
    capture_down: 0,
    capture_starts: 1,
    spool_bytes: 0,
    spool_max: 1e9,
    spool_batches: 0,
    lost_batches: 0,
    lost_records: 0,
    set_aside: 0,
  };
}

/** A batch of one sensor: `flows` flows between two instants, their records, and the minutes' reports. */
export function batchOf(sensor: BenchSensor, seed: number, span: { from: number; to: number }, flows: number): Batch {
  const chance = createChance(seed);
  const logs: Logs = {};
  for (let i = 0; i < flows; i++) {
    // By day there is twice the traffic of the night.
    let ts = span.from + chance() * (span.to - span.from);
    if (chance() < 0.25 - 0.25 * Math.sin((ts / 86_400) * 2 * Math.PI)) ts = span.from + chance() * (span.to - span.from);
    addFlow(logs, chance, sensor, Math.round(ts * 1e6) / 1e6);
  }
  for (let minute = Math.ceil(span.from / 60) * 60; minute < span.to; minute += 60) {
    (logs['stats'] ??= []).push(stats(chance, minute + 0.25));
  }
  const id = createHash('sha256').update(`${sensor.id} ${seed} ${span.from} ${span.to} ${flows}`).digest('hex');
  return { id, source: 'interface eth1', logs };
}
