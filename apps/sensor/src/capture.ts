/**
 * Packets of an interface, through tcpdump: libpcap's own tool, which Debian has, writes pcap to a pipe. So the part that needs a
 * privilege is a small, old, well-read C program of the machine's own, and everything that parses what strangers send is not.
 *
 * Counts are the kernel's: tcpdump answers SIGUSR1 with what libpcap adds up of PACKET_STATISTICS (packet(7)), exact to the packet. `received`
 * has passed the filter, and `dropped` of it did not fit into the kernel's buffer.
 */

import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Refusal } from '@forewarn/base/refusal';

/** The kernel's buffer: 32 MiB hold a third of a second of a full Gbit/s, longer than any pause of ours. */
const bufferKiB = 32_768;

/** An answer to SIGUSR1 comes within the next packet or timeout of libpcap (1 s). */
const countsMsMax = 2_000;

/** To end by itself, when asked. */
const stopMsMax = 3_000;

/** Of what the tool says only the end is kept. */
const saidMax = 4_096;

export type CaptureCounts = { received: number; dropped: number; interfaceDropped: number };

export type CaptureWish = { device: string; snapLength: number; filter: string };

export type Capture = {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** The kernel's counts since the capture began. */
  counts(): Promise<CaptureCounts>;
  /** Ends it; what the kernel still holds is read first. */
  stop(): void;
  /** Resolves when it has ended, to what the tool said last. */
  readonly ended: Promise<string>;
};

const argumentsOf = ({ device, snapLength, filter }: CaptureWish): string[] => {
  const of = ['-i', device, '-n', '-s', String(snapLength), '-B', String(bufferKiB)];
  // Behind "--" nothing is an option, whatever a filter begins with.
  return [...of, '-U', '-w', '-', ...(filter === '' ? [] : ['--', filter])];
};

const toolMissing = (cause: unknown): Refusal =>
  new Refusal('sensor.tcpdump', 'tcpdump, which captures from interfaces, is not on this machine.', {
    advice: 'Install it (Debian: apt install tcpdump), or send files or standard input.',
    cause,
  });

/** Begins a capture. Refusals: `sensor.tcpdump`, and `sensor.capture` with what tcpdump says: no such interface, no right to, a bad filter. */
export async function openCapture(wish: CaptureWish): Promise<Capture> {
  const tool: ChildProcessByStdio<null, Readable, Readable> = spawn('tcpdump', argumentsOf(wish), {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its words are read by us.
    env: { ...process.env, LC_ALL: 'C' },
  });
  let said = '';
  let counts: CaptureCounts = { received: 0, dropped: 0, interfaceDropped: 0 };
  let told = 0;
  let listening: (() => void) | undefined;
  let answered: (() => void) | undefined;
  let line = '';
  tool.stderr.setEncoding('utf8');
  tool.stderr.on('data', (text: string) => {
    said = (said + text).slice(-saidMax);
    const lines = (line + text).split('\n');
    line = (lines.pop() ?? '').slice(-saidMax);
    for (const one of lines) {
      if (/listening on /.test(one)) listening?.();
      const seen = readCounts(one);
      if (!seen) continue;
      counts = { ...counts, ...seen };
      if (seen.dropped === undefined) continue;
      told++;
      answered?.();
    }
  });
  const ended = once(tool, 'close').then(() => {
    answered?.();
    return said;
  });
  ended.catch(() => undefined);
  const began = await Promise.race([
    new Promise<'listening'>((resolve) => {
      listening = () => resolve('listening');
    }),
    ended.then(
      () => 'ended' as const,
      (cause: NodeJS.ErrnoException) => {
        throw cause.code === 'ENOENT' ? toolMissing(cause) : cause;
      },
    ),
  ]);
  if (began === 'ended') throw captureRefusal(wish, said);

  return {
    chunks: tool.stdout as AsyncIterable<Uint8Array>,
    ended,
    async counts() {
      if (tool.exitCode !== null || tool.signalCode !== null) return counts;
      const before = told;
      const fresh = new Promise<void>((resolve) => {
        answered = resolve;
      });
      tool.kill('SIGUSR1');
      await Promise.race([fresh, sleep(countsMsMax, undefined, { ref: false })]);
      if (told === before) return counts;
      return counts;
    },
    stop() {
      if (tool.exitCode !== null || tool.signalCode !== null) return;
      tool.kill('SIGTERM');
      setTimeout(() => tool.kill('SIGKILL'), stopMsMax).unref();
    },
  };
}

/** `12 packets captured, 14 packets received by filter, 2 packets dropped by kernel`, in one line or three. */
function readCounts(line: string): Partial<CaptureCounts> | undefined {
  const number = (what: string): number | undefined => {
    const found = new RegExp(`(\\d+) packets? ${what}`).exec(line)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const received = number('received by filter');
  const dropped = number('dropped by kernel');
  const interfaceDropped = number('dropped by interface');
  if (received === undefined && dropped === undefined && interfaceDropped === undefined) return undefined;
  return {
    ...(received === undefined ? {} : { received }),
    ...(dropped === undefined ? {} : { dropped }),
    ...(interfaceDropped === undefined ? {} : { interfaceDropped }),
  };
}

function captureRefusal({ device, filter }: CaptureWish, said: string): Refusal {
  const why =
    said
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^tcpdump: /, '') ?? '';
  const permission = /permission|not permitted/i.test(said);
  return new Refusal('sensor.capture', `tcpdump does not capture from ${device}: ${why.slice(0, 500)}`, {
    place: { field: filter === '' || /such device|permi/i.test(said) ? '--interface' : 'filter' },
    advice: permission
      ? 'Start it as root (it keeps nothing of that but the right to capture), or give the service AmbientCapabilities=CAP_NET_RAW.'
      : 'See "ip link" for interfaces and pcap-filter(7) for filters.',
  });
}

/**
 * Whether the interface carries nothing, by the kernel's word (RFC 2863 §3.1.14, `operstate`): libpcap waits for it without a word. What has
 * no such state, as "any", is not down.
 */
export function interfaceDown(device: string): boolean {
  try {
    const state = readFileSync(join('/sys/class/net', basename(device), 'operstate'), 'utf8').trim();
    return state === 'down' || state === 'lowerlayerdown' || state === 'notpresent';
  } catch {
    return false;
  }
}

const run = promisify(execFile);

/** Whether tcpdump takes these settings, without capturing; the reason where it does not. */
export async function tryCapture({ device, snapLength, filter }: CaptureWish): Promise<string | undefined> {
  try {
    await run('tcpdump', ['-i', device, '-s', String(snapLength), '-d', ...(filter === '' ? [] : ['--', filter])], {
      env: { ...process.env, LC_ALL: 'C' },
      timeout: 10_000,
    });
    return undefined;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return (stderr?.trim().split('\n').at(-1) ?? message).replace(/^tcpdump: /, '').slice(0, 500);
  }
}

/** The kernel counts in 32 bits (`struct tpacket_stats`), and so does libpcap: what came since the last look, over a wrap. */
export const since = (now: number, before: number): number => (now - before) >>> 0;
