/** Where the reference data lie, for the conformance suites. */

import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The root of the data set: `FOREWARN_DATA_SET`, or `../shared/data` beside the repository. */
export const dataRoot = process.env['FOREWARN_DATA_SET'] ?? resolve(import.meta.dirname, '../../../../shared/data');

/** Whether the data set is there; suites say "not run" when it is not. */
export const hasData = existsSync(join(dataRoot, 'net'));

/** Files below the folder whose name passes, in order. */
export function filesBelow(folder: string, passes: (name: string) => boolean): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesBelow(path, passes));
    else if (passes(entry.name)) found.push(path);
  }
  return found;
}

/** Names of capture files: pcap, pcapng, cap, trace, also compressed. */
export function isCaptureName(name: string): boolean {
  return /\.(?:p?cap|pcapng|trace|dmp)\d*(?:\.gz)?$/.test(name);
}
