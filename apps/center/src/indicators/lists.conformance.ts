/** No value of MISP's warning lists becomes an indicator unasked, and no document of partners is more than read or refused. */

import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Indicators } from '@forewarn/detect/indicators/indicators';
import { canonicalValue, guessKind, refang } from '@forewarn/detect/indicators/values';
import { readAnyList, readWarningLists } from './read.ts';

const root = process.env['FOREWARN_DATA_SET'] ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
const folder = `${root}/exchange/misp-warninglists`;

describe.skipIf(!existsSync(folder))('misp-warninglists', () => {
  const files = globSync(`${folder}/**/*.json`)
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }))
    .filter(({ text }) => 'list' in (JSON.parse(text) as object));
  const lists = files.map(({ path, text }) => ({
    path,
    ...(JSON.parse(text) as { name: string; type: string; list: string[] }),
  }));

  test('every value of every list is refused, with the list that warns of it', () => {
    expect(lists.length).toBe(37);
    const warnings = readWarningLists(files);
    let offered = 0;
    let none = 0;
    for (const { path, list } of lists) {
      const indicators = new Indicators({ warnings });
      // As people paste them: a name with what is below it, networks, addresses, hashes.
      const values = list.map((value) => value.replace(/^\./, ''));
      const { loaded, refusals } = indicators.take(readAnyList(`value\n${values.join('\n')}\n`, path).entries, {
        list: '',
        source: path,
      });
      expect(loaded, `${path}: ${indicators.size}`).toBe(0);
      expect(refusals.length).toBeGreaterThan(0);
      for (const value of values) {
        const kind = guessKind(refang(value));
        if (kind === undefined || canonicalValue(kind, refang(value)) === undefined) none++;
        else offered++;
      }
    }
    // What is no value of any kind – bare top-level names, fragments of mail addresses – cannot become one either.
    expect(offered).toBeGreaterThan(150_000);
    expect(none).toBeLessThan(offered / 20);
  });

  test('a value that a person allowed is taken', () => {
    const indicators = new Indicators({ warnings: readWarningLists(files) });
    const allowed = (_kind: string, value: string): boolean => value === 'google.com';
    expect(indicators.add({ kind: 'domain', value: 'google.com' }, { list: '', source: 's' })?.code).toBe('indicator.warning');
    expect(indicators.add({ kind: 'domain', value: 'google.com' }, { list: '', source: 's' }, allowed)).toBeUndefined();
  });
});

describe.skipIf(!existsSync(`${root}/exchange/stix`))('documents of partners', () => {
  test('every file of STIX, TAXII and MISP is read or refused with a reason, and never more than that', () => {
    let values = 0;
    let patterns = 0;
    const odd: string[] = [];
    for (const path of globSync(`${root}/exchange/{stix,taxii,misp-galaxy,n6}/**/*.{json,csv,txt}`)) {
      for (const entry of readAnyList(readFileSync(path, 'utf8'), path).entries) {
        if ('value' in entry) values++;
        else if ('pattern' in entry) patterns++;
        else if (entry.refused.message === '' || entry.refused.advice === '') odd.push(`${path}: ${entry.refused.code}`);
      }
    }
    expect(odd).toEqual([]);
    expect(values + patterns).toBeGreaterThan(10);
  });
});
