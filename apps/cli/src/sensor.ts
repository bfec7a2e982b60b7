/** `forewarn sensor`: reads an interface, a folder, standard input, captures, what others send or brokers have, and sends their records to a centre, spooling to disk. */

import { parseArgs } from 'node:util';
import { Refusal, describe } from '@forewarn/base/refusal';
import { readClientTls, type CentreOptions, type ClientTls } from '@forewarn/sensor/centre';
import { becomeUser, defaultUser, isRoot } from '@forewarn/sensor/privilege';
import type { StreamTls } from '@forewarn/sensor/collect/streams';
import { collectorsMax, collectWish, type CollectWish } from '@forewarn/sensor/collect/wishes';
import { runSensor, type RunInput } from '@forewarn/sensor/run';
import { sendCapture } from '@forewarn/sensor/sensor';
import { nothingSent } from '@forewarn/sensor/send';
import { openSpool, spoolBytesMax } from '@forewarn/sensor/spool';
import { BadUse, type Command, type Terminal } from './command.ts';
import { openInput, sizeOf } from './input.ts';
import { progressLine } from './progress.ts';

export const command: Command = {
  help: `Usage: forewarn sensor --to URL (--token TOKEN | --cert FILE --key FILE) [--ca FILE] [--spool DIR] [--spool-max SIZE]
                       [--network CIDR]… (--interface IF | --collect WHAT… | --folder DIR | - | FILE…) [--user NAME]

Sends the records of traffic to a centre. Batches wait on disk until the centre has acknowledged them; a batch that was sent before is
dropped by the centre, so sending the same again is safe.

    --interface IF   captures with tcpdump until it is stopped. Started as root it becomes --user at once and keeps the right
                     to capture, nothing else
    --collect WHAT   takes what others send, until it is stopped; may be repeated. netflow=ADDRESS:PORT (NetFlow v5 and v9, IPFIX and
                     sFlow, told apart by their bytes), syslog=udp:ADDRESS:PORT, syslog=tcp:ADDRESS:PORT, syslog=tls:ADDRESS:PORT; or takes
                     them from a broker, acknowledged when they are on the disk: kafka=HOST[:PORT][,HOST…]/TOPIC[,TOPIC…]
                     [?group=NAME&mechanism=plain|scram-sha-256|scram-sha-512], nats=HOST[:PORT]/SUBJECT[?stream=NAME&durable=NAME or
                     ?group=NAME], mqtt=HOST[:PORT]/FILTER[?client=NAME&version=3.1.1|5]; with tls: before HOST they are encrypted.
                     &login=FILE names a file with user:password (without it FOREWARN_COLLECT_LOGIN of the environment), &creds=FILE
                     one of NATS
    --tls-cert FILE  the certificate (PEM) for syslog=tls:…, with --tls-key FILE; senders must show one of --tls-ca FILE where it is
                     given. To brokers it is our own, and theirs must be of --tls-ca FILE instead of the system's authorities
    --folder DIR     reads captures that are complete, each once, the oldest first, until it is stopped
    -                reads a capture from standard input, such as of tcpdump -U -w -
    FILE…            reads captures (pcap, pcapng, gzip) and ends when they are acknowledged

    --to URL         the centre, such as https://centre.example:4180
    --token TOKEN    the sensor's token; without it, FOREWARN_TOKEN of the environment
    --cert FILE      the sensor's certificate (PEM), whose subject names it; with --key FILE
    --ca FILE        certificates (PEM) that the centre's is checked against, instead of the system's
    --spool DIR      where batches wait (default .forewarn-sensor), and packets stay where the policy of the sensor's link keeps them
    --spool-max SIZE its ceiling, such as 500M or 20G (default 1G). When it is full, files and folders wait; of an interface the
                     oldest batches are dropped, counted and told; of what others send by UDP likewise, over TCP they wait
    --network CIDR   an own network; may be repeated
    --user NAME      whom root becomes to capture, or to listen below port 1024 (default ${defaultUser})
    --json           one JSON object for what was read and acknowledged`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        to: { type: 'string' },
        token: { type: 'string' },
        cert: { type: 'string' },
        key: { type: 'string' },
        ca: { type: 'string' },
        interface: { type: 'string' },
        collect: { type: 'string', multiple: true },
        'tls-cert': { type: 'string' },
        'tls-key': { type: 'string' },
        'tls-ca': { type: 'string' },
        folder: { type: 'string' },
        spool: { type: 'string', default: '.forewarn-sensor' },
        'spool-max': { type: 'string' },
        network: { type: 'string', multiple: true },
        user: { type: 'string', default: defaultUser },
        json: { type: 'boolean' },
      },
    });
    const token = values.token ?? process.env.FOREWARN_TOKEN;
    if (values.to === undefined) throw new BadUse('Say where the centre is: --to URL.');
    if ((values.cert === undefined) !== (values.key === undefined))
      throw new BadUse('A certificate needs both --cert and --key.');
    if (token === undefined && values.cert === undefined)
      throw new BadUse('Give the token of this sensor: --token TOKEN; or its certificate: --cert FILE --key FILE.');
    const inputs = [values.interface, values.collect, values.folder, positionals.length > 0 ? '' : undefined].filter(
      (one) => one !== undefined,
    );
    if (inputs.length === 0)
      throw new BadUse('Name at least one capture, "-" for standard input, --interface, --collect or --folder.');
    if (inputs.length > 1)
      throw new BadUse('Name one of --interface, --collect, --folder, and captures; a sensor has one input.');
    const wishes = (values.collect ?? []).map(collectWish);
    if (wishes.length > collectorsMax) throw new BadUse(`A sensor collects from at most ${collectorsMax} ports and brokers.`);
    const { listener, brokerTls } = collectorTls(values, wishes);
    const to = centreAddress(values.to);
    if (token !== undefined && !/^[\u0021-\u007e]+$/.test(token))
      throw new BadUse('The token has characters that no token has; copy it again.');
    const bytesMax = values['spool-max'] === undefined ? spoolBytesMax : sizeFrom(values['spool-max']);
    if (values.interface !== undefined && isRoot()) becomeUser({ user: values.user, spool: values.spool, keeps: 'net_raw' });
    if (wishes.some((wish) => wish.kind === 'listen' && wish.port > 0 && wish.port < 1_024) && isRoot())
      becomeUser({ user: values.user, spool: values.spool, keeps: 'net_bind_service' });
    const tls = readClientTls({
      ...(values.cert === undefined ? {} : { certificate: values.cert }),
      ...(values.key === undefined ? {} : { key: values.key }),
      ...(values.ca === undefined ? {} : { authority: values.ca }),
    });
    const common = {
      centre: { to, token, tls },
      spool: values.spool,
      bytesMax,
      networks: values.network,
      json: values.json ?? false,
    };
    if (values.interface !== undefined) return keepRunning({ kind: 'interface', device: values.interface }, common, terminal);
    if (wishes.length > 0) return keepRunning({ kind: 'collect', wishes, tls: listener, brokerTls }, common, terminal);
    if (values.folder !== undefined) return keepRunning({ kind: 'folder', directory: values.folder }, common, terminal);
    if (positionals.length === 1 && positionals[0] === '-') {
      return keepRunning({ kind: 'stdin', chunks: openInput('-') }, common, terminal);
    }
    return sendFiles(positionals, common, terminal);
  },
};

