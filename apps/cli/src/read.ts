/** `forewarn read`: captures and logs → records, with every packet and event accounted for. */

import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { Refusal, describe } from '@forewarn/base/refusal';
import type { Reading } from '@forewarn/sense/read';
import { BadUse, type Command } from './command.ts';
import type { RecordType } from '@forewarn/model/records/record';
import { isFile, openChunks, sizeOf } from './input.ts';
import { readMapping } from './mapping.ts';
import { table } from './page.ts';
import { progressLine, type Progress } from './progress.ts';
import { lookAt, type Input } from './reading/inputs.ts';
import { createLines, declared, opened, type LineForm } from './reading/lines.ts';
import { readLog, type LogOutcome } from './reading/logs.ts';
import { openFolder, standardOutput, type Output } from './reading/output.ts';
import { readWithThreads, sharedFrom, type FileTask, type ReadersWatch } from './reading/readers.ts';

export const command: Command = {
  help: `Usage: forewarn read FILE… [--out DIR] [--format json|tsv] [--json]

Reads captures (pcap, pcapng) into records under Zeek's names, and logs into records under their own: Zeek's (tab-separated
or JSON), Windows events (.evtx, XML, JSON), Suricata's EVE, syslog, CEF, LEEF, key=value, Linux audit, the journal (JSON or
export), access logs (common, combined, W3C), audit logs of AWS, Google Cloud, Azure, Okta, GitHub and Kubernetes, container
events, IPFIX, MRT (routes of BGP), CSV and any JSON. What a file is shows in its content; it may be compressed with gzip; "-" is standard input.

With --out, DIR/conn.log, DIR/dns.log and so on are written, and DIR/account.json; without it the records go to standard output,
one JSON object a line with the log's name as "_path". Every packet is accounted for: in a flow, not IP (by kind), or undecodable
(by reason); of a log, every event that could not be read.

    --out DIR          write one file a log; what stands there from an earlier reading is replaced
    --format json|tsv  Zeek's JSON (default) or tab-separated form
    --mapping FILE     how a table or JSON of your own becomes records (docs/guide.md, 11); for all files named
    --flows-only       conn records alone, no look at the payload
    --network CIDR     an own network, for local_orig and local_resp; may be repeated
    --threads N        read with so many threads (as many as there are cores); their records come chunk by chunk, not in one order
    --checksums        do not use payload of packets with a wrong checksum
    --json             print the accounts as JSON, one object a file (with --out)`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        format: { type: 'string', default: 'json' },
        mapping: { type: 'string' },
        'flows-only': { type: 'boolean' },
        network: { type: 'string', multiple: true },
        checksums: { type: 'boolean' },
        threads: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    if (positionals.length === 0) throw new BadUse('Name at least one capture or log, or "-" for standard input.');
    const { format } = values;
    if (format !== 'json' && format !== 'tsv') throw new BadUse(`There is no format "${format}"; there are json and tsv.`);
    if (values.out === undefined && format === 'tsv') throw new BadUse('Tab-separated logs need a folder: --out DIR.');
    if (values.out === undefined && values.json)
      throw new BadUse('--json prints the accounts, and needs --out DIR for the records.');

    const threads = threadsOf(values.threads);
    const form = values.out === undefined ? 'stream' : format;
    const formats = values.mapping === undefined ? undefined : readMapping(values.mapping);
    const inputs: { file: string; index: number; input: Input }[] = [];
    const unopened: Refusal[] = [];
    for (const [index, file] of positionals.entries()) {
      try {
        inputs.push({ file, index, input: await lookAt(file, formats) });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        unopened.push(error);
      }
    }
    const logs = inputs.flatMap(({ file, input }) => (input.kind === 'log' ? [{ file, input }] : []));
    // A table of tabs has one head: captures beside logs are written with the columns of those.
    const declaration = logs.length > 0 ? opened : declared;
    const output = values.out === undefined ? standardOutput(terminal) : openFolder(values.out, format, declaration);
    const files = inputs
      .filter(({ input }) => input.kind === 'capture')
      .map(({ file, index }) => ({
        size: file === '-' ? undefined : sizeOf(file),
        task: {
          file,
          uidSeed: `${index}/${basename(file)}`,
          part: 0,
          parts: 1,
          flowsOnly: values['flows-only'] ?? false,
          verify: values.checksums ?? false,
          networks: values.network ?? [],
        },
      }));
    const accounts: ({ file: string } & Account)[] = [];
    let failed = unopened.length;
    for (const refusal of unopened) terminal.err(`forewarn: ${describe(refusal)}\n`);
    let progress: Progress | undefined;
    const watch: ReadersWatch = {
      begun(index) {
        const { task, size } = files[index]!;
        const number = files.length > 1 ? `${index + 1}/${files.length} ` : '';
        progress = progressLine(terminal, `${number}${task.file}`, size);
      },
      progress: (_index, bytes, packets) => progress?.show(bytes, packets),
      done(index, outcome: Reading | Refusal) {
        const { file } = files[index]!.task;
        progress?.end();
        if (outcome instanceof Refusal) {
          failed++;
          terminal.err(`forewarn: ${describe(outcome)}\n`);
          return;
        }
        accounts.push({ file, ...outcome });
        if (outcome.stop) {
          const { detail, offset } = outcome.stop;
          terminal.err(`forewarn: ${file}: cut: ${detail} at byte ${offset}; what stands before it was read.\n`);
        }
      },
    };
    try {
      // A thread costs a quarter of a second of its own before it is fast.
      const worth =
        values.threads !== undefined ||
        files.some(({ size }) => size === undefined || size >= sharedFrom) ||
        sum(files) >= sharedFrom;
      // What can be read once only was looked at in this thread, and the columns of logs are known to it alone.
      const here = (form === 'tsv' && logs.length > 0) || files.some(({ task: { file } }) => file !== '-' && !isFile(file));
      if (files.length > 0) {
        if (threads > 1 && worth && !here) await readWithThreads(files, threads, form, output, watch);
        else await readHere(files, form, output, watch, declaration);
      }
      for (const { file, input } of logs) {
        progress = progressLine(terminal, file, input.compressed ? undefined : sizeOf(file));
        const lines = createLines(form, declaration);
        try {
          const outcome = await readLog(file, input, lines, (bytes) => {
            output.write(lines.take());
            progress?.show(bytes, 0);
            return output.ready();
          });
          progress.end();
          accounts.push({ file, ...outcome });
        } catch (error) {
          progress.end();
          if (!(error instanceof Refusal) || error.code.startsWith('file.unwritable')) throw error;
          failed++;
          terminal.err(`forewarn: ${describe(error)}\n`);
        }
      }
      if (accounts.length > 0) output.finish(accounts);
      else output.abandon();
    } catch (error) {
      progress?.end();
      output.abandon();
      throw error;
    }
    if (values.out === undefined) for (const account of accounts) terminal.err(accountText(account));
    else if (values.json) for (const account of accounts) terminal.out(`${JSON.stringify(account)}\n`);
    else for (const account of accounts) terminal.out(accountText(account));
    return failed > 0 ? 1 : 0;
  },
};

