/** `forewarn sensor`: reads captures and sends their records to a centre, spooling to disk. */

import { parseArgs } from 'node:util';
import { Refusal, describe } from '@forewarn/base/refusal';
import { sendCapture } from '@forewarn/sensor/sensor';
import type { Sent } from '@forewarn/sensor/send';
import { openSpool } from '@forewarn/sensor/spool';
import { BadUse, type Command } from './command.ts';
import { openInput, sizeOf } from './input.ts';
import { progressLine } from './progress.ts';

export const command: Command = {
  help: `Usage: forewarn sensor --to URL --token TOKEN [--spool DIR] [--network CIDR]… FILE…

Reads captures (pcap, pcapng, gzip; "-" is standard input) and sends their records to a centre. Batches wait on disk until the
centre has acknowledged them; a batch that was sent before is dropped by the centre, so sending a file again is safe.

    --to URL         the centre, such as https://centre.example:4180
    --token TOKEN    the sensor's token; without it, FOREWARN_TOKEN of the environment
    --spool DIR      where batches wait (default .forewarn-sensor)
    --network CIDR   an own network; may be repeated
    --json           one JSON object a file: what was read and what was acknowledged`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        to: { type: 'string' },
        token: { type: 'string' },
        spool: { type: 'string', default: '.forewarn-sensor' },
        network: { type: 'string', multiple: true },
        json: { type: 'boolean' },
      },
    });
    const token = values.token ?? process.env.FOREWARN_TOKEN;
    if (values.to === undefined) throw new BadUse('Say where the centre is: --to URL.');
    if (token === undefined) throw new BadUse('Give the token of this sensor: --token TOKEN.');
    if (positionals.length === 0) throw new BadUse('Name at least one capture, or "-" for standard input.');
    const to = centreAddress(values.to);
    if (!/^[\u0021-\u007e]+$/.test(token)) throw new BadUse('The token has characters that no token has; copy it again.');

    const spool = openSpool(values.spool);
    const stop = new AbortController();
    const onSignal = () => stop.abort();
    process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
    let waitedFor = '';
    let failed = 0;
    let waiting = 0;
    try {
      for (const name of positionals) {
        const sent: Sent = { batches: 0, records: 0, repeated: 0 };
        const progress = progressLine(terminal, name, name === '-' ? undefined : sizeOf(name));
        try {
          const reading = await sendCapture(
            { name, chunks: openInput(name) },
            {
              to,
              token,
              spool,
              signal: stop.signal,
              progress: progress.show,
              ...(values.network === undefined ? {} : { networks: values.network }),
              onWait: (reason, seconds) => {
                if (reason !== waitedFor)
                  terminal.err(`forewarn sensor: ${reason}; trying again in ${seconds} s. Batches wait in ${values.spool}.\n`);
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
          if (values.json) {
            terminal.out(`${JSON.stringify({ file: name, packets: reading.packets, ...sent, waiting: spool.waiting })}\n`);
          } else {
            terminal.out(
              `${name}: ${reading.packets} packets read; ${sent.records} records in ${sent.batches} ${sent.batches === 1 ? 'batch' : 'batches'} acknowledged` +
                `${sent.repeated > 0 ? `, ${sent.repeated} of the batches known already` : ''}.\n`,
            );
          }
        } catch (error) {
          progress.end();
          // A file that cannot be read does not keep the others back; a centre or a disk that refuses does.
          if (!(error instanceof Refusal) || !/^(capture|file)\./.test(error.code)) throw error;
          failed++;
          terminal.err(`forewarn: ${describe(error)}\n`);
        }
      }
    } finally {
      process.removeListener('SIGINT', onSignal).removeListener('SIGTERM', onSignal);
      waiting = spool.waiting;
      spool.close();
      if (waiting > 0) {
        terminal.err(
          `forewarn sensor: ${waiting} ${waiting === 1 ? 'batch waits' : 'batches wait'} in ${values.spool}; start the sensor again to send them.\n`,
        );
      }
    }
    return failed > 0 || waiting > 0 ? 1 : 0;
  },
};

function centreAddress(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new Refusal('sensor.address', `"${text}" is no address of a centre.`, {
      place: { field: '--to' },
      advice: 'Write it as https://centre.example:4180.',
    });
  }
  return text;
}
