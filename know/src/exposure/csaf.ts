/** Advisories in CSAF 2.0 (OASIS): the products of their tree, and for each vulnerability which of them are affected. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { packageKey, parseCpe, parsePackageUrl } from './packages.ts';
import type { Affected, Status, VersionRange, Vulnerability } from './vulnerability.ts';
import { instantOf } from './written.ts';

const text = z.string().max(10_000);

const FullName = z.object({
  name: text,
  product_id: text,
  product_identification_helper: z.object({ cpe: text.optional(), purl: text.optional() }).optional(),
});

type Branch = { category: string; name: string; product?: z.infer<typeof FullName> | undefined; branches?: Branch[] | undefined };
const Branch: z.ZodType<Branch> = z.lazy(() =>
  z.object({ category: text, name: text, product: FullName.optional(), branches: z.array(Branch).max(100_000).optional() }),
);

const ids = z.array(text).max(1_000_000).optional();
const Advisory = z.object({
  document: z.object({
    csaf_version: z.literal('2.0'),
    title: text,
    publisher: z.object({ name: text }),
    tracking: z.object({ id: text, initial_release_date: z.string() }),
  }),
  product_tree: z
    .object({
      branches: z.array(Branch).max(100_000).optional(),
      full_product_names: z.array(FullName).max(1_000_000).optional(),
      relationships: z
        .array(
          z.object({
            category: text,
            full_product_name: FullName,
            product_reference: text,
            relates_to_product_reference: text,
          }),
        )
        .max(1_000_000)
        .optional(),
    })
    .optional(),
  vulnerabilities: z
    .array(
      z.object({
        cve: text.optional(),
        title: text.optional(),
        ids: z.array(z.object({ system_name: text, text })).optional(), // oxfmt-ignore
        product_status: z
          .object({
            known_affected: ids,
            first_affected: ids,
            last_affected: ids,
            known_not_affected: ids,
            fixed: ids,
            first_fixed: ids,
            under_investigation: ids,
          })
          .optional(),
        scores: z
          .array(z.object({ cvss_v3: z.object({ baseScore: z.number().min(0).max(10) }).optional() })) // oxfmt-ignore
          .optional(),
      }),
    )
    .max(10_000)
    .optional(),
});

/** Deepest branch that is read; the format needs vendor, family, name, version, architecture and a few between. */
const depthMax = 30;

/** An entry of the tree: what it is called and which versions it stands for. */
type Known = Omit<Affected, 'ranges' | 'otherwise'> & { range: Omit<VersionRange, 'status'> | undefined };

/** Reads an advisory. Refusals: `exposure.csaf` with the field that does not fit, or a product that the tree has not. */
export function readAdvisory(json: unknown): Vulnerability[] {
  const read = Advisory.safeParse(json);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw refusal(`This is no advisory in CSAF 2.0: ${issue!.message}.`, issue!.path.join('.'));
  }
  const { document, product_tree: tree, vulnerabilities = [] } = read.data;
  const known = new Map<string, Known>();
  for (const name of tree?.full_product_names ?? []) known.set(name.product_id, knownAs(name, {}));
  walk(tree?.branches ?? [], {}, 0, known);
  for (const { full_product_name: name, product_reference: part } of tree?.relationships ?? []) {
    // A part that is installed on a platform is the part: what is on the platform besides it is not meant.
    known.set(name.product_id, known.get(part) ?? knownAs(name, {}));
  }
  return vulnerabilities.map((entry, i) => {
    const byStatus: [Status, readonly string[] | undefined][] = [
      ['affected', entry.product_status?.known_affected],
      ['affected', entry.product_status?.first_affected],
      ['affected', entry.product_status?.last_affected],
      ['unaffected', entry.product_status?.known_not_affected],
      ['unaffected', entry.product_status?.fixed],
      ['unaffected', entry.product_status?.first_fixed],
      ['unknown', entry.product_status?.under_investigation],
    ];
    const affected = new Map<string, Affected & { ranges: VersionRange[] }>();
    for (const [status, products = []] of byStatus) {
      for (const id of products) {
        const product = known.get(id);
        if (!product)
          throw refusal(`The product "${id.slice(0, 100)}" is not in the product tree.`, `vulnerabilities.${i}.product_status`);
        const { range, ...names } = product;
        const key = JSON.stringify([names.vendor, names.product]);
        let entryOf = affected.get(key);
        if (!entryOf) affected.set(key, (entryOf = { ...names, cpes: [], ranges: [], otherwise: 'unknown' }));
        entryOf.package ??= names.package;
        entryOf.cpes = [...entryOf.cpes, ...names.cpes];
        if (range) entryOf.ranges.push({ ...range, status });
        else entryOf.otherwise = status;
      }
    }
    const scores = (entry.scores ?? []).flatMap(({ cvss_v3: score }) => score?.baseScore ?? []);
    return {
      id: entry.cve ?? entry.ids?.[0]?.text ?? `${document.tracking.id}#${i + 1}`,
      title: entry.title ?? document.title,
      published: instantOf(document.tracking.initial_release_date),
      affected: [...affected.values()],
      cvss: scores.length === 0 ? null : Math.max(...scores),
      points: {},
      source: document.publisher.name,
    };
  });
}

