/**
 * Datagrams of one port, received by a thread of its own: the kernel's buffer holds some milliseconds of a busy port, and this process
 * sometimes takes longer to put a batch on the disk.
 *
 *     kernel's buffer ──▶ thread ──▶ blocks of datagrams ──▶ this process
 *      drops: /proc        drops: more waits than `waitingBytesMax`
 */

import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { parseAddress } from '@forewarn/base/ip';
import type { Seconds } from '@forewarn/base/time';
import { Refusal } from '@forewarn/base/refusal';

/** What may wait for this process: at 50,000 messages of 500 bytes a second, more than two seconds. */
const waitingBytesMax = 64_000_000;

/** What is asked of the kernel; it gives what `net.core.rmem_max` allows. */
const receiveBytes = 32 * 1024 * 1024;

export const limits = [
  {
    name: 'collect.waitingBytesMax',
    value: waitingBytesMax,
    unit: 'bytes per listener',
    why: 'Received and not read yet: over two seconds at 50,000 messages of 500 bytes a second. Above it datagrams are dropped and counted.',
  },
  {
    name: 'collect.receiveBytes',
    value: receiveBytes,
    unit: 'bytes per socket',
    why: 'Asked of the kernel, which gives what net.core.rmem_max allows; what it gave is said at the start.',
  },
] as const;

/** A block: for each datagram its time (8), length (4), port (2) and sender's number (2), then its bytes. */
export const entryBytes = 16;

/** What the thread is told, and what it says. */
export type ThreadOptions = { host: string; port: number; receiveBytes: number; waitingBytesMax: number };
export type FromThread =
  | { kind: 'listening'; port: number; receiveBytes: number }
  | { kind: 'failed'; message: string; code: string | undefined }
  | { kind: 'block'; block: Uint8Array; bytes: number; senders: string[]; received: number; dropped: number }
  | { kind: 'closed'; received: number; dropped: number };
export type ToThread = { kind: 'taken'; bytes: number } | { kind: 'close' };

export type Datagram = { bytes: Uint8Array; start: number; end: number; sender: string; port: number; at: Seconds };

export type DatagramCounts = {
  received: number;
  /** By us: this process was too slow. */
  dropped: number;
  /** By the kernel: its buffer was full. Undefined where the machine does not tell. */
  kernelDropped: number | undefined;
};

export type Datagrams = {
  readonly port: number;
  /** What the kernel gave of the buffer that was asked for. */
  readonly receiveBytes: number;
  readonly wantedBytes: number;
  counts(): DatagramCounts;
  /** Listens no more; what was received is handed over first. */
  close(): Promise<void>;
};

/** Listens. `take` gets each datagram; the bytes are valid during the call only. Refusals: `sensor.collect.listen`. */
export async function openDatagrams(
  { host, port, name }: { host: string; port: number; name: string },
  take: (datagram: Datagram) => void,
  /** What `take` threw. */
  onFault: (fault: unknown) => void,
): Promise<Datagrams> {
  const thread = new Worker(new URL('./datagrams-thread.ts', import.meta.url), {
    workerData: { host, port, receiveBytes, waitingBytesMax } satisfies ThreadOptions,
  });
  const tell = (message: ToThread): void => thread.postMessage(message, []);
  const counts: DatagramCounts = { received: 0, dropped: 0, kernelDropped: undefined };
  let opened: ((message: FromThread & { kind: 'listening' | 'failed' }) => void) | undefined;
  let closed: (() => void) | undefined;
  const over = new Promise<void>((resolve) => {
    closed = resolve;
  });
  thread.on('message', (message: FromThread) => {
    if (message.kind === 'listening' || message.kind === 'failed') return opened?.(message);
    counts.received = message.received;
    counts.dropped = message.dropped;
    if (message.kind === 'closed') return closed?.();
    try {
      each(message.block, message.bytes, message.senders, take);
    } catch (fault) {
      onFault(fault);
    } finally {
      tell({ kind: 'taken', bytes: message.bytes });
    }
  });
  thread.on('error', (fault) => {
    onFault(fault);
    closed?.();
  });
  const first = await new Promise<FromThread & { kind: 'listening' | 'failed' }>((resolve, reject) => {
    opened = resolve;
    thread.once('error', reject);
  });
  if (first.kind === 'failed') {
    await thread.terminate();
    throw listenRefusal(name, first);
  }
  return {
    port: first.port,
    receiveBytes: first.receiveBytes,
    wantedBytes: receiveBytes,
    counts() {
      // Of a socket that is closed the kernel says nothing more.
      counts.kernelDropped = kernelDrops(host, first.port) ?? counts.kernelDropped;
      return { ...counts };
    },
    async close() {
      counts.kernelDropped = kernelDrops(host, first.port) ?? counts.kernelDropped;
      tell({ kind: 'close' });
      await over;
      await thread.terminate();
    },
  };
}

export const listenRefusal = (name: string, { message, code }: { message: string; code: string | undefined }): Refusal =>
  new Refusal('sensor.collect.listen', `"${name}" cannot be listened on: ${message}.`, {
    place: { field: '--collect' },
    advice:
      code === 'EACCES'
        ? 'Ports below 1024 need a right: start it as root (it keeps only that right), or choose a higher port.'
        : 'Choose an address of this machine and a port that nothing else has.',
  });

function each(block: Uint8Array, bytes: number, senders: readonly string[], take: (datagram: Datagram) => void): void {
  const view = new DataView(block.buffer, block.byteOffset, bytes);
  for (let at = 0; at < bytes;) {
    const time = view.getFloat64(at);
    const length = view.getUint32(at + 8);
    const start = at + entryBytes;
    at = start + length;
    take({
      bytes: block,
      start,
      end: at,
      sender: senders[view.getUint16(start - 2)]!,
      port: view.getUint16(start - 4),
      at: time,
    });
  }
}

/** The last column of the kernel's table of sockets: datagrams that it dropped for want of room (proc(5)). */
export function kernelDrops(host: string, port: number): number | undefined {
  const address = parseAddress(host) ?? (host === 'localhost' ? Uint8Array.of(127, 0, 0, 1) : undefined);
  try {
    const table = readFileSync(address?.length === 16 ? '/proc/net/udp6' : '/proc/net/udp', 'latin1');
    const local = `${address ? hexadecimal(address) : ''}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    let drops: number | undefined;
    for (const line of table.split('\n').slice(1)) {
      const columns = line.trim().split(/\s+/);
      if (!columns[1]?.endsWith(local)) continue;
      drops = (drops ?? 0) + Number(columns.at(-1));
    }
    return drops;
  } catch {
    return undefined;
  }
}

/** Each word of four bytes as the machine, which has the lowest byte first, holds it. */
function hexadecimal(address: Uint8Array): string {
  let text = '';
  for (let word = 0; word < address.length; word += 4) {
    for (let i = 3; i >= 0; i--) text += address[word + i]!.toString(16).toUpperCase().padStart(2, '0');
  }
  return text;
}