/** What listeners over TLS and brokers are shown; checked before anything listens. */
function collectorTls(
  values: { 'tls-cert'?: string; 'tls-key'?: string; 'tls-ca'?: string },
  wishes: readonly CollectWish[],
): { listener: StreamTls | undefined; brokerTls: ClientTls | undefined } {
  const listens = wishes.some((wish) => wish.kind === 'listen' && wish.transport === 'tls');
  const subscribes = wishes.some((wish) => wish.kind === 'subscribe' && wish.tls);
  const { 'tls-cert': certificate, 'tls-key': key, 'tls-ca': authority } = values;
  if (listens && (certificate === undefined || key === undefined))
    throw new BadUse('syslog=tls:… needs both --tls-cert and --tls-key.');
  if ((certificate === undefined) !== (key === undefined)) throw new BadUse('A certificate needs both --tls-cert and --tls-key.');
  if (!listens && !subscribes) return { listener: undefined, brokerTls: undefined };
  const read = readClientTls({
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
    ...(authority === undefined ? {} : { authority }),
  });
  return {
    listener: listens ? { certificate: read.certificate!, key: read.key!, authority: read.authority } : undefined,
    brokerTls: subscribes ? read : undefined,
  };
}

type Common = {
  centre: CentreOptions;
  spool: string;
  bytesMax: number;
  networks: string[] | undefined;
  json: boolean;
};

/** The signals that end it. */
function stopSignal(): { signal: AbortSignal; release: () => void } {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  return { signal: stop.signal, release: () => process.removeListener('SIGINT', onSignal).removeListener('SIGTERM', onSignal) };
}

