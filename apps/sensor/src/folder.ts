/**
 * A watched folder: captures that are complete, each once over restarts, the oldest first.
 *
 * A file is complete when its name does not say otherwise and neither its size nor its time has changed for some seconds; moving
 * files into the folder when they are done is safer still. Which files were read stands in a database beside the spool; one that was being
 * read when the sensor ended is read again from its beginning, with the settings it was begun with, so that its batches are the same
 * and the centre drops those it has.
 */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
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

type Row = { state: 'reading' | 'read' | 'unreadable' | 'grown'; size: number; settings: string };

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
  const database = new DatabaseSync(stateFile);
  database.exec(`pragma journal_mode = wal; pragma synchronous = full;
    create table if not exists file (
      -- A name is used again by rings of captures; the inode tells another file.
      key text primary key, state text not null, size integer not null, settings text not null
    )`);
  const find = database.prepare('select state, size, settings from file where key = ?');
  const put = database.prepare(
    'insert into file (key, state, size, settings) values (?, ?, ?, ?) on conflict (key) do update set state = excluded.state, size = excluded.size',
  );
  const known = database.prepare('select key from file');
  const forget = database.prepare('delete from file where key = ?');
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
        const row = find.get(key) as Row | undefined;
        if (row && row.state !== 'reading') {
          if (row.state === 'read' && file.size > row.size) {
            put.run(key, 'grown', row.size, row.settings);
            onGrown(file.name, file.size - row.size);
          }
          continue;
        }
        if (seen.get(key) !== look || now - file.mtimeMs / 1000 < settledSeconds) continue;
        ready.push({ key, ...file, settings: row ? SensorSettings.parse(JSON.parse(row.settings)) : settings });
      }
      seen = looks;
      // What is gone from the folder need not be remembered.
      if (files.length < filesMax) {
        for (const { key } of known.all() as { key: string }[]) if (!keys.has(key)) forget.run(key);
      }
      ready.sort((a, b) => a.mtimeMs - b.mtimeMs || (a.name < b.name ? -1 : 1));
      const [first] = ready;
      if (!first) return undefined;
      put.run(first.key, 'reading', first.size, JSON.stringify(first.settings));
      return { name: first.name, path: join(directory, first.name), size: first.size, key: first.key, settings: first.settings };
    },
    done(file, state) {
      put.run(file.key, state, file.size, JSON.stringify(file.settings));
    },
    close: () => database.close(),
  };
}
