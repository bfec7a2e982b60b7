/** Bills of materials (CycloneDX 1.2 and later as JSON, ECMA-424) as components of an asset. */

import { parseCpe, parsePackageUrl } from '../exposure/packages.ts';
import { Ids, within, type Draft, type Drafts } from './draft.ts';

/** The largest public bills have some tens of thousands; a sheet holds as many. */
export const billComponentsMax = 100_000;

/** What is no program: files of one, data, models and keys (`component.type`). */
const notPrograms = new Set(['file', 'data', 'machine-learning-model', 'cryptographic-asset']);

type Json = { readonly [field: string]: unknown };
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads a bill. All that it lists runs on `asset`; without one the rows are completed by a person. */
export function readCycloneDx(json: unknown, { organisation, asset }: { organisation: string; asset: string }): Drafts {
  const components: Draft[] = [];
  if (!isObject(json) || json['bomFormat'] !== 'CycloneDX' || !isRead(json['specVersion'])) {
    return { items: { components }, notes: [{ text: 'know.foreign.cyclonedx' }] };
  }
  const ids = new Ids();
  const seen = new Set<string>();
  let passed = 0;
  let over = 0;
  // Bills nest components in components; a list of what is still to be read has no depth that could be exhausted.
  const open: unknown[] = [json['components']];
  if (isObject(json['metadata'])) open.push([json['metadata']['component']]);
  for (let list = open.pop(); open.length > 0 || list !== undefined; list = open.pop()) {
    if (!Array.isArray(list)) continue;
    for (const component of list as unknown[]) {
      if (!isObject(component)) continue;
      if (component['components'] !== undefined) open.push(component['components']);
      const draft = draftOf(component);
      const key = JSON.stringify(draft);
      if (!draft || notPrograms.has(String(component['type'])) || component['scope'] === 'excluded') passed++;
      else if (seen.has(key)) continue;
      else if (components.length >= billComponentsMax) over++;
      else {
        seen.add(key);
        components.push({
          id: ids.next(asset || organisation, draft.name.en, draft.version ?? ''),
          organisation,
          asset,
          ...draft,
        });
      }
    }
  }
  return {
    items: { components },
    notes: [
      ...(passed > 0 ? [{ text: 'know.foreign.passed', values: { count: passed } }] : []),
      ...(over > 0 ? [{ text: 'know.foreign.more', values: { count: over, max: billComponentsMax } }] : []),
    ],
  };
}

const isRead = (version: unknown): boolean => typeof version === 'string' && /^1\.(?:[2-9]|\d\d)$/.test(version);

function draftOf(component: Json) {
  const name = within(component['name'], 200);
  if (name === undefined) return undefined;
  const supplier = isObject(component['supplier']) ? component['supplier']['name'] : undefined;
  const vendor = within(component['publisher'], 200) ?? within(supplier, 200) ?? within(component['group'], 200);
  const version = within(component['version'], 200);
  const [purl, cpe] = [component['purl'], component['cpe']];
  return {
    name: { en: name, zh: name },
    ...(vendor === undefined ? {} : { vendor }),
    ...(version === undefined ? {} : { version }),
    ...(typeof purl === 'string' && parsePackageUrl(purl) ? { purl } : {}),
    ...(typeof cpe === 'string' && cpe.length <= 500 && parseCpe(cpe) ? { cpe } : {}),
  };
}
