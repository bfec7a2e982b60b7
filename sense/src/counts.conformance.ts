/**
 * Packets and bytes against tshark: on captures without tunnels, the packets of all TCP, UDP and ICMP flows are as many
 * as tshark dissects as such, and their IP bytes are the sum of its IP lengths.
 *
 * A datagram in fragments is one packet of a flow, as for tshark and Zeek, and all of its fragments' IP lengths count.
 * Captures are set aside, and counted, where tshark and we cannot mean the same: tunnels; fragments that never come
 * together; headers that the capture cut off or that contradict themselves, which tshark counts by its guess.
 *
 * nDPI's captures are not among them: its own counts of their flows are compared in `conformance/ndpi.ts`, and starting
 * tshark takes most of the time of this suite.
 */

import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import { readCapture } from './read.ts';
import { dataRoot, filesBelow, hasData, isCaptureName } from './testing/dataset.ts';

type Counts = { packets: number; bytes: number; tunnelled: boolean };

function tshark(file: string): Promise<Counts> {
  const args = ['-n', '-r', file, '-T', 'fields', '-E', 'occurrence=f', '-e', 'frame.protocols'];
  for (const field of ['ip.len', 'ip.proto', 'ipv6.plen', 'ipv6.nxt', 'ip.hdr_len']) args.push('-e', field);
  return new Promise((resolve, reject) => {
    execFile('tshark', args, { maxBuffer: 1 << 28 }, (error, out) => {
      if (error && error.code === 'ENOENT') reject(new Error('tshark is not installed', { cause: error }));
      else resolve(countLines(out));
    });
  });
}

function countLines(out: string): Counts {
  const counts: Counts = { packets: 0, bytes: 0, tunnelled: false };
  for (const line of out.split('\n')) {
    const [path, length, , payload] = line.split('\t');
    const layers = (path ?? '').split(':');
    const at = layers.findIndex((layer) => layer === 'ip' || layer === 'ipv6');
    if (at < 0) continue;
    // Extension headers stand between IPv6 and its transport.
    let next = at + 1;
    while (layers[next]?.startsWith('ipv6.')) next++;
    const transport = layers[next];
    const rest = layers.slice(next + 1);
    const errorMessage = transport === 'icmp' || transport === 'icmpv6';
    if (!errorMessage && (rest.includes('ip') || rest.includes('ipv6'))) counts.tunnelled = true;
    if (transport === 'ip' || transport === 'ipv6' || transport === 'gre') counts.tunnelled = true;
    const counted = transport === 'tcp' || transport === 'udp' || errorMessage;
    // Fragments that are not the last are shown as bare data of IP.
    const protocol = Number(line.split('\t')[2] || line.split('\t')[4]);
    if (counted) counts.packets++;
    if (counted || (transport === 'data' && [1, 6, 17, 44].includes(protocol))) {
      counts.bytes += layers[at] === 'ip' ? Number(length) : 40 + Number(payload);
    }
  }
  return counts;
}

describe.skipIf(!hasData)('packets and bytes', () => {
  test('equal tshark on untunnelled captures', async () => {
    const files = ['zeek/traces', 'arkime', 'community-id', 'suricata-verify', 'iti-ics'].flatMap((folder) =>
      filesBelow(join(dataRoot, 'net', folder), isCaptureName),
    );
    const wrong: string[] = [];
    let same = 0;
    let aside = 0;
    let packets = 0;
    const work = [...files];
    const one = async (file: string): Promise<void> => {
      const name = relative(dataRoot, file);
      let ours = 0;
      let bytes = 0;
      let parents = false;
      try {
        const account = await readCapture(createReadStream(file), {
          file,
          flowsOnly: true,
          sink: {
            record: (log, record) => {
              if (log !== 'conn') return;
              if (record['tunnel_parents']) parents = true;
              if (record['proto'] === 'unknown_transport') return;
              ours += Number(record['orig_pkts']) + Number(record['resp_pkts']);
              bytes += Number(record['orig_ip_bytes']) + Number(record['resp_ip_bytes']);
            },
          },
        });
        const theirs = await tshark(file);
        if (parents || theirs.tunnelled || Object.keys(account.undecodable).length > 0) {
          aside++;
          return;
        }
        packets += ours;
        if (ours === theirs.packets && bytes === theirs.bytes) same++;
        else wrong.push(`${name}: ${ours} packets, tshark ${theirs.packets}; ${bytes} bytes, tshark ${theirs.bytes}`);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
      }
    };
    // Two at a time: tshark spends most of its time in starting.
    const lane = async (): Promise<void> => {
      for (let file = work.shift(); file !== undefined; file = work.shift()) await one(file);
    };
    await Promise.all([lane(), lane()]);
    console.log(
      `${same} captures alike (${packets} packets), ${aside} set aside (tunnels, undecodable packets), ${wrong.length} differ`,
    );
    console.log(wrong.join('\n'));
    expect(same).toBeGreaterThan(450);
  });
});

test.skipIf(hasData)('not run: the data set is absent', () => {});
