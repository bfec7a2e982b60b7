/**
 * What captures propose beside what tshark sees in them: hosts, services and products, with the reason of each difference. Every network is an own one
 * here and the register is empty, so that nothing is left out.
 *
 *     FOREWARN_DATA_SET=… npm run conformance -- apps/center/src/proposals
 */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { compileKnown } from '@forewarn/know/proposals/known';
import { sightings, type Sighting } from '@forewarn/know/proposals/sightings';
import { emptyEstate } from '@forewarn/model/estate';
import { createEngine } from '@forewarn/sense/engine';
import { protocols } from '@forewarn/sense/protocols/index';

const data = process.env['FOREWARN_DATA_SET'] ?? join(import.meta.dirname, '../../../../../shared/data');
const net = join(data, 'net');
const tshark = ['/usr/bin/tshark', '/usr/local/bin/tshark'].find((path) => existsSync(path));
const present = existsSync(net) && tshark !== undefined;
if (!present) console.warn('not run: the data set or tshark is missing');

/** Servers, clients and controllers of many kinds; not those of tunnels, in which the two readers look at different layers by design. */
const folders = [
  ...['dhcp', 'dnp3', 'dns', 'ftp', 'http', 'modbus', 'mysql', 'rdp', 'redis', 'sip', 'smb', 'smtp', 'snmp', 'ssh', 'tls'].map(
    (name) => `zeek/traces/${name}`,
  ),
  'iti-ics/pcaps',
  'ja4/pcap',
];
/** A larger one takes tshark longer than it shows hosts. */
const bytesMax = 2_000_000;

function captures(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return captures(path);
      return /\.(?:pcap|pcapng|trace)(?:\.gz)?$/.test(entry.name) && statSync(path).size <= bytesMax ? [path] : [];
    });
}

type Product = { host: string; said: string };
type Opinion = { hosts: Set<string>; services: Set<string>; products: Product[] };

/** A conversation as our own reading tells it. */
type Told = { client: string; server: string; services: string };

function ours(path: string): Opinion & { found: Sighting[]; told: Told[] } {
  const known = compileKnown(emptyEstate(), 'anybody');
  const found: Sighting[] = [];
  const told: Told[] = [];
  const engine = createEngine({
    sink: {
      record(log, record) {
        if (log === 'conn') {
          const end = (side: string): string =>
            `${String(record[`id.${side}_h`])} ${String(record[`id.${side}_p`])}/${String(record['proto'])}`;
          told.push({ client: end('orig'), server: end('resp'), services: String(record['service'] ?? '') });
        }
        for (const sighting of sightings(log, record)) if (!known.has(sighting)) found.push(sighting);
      },
    },
    protocols,
    networks: ['0.0.0.0/0', '::/0'],
    uidSeed: 1,
  });
  const bytes = readFileSync(path);
  engine.push(path.endsWith('.gz') ? gunzipSync(bytes) : bytes);
  engine.end();
  const of = (kind: string) => found.filter((one) => one.kind === kind);
  return {
    found,
    told,
    hosts: new Set(of('host').map(({ host }) => host)),
    services: new Set(of('service').map(({ host, matter }) => `${host} ${matter}`)),
    products: of('product').map(({ host, said }) => ({ host, said: `${said.quote ?? ''} ${said.product ?? ''}` })),
  };
}

const fields =
  'ip.src ip.dst ipv6.src ipv6.dst tcp.srcport tcp.dstport tcp.flags tcp.len udp.srcport udp.dstport udp.length _ws.col.Protocol ssh.protocol http.user_agent http.server'.split(
    ' ',
  );

type Flow = {
  tcp: boolean;
  syn: string | null;
  answered: boolean;
  client: string;
  server: string;
  port: number;
  sent: Set<string>;
  protocols: Set<string>;
};

