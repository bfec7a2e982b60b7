/**
 * The data folder and its lock: one process at a time. PGlite opens a folder twice without complaint and then damages
 * it, so the guard is ours.
 *
 *     DATA/lock           an SQLite file of no content; whoever holds its exclusive lock holds the folder
 *     DATA/lock.json      who that is, for people: { pid, startedAt }
 *     DATA/postgres/      what people change            DATA/clickhouse/   records
 *     DATA/spool/         batches not yet stored        DATA/audit.head    last rows of the audit, outside the database
 *
 * Node has no flock. Its SQLite takes the kernel's lock on the file for us: it falls with the process however that
 * ends, so there are no stale locks to judge and no process numbers to compare, and it holds on every platform and
 * between containers that share a disk.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Refusal } from '@forewarn/base/refusal';

export type DataFolder = {
  readonly dir: string;
  /** Gives the folder up. Close the stores first. */
  release(): void;
};

/** A handle that nobody refers to is collected, and its lock with it; a caller may keep nothing of what it got. */
const held = new Set<DatabaseSync>();

/** SQLite's SQLITE_BUSY: https://www.sqlite.org/rescode.html#busy */
const busyCode = 5;

/**
 * Takes a data folder for this process, making it where there is none. Refusals: `store.folder.held` (another process,
 * or this one a second time, has it), `store.folder.unusable` (it cannot be made or written).
 */
export function lockDataFolder(dir: string): DataFolder {
  let lock: DatabaseSync;
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    lock = new DatabaseSync(join(dir, 'lock'));
  } catch (cause) {
    throw new Refusal('store.folder.unusable', 'The data folder cannot be made or written.', {
      place: { file: dir },
      advice: 'Choose a folder that this user may write with --data DIR.',
      cause,
    });
  }
  const holderFile = join(dir, 'lock.json');
  try {
    lock.exec('pragma busy_timeout = 0; pragma journal_mode = memory; begin exclusive');
  } catch (cause) {
    lock.close();
    if ((cause as { errcode?: number }).errcode !== busyCode) {
      throw new Refusal('store.folder.unusable', 'The data folder cannot be locked.', {
        place: { file: dir },
        advice: 'Choose a folder on a disk that supports file locks with --data DIR.',
        cause,
      });
    }
    throw new Refusal('store.folder.held', `The data folder is in use by ${holder(holderFile)}.`, {
      place: { file: dir },
      advice: 'Stop that process first, or choose another folder with --data DIR.',
    });
  }
  writeFileSync(holderFile, JSON.stringify({ pid: process.pid, startedAt: new Date().toISOString() }), { mode: 0o600 });
  held.add(lock);
  return {
    dir,
    release() {
      held.delete(lock);
      if (lock.isOpen) lock.close();
    },
  };
}

function holder(file: string): string {
  try {
    const { pid, startedAt } = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; startedAt: string };
    return `process ${pid}, since ${startedAt}`;
  } catch {
    // The holder has just taken it and not yet signed.
    return 'another process';
  }
}
