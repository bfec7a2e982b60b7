/** `forewarn read`: captures → records under Zeek's names, with every packet accounted for. */

import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Refusal, describe } from '@forewarn/base/refusal';
import { recordType, recordTypes } from '@forewarn/model/records/index';
import { jsonWriter } from '@forewarn/model/records/json';
import type { AnyRecord } from '@forewarn/model/records/record';
import { tsvWriter } from '@forewarn/model/records/tsv';
import { protocols } from '@forewarn/sense/protocols/index';
import { readCapture, type Reading } from '@forewarn/sense/read';
import { BadUse, type Command, type Terminal } from './command.ts';
import { openInput, sizeOf } from './input.ts';
import { table } from './page.ts';
import { progressLine } from './progress.ts';

export const command: Command = {
  help: `Usage: forewarn read FILE… [--out DIR] [--format json|tsv] [--json]

Reads captures (pcap, pcapng, either compressed with gzip; "-" is standard input) into records under Zeek's names. With --out,
DIR/conn.log, DIR/dns.log and so on are written, and DIR/account.json; without it the records go to standard output, one JSON
object a line with the log's name as "_path". Every packet is accounted for: in a flow, not IP (by kind), or undecodable (by reason).

    --out DIR          write one file a log; what stands there from an earlier reading is replaced
    --format json|tsv  Zeek's JSON (default) or tab-separated form
    --flows-only       conn records alone, no look at the payload
    --network CIDR     an own network, for local_orig and local_resp; may be repeated
    --checksums        do not use payload of packets with a wrong checksum
    --json             print the accounts as JSON, one object a file (with --out)`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        format: { type: 'string', default: 'json' },
        'flows-only': { type: 'boolean' },
        network: { type: 'string', multiple: true },
        checksums: { type: 'boolean' },
        json: { type: 'boolean' },
      },
    });
    if (positionals.length === 0) throw new BadUse('Name at least one capture, or "-" for standard input.');
    const { format } = values;
    if (format !== 'json' && format !== 'tsv') throw new BadUse(`There is no format "${format}"; there are json and tsv.`);
    if (values.out === undefined && format === 'tsv') throw new BadUse('Tab-separated logs need a folder: --out DIR.');
    if (values.out === undefined && values.json)
      throw new BadUse('--json prints the accounts, and needs --out DIR for the records.');

    const output = values.out === undefined ? standardOutput(terminal) : openFolder(values.out, format);
    const accounts: ({ file: string } & Reading)[] = [];
    let failed = 0;
    try {
      for (const [index, file] of positionals.entries()) {
        const progress = progressLine(terminal, file, file === '-' ? undefined : sizeOf(file));
        try {
          const reading = await readCapture(paced(openInput(file), output), {
            sink: output,
            protocols,
            flowsOnly: values['flows-only'] ?? false,
            checksums: values.checksums ? 'verify' : 'ignore',
            uidSeed: `${index}/${basename(file)}`,
            file,
            progress: progress.show,
            ...(values.network === undefined ? {} : { networks: values.network }),
          });
          // What could not be written is told before anything is said about the file.
          await output.ready();
          accounts.push({ file, ...reading });
          if (reading.stop) {
            terminal.err(
              `forewarn: ${file}: cut: ${reading.stop.detail} at byte ${reading.stop.offset}; what stands before it was read.\n`,
            );
          }
        } catch (error) {
          if (!(error instanceof Refusal) || error.code.startsWith('file.unwritable')) throw error;
          failed++;
          terminal.err(`forewarn: ${describe(error)}\n`);
        } finally {
          progress.end();
        }
      }
      if (accounts.length > 0) output.finish(accounts);
      else output.abandon();
    } catch (error) {
      output.abandon();
      throw error;
    }
    if (values.out === undefined) for (const account of accounts) terminal.err(accountText(account));
    else if (values.json) for (const account of accounts) terminal.out(`${JSON.stringify(account)}\n`);
    else for (const account of accounts) terminal.out(accountText(account));
    return failed > 0 ? 1 : 0;
  },
};

type Output = {
  /** Never throws: it is called from within a parser, whose exceptions count as the parser's. */
  record(log: string, record: AnyRecord): void;
  /** Resolves when the reader of the output has caught up; throws what `record` could not do. */
  ready(): Promise<unknown> | undefined;
  finish(accounts: readonly unknown[]): void;
  abandon(): void;
};

/** Reads on only when the output has been taken, so that a slow reader costs no memory. */
async function* paced(chunks: AsyncIterable<Uint8Array>, output: Output): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    yield chunk;
    await output.ready();
  }
}