/** Reads one file after the other in this thread. */
async function readHere(
  files: readonly FileTask[],
  form: LineForm,
  output: Output,
  watch: ReadersWatch,
  declaration: (log: string) => RecordType,
): Promise<void> {
  // Loaded here, since who only writes for threads needs no parsers.
  const { readTask } = await import('./reading/task.ts');
  for (const [index, { task }] of files.entries()) {
    watch.begun(index);
    const lines = createLines(form, declaration);
    let outcome: Reading | Refusal;
    try {
      outcome = await readTask(task, openChunks(task.file), lines, (taken, bytes, packets) => {
        output.write(taken);
        watch.progress(index, bytes, packets);
        return output.ready();
      });
    } catch (error) {
      if (!(error instanceof Refusal) || error.code.startsWith('file.unwritable')) throw error;
      outcome = error;
    }
    watch.done(index, outcome);
  }
}

const sum = (files: readonly FileTask[]): number => files.reduce((all, { size }) => all + (size ?? 0), 0);

/** Threads are few: each has the memory of a reader, some 100 MB. */
const threadsMax = 16;

function threadsOf(text: string | undefined): number {
  const threads = text === undefined ? Math.min(availableParallelism(), threadsMax) : Number(text);
  if (Number.isInteger(threads) && threads >= 1 && threads <= threadsMax) return threads;
  throw new BadUse(`--threads takes a number from 1 to ${threadsMax}.`);
}

type Account = Reading | LogOutcome;

const accountText = (account: { file: string } & Account): string =>
  'packets' in account ? captureText(account) : logText(account);

function logText({ file, bytes, format, compressed, records, logs, refused, shortened }: { file: string } & LogOutcome): string {
  const rows = [
    ...Object.entries(logs).map(([log, count]) => ['records', String(count), log]),
    ...Object.entries(refused).map(([reason, { count, first }]) => {
      const where = first.line === undefined ? (first.offset === undefined ? '' : `byte ${first.offset}`) : `line ${first.line}`;
      return ['refused', String(count), where === '' ? reason : `${reason}, first at ${where}`];
    }),
    ...(shortened === 0 ? [] : [['shortened', String(shortened), 'records with more fields or elements than are kept']]),
  ];
  return `${file}: ${records} records, ${bytes} bytes, ${format}${compressed ? ', compressed' : ''}\n${table(rows, 4)}\n`;
}

function captureText(account: { file: string } & Reading): string {
  const rows: string[][] = [
    ['in flows', String(account.inFlows), `${account.flows} flows`],
    ...Object.entries(account.notIp).map(([kind, count]) => ['not IP', String(count), kind]),
    ...Object.entries(account.undecodable).map(([reason, count]) => ['undecodable', String(count), reason]),
  ];
  const odd = Object.entries(account.oddities);
  return (
    `${account.file}: ${account.packets} packets, ${account.bytes} bytes, ${account.format}${account.compressed ? ', compressed' : ''}\n` +
    `${table(rows, 4)}\n` +
    (account.faults === 0
      ? ''
      : `    parsers failed: ${account.faults} (a fault of Forewarn; the flows were followed without them)\n`) +
    (odd.length === 0 ? '' : `    oddities: ${odd.map(([name, count]) => `${name} ${count}`).join(', ')}\n`)
  );
}
