/**
 * What a data folder is besides its stores: whether it is a demo's, and its keys.
 *
 *     DATA/folder.json   { "demo": true }         a demo's folder is never opened as a centre's, nor the reverse
 *     DATA/keys.json     mode 0600                keys of this folder: for sealing and for pseudonyms
 */

import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';

const Kind = z.strictObject({ demo: z.boolean() });
const key = z.string().regex(/^[0-9a-f]{64}$/);
const Keys = z.strictObject({ seal: key, pseudonym: key });

export type FolderKeys = { seal: Uint8Array; pseudonym: Uint8Array };

/** Marks a new folder, and refuses one of the other kind. */
export function claimFolder(dir: string, demo: boolean): void {
  const file = join(dir, 'folder.json');
  if (!existsSync(file)) {
    writeWhole(file, JSON.stringify({ demo }));
    return;
  }
  const kind = read(file, Kind);
  if (kind.demo === demo) return;
  throw new Refusal(
    'center.folder.kind',
    kind.demo ? 'This folder holds a demo; its people have no passwords.' : 'This folder holds a centre, not a demo.',
    {
      place: { file: dir },
      advice: kind.demo
        ? 'Start it with --demo, or choose another folder with --data DIR.'
        : 'Start it without --demo, or choose another folder with --data DIR.',
    },
  );
}

/** The folder's keys, made at the first start. They are lost with the folder, and what they seal with them. */
export function folderKeys(dir: string): FolderKeys {
  const file = join(dir, 'keys.json');
  if (!existsSync(file)) {
    writeWhole(file, JSON.stringify({ seal: randomBytes(32).toString('hex'), pseudonym: randomBytes(32).toString('hex') }));
  }
  const keys = read(file, Keys);
  return { seal: Buffer.from(keys.seal, 'hex'), pseudonym: Buffer.from(keys.pseudonym, 'hex') };
}

function read<T>(file: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Refusal('center.folder.damaged', 'The file cannot be read as what it should be.', {
      place: { file },
      advice: 'Put it back from a backup; a new one would not fit the rest of the folder.',
      cause,
    });
  }
}

/** Whole on the disk or not there, readable by its owner alone. */
export function writeWhole(file: string, text: string): void {
  const part = `${file}.part`;
  const handle = openSync(part, 'w', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(part, file);
}
