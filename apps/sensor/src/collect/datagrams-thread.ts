/** The thread that receives: as little as can be for each datagram, so that the kernel's buffer stays empty. */

import { createSocket } from 'node:dgram';
import { parentPort, workerData } from 'node:worker_threads';
import { entryBytes, type FromThread, type ThreadOptions, type ToThread } from './datagrams.ts';

/** Large enough that a message to the other thread costs little of each datagram, small enough to fill within milliseconds. */
const blockBytes = 256 * 1024;

/** A quiet port's datagrams wait no longer than this. */
const flushMs = 20;

/** Senders of one block have numbers of 16 bits. */
const sendersMax = 4_096;

const { host, port, receiveBytes, waitingBytesMax } = workerData as ThreadOptions;
const parent = parentPort!;
const say = (message: FromThread, transfer: ArrayBuffer[] = []): void => parent.postMessage(message, transfer);

let block = new Uint8Array(blockBytes);
let view = new DataView(block.buffer);
let used = 0;
let senders = new Map<string, number>();
let waiting = 0;
let received = 0;
let dropped = 0;
let toldDropped = 0;

function flush(): void {
  if (used === 0 && dropped === toldDropped) return;
  toldDropped = dropped;
  waiting += used;
  say({ kind: 'block', block, bytes: used, senders: [...senders.keys()], received, dropped }, [block.buffer]);
  block = new Uint8Array(blockBytes);
  view = new DataView(block.buffer);
  used = 0;
  senders = new Map();
}

const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' });
socket.on('error', (error: NodeJS.ErrnoException) => {
  say({ kind: 'failed', message: error.message, code: error.code });
});
socket.on('message', (bytes, from) => {
  received++;
  if (waiting + used + bytes.length > waitingBytesMax) {
    dropped++;
    return;
  }
  if (used + entryBytes + bytes.length > blockBytes || senders.size >= sendersMax) flush();
  // A sender of IPv4 at a socket of both.
  const address = from.address.startsWith('::ffff:') ? from.address.slice(7) : from.address;
  let sender = senders.get(address);
  if (sender === undefined) {
    sender = senders.size;
    senders.set(address, sender);
  }
  view.setFloat64(used, Date.now() / 1000);
  view.setUint32(used + 8, bytes.length);
  view.setUint16(used + 12, from.port);
  view.setUint16(used + 14, sender);
  block.set(bytes, used + entryBytes);
  used += entryBytes + bytes.length;
});
const clockwork = setInterval(flush, flushMs);
parent.on('message', (message: ToThread) => {
  if (message.kind === 'taken') {
    waiting -= message.bytes;
    return;
  }
  clearInterval(clockwork);
  socket.close(() => {
    flush();
    say({ kind: 'closed', received, dropped });
  });
});
socket.bind({ port, address: host, exclusive: true }, () => {
  try {
    socket.setRecvBufferSize(receiveBytes);
  } catch {
    // What it gave is asked for next.
  }
  // Linux tells twice what may be used (socket(7)).
  say({ kind: 'listening', port: socket.address().port, receiveBytes: Math.floor(socket.getRecvBufferSize() / 2) });
});
