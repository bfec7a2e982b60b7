/** Files through the whole engine: carried by flows that other flows announce, or that stand behind a change of protocol. */

import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createEngine, type EngineOptions } from '../engine.ts';
import { protocols } from '../protocols/index.ts';
import { ascii, conversation, pcap, type Timed } from '../testing/packets.ts';

const ends = { from: '192.0.2.1', to: '198.51.100.1' };
const says = (from: 'client' | 'server', text: string) => ({ from, payload: ascii(text) });

function read(packets: readonly Timed[], options: Partial<EngineOptions> = {}): (log: string) => AnyRecord[] {
  const all: [string, AnyRecord][] = [];
  const engine = createEngine({ sink: { record: (log, record) => void all.push([log, record]) }, protocols, ...options });
  engine.push(pcap([...packets].sort((one, other) => one.ts - other.ts)));
  expect(engine.end().faults).toBe(0);
  return (log) => all.filter(([name]) => name === log).map(([, record]) => record);
}

const content = `#!/bin/sh\n${'echo a line of the program\n'.repeat(500)}`;
const control = conversation(ends, { source: 40_000, destination: 21 }, [
  says('server', '220 FTP ready\r\n'),
  says('client', 'USER bob\r\n'),
  says('server', '230 In\r\n'),
  says('client', 'PASV\r\n'),
  says('server', '227 Entering Passive Mode (198,51,100,1,200,10)\r\n'),
  says('client', 'RETR run.sh\r\n'),
  says('server', '150 Go\r\n'),
]);
const later = { ts: 1_700_000_000.125, step: 0.000_5 };
const pieces = content.match(/[^]{1,1400}/g)!.map((text) => says('server', text));
const data = conversation(ends, { source: 40_001, destination: 51_210 }, pieces, later);

describe('a file over FTP', () => {
  test('is read in the flow that was announced, and named by the transfer', () => {
    const of = read([...control, ...data]);
    const [file] = of('files');
    expect(file).toMatchObject({
      source: 'FTP_DATA',
      is_orig: false,
      seen_bytes: content.length,
      mime_type: 'text/x-shellscript',
      sha256: createHash('sha256').update(content).digest('hex'),
      md5: createHash('md5').update(content).digest('hex'),
    });
    expect(
      of('conn')
        .map((conn) => conn['service'])
        .toSorted(),
    ).toEqual(['ftp', 'ftp-data']);
    expect(of('ftp').at(-1)).toMatchObject({ command: 'RETR', fuid: file!['fuid'], mime_type: 'text/x-shellscript' });
  });

  test('gets the hashes that a sensor has chosen', () => {
    const [one] = read([...control, ...data], { fileHashes: ['sha256'] })('files');
    expect(one).toHaveProperty('sha256');
    expect(one).not.toHaveProperty('md5');
    const [none] = read([...control, ...data], { fileHashes: [] })('files');
    expect(none).toMatchObject({ seen_bytes: content.length, mime_type: 'text/x-shellscript' });
    expect(none).not.toHaveProperty('sha256');
  });

  test('is no file where nobody announced it', () => {
    expect(read(data)('files')).toEqual([]);
  });
});

test('a mail through a proxy is read behind CONNECT, its part is a file', () => {
  const of = read(
    conversation(ends, { source: 40_002, destination: 3128 }, [
      says('client', 'CONNECT mail.example:25 HTTP/1.1\r\n\r\n'),
      says('server', 'HTTP/1.1 200 OK\r\n\r\n'),
      says('server', '220 mail.example ESMTP\r\n'),
      says('client', 'EHLO me\r\n'),
      says('server', '250 mail.example\r\n'),
      says('client', 'MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n'),
      says('server', '250 OK\r\n250 OK\r\n354 Go\r\n'),
      says('client', 'Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjcgeA==\r\n.\r\n'),
      says('server', '250 Queued\r\n'),
    ]),
  );
  expect(of('files')).toMatchObject([{ source: 'SMTP', mime_type: 'application/pdf', seen_bytes: 10 }]);
  expect(of('smtp')).toMatchObject([{ mailfrom: 'a@example.org', fuids: [of('files')[0]!['fuid']] }]);
  expect(of('conn')[0]!['service']).toBe('http,smtp');
});