const refusal = (message: string, field: string): Refusal =>
  new Refusal('exposure.csaf', message, { place: { field }, advice: 'Give an advisory that a CSAF 2.0 validator takes.' });

type Above = { vendor?: string; product?: string; version?: string; range?: string };

function walk(branches: readonly Branch[], above: Above, depth: number, known: Map<string, Known>): void {
  if (depth > depthMax) throw refusal(`Branches are nested deeper than ${depthMax}.`, 'product_tree.branches');
  for (const { category, name, product, branches: below } of branches) {
    const here = { ...above };
    if (category === 'vendor') here.vendor = name;
    else if (category === 'product_name') here.product = name;
    else if (category === 'product_version') here.version = name;
    else if (category === 'product_version_range') here.range = name;
    if (product) known.set(product.product_id, knownAs(product, here));
    if (below) walk(below, here, depth + 1, known);
  }
}

function knownAs({ name, product_identification_helper: helper }: z.infer<typeof FullName>, at: Above): Known {
  const url = helper?.purl === undefined ? undefined : parsePackageUrl(helper.purl);
  const cpe = helper?.cpe === undefined ? undefined : parseCpe(helper.cpe);
  const vers = at.range === undefined ? undefined : readVers(at.range);
  const version = at.version ?? (url && url.version !== '' ? url.version : undefined);
  return {
    package: url && packageKey(url),
    cpes: cpe ? [cpe] : [],
    vendor: at.vendor,
    product: at.product ?? name,
    scheme: vers?.scheme ?? url?.type ?? 'generic',
    range: vers?.range ?? (version === undefined ? undefined : { exactly: version }),
  };
}

/**
 * A range as `vers:npm/>=1.0|<2.0` (package-url/vers-spec) or in plain signs (`<2.0`); undefined when it is written in another way, such as words. Ranges with
 * holes are more than one range can say and are left out, so that nobody is told to be safe by mistake.
 */
export function readVers(written: string): { scheme: string; range: Omit<VersionRange, 'status'> } | undefined {
  const parts = /^vers:([a-z0-9.+-]+)\/(.+)$/.exec(written.trim());
  const scheme = parts?.[1] ?? 'generic';
  const range: { exactly?: string; from?: string; before?: string; upTo?: string } = {};
  const constraints = (parts?.[2] ?? written).split('|').map((one) => one.trim());
  if (constraints.length === 1 && constraints[0] === '*') return { scheme, range };
  for (const constraint of constraints) {
    const [, sign, version] = /^(>=|<=|<|=?)\s*([^\s<>=!*|]+)$/.exec(constraint) ?? [];
    if (version === undefined) return undefined;
    const edge = sign === '>=' ? 'from' : sign === '<' ? 'before' : sign === '<=' ? 'upTo' : 'exactly';
    if (range[edge] !== undefined || (edge === 'exactly' && constraints.length > 1)) return undefined;
    try {
      range[edge] = decodeURIComponent(version);
    } catch {
      return undefined;
    }
  }
  return { scheme, range };
}
