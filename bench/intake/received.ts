/**
 * What comes over sockets and from brokers, and what others that do the same take for it. The sender is a process of its own, and so is a broker; the
 * processor time is the receiver's alone.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect as connectNats } from '@nats-io/transport-node';
import { openCollecting } from '@forewarn/sensor/collect/collecting';
import { collectWish } from '@forewarn/sensor/collect/wishes';
import { flowsInEach } from './events.ts';

export type Received = { events: number; dropped: number; cpuSeconds: number };

const path = `${process.env['PATH']}:/usr/sbin`;
const ended = (child: ChildProcess): Promise<number | null> => new Promise((done) => child.on('exit', done));

/** Runs the sender; answers how many it sent. */
async function send(what: string, port: number, events: number): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'sender.ts'), what, String(port), String(events)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  await ended(child);
  return Number(said.trim());
}

/** The documents, line by line, into a client of a broker. */
async function pipe(tool: string, words: readonly string[], events: number): Promise<void> {
  const sender = spawn(process.execPath, [join(import.meta.dirname, 'sender.ts'), 'documents', '0', String(events)]);
  const client = spawn(tool, words, { stdio: ['pipe', 'ignore', 'ignore'], env: { ...process.env, PATH: path } });
  sender.stdout.pipe(client.stdin);
  await ended(client);
}

/** When a count no longer changes; a broker may pause, so where it is known what is to come, that is waited for longer. */
async function settled(count: () => number, wanted = Infinity): Promise<number> {
  for (let before = -1, same = 0; ; await sleep(100)) {
    const now = count();
    same = now === before ? same + 1 : 0;
    if (now >= wanted || same >= (wanted === Infinity ? 10 : 200)) return now;
    before = now;
  }
}

const cpuOf = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** By the sensor, in this process: from the socket or the broker to batches, which are counted and not written. */
async function ours(
  wish: string,
  feed: (port: number, read: () => number) => Promise<number>,
  inEach: number,
): Promise<Received> {
  const stop = new AbortController();
  let records = 0;
  const count = (batch: { logs: { readonly [log: string]: readonly unknown[] } }): void => {
    for (const list of Object.values(batch.logs)) records += list.length;
  };
  const collecting = await openCollecting({
    wishes: [collectWish(wish)],
    tls: undefined,
    batchRecords: () => 2_000,
    deliver: count,
    keep: count,
    clock: { now: () => Date.now() / 1000 },
    startedAt: 1,
    say: () => undefined,
    signal: stop.signal,
    room: () => Promise.resolve(),
  });
  const before = cpuOf();
  const sent = await feed(collecting.ports[0] ?? 0, () => collecting.counted().messages);
  await settled(() => {
    const { messages, dropped } = collecting.counted();
    return messages + dropped;
  }, sent / inEach);
  stop.abort();
  await collecting.done;
  const cpuSeconds = cpuOf() - before;
  const { messages, dropped } = collecting.counted();
  if ((messages + dropped) * inEach !== sent || records !== messages * inEach)
    throw new Error(`${sent} sent, ${messages} messages read, ${dropped} dropped, ${records} records`);
  return { events: records, dropped: dropped * inEach, cpuSeconds };
}

/** User and system time of another process, in seconds (proc(5): fields 14 and 15, in hundredths). */
function cpuOfProcess(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '').split(' '); // oxfmt-ignore
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function inFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'forewarn-bench-'));
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const bytesIn = (folder: string): number => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

async function daemon<T>(tool: string, words: readonly string[], act: (child: ChildProcess) => Promise<T>): Promise<T> {
  const child = spawn(tool, words, { stdio: 'ignore', env: { ...process.env, PATH: path } });
  const over = ended(child);
  try {
    await sleep(1_000);
    return await act(child);
  } finally {
    child.kill('SIGTERM');
    await over;
  }
}