const waits = (waiting: number, spool: string): string =>
  `forewarn sensor: ${waiting} ${waiting === 1 ? 'batch waits' : 'batches wait'} in ${spool}; start the sensor again to send them.\n`;

async function keepRunning(input: RunInput, { centre, spool: directory, bytesMax, networks, json }: Common, terminal: Terminal) {
  // A line that does not wait has its oldest batches dropped; a folder's files wait where they are.
  const spool = openSpool(directory, bytesMax, input.kind === 'folder' ? 'refuse' : 'drop-oldest');
  const { signal, release } = stopSignal();
  try {
    const { packets, sent, waiting, lost } = await runSensor({
      input,
      centre,
      spool,
      directory,
      signal,
      clock: { now: () => Date.now() / 1000 },
      say: (sentence) => terminal.err(`forewarn sensor: ${sentence}\n`),
      ...(networks === undefined ? {} : { networks }),
    });
    terminal.out(
      json
        ? `${JSON.stringify({ input: input.kind, packets, ...sent, waiting, lost })}\n`
        : `${packets} ${input.kind === 'collect' ? 'messages' : 'packets'} read; ${sent.records} records in ${sent.batches} batches acknowledged` +
            `${lost.batches > 0 ? `; ${lost.records} records in ${lost.batches} batches were dropped because the spool was full` : ''}.\n`,
    );
    if (waiting > 0) terminal.err(waits(waiting, directory));
    // Asked to stop, a sensor that leaves something in its spool has done what it should.
    return waiting > 0 && !signal.aborted ? 1 : 0;
  } finally {
    release();
    spool.close();
    if (input.kind === 'stdin') process.stdin.destroy();
  }
}

async function sendFiles(
  names: readonly string[],
  { centre, spool: directory, bytesMax, networks, json }: Common,
  terminal: Terminal,
): Promise<number> {
  const spool = openSpool(directory, bytesMax);
  const { signal, release } = stopSignal();
  let waitedFor = '';
  let failed = 0;
  let waiting = 0;
  try {
    for (const name of names) {
      const sent = nothingSent();
      const progress = progressLine(terminal, name, name === '-' ? undefined : sizeOf(name));
      try {
        const reading = await sendCapture(
          { name, chunks: openInput(name) },
          {
            ...centre,
            spool,
            signal,
            progress: progress.show,
            ...(networks === undefined ? {} : { networks }),
            onWait: (reason, seconds) => {
              if (reason !== waitedFor) {
                terminal.err(
                  `forewarn sensor: ${reason}; trying again in ${seconds.toFixed(1)} s. Batches wait in ${directory}.\n`,
                );
              }
              waitedFor = reason;
            },
          },
          sent,
        );
        progress.end();
        if (reading.stop) {
          terminal.err(
            `forewarn: ${name}: cut: ${reading.stop.detail} at byte ${reading.stop.offset}; what stands before it was sent.\n`,
          );
        }
        terminal.out(
          json
            ? `${JSON.stringify({ file: name, packets: reading.packets, ...sent, waiting: spool.waiting })}\n`
            : `${name}: ${reading.packets} packets read; ${sent.records} records in ${sent.batches} ${sent.batches === 1 ? 'batch' : 'batches'} acknowledged` +
                `${sent.repeated > 0 ? `, ${sent.repeated} of the batches known already` : ''}.\n`,
        );
      } catch (error) {
        progress.end();
        // A file that cannot be read does not keep the others back; a centre or a disk that refuses does.
        if (!(error instanceof Refusal) || !/^(capture|file)\./.test(error.code)) throw error;
        failed++;
        terminal.err(`forewarn: ${describe(error)}\n`);
      }
    }
  } finally {
    release();
    waiting = spool.waiting;
    spool.close();
    if (waiting > 0) terminal.err(waits(waiting, directory));
  }
  return failed > 0 || waiting > 0 ? 1 : 0;
}

/** `500M`, `20G`: powers of ten, as disks are sold. */
function sizeFrom(text: string): number {
  const [, number, unit] = /^(\d{1,6})([KMGT])$/i.exec(text) ?? [];
  if (number === undefined) throw new BadUse(`"${text}" is no size; write it as 500M or 20G.`);
  return Number(number) * { K: 1e3, M: 1e6, G: 1e9, T: 1e12 }[unit!.toUpperCase() as 'K' | 'M' | 'G' | 'T'];
}

function centreAddress(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new Refusal('sensor.address', `"${text}" is no address of a centre.`, {
      place: { field: '--to' },
      advice: 'Write it as https://centre.example:4180.',
    });
  }
  return text;
}
