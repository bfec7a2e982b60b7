/** Where the lines of a reading go: one file a log in a folder, or standard output. */

import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { Refusal } from '@forewarn/base/refusal';
import { recordTypes } from '@forewarn/model/records/index';
import { tsvWriter } from '@forewarn/model/records/tsv';
import type { Terminal } from '../command.ts';
import type { RecordType } from '@forewarn/model/records/record';
import { declared, type LogLines } from './lines.ts';

export type Output = {
  /** Takes what a part of a capture gave. Throws a `Refusal` where it cannot be written. */
  write(lines: LogLines): void;
  /** Resolves when the reader of the output has caught up. */
  ready(): Promise<unknown> | undefined;
  finish(accounts: readonly unknown[]): void;
  abandon(): void;
};

export function standardOutput(terminal: Terminal): Output {
  return {
    write(lines) {
      for (const [, bytes] of lines) terminal.out(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
    },
    ready: () => (process.stdout.writableNeedDrain ? once(process.stdout, 'drain') : undefined),
    finish: () => undefined,
    abandon: () => undefined,
  };
}

/** Logs are written under a temporary name and take their own when all is read, so that nobody meets half a log. */
export function openFolder(folder: string, format: 'json' | 'tsv', declaration: (log: string) => RecordType = declared): Output {
  type Log = { file: number; path: string; footer: string };
  const logs = new Map<string, Log>();
  const account = join(folder, 'account.json');
  let made = false;
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
  const append = ({ path, file }: Log, bytes: Uint8Array): void =>
    guarded(path, () => {
      for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    });
  const open = (name: string): Log => {
    makeFolder();
    const path = join(folder, `${name}.log`);
    const tsv = format === 'tsv' ? tsvWriter(declaration(name)) : undefined;
    const log = { path, file: guarded(path, () => openSync(`${path}.part`, 'w')), footer: tsv?.footer() ?? '' };
    logs.set(name, log);
    if (tsv) append(log, Buffer.from(tsv.header()));
    return log;
  };
  /** Logs of an earlier reading that this one has nothing for; its account shows that they are a reading's. */
  const staleLogs = (): string[] =>
    existsSync(account)
      ? recordTypes.flatMap(({ log }) => (logs.has(log) || !existsSync(join(folder, `${log}.log`)) ? [] : [`${log}.log`]))
      : [];
  return {
    write(lines) {
      for (const [name, bytes] of lines) append(logs.get(name) ?? open(name), bytes);
    },
    ready: () => undefined,
    finish(accounts) {
      makeFolder();
      for (const log of logs.values()) {
        append(log, Buffer.from(log.footer));
        guarded(log.path, () => closeSync(log.file));
      }
      guarded(account, () => writeFileSync(`${account}.part`, `${JSON.stringify(accounts, null, 2)}\n`));
      for (const name of staleLogs()) guarded(join(folder, name), () => rmSync(join(folder, name)));
      for (const log of logs.values()) {
        // A name taken over from an older file waits until the disk has the new one (ext4's auto_da_alloc): a second for a capture of a gigabyte.
        guarded(log.path, () => rmSync(log.path, { force: true }));
        guarded(log.path, () => renameSync(`${log.path}.part`, log.path));
      }
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
