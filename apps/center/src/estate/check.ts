/** Whether rows of the estate may be written: whose they are, what they claim, and what they name. */

import type { EstateIndex } from '@forewarn/know/concern';
import type { ImportFault } from '@forewarn/know/import';
import type { EstateItem, EstateKind } from '@forewarn/model/estate';
import type { Words } from '@forewarn/model/text';
import type { Transaction } from '@forewarn/store/postgres/database';
import { missingReferences } from '@forewarn/store/resources/estate-references';
import type { Principal } from '../ports.ts';
import { claims } from './claims.ts';

export type Writer = Pick<Principal, 'organisation' | 'centre'>;
type Row = EstateItem<EstateKind> & { organisation?: string };

const fault = (line: number, field: string, text: string, values: Words['values'] = {}): ImportFault => ({
  line,
  field,
  message: { text: `know.import.${text}`, values },
});

/** What one row says of its owner that its writer may not say; `index` is of the estate as it stands. */
export function ownFaults(row: Row, line: number, { organisation: own, centre }: Writer, index: EstateIndex): ImportFault[] {
  if (centre) return [];
  const found: ImportFault[] = [];
  if (row.organisation !== undefined) {
    if (row.organisation !== own)
      found.push(fault(line, 'organisation', 'foreign', { id: row.id, organisation: row.organisation }));
    if (row.id !== own && !row.id.startsWith(`${own}-`)) found.push(fault(line, 'id', 'id', { prefix: `${own}-` }));
  }
  for (const { field, text, values } of claims(index, own, row)) found.push(fault(line, field, text, values));
  return found;
}

/**
 * What the rows name that is neither registered nor in the same file (`inFile`: its ids). `text`: JSON of the rows, `lines` where each stands.
 */
export async function namedFaults(
  tx: Transaction,
  kind: EstateKind,
  { text, lines, centre, inFile }: { text: string; lines: readonly number[]; centre: boolean; inFile: (id: string) => boolean },
): Promise<ImportFault[]> {
  const missing = await missingReferences(tx, kind, text, centre);
  return missing
    .filter(({ field, id }) => !(sameKind(kind, field) && inFile(id)))
    .map(({ n, field, id }) => fault(lines[n - 1]!, field, 'reference', { id }));
}

/** Fields in which a kind names things of its own kind. */
const sameKind = (kind: EstateKind, field: string): boolean =>
  (kind === 'organisations' && field === 'overseenBy') || (kind === 'businesses' && field === 'dependsOn');
