/** Windows events as they are: the public attack sets (JSON) and the public attack samples (EVTX), no one of them changed. */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import type { AnyRecord } from '@forewarn/model/records/record';
import { captureKind } from '@forewarn/sense/capture/kind';
import { recogniseLog } from '@forewarn/sense/logs/read';

function* members(zip: Buffer): Generator<{ name: string; bytes: Buffer }> {
  const end = zip.lastIndexOf(Buffer.from('PK\u0005\u0006'));
  let at = zip.readUInt32LE(end + 16);
  for (let i = zip.readUInt16LE(end + 10); i > 0; i--) {
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)) as [number, number, number];
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const local = zip.readUInt32LE(at + 42);
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const packed = zip.subarray(from, from + zip.readUInt32LE(at + 20));
    if (!name.endsWith('/') && !name.startsWith('__MACOSX/'))
      yield { name, bytes: zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(packed) : packed };
    at += 46 + nameLength + extra + comment;
  }
}

/** All events of the log `windows`, in the order of the files. */
export function realEvents(data: string, most = Infinity): AnyRecord[] {
  const events: AnyRecord[] = [];
  const read = (bytes: Buffer, name: string): void => {
    const sink = {
      record: (log: string, record: AnyRecord) => {
        if (log === 'windows' && events.length < most) events.push(record);
      },
    };
    const reading = recogniseLog(bytes.subarray(0, 65_536), name)?.open({ name }, sink);
    for (let at = 0; at < bytes.length; at += 1 << 20) reading?.push(bytes.subarray(at, at + (1 << 20)));
    reading?.end();
  };
  for (const file of globSync('host/evtx-attack-samples/**/*.evtx', { cwd: data }).sort())
    read(readFileSync(join(data, file)), file);
  for (const file of globSync('host/security-datasets/**/windows/**/*.zip', { cwd: data }).sort())
    for (const { name, bytes } of members(readFileSync(join(data, file))))
      if (!['pcap', 'pcapng'].includes(captureKind(bytes))) read(bytes, name.split('/').at(-1)!);
  const campaign = 'host/security-datasets/compound/LSASS_campaign_01/metasploit_logonpasswords_lsass_memory_dump.zip';
  for (const { name, bytes } of members(readFileSync(join(data, campaign)))) read(bytes, name);
  return events;
}
