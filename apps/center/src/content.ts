/** Reads the directory `content/` for the centre and the command line alike. The only place that does. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assembleContent, type Content, type ContentFile } from '@forewarn/model/content';

/** The repository's own content. */
export const contentFolder = fileURLToPath(new URL('../../../content/', import.meta.url));

/** More files than a content folder ever has; a folder with more is not one, and we stop before reading all of it. */
const filesMax = 20_000;

/** The YAML and JSON files below a folder, paths relative to it with forward slashes. */
export async function readContentFiles(folder = contentFolder, parts: readonly string[] = ['']): Promise<ContentFile[]> {
  const paths: string[] = [];
  for (const part of parts) {
    const entries = await readdir(join(folder, part), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (!entry.isFile() || !/\.(yaml|yml|json|csv|txt)$/.test(entry.name)) continue;
      paths.push(join(entry.parentPath, entry.name).slice(folder.length).replaceAll('\\', '/').replace(/^\//, ''));
      if (paths.length > filesMax) throw new Error(`${folder} holds more than ${filesMax} content files.`);
    }
  }
  return Promise.all(paths.sort().map(async (path) => ({ path, text: await readFile(join(folder, path), 'utf8') })));
}

/**
 * Facts, gradings, laws and texts, checked. Throws an `AggregateError` of refusals, each naming file, line and field,
 * when anything is wrong: content that does not fit is mended before it grades an incident.
 */
export async function loadContent(folder = contentFolder): Promise<Content> {
  const files = await readContentFiles(folder, [
    'classes',
    'collections',
    'facts',
    'gradings',
    'laws',
    'scales',
    'quantification',
    'text',
  ]);
  const { content, refusals } = assembleContent(files);
  if (refusals.length > 0) throw new AggregateError(refusals, 'content');
  return content;
}
