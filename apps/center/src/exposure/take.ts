/** Taking a file of vulnerabilities in: kept as it came, written, and compared. */

import type { Act } from '@forewarn/guard/audit';
import { noteImport, writeExploited, writeFacts, writeScores } from '@forewarn/store/resources/vulnerabilities';
import type { Center } from '../center-parts.ts';
import type { Doer } from '../act.ts';
import { readVulnerabilities, type ReadFile } from './reading.ts';

/** Rows of one transaction: others wait for it some hundred milliseconds. */
const rowsAtOnce = 2_000;

/**
 * Reads a file and writes what it says. Large ones are written in steps, each of which is whole; the last one has the audit's entry. Throws the
 * refusals of `readVulnerabilityFile`.
 */
export async function takeVulnerabilities(
  center: Pick<Center, 'database' | 'audit' | 'clock' | 'exposures'>,
  doer: Doer,
  { text, name }: { text: string; name: string },
): Promise<ReadFile> {
  const read = await readVulnerabilities({ text, name });
  const { sha256, bytes } = await center.exposures.files.put(text);
  const at = center.clock.now();
  for (let i = 0; i < read.vulnerabilities.length; i += rowsAtOnce) {
    const some = read.vulnerabilities.slice(i, i + rowsAtOnce);
    await center.database.system((tx) => writeFacts(tx, some, { sha256, at }));
  }
  for (let i = 0; i < read.probabilities.length; i += rowsAtOnce * 5) {
    const some = read.probabilities.slice(i, i + rowsAtOnce * 5);
    await center.database.system((tx) => writeScores(tx, some));
  }
  const items = read.vulnerabilities.length + read.exploited.length + read.probabilities.length;
  await center.database.system(async (tx) => {
    if (read.format === 'kev') await writeExploited(tx, read.exploited);
    await noteImport(tx, { format: read.format, name, edition: read.edition, sha256, bytes, items, at, by: doer.account });
    const entry: Act = {
      organisation: doer.organisation,
      actor: doer.account,
      demo: doer.demo,
      action: 'vulnerabilities.import',
      object: `vulnerabilities/${read.format}`,
      detail: { name, sha256, items, refused: read.refusals.length },
    };
    await center.audit.record(tx, entry);
  });
  center.exposures.desk.wake();
  return read;
}