/** tshark's opinion, from single packets: who opened what to whom, who answered, and what said its name. */
function theirs(path: string): Opinion & { flows: Flow[]; servers: Product[]; senders: Set<string> } {
  const args = ['-n', '-r', path, '-Y', '(tcp or udp) and not icmp and not icmpv6', '-T', 'fields', '-E', 'occurrence=f'];
  const text = execFileSync(tshark!, [...args, ...fields.flatMap((field) => ['-e', field])], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const flows = new Map<string, Flow>();
  const products: Product[] = [];
  const servers: Product[] = [];
  const senders = new Set<string>();
  for (const line of text.split('\n')) {
    const [ip4, to4, ip6, to6, tcpFrom, tcpTo, flags, tcpBytes, udpFrom, udpTo, udpBytes, protocol, ssh, agent, server] =
      line.split('\t');
    const from = ip4 || ip6;
    const to = to4 || to6;
    const fromPort = Number(tcpFrom || udpFrom);
    const toPort = Number(tcpTo || udpTo);
    if (!from || !to || !fromPort || !toPort) continue;
    senders.add(from);
    const tcp = tcpFrom !== '';
    const ends = [`${from} ${fromPort}`, `${to} ${toPort}`];
    const key = `${tcp} ${ends.toSorted().join(' ')}`;
    let flow = flows.get(key);
    if (!flow)
      flows.set(
        key,
        (flow = {
          tcp,
          syn: null,
          answered: false,
          client: from,
          server: to,
          port: toPort,
          sent: new Set(),
          protocols: new Set(),
        }),
      );
    flow.protocols.add(protocol ?? '');
    if (tcp) {
      const bits = Number(flags);
      if ((bits & 0x12) === 0x02) Object.assign(flow, { syn: from, client: from, server: to, port: toPort });
      // The answer to an opening; one without it belongs to a conversation of which the beginning is missing.
      if ((bits & 0x12) === 0x12) Object.assign(flow, { client: to, server: from, port: fromPort, answered: flow.syn === to });
      if (Number(tcpBytes) > 0) flow.sent.add(from);
    } else if (Number(udpBytes) > 8) {
      flow.sent.add(from);
      if (from === flow.server && fromPort === flow.port) flow.answered = flow.sent.has(flow.client);
    }
    if (ssh) products.push({ host: from, said: ssh.replace(/^SSH-[\d.]+-/, '') });
    if (agent) products.push({ host: from, said: agent });
    if (server) servers.push({ host: from, said: server });
  }
  const all = [...flows.values()];
  const there = all.filter(({ answered }) => answered);
  return {
    hosts: new Set(there.flatMap(({ client, server }) => [client, server])),
    services: new Set(there.map(({ server, port, tcp }) => `${server} ${port}/${tcp ? 'tcp' : 'udp'}`)),
    products,
    flows: all,
    servers,
    senders,
  };
}

type Differences = Map<string, string[]>;
const note = (all: Differences, reason: string, what: string): void => void all.set(reason, [...(all.get(reason) ?? []), what]);

const onWire = (host: string): boolean => host.startsWith('169.254.') || host.toLowerCase().startsWith('fe80');

/** Why a host or service of tshark's is not proposed. */
function whyMissed(one: string, flows: readonly Flow[], { found, told }: ReturnType<typeof ours>): string {
  const [host = '', port] = one.split(' ');
  if (onWire(host)) return 'its address means something only on its own wire';
  if (port === undefined) return 'unexplained';
  const ended = told.filter(({ server }) => server === one);
  const announced = flows.some(
    (flow) => flow.server === host && flow.port === Number.parseInt(port, 10) && flow.protocols.has('FTP-DATA'),
  );
  if (announced || ended.some(({ services }) => services.includes('ftp-data')))
    return 'a channel that FTP announced is no service of its own';
  if (ended.length === 0 && told.some(({ client }) => client === one))
    return 'the server is at the other end, whose port is known; it is proposed there';
  if (port.endsWith('udp') && ended.every(({ services }) => services === ''))
    return 'datagrams in a protocol that was not recognised';
  const ofHost = found.some((seen) => seen.host === host);
  return Number.parseInt(port, 10) >= 49_152 && ofHost
    ? 'a port given out for a moment, in no known protocol; its host is proposed'
    : 'unexplained';
}

/** Why something is proposed that tshark's packets alone do not prove. */
function whyMore(one: string, { flows, senders }: ReturnType<typeof theirs>, { found }: ReturnType<typeof ours>): string {
  const [host = '', port] = one.split(' ');
  const number = port === undefined ? undefined : Number.parseInt(port, 10);
  const own = flows.filter((flow) => flow.client === host || flow.server === host);
  const mine = number === undefined ? own : own.filter((flow) => flow.port === number || flow.server !== host);
  if (mine.some((flow) => flow.tcp && !flow.answered && flow.sent.size > 0))
    return 'the opening is missing, and the protocol was recognised by what was said';
  if (mine.some((flow) => flow.tcp && !flow.answered))
    return 'only the end of the conversation was captured: both sides closed it';
  if (!senders.has(host)) return 'named by a lease or an answer, it sent nothing itself';
  const dnp3 = found.some(
    ({ kind, host: of, said }) => kind === 'service' && of === host && said.port === number && said.service === 'dnp3',
  );
  if (port?.endsWith('tcp') && dnp3 && mine.every((flow) => !flow.tcp))
    return 'DNP3 does not say what carries it, and is taken to run over TCP';
  if (mine.some((flow) => !flow.tcp)) return 'it told of itself, or answered from the other side';
  return 'unexplained';
}

/** Why the words of a program are missing. */
function whyUnsaid(host: string, flows: readonly Flow[]): string {
  if (onWire(host)) return 'its address means something only on its own wire';
  const own = flows.filter((flow) => flow.client === host || flow.server === host);
  return own.every(({ sent }) => sent.size < 2) ? 'only one side of the conversation was captured' : 'unexplained';
}

const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '');

