/** The tools that the benches stand beside, each at its default, and what each makes of a capture. */

import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export type Tool = {
  readonly name: string;
  /** The program, and the Debian package that brings it. */
  readonly program: string;
  readonly package: string;
  /** What it does, for the table. */
  readonly extracts: string;
  /** Its arguments: to read the capture and write below the folder. */
  args(path: string, folder: string): string[];
  /** How many flows or records it wrote below the folder, and with how many fields each; what it cannot say is left out. */
  wrote(folder: string): { count: number; what: string; fields: number | undefined };
  /** It is so slow that it reads only so many packets. */
  readonly packetsMax?: number;
};

const run = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] });

/** Lines of a file, however large. */
function linesOf(path: string): number {
  const chunk = new Uint8Array(1 << 20);
  const file = openSync(path, 'r');
  let lines = 0;
  for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
    for (let i = 0; i < length; i++) if (chunk[i] === 0x0a) lines++;
  }
  closeSync(file);
  return lines;
}

/** The first line of a file. */
function headOf(path: string): string {
  const bytes = new Uint8Array(8192);
  const file = openSync(path, 'r');
  const length = readSync(file, bytes);
  closeSync(file);
  return Buffer.from(bytes.subarray(0, length)).toString('utf8').split('\n')[0]!;
}

/** Packets of tshark: a hundred megabytes or so. */
const tsharkPacketsMax = 300_000;

export const nfpcapd: Tool = {
  name: 'nfpcapd',
  program: 'nfpcapd',
  package: 'nfdump',
  extracts: 'flows, one way each, in binary files: addresses, ports, protocol, flags, packets, bytes, times',
  args: (path, folder) => ['-r', path, '-w', folder],
  wrote: (folder) => {
    let count = 0;
    let fields: number | undefined;
    for (const name of readdirSync(folder)) {
      const file = join(folder, name);
      if (!statSync(file).isFile()) continue;
      count += Number(/^Flows:\s*(\d+)/m.exec(run('nfdump', ['-I', '-r', file]))?.[1] ?? 0);
      fields ??= run('nfdump', ['-r', file, '-c', '1', '-q', '-o', 'csv']).split('\n')[0]!.split(',').length;
    }
    return { count, what: 'flows one way', fields };
  },
};

export const argus: Tool = {
  name: 'argus',
  program: 'argus',
  package: 'argus-server',
  extracts: 'flows both ways with a status every five seconds, in a binary file',
  args: (path, folder) => ['-r', path, '-w', join(folder, 'argus.out')],
  wrote: (folder) => {
    const lines = run('ra', ['-r', join(folder, 'argus.out'), '-n', '-c', ','])
      .split('\n')
      .filter(Boolean);
    return { count: Math.max(0, lines.length - 1), what: 'status records', fields: lines[0]?.split(',').length };
  },
};

export const ndpi: Tool = {
  name: 'ndpiReader -C',
  program: 'ndpiReader',
  package: 'libndpi-bin',
  extracts: 'flows both ways with protocol by content, name asked for, JA3, risks; one line of CSV each',
  args: (path, folder) => ['-q', '-i', path, '-C', join(folder, 'ndpi.csv')],
  wrote: (folder) => {
    const file = join(folder, 'ndpi.csv');
    return { count: Math.max(0, linesOf(file) - 1), what: 'flows', fields: headOf(file).split(/[,|]/).length };
  },
};

export const tshark: Tool = {
  name: 'tshark',
  program: 'tshark',
  package: 'tshark',
  extracts: 'a line of text a packet; no flows, no files',
  args: (path) => ['-n', '-r', path, '-c', String(tsharkPacketsMax)],
  wrote: () => ({ count: tsharkPacketsMax, what: 'lines, one a packet', fields: undefined }),
  packetsMax: tsharkPacketsMax,
};

/** Files and bytes below a folder. */
export function sizeBelow(folder: string): { files: number; bytes: number } {
  let files = 0;
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    files++;
    bytes += statSync(join(entry.parentPath, entry.name)).size;
  }
  return { files, bytes };
}

/** Lines of our own logs below a folder, all and by log, without the account. */
export function recordsBelow(folder: string): { [log: string]: number } {
  const counts: { [log: string]: number } = {};
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.log')) continue;
    counts[name.slice(0, -4)] = linesOf(join(folder, name));
  }
  return counts;
}

/** The version that a tool states, in one line. */
export function versionOf(tool: Tool): string {
  try {
    return execFileSync('dpkg-query', ['-W', '-f', '${Version}', tool.package], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return 'unknown';
  }
}

/** First bytes of a file are read once before anything is timed, so that the disk is not what is measured. */
export function warm(path: string): void {
  if (statSync(path).size < 2e9) readFileSync(path);
}