/** Debian's nfcapd, which writes flows to files. */
const nfcapd = (events: number): Promise<Received> =>
  inFolder(async (folder) => {
    const port = 29_955;
    let cpuSeconds = 0;
    await daemon(
      'nfcapd',
      ['-p', String(port), '-b', '127.0.0.1', '-l', folder, '-t', '3600', '-B', '8000000'],
      async (child) => {
        await send('netflow', port, events);
        await settled(() => cpuOfProcess(child.pid!));
        cpuSeconds = cpuOfProcess(child.pid!);
      },
    );
    const file = readdirSync(folder).find((name) => name.startsWith('nfcapd.'))!;
    const summary = spawn('nfdump', ['-r', join(folder, file), '-I'], { stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    summary.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
    await ended(summary);
    const taken = Number(/^Flows: (\d+)/m.exec(said)?.[1] ?? 0);
    return { events: taken, dropped: Math.ceil(events / flowsInEach) * flowsInEach - taken, cpuSeconds };
  });

/** Debian's rsyslogd, which reads the lines and writes them to a file. */
const rsyslogd = (way: 'udp' | 'tcp', events: number): Promise<Received> =>
  inFolder(async (folder) => {
    const port = 29_956;
    const out = join(folder, 'out');
    mkdirSync(out);
    writeFileSync(
      join(folder, 'conf'),
      `global(workDirectory="${folder}")\nmodule(load="im${way}")\ninput(type="im${way}" port="${port}" address="127.0.0.1" ruleset="in")\nruleset(name="in") { action(type="omfile" file="${out}/log" template="RSYSLOG_SyslogProtocol23Format") }\n`,
    );
    return daemon('rsyslogd', ['-n', '-f', join(folder, 'conf'), '-i', join(folder, 'pid')], async (child) => {
      const sent = await send(`syslog-${way}`, port, events);
      await settled(() => bytesIn(out));
      const cpuSeconds = cpuOfProcess(child.pid!);
      const taken = readFileSync(join(out, 'log'), 'latin1').split('\n').length - 1;
      return { events: taken, dropped: sent - taken, cpuSeconds };
    });
  });

const mqtt = (events: number): Promise<Received> =>
  inFolder(async (folder) => {
    const port = 29_957;
    writeFileSync(join(folder, 'conf'), `user root\nlistener ${port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 1000\n`); // oxfmt-ignore
    return daemon('mosquitto', ['-c', join(folder, 'conf')], () =>
      ours(
        `mqtt=127.0.0.1:${port}/logs/#`,
        async () => {
          // One mosquitto_pub reads ahead of its numbers, of which there are 65,535, and leaves out what has none.
          for (let left = events; left > 0; left -= 50_000)
            await pipe(
              'mosquitto_pub',
              ['-h', '127.0.0.1', '-p', String(port), '-t', 'logs/bench', '-q', '1', '-l'],
              Math.min(left, 50_000),
            );
          return events;
        },
        1,
      ),
    );
  });

const nats = (events: number): Promise<Received> =>
  inFolder((folder) => {
    const port = 29_958;
    return daemon('nats-server', ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder], async () => {
      const connection = await connectNats({ servers: `127.0.0.1:${port}` });
      await (await jetstreamManager(connection)).streams.add({ name: 'LOGS', subjects: ['logs.>'] });
      await connection.close();
      return ours(`nats=127.0.0.1:${port}/logs.>?stream=LOGS`, () => send('nats', port, events), 1);
    });
  });

const kafka = async (events: number): Promise<Received> => {
  const broker = spawn(process.execPath, [join(import.meta.dirname, '../../apps/sensor/src/testing/kafka.ts')], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const over = ended(broker);
  try {
    const port = Number(await new Promise<Buffer>((done) => broker.stdout.once('data', done)));
    const produce = (many: number): Promise<void> => pipe('kcat', ['-P', '-b', `127.0.0.1:${port}`, '-t', 'logs', '-q'], many);
    // A topic is made when somebody first asks for it. Documents are sent by the hundred.
    await produce(100);
    return await ours(
      `kafka=127.0.0.1:${port}/logs`,
      async (_port, read) => {
        // The broker for tests forgets what lies in a partition beyond some megabytes.
        for (let sent = 100; sent < events; sent += 10_000) {
          await produce(Math.min(10_000, events - sent));
          const upTo = Math.min(sent + 10_000, events);
          while (read() < upTo) await sleep(20);
        }
        return events;
      },
      1,
    );
  } finally {
    broker.stdin.end();
    await over;
  }
};

/** By name: ours, and with an equals sign who does the same for comparison. */
export const received: { readonly [name: string]: (events: number) => Promise<Received> } = {
  'netflow-udp': (events) => ours('netflow=127.0.0.1:0', (port) => send('netflow', port, events), flowsInEach),
  'netflow-udp = nfcapd': nfcapd,
  'syslog-udp': (events) => ours('syslog=udp:127.0.0.1:0', (port) => send('syslog-udp', port, events), 1),
  'syslog-udp = rsyslogd': (events) => rsyslogd('udp', events),
  'syslog-tcp': (events) => ours('syslog=tcp:127.0.0.1:0', (port) => send('syslog-tcp', port, events), 1),
  'syslog-tcp = rsyslogd': (events) => rsyslogd('tcp', events),
  mqtt,
  nats,
  kafka,
};
