/**
 * Lists that lie in the data folder, and the content's own in a demo:
 *
 *     DATA/indicators/      lists of indicators, in any of the formats; for those too long to be brought by the page
 *     DATA/warninglists/    warning lists of MISP: what they name becomes no indicator unasked
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { DetectionContent } from '@forewarn/detect/content';
import { Indicators } from '@forewarn/detect/indicators/indicators';
import { joinWarnings, type WarningList } from '@forewarn/detect/indicators/warnings';
import type { ContentFile } from '@forewarn/model/content';
import { listFileNames, readAnyList, readWarningLists } from './read.ts';

/** The built-in warning list with those of the folder. Refusals: `misp.warninglist`. */
export function warningsOf(dir: string, builtIn: WarningList): WarningList {
  return joinWarnings([builtIn, readWarningLists(filesOf(join(dir, 'warninglists'), /\.json$/))]);
}

/** A line that cannot be used is told with its reason and left out; the others count. */
export function readFolderLists(
  files: readonly ContentFile[],
  dir: string,
  options: Pick<DetectionContent, 'warnings' | 'confidence'> & { demo: boolean; seed: number; log: Logger },
): Indicators {
  const { demo, log, ...rest } = options;
  const indicators = new Indicators(rest);
  const content = demo ? files.filter(({ path }) => /^indicators\/.*\.(csv|txt)$/.test(path)) : [];
  for (const { path, text } of [...content, ...filesOf(join(dir, 'indicators'), listFileNames)]) {
    const { entries } = readAnyList(text, path);
    const { loaded, refused, refusals } = indicators.take(entries, { list: '', source: path.split('/').at(-1) ?? path });
    for (const refusal of refusals) log.warn({ place: refusal.place }, `indicator left out: ${refusal.message}`);
    log.info({ path, loaded, refused }, 'indicators');
  }
  return indicators;
}

function* filesOf(folder: string, names: RegExp): Generator<{ path: string; text: string }> {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)
    .filter((one) => names.test(one))
    .sort())
    yield { path: join(folder, name), text: readFileSync(join(folder, name), 'utf8') };
}
