/** Inventories of products: a table of one's own, or a bill of materials in CycloneDX (1.2 and later, JSON). */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { readCsv } from '../csv.ts';
import type { InventoryItem } from './exposure.ts';

export const inventoryColumns = [
  'organisation',
  'asset',
  'purl',
  'cpe',
  'vendor',
  'product',
  'version',
  'exposure',
  'impact',
] as const;

/** Lines that could not be taken, each with its line; the others were. */
export type ReadInventory = { items: InventoryItem[]; refusals: Refusal[] };

/** Values of the two points of SSVC that hold for a place and not for a vulnerability. */
const exposures = ['small', 'controlled', 'open'];
const impacts = ['low', 'medium', 'high', 'very high'];

/**
 * Reads a table whose columns are among `inventoryColumns`: `asset`, and a name by which the product is found (`purl`, `cpe`, or `product`, best with
 * `vendor` and `version`). `exposure` is SSVC's System Exposure, `impact` its Human Impact.
 */
export function readInventoryTable(text: string, file: string): ReadInventory {
  const { rows, troubles } = readCsv(text);
  const refuse = (line: number, message: string): Refusal =>
    new Refusal('exposure.inventory', message, { place: { file, line }, advice: 'Correct the line; the others were taken.' });
  const refusals = troubles.map(({ line, kind }) => refuse(line, troubleTexts[kind]));
  const first = rows[0];
  const unknown = Object.keys(first?.cells ?? {}).find((name) => !(inventoryColumns as readonly string[]).includes(name));
  if (unknown !== undefined || (first && first.cells['asset'] === undefined)) {
    const message = unknown === undefined ? 'There is no column "asset".' : `There is no column "${unknown.slice(0, 60)}".`;
    throw new Refusal('exposure.inventory', message, {
      place: { file, line: 1 },
      advice: `Columns are ${inventoryColumns.join(', ')}.`,
    });
  }
  const items: InventoryItem[] = [];
  for (const { line, cells } of rows) {
    const of = (name: (typeof inventoryColumns)[number]): string | undefined => cells[name] || undefined;
    const [exposure, impact] = [of('exposure'), of('impact')];
    if (of('asset') === undefined) refusals.push(refuse(line, 'The asset has no name.'));
    else if (!of('purl') && !of('cpe') && !of('product'))
      refusals.push(refuse(line, 'Neither purl, cpe nor product says what it is.'));
    else if (exposure !== undefined && !exposures.includes(exposure))
      refusals.push(refuse(line, `The exposure is one of ${exposures.join(', ')}.`)); // oxfmt-ignore
    else if (impact !== undefined && !impacts.includes(impact))
      refusals.push(refuse(line, `The impact is one of ${impacts.join(', ')}.`)); // oxfmt-ignore
    else {
      items.push({
        organisation: of('organisation') ?? '',
        asset: of('asset')!,
        purl: of('purl'),
        cpe: of('cpe'),
        vendor: of('vendor'),
        product: of('product'),
        version: of('version'),
        points: {
          ...(exposure === undefined ? {} : { 'System Exposure': exposure }),
          ...(impact === undefined ? {} : { 'Human Impact': impact }),
        },
      });
    }
  }
  return { items, refusals };
}

const troubleTexts = {
  quote: 'A quotation is not closed.',
  columns: 'The line has another number of columns than the first.',
  header: 'The first line must name the columns, each once.',
  rows: 'There are more lines than are read at a time; divide the file.',
} as const;

type Component = {
  name: string;
  group?: string | undefined;
  publisher?: string | undefined;
  version?: string | undefined;
  purl?: string | undefined;
  cpe?: string | undefined;
  components?: Component[] | undefined;
};
const Component: z.ZodType<Component> = z.lazy(() =>
  z.object({
    name: z.string(),
    group: z.string().optional(),
    publisher: z.string().optional(),
    version: z.string().optional(),
    purl: z.string().optional(),
    cpe: z.string().optional(),
    components: z.array(Component).optional(),
  }),
);
const Bill = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  metadata: z.object({ component: z.object({ name: z.string() }).optional() }).optional(),
  components: z.array(Component).optional(),
});

/** Components of one bill, and how deep they stand in one another; the largest public bills have some tens of thousands. */
const componentsMax = 1_000_000;

/** Reads a bill of materials; all its components stand on the asset it is about. Refusal `exposure.inventory`. */
export function readBill(json: unknown, file: string): InventoryItem[] {
  const read = Bill.safeParse(json);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new Refusal('exposure.inventory', `This is no bill of materials in CycloneDX: ${issue!.message}.`, {
      place: { file, field: issue!.path.join('.') },
      advice: 'Give CycloneDX as JSON, or a table with the columns asset, purl, …',
    });
  }
  const asset = read.data.metadata?.component?.name ?? file;
  const items: InventoryItem[] = [];
  const open = [...(read.data.components ?? [])];
  for (let component = open.pop(); component; component = open.pop()) {
    if (items.length >= componentsMax) {
      throw new Refusal('exposure.inventory', `The bill has more than ${componentsMax} components.`, {
        place: { file },
        advice: 'Divide it.',
      });
    }
    const { name, group, publisher, version, purl, cpe } = component;
    items.push({ organisation: '', asset, purl, cpe, vendor: publisher ?? group, product: name, version });
    if (component.components) open.push(...component.components);
  }
  return items;
}
