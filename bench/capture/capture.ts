/**
 * Captures for the benches, written once to a temporary folder and used by every tool in turn.
 *
 * `mixed`: all Ethernet captures of the data set interleaved, as a link would carry them, in passes that follow one
 * another, so that each pass brings its flows anew. `small`: DNS questions, short HTTP exchanges and TLS handshakes of
 * many clients, made here. Without the data set `mixed` is made here too, from larger HTTP transfers.
 */

import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createEngine } from '@forewarn/sense/engine';
import { ascii, concat, conversation, ethernet, udp, type Timed } from '@forewarn/sense/testing/packets';

export type Profile = 'mixed' | 'small';

const dataRoot = process.env['FOREWARN_DATA_SET'] ?? resolve(import.meta.dirname, '../../../shared/data');

/** The capture's path; made when it is not there yet. */
export function benchCapture(profile: Profile, megabytes: number): string {
  const folder = join(tmpdir(), 'forewarn-bench');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${profile}-${megabytes}.pcap`);
  if (existsSync(path)) return path;
  const out = openSync(`${path}.part`, 'w');
  const header = new Uint8Array(24);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 262_144, true);
  view.setUint32(20, 1, true);
  writeSync(out, header);
  let written = 24;
  const real = profile === 'mixed' ? ethernetPackets() : [];
  for (let pass = 0; written < megabytes * 1e6; pass++) {
    const packets = real.length > 0 ? real : made(profile, pass);
    const parts: Uint8Array[] = [];
    for (const { ts, bytes, wire } of packets) {
      const record = new Uint8Array(16 + bytes.length);
      const fields = new DataView(record.buffer);
      // A pass lasts a minute, and the next begins two minutes later: by then most flows have ended.
      const at = 1_700_000_000 + pass * 180 + ts;
      fields.setUint32(0, Math.floor(at), true);
      fields.setUint32(4, Math.floor((at % 1) * 1e6), true);
      fields.setUint32(8, bytes.length, true);
      fields.setUint32(12, wire ?? bytes.length, true);
      record.set(bytes, 16);
      parts.push(record);
      written += record.length;
      if (written >= megabytes * 1e6) break;
    }
    writeSync(out, concat(...parts));
  }
  closeSync(out);
  renameSync(`${path}.part`, path);
  return path;
}

/** All packets of the data set's Ethernet captures, each capture pressed into the same minute, in order of time. */
function ethernetPackets(): Timed[] {
  const folder = join(dataRoot, 'net');
  if (!existsSync(folder)) return [];
  const all: Timed[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !entry.name.endsWith('.pcap') || statSync(path).size < 2000) continue;
    const file = readFileSync(path);
    if (file.readUInt32LE(0) !== 0xa1b2c3d4 || file.readUInt32LE(20) !== 1) continue;
    const own: Timed[] = [];
    for (let at = 24; at + 16 <= file.length;) {
      const length = file.readUInt32LE(at + 8);
      if (at + 16 + length > file.length || length > 65_535) break;
      own.push({
        ts: file.readUInt32LE(at) + file.readUInt32LE(at + 4) / 1e6,
        bytes: file.subarray(at + 16, at + 16 + length),
        wire: file.readUInt32LE(at + 12),
      });
      at += 16 + length;
    }
    if (own.length === 0) continue;
    const first = own[0]!.ts;
    const duration = Math.max(1e-6, own.at(-1)!.ts - first);
    const scale = duration > 60 ? 60 / duration : 1;
    for (const packet of own) all.push({ ...packet, ts: Math.min(60, Math.max(0, (packet.ts - first) * scale)) });
  }
  return all.sort((a, b) => a.ts - b.ts);
}

/** A minute of many clients, made here. */
function made(profile: Profile, pass: number): Timed[] {
  const all: Timed[] = [];
  const name = Uint8Array.from([3, 119, 119, 119, 7, 101, 120, 97, 109, 112, 108, 101, 3, 111, 114, 103, 0]);
  const question = concat(Uint8Array.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), name, Uint8Array.from([0, 1, 0, 1]));
  const answer = concat(
    Uint8Array.from([0, 1, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]),
    name,
    Uint8Array.from([0, 1, 0, 1, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 93, 184, 216, 34]),
  );
  const page = new Uint8Array(profile === 'small' ? 200 : 1400).fill(120);
  for (let n = 0; n < 20_000; n++) {
    const client = `10.${(pass + 1) & 255}.${(n >> 8) & 255}.${n & 255}`;
    const ts = (n * 0.003) % 60;
    const port = 1024 + ((n * 7 + pass) % 60_000);
    const dns = { from: client, to: '10.0.0.53' };
    all.push({ ts, bytes: ethernet(udp(dns, { source: port, destination: 53 }, question)) });
    all.push({ ts: ts + 0.001, bytes: ethernet(udp({ from: dns.to, to: dns.from }, { source: 53, destination: port }, answer)) });
    if (n % 3 !== 0) continue;
    const turns = [
      { from: 'client' as const, payload: ascii(`GET /${n} HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: bench\r\n\r\n`) },
      {
        from: 'server' as const,
        payload: concat(ascii(`HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n`), page),
      },
    ];
    all.push(
      ...conversation({ from: client, to: '192.0.2.80' }, { source: port, destination: 80 }, turns, {
        ts: ts + 0.002,
        step: 0.002,
      }),
    );
  }
  return all.sort((a, b) => a.ts - b.ts);
}

/** Packets in the capture, and its bytes. */
export function measure(path: string): { packets: number; bytes: number } {
  const engine = createEngine({ flowsOnly: true, sink: { record: () => {} } });
  const file = readFileSync(path);
  engine.push(file);
  return { packets: engine.end().packets, bytes: file.length };
}
