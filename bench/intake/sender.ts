/**
 * Sends events, in a process of its own so that its work is nobody else's: `node sender.ts WHAT PORT EVENTS`. Writes how many it sent.
 */

import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { connect as connectNats } from '@nats-io/transport-node';
import { netflow5 } from '@forewarn/sense/exports/testing';
import { document, flowsInEach, line } from './events.ts';

const [what = '', portText = '', eventsText = ''] = process.argv.slice(2);
const port = Number(portText);
const events = Number(eventsText);

/** With pauses, so that a receiver of two cores shared with the sender drops little: the question is its work, not its buffer. */
async function datagrams(each: (n: number) => Uint8Array | string, inEach: number): Promise<number> {
  const socket = createSocket('udp4');
  let sent = 0;
  for (let n = 0; n < events; n += inEach) {
    await new Promise<void>((done) => {
      socket.send(each(n), port, '127.0.0.1', (error) => {
        if (!error) sent += inEach;
        done();
      });
    });
  }
  await new Promise<void>((done) => socket.close(done));
  return sent;
}

async function stream(): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  for (let n = 0; n < events; n += 100) {
    const piece = Array.from({ length: 100 }, (_, k) => `${line(n + k)}\n`).join('');
    if (!socket.write(piece)) await new Promise((done) => socket.once('drain', done));
  }
  await new Promise<void>((done) => socket.end(done));
  return events;
}

async function nats(): Promise<number> {
  const connection = await connectNats({ servers: `127.0.0.1:${port}` });
  for (let n = 0; n < events; n++) {
    connection.publish('logs.bench', JSON.stringify(document(n)));
    if (n % 1_000 === 999) await connection.flush();
  }
  await connection.flush();
  await connection.close();
  return events;
}

const netflow = netflow5(flowsInEach);
const ways: { readonly [what: string]: () => Promise<number> } = {
  netflow: () => datagrams(() => netflow, flowsInEach),
  'syslog-udp': () => datagrams(line, 1),
  'syslog-tcp': stream,
  nats,
  /** For the clients of brokers that read lines. */
  documents: async () => {
    for (let n = 0; n < events; n += 100) {
      const piece = Array.from({ length: 100 }, (_, k) => `${JSON.stringify(document(n + k))}\n`).join('');
      if (!process.stdout.write(piece)) await new Promise((done) => process.stdout.once('drain', done));
    }
    return events;
  },
};
const sent = await ways[what]!();
process.stderr.write(`${sent}\n`);
