/**
 * A watched folder: captures that are complete, each once over restarts, the oldest first.
 *
 * A file is complete when its name does not say otherwise and neither its size nor its time has changed for some seconds; moving
 * files into the folder when they are done is safer still. Which files were read stands in a list beside the spool; one that was being
 * read when the sensor ended is read again from its beginning, with the settings it was begun with, so that its batches are the same
 * and the centre drops those it has.
 */

import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '@forewarn/base/refusal';
import { SensorSettings } from '@forewarn/model/sensor';

/** A writer that pauses longer than this within a file is rare: tcpdump and dumpcap write at least every second on a live line. */
export const settledSeconds = 5;

/** Files of one look; a folder with more is worked off in several. */
const filesMax = 10_000;

/** What writers call a file that is not done. */
const unfinished = /^\.|\.(part|partial|tmp|temp|crdownload)$/i;

export type WaitingFile = { name: string; path: string; size: number; key: string; settings: SensorSettings };

export type Folder = {
  /** The oldest complete file that was not read, begun with these settings; files that grew after they were read are told once. */
  next(now: number, settings: SensorSettings): WaitingFile | undefined;
  /** It was read to its end, and its batches are in the spool; or it is none that can be read. */
  done(file: WaitingFile, state: 'read' | 'unreadable'): void;
  close(): void;
};

const states = ['reading', 'read', 'unreadable', 'grown'] as const;
type Row = { state: (typeof states)[number]; size: number; settings: SensorSettings };

/**
 * What became of each file, by inode and name: a name is used again by rings of captures, and the inode tells another file. A line for every
 * change, synced before it counts; the last of a file is true, and null forgets it.
 */
function openLedger(file: string) {
  const rows = new Map<string, Row>();
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  for (const line of lines) {
    try {
      const [key, row] = JSON.parse(line) as [string, Row | null];
      if (row === null) rows.delete(key);
      else if (states.includes(row.state)) rows.set(key, { ...row, settings: SensorSettings.parse(row.settings) });
    } catch {
      // The last line of a crash; its file is read again, and the centre drops what it has.
    }
  }
  const lineOf = (key: string, row: Row | undefined): string => `${JSON.stringify([key, row ?? null])}\n`;
  // Begun anew with what still counts, so that it does not grow for ever.
  const part = `${file}.part`;
  writeFileSync(part, [...rows].map(([key, row]) => lineOf(key, row)).join(''), { mode: 0o600, flush: true });
  renameSync(part, file);
  const handle = openSync(file, 'a', 0o600);
  return {
    get: (key: string): Row | undefined => rows.get(key),
    keys: (): string[] => [...rows.keys()],
    put(key: string, row: Row | undefined): void {
      writeSync(handle, lineOf(key, row));
      fsyncSync(handle);
      if (row) rows.set(key, row);
      else rows.delete(key);
    },
    close: () => closeSync(handle),
  };
}

/** Refusals: `sensor.folder`. */
export function openFolder(directory: string, stateFile: string, onGrown: (name: string, bytes: number) => void): Folder {
  const listed = (): { name: string; size: number; mtimeMs: number; inode: number }[] => {
    try {
      return readdirSync(directory, { withFileTypes: true })
        .filter((entry) => entry.isFile() && !unfinished.test(entry.name))
        .slice(0, filesMax)
        .flatMap(({ name }) => {
          const stat = statSync(join(directory, name), { throwIfNoEntry: false });
          return stat ? [{ name, size: stat.size, mtimeMs: stat.mtimeMs, inode: stat.ino }] : [];
        });
    } catch (cause) {
      throw new Refusal('sensor.folder', `The folder cannot be read: ${(cause as Error).message}.`, {
        place: { file: directory },
        advice: 'Name a folder that this user may read with --folder.',
        cause,
      });
    }
  };
  listed();
  const ledger = openLedger(stateFile);
  /** Size and time at the look before. */
  let seen = new Map<string, string>();

  return {
    next(now, settings) {
      const files = listed();
      const keys = new Map(files.map((file) => [`${file.inode}/${file.name}`, file]));
      const looks = new Map<string, string>();
      const ready: { key: string; name: string; size: number; mtimeMs: number; settings: SensorSettings }[] = [];
      for (const [key, file] of keys) {
        const look = `${file.size}/${file.mtimeMs}`;
        looks.set(key, look);
        const row = ledger.get(key);
        if (row && row.state !== 'reading') {
          if (row.state === 'read' && file.size > row.size) {
            ledger.put(key, { ...row, state: 'grown' });
            onGrown(file.name, file.size - row.size);
          }
          continue;
        }
        if (seen.get(key) !== look || now - file.mtimeMs / 1000 < settledSeconds) continue;
        ready.push({ key, ...file, settings: row?.settings ?? settings });
      }
      seen = looks;
      // What is gone from the folder need not be remembered.
      if (files.length < filesMax) {
        for (const key of ledger.keys()) if (!keys.has(key)) ledger.put(key, undefined);
      }
      ready.sort((a, b) => a.mtimeMs - b.mtimeMs || (a.name < b.name ? -1 : 1));
      const [first] = ready;
      if (!first) return undefined;
      ledger.put(first.key, { state: 'reading', size: first.size, settings: first.settings });
      return { name: first.name, path: join(directory, first.name), size: first.size, key: first.key, settings: first.settings };
    },
    done(file, state) {
      ledger.put(file.key, { state, size: file.size, settings: file.settings });
    },
    close: () => ledger.close(),
  };
}
