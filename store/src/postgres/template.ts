/**
 * A PostgreSQL data folder prepared once, so that a start unpacks it instead of running initdb: 1 s instead of 4 s, and
 * the process never grows to initdb's 970 MB. It is made by a child process, because WebAssembly memory is never given
 * back.
 *
 *     await prepareDatabaseTemplate(buildFolder)      // in tools/build.ts; does nothing when it is there
 */

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';

/** initdb takes 2 to 6 s here; twenty times that is a machine that does not get on. */
const makingMsMax = 120_000;

/** The repository's folder for what is made and not written. */
export const buildFolder = fileURLToPath(new URL('../../../.build', import.meta.url));

/** The template's file in `dir`; `tools/build.ts` makes it anew when PGlite or this folder changes. */
export function databaseTemplateFile(dir: string): string {
  return join(dir, 'postgres.tar.gz');
}

/** Makes the template in `dir` where it is missing, and tells its file. Throws when the child process fails. */
export async function prepareDatabaseTemplate(dir: string = buildFolder): Promise<string> {
  const file = databaseTemplateFile(dir);
  if (existsSync(file)) return file;
  mkdirSync(dir, { recursive: true });
  await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url), file], { timeout: makingMsMax });
  return file;
}

/** A tar header's fields that a dump uses: name, size in octal, kind. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html */
const header = { blockBytes: 512, nameBytes: 100, sizeAt: 124, sizeBytes: 12, kindAt: 156, folder: '5' };

/**
 * Unpacks a template. PGlite can do it too (`loadDataDir`), at the price of a second start and the memory of both; the
 * dump is our own, plain ustar with short names.
 */
export function unpackTemplate({ file, to }: { file: string; to: string }): void {
  const tar = gunzipSync(readFileSync(file));
  const text = (from: number, bytes: number) => tar.toString('latin1', from, from + bytes).split('\0', 1)[0] ?? '';
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (let at = 0; at + header.blockBytes <= tar.length;) {
    const name = text(at, header.nameBytes);
    if (name === '') break;
    const size = Number.parseInt(text(at + header.sizeAt, header.sizeBytes), 8) || 0;
    const path = join(to, name);
    if (!path.startsWith(to)) throw new Error(`${file}: "${name}" points outside.`);
    const content = at + header.blockBytes;
    if (text(at + header.kindAt, 1) === header.folder) mkdirSync(path, { recursive: true, mode: 0o700 });
    else {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(path, tar.subarray(content, content + size), { mode: 0o600 });
    }
    at = content + Math.ceil(size / header.blockBytes) * header.blockBytes;
  }
}

if (import.meta.main) {
  const file = process.argv[2];
  if (file === undefined) throw new Error('Name the file to write.');
  const { PGlite } = await import('@electric-sql/pglite');
  const database = await PGlite.create({ dataDir: 'memory://' });
  const dump = await database.dumpDataDir('gzip');
  await database.close();
  // Two processes may make it at once, and one may be killed: the file appears whole or not at all.
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, Buffer.from(await dump.arrayBuffer()));
  renameSync(partial, file);
}
