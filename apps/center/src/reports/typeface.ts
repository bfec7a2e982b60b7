/** The fonts of documents, from the packages that bring them. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { rangesOf, type FontSlice } from '@forewarn/share/documents/font/outlines';
import { openTypeface, type Typeface } from '@forewarn/share/documents/font/typeface';

const require = createRequire(import.meta.url);

/** The files of a package: one a range of characters, each named by its range. */
export function slicesOf(name: string): FontSlice[] {
  const folder = dirname(require.resolve(`@fontsource-variable/${name}/package.json`));
  const ranges = JSON.parse(readFileSync(join(folder, 'unicode.json'), 'utf8')) as { [slice: string]: string };
  return Object.entries(ranges).map(([slice, range]) => ({
    ranges: rangesOf(range),
    // `[4]` in the list is `4` in the file's name.
    bytes: () => readFileSync(join(folder, 'files', `${name}-${slice.replaceAll(/[[\]]/g, '')}-wght-normal.woff2`)),
  }));
}

export function documentTypeface(): Typeface {
  return openTypeface({
    name: 'Noto Sans Forewarn',
    latin: { slices: slicesOf('noto-sans') },
    chinese: { slices: slicesOf('noto-sans-sc') },
    // Of Noto Sans SC, as its files say; one for both, so that lines of either stand alike.
    vertical: { ascent: 1160, descent: -288, capHeight: 733, xHeight: 543 },
  });
}