/** Written at once: large enough to cost few calls. */
const writeCharacters = 1 << 18;

function standardOutput(terminal: Terminal): Output {
  const writers = new Map<string, (record: AnyRecord) => string>();
  let text = '';
  const flush = (): void => {
    if (text !== '') terminal.out(text);
    text = '';
  };
  return {
    record(log, record) {
      let writer = writers.get(log);
      if (!writer) writers.set(log, (writer = jsonWriter(declared(log))));
      const line = writer(record);
      text += `{"_path":${JSON.stringify(log)}${line === '{}\n' ? '' : ','}${line.slice(1)}`;
      if (text.length >= writeCharacters) flush();
    },
    ready: () => {
      flush();
      return process.stdout.writableNeedDrain ? once(process.stdout, 'drain') : undefined;
    },
    finish: flush,
    abandon: flush,
  };
}

/** Logs are written under a temporary name and take their own when all is read, so that nobody meets half a log. */
function openFolder(folder: string, format: 'json' | 'tsv'): Output {
  type Log = { file: number; path: string; text: string; write: (record: AnyRecord) => string; footer: string };
  const logs = new Map<string, Log>();
  const account = join(folder, 'account.json');
  let made = false;
  let failure: unknown;
  const guarded = <T>(path: string, act: () => T): T => {
    try {
      return act();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      throw new Refusal('file.unwritable', code === 'ENOSPC' ? 'The disk is full.' : `The file cannot be written (${code}).`, {
        place: { file: path },
        advice: 'Free space or name another folder with --out; no log of this reading was left behind.',
        cause: error,
      });
    }
  };
  /** Made with the first record, so that a file that is no capture leaves no folder behind. */
  const makeFolder = (): void => {
    if (!existsSync(folder)) made = guarded(folder, () => mkdirSync(folder, { recursive: true })) !== undefined;
  };
  const flush = (log: Log): void =>
    guarded(log.path, () => {
      const bytes = Buffer.from(log.text);
      log.text = '';
      for (let written = 0; written < bytes.length;) written += writeSync(log.file, bytes, written);
    });
  const open = (name: string): Log => {
    makeFolder();
    const path = join(folder, `${name}.log`);
    const tsv = format === 'tsv' ? tsvWriter(declared(name)) : undefined;
    return {
      path,
      file: guarded(path, () => openSync(`${path}.part`, 'w')),
      text: tsv?.header() ?? '',
      write: tsv?.record ?? jsonWriter(declared(name)),
      footer: tsv?.footer() ?? '',
    };
  };
  /** Logs of an earlier reading that this one has nothing for; its account shows that they are a reading's. */
  const staleLogs = (): string[] =>
    existsSync(account)
      ? recordTypes.flatMap(({ log }) => (logs.has(log) || !existsSync(join(folder, `${log}.log`)) ? [] : [`${log}.log`]))
      : [];
  return {
    record(name, record) {
      if (failure !== undefined) return;
      try {
        let log = logs.get(name);
        if (!log) logs.set(name, (log = open(name)));
        log.text += log.write(record);
        if (log.text.length >= writeCharacters) flush(log);
      } catch (error) {
        failure = error;
      }
    },
    ready() {
      if (failure !== undefined) throw failure;
      return undefined;
    },
    finish(accounts) {
      makeFolder();
      for (const log of logs.values()) {
        log.text += log.footer;
        flush(log);
        guarded(log.path, () => closeSync(log.file));
      }
      guarded(account, () => writeFileSync(`${account}.part`, `${JSON.stringify(accounts, null, 2)}\n`));
      for (const name of staleLogs()) guarded(join(folder, name), () => rmSync(join(folder, name)));
      for (const log of logs.values()) guarded(log.path, () => renameSync(`${log.path}.part`, log.path));
      guarded(account, () => renameSync(`${account}.part`, account));
    },
    abandon() {
      for (const log of logs.values()) {
        try {
          closeSync(log.file);
        } catch {
          // It was closed already.
        }
      }
      // On a disk that fails, clearing up may fail as well; the first trouble is the one to tell.
      try {
        for (const log of logs.values()) rmSync(`${log.path}.part`, { force: true });
        rmSync(`${account}.part`, { force: true });
        if (made) rmdirSync(folder);
      } catch {
        // What is left carries `.part` in its name.
      }
    },
  };
}

function declared(log: string): NonNullable<ReturnType<typeof recordType>> {
  const type = recordType(log);
  if (!type) throw new Error(`The log "${log}" is not declared in model/records.`);
  return type;
}

function accountText(account: { file: string } & Reading): string {
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
