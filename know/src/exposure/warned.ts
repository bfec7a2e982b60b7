/** Products that a warning names, compared with what stands in inventories: by the same rules as vulnerabilities are. */

import type { WarnedProduct } from '@forewarn/model/warning';
import { matchOf, namesMeant } from './exposure.ts';
import { packageKey, parseCpe, parsePackageUrl } from './packages.ts';
import { readProduct, type Affected, type Product } from './vulnerability.ts';

export type ReadWarned = { readonly affected: Affected; readonly names: readonly string[]; readonly words: string };

/** What a warning names, ready to be compared; which of its names cannot be read. */
export function readWarned(warned: WarnedProduct): ReadWarned | { unreadable: 'purl' | 'cpe' } {
  const { purl, cpe, vendor, product, exactly, from, before, upTo } = warned;
  const url = purl === undefined ? undefined : parsePackageUrl(purl);
  if (purl !== undefined && !url) return { unreadable: 'purl' };
  const name = cpe === undefined ? undefined : parseCpe(cpe);
  if (cpe !== undefined && !name) return { unreadable: 'cpe' };
  const every = (exactly ?? from ?? before ?? upTo) === undefined;
  const affected: Affected = {
    package: url && packageKey(url),
    cpes: name ? [name] : [],
    vendor,
    product,
    scheme: warned.scheme?.toLowerCase() ?? url?.type ?? 'generic',
    ranges: every ? [] : [{ status: 'affected', exactly, from, before, upTo }],
    otherwise: every ? 'affected' : 'unaffected',
  };
  return { affected, names: namesMeant(affected), words: wordsOf(warned) };
}

/** A product and its versions as people write them: `log4j-core >= 2.4 < 2.12.2`. */
export function wordsOf({ purl, cpe, vendor, product, exactly, from, before, upTo }: WarnedProduct): string {
  const name = cpe === undefined ? undefined : parseCpe(cpe);
  const called =
    product === undefined
      ? (purl ?? (name ? `${name.vendor} ${name.product}` : (cpe ?? '')))
      : vendor === undefined
        ? product
        : `${vendor} ${product}`;
  const edges = [
    exactly === undefined ? '' : `= ${exactly}`,
    from === undefined ? '' : `≥ ${from}`,
    before === undefined ? '' : `< ${before}`,
    upTo === undefined ? '' : `≤ ${upTo}`,
  ];
  return [called, ...edges.filter((edge) => edge !== '')].join(' ');
}

/** Whether a product of an inventory is one that is warned of; `possibly`: its version is not known, or cannot be compared. */
export function isWarned(of: ReadWarned, product: Product): 'sure' | 'possibly' | undefined {
  const read = readProduct(product);
  const match = read && matchOf({ affected: [of.affected] }, read);
  return match && (match.is === 'exposed' ? 'sure' : 'possibly');
}
