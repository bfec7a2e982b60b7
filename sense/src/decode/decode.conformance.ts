/**
 * Our layers against tshark's: the same fields, with the same values, in the same bytes. Fields bear Wireshark's names, so nothing has to be
 * translated. tshark reads much more than we do; compared is what we say, and that we say it wherever tshark does.
 *
 * Not compared: packets that tshark reads in another buffer (datagrams and streams that it has put together), and packets that quote others
 * in a protocol of their own (samples of sFlow, registers of PIM).
 */

import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import { dataRoot, filesBelow, hasData } from '../testing/dataset.ts';
import { eachPacket } from './captured.ts';
import { decodePacket } from './decode.ts';

/** Fields that both write for every packet that has them. */
const compared: ReadonlySet<string> = new Set([
  'eth.src',
  'eth.dst',
  'eth.type',
  'vlan.id',
  'vlan.priority',
  'arp.opcode',
  'arp.src.hw_mac',
  'arp.src.proto_ipv4',
  'arp.dst.proto_ipv4',
  'ip.src',
  'ip.dst',
  'ip.len',
  'ip.id',
  'ip.ttl',
  'ip.proto',
  'ip.checksum',
  'ipv6.src',
  'ipv6.dst',
  'ipv6.plen',
  'ipv6.hlim',
  'ipv6.flow',
  'icmp.type',
  'icmp.code',
  'icmpv6.type',
  'icmpv6.code',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.window_size_value',
  'tcp.checksum',
  'tcp.urgent_pointer',
  'tcp.options.mss_val',
  'udp.srcport',
  'udp.dstport',
  'udp.length',
  'udp.checksum',
  'gre.proto',
  'vxlan.vni',
  'geneve.vni',
  'gtp.teid',
  'mpls.label',
  'mpls.ttl',
  'pppoe.session_id',
  'dns.id',
  'dns.count.queries',
  'dns.count.answers',
]);

/** Packets of one capture; later ones are like them. */
const packetsMax = 60;
/** Larger captures repeat themselves, and tshark reads them whole. */
const captureBytesMax = 1_000_000;

type Place = { name: string; value: string; start: number; end: number };

/** `TCP (6)` is 6, `1 (3129464049)` the number itself, `0x0800` 2048. */
function bare(value: string): string {
  const inside = /\(([^()]+)\)$/.exec(value)?.[1] ?? value;
  return /^0x[0-9a-f]+$/i.test(inside) ? String(Number(inside)) : inside;
}

/** Fields of each packet as tshark writes them (PDML), where they stand in the frame itself. */
function tsharkFields(path: string): (Place[] | undefined)[] {
  const { stdout } = spawnSync(
    'tshark',
    [
      '-r',
      path,
      '-c',
      String(packetsMax),
      '-T',
      'pdml',
      '-n',
      '-o',
      'tcp.desegment_tcp_streams:false',
      '-o',
      'ip.defragment:false',
    ],
    { maxBuffer: 1 << 29, encoding: 'latin1' },
  );
  return stdout
    .split('<packet>')
    .slice(1)
    .map((packet) => {
      if (/<proto name="(?:sflow|pim)"/.test(packet)) return undefined;
      return [...packet.matchAll(/<field name="([\w.]+)"[^>]*? size="(\d+)" pos="(\d+)" show="([^"]*)"/g)].map(
        ([, name, size, pos, show]) => ({ name: name!, value: bare(show!), start: Number(pos), end: Number(pos) + Number(size) }),
      );
    });
}

const present = spawnSync('tshark', ['--version']).status === 0;
if (!present || !hasData) console.warn('not run: tshark or the data set is missing');

test.runIf(present && hasData)('fields of packets are tshark’s, byte for byte', { timeout: 3_600_000 }, () => {
  // A thousand captures are many minutes of tshark: every twelfth is looked at; FOREWARN_SHARE=1 looks at all.
  const share = Number(process.env['FOREWARN_SHARE'] ?? 12);
  const files = ['tcpdump', 'zeek/traces', 'ndpi', 'suricata-verify']
    .flatMap((folder) => filesBelow(join(dataRoot, 'net', folder), (name) => /\.(?:pcap|pcapng|trace|cap)$/.test(name)))
    .filter((path) => statSync(path).size <= captureBytesMax)
    .filter((_, index) => index % share === 0);
  const counts = { equal: 0, different: 0, missing: 0, more: 0 };
  const examples = new Map<string, string[]>();
  const note = (kind: string, text: string): void => {
    const list = examples.get(kind) ?? [];
    if (list.length < 6) list.push(text);
    examples.set(kind, list);
  };
  files.forEach((path) => {
    const theirs = tsharkFields(path);
    try {
      eachPacket(readFileSync(path), (packet, ordinal) => {
        const other = theirs[ordinal];
        if (other === undefined) return ordinal + 1 < theirs.length;
        const own = decodePacket(packet).layers.flatMap(({ fields }) => fields);
        for (const name of compared) {
          const here = own.filter((field) => field.name === name);
          const there = other.filter((field) => field.name === name);
          // The same field in the same bytes; tshark may name one twice, in a tree and beside it.
          for (const field of here) {
            const same = there.find(({ start, end }) => start === field.start && end === field.end);
            if (same === undefined) {
              counts.more++;
              note(`more ${name}`, `${path} #${ordinal + 1} ${field.value} at ${field.start}`);
            } else if (same.value === bare(field.value)) counts.equal++;
            else {
              counts.different++;
              note(`different ${name}`, `${path} #${ordinal + 1} ${field.value} is ${same.value}`);
            }
          }
          for (const field of there)
            if (!here.some(({ start, end }) => start === field.start && end === field.end)) {
              counts.missing++;
              note(`missing ${name}`, `${path} #${ordinal + 1} ${field.value} at ${field.start}`);
            }
        }
        return ordinal + 1 < packetsMax;
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  });
  const all = counts.equal + counts.different + counts.missing + counts.more;
  console.log(`${files.length} captures, ${all} fields:`, counts);
  for (const [kind, list] of [...examples].sort()) console.log(`${kind}\n  ${list.join('\n  ')}`);
  expect(counts.equal).toBeGreaterThan(1000);
  expect(counts.equal / all).toBeGreaterThan(0.99);
});