test.runIf(present)(
  'hosts, services and products are those that tshark sees; every difference has its reason',
  { timeout: 900_000 },
  () => {
    const counts = {
      hosts: { both: 0, tshark: 0, ours: 0 },
      services: { both: 0, tshark: 0, ours: 0 },
      products: { both: 0, tshark: 0, ours: 0 },
    };
    const missed: Differences = new Map();
    const more: Differences = new Map();
    const files = folders.flatMap((folder) => captures(join(net, folder)));
    expect(files.length).toBeGreaterThan(100);
    for (const path of files) {
      const name = relative(net, path);
      const we = ours(path);
      const they = theirs(path);
      for (const kind of ['hosts', 'services'] as const) {
        for (const one of they[kind]) {
          if (we[kind].has(one)) counts[kind].both++;
          else {
            counts[kind].tshark++;
            note(missed, `${kind}: ${whyMissed(one, they.flows, we)}`, `${name}: ${one}`);
          }
        }
        for (const one of we[kind]) {
          if (they[kind].has(one)) continue;
          counts[kind].ours++;
          note(more, `${kind}: ${whyMore(one, they, we)}`, `${name}: ${one}`);
        }
      }
      const seen = new Set<string>();
      for (const { host, said } of they.products) {
        if (seen.has(`${host} ${said}`)) continue;
        seen.add(`${host} ${said}`);
        if (we.products.some((one) => one.host === host && plain(one.said).includes(plain(said).slice(0, 200))))
          counts.products.both++;
        else {
          counts.products.tshark++;
          note(missed, `products: ${whyUnsaid(host, they.flows)}`, `${name}: ${host} ${said.slice(0, 80)}`);
        }
      }
      for (const { host, said } of they.servers) {
        if (seen.has(`${host} ${said}`)) continue;
        seen.add(`${host} ${said}`);
        counts.products.tshark++;
        note(missed, 'products: the header Server stands in no record', `${name}: ${host} ${said.slice(0, 80)}`);
      }
      for (const { host, said } of we.products) {
        if (
          [...they.products, ...they.servers].some(
            (one) => one.host === host && plain(said).includes(plain(one.said).slice(0, 200)),
          )
        )
          continue;
        counts.products.ours++;
        note(
          more,
          'products: another protocol told it (SMTP, DHCP, SNMP, CIP, RTSP, …)',
          `${name}: ${host} ${said.slice(0, 80)}`,
        );
      }
    }
    const lines = [`${files.length} captures`, 'kind        both  tshark only  proposed only'];
    for (const [kind, { both, tshark: only, ours: own }] of Object.entries(counts))
      lines.push(`${kind.padEnd(10)} ${String(both).padStart(5)} ${String(only).padStart(12)} ${String(own).padStart(14)}`);
    const told = (title: string, differences: Differences): void => {
      lines.push('', title);
      for (const [reason, list] of [...differences].toSorted((a, b) => b[1].length - a[1].length))
        lines.push(`${String(list.length).padStart(5)}  ${reason}`, `       for example ${list[0]!}`);
    };
    told('tshark sees it and it is not proposed', missed);
    told('proposed, and tshark’s packets alone do not prove it', more);
    console.log(lines.join('\n'));
    const unexplained = (differences: Differences): string[] =>
      [...differences].flatMap(([reason, list]) => (reason.endsWith('unexplained') ? list : []));
    expect(unexplained(missed)).toEqual([]);
    expect(unexplained(more)).toEqual([]);
    // What was reached; fewer is a step back, whatever the reason.
    expect(counts.hosts.tshark).toBe(0);
    expect(counts.services.both).toBeGreaterThanOrEqual(218);
    expect(counts.products.both).toBeGreaterThanOrEqual(39);
  },
);
