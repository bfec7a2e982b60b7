/** A file that tells of vulnerabilities, in whichever of the formats: it says by itself what it is. */

import { Refusal } from '@forewarn/base/refusal';
import { readAdvisory } from './csaf.ts';
import { readCveRecord } from './cve-record.ts';
import { readExploited, readProbabilities, type Probability } from './exploited.ts';
import { readVulnerabilityTable, vulnerabilityIdMax } from './vulnerability-table.ts';
import type { Exploited, Vulnerability } from './vulnerability.ts';

type VulnerabilityFormat = 'cve' | 'csaf' | 'kev' | 'epss' | 'table';

export type VulnerabilityFile = {
  format: VulnerabilityFormat;
  /** What the source calls this edition: of KEV its version, of EPSS model and date. */
  edition: string | null;
  vulnerabilities: Vulnerability[];
  exploited: Exploited[];
  probabilities: [id: string, probability: Probability][];
  /** What could not be taken, with its place; the rest was. */
  refusals: Refusal[];
  /** Records of a list that were withdrawn. */
  rejected: number;
};

/**
 * Reads CVE records (JSON 5: one or a list), an advisory in CSAF 2.0, CISA's catalogue (KEV), FIRST's scores (EPSS) or a table
 * (`vulnerabilityColumns`). `name` is the source of a table. Refusals that leave nothing to take are thrown: `exposure.json`, `exposure.cve`, `exposure.csaf`,
 * `exposure.kev`, `exposure.epss`, `exposure.table`.
 */
export function readVulnerabilityFile(text: string, name: string): VulnerabilityFile {
  const written = text.startsWith('\ufeff') ? text.slice(1) : text;
  const nothing = { edition: null, vulnerabilities: [], exploited: [], probabilities: [], refusals: [], rejected: 0 };
  const first = /[^\s]/.exec(written)?.[0];
  if (first !== '{' && first !== '[') {
    if (/^(?:#[^\n]*\n\s*)*cve,epss,percentile/.test(written)) {
      const { model, at, scores } = readProbabilities(written);
      return { ...nothing, format: 'epss', edition: `${model} ${at}`.trim(), probabilities: [...scores] };
    }
    return { ...nothing, format: 'table', ...readVulnerabilityTable(written, name) };
  }
  const json = jsonOf(written);
  if (Array.isArray(json)) {
    const read: VulnerabilityFile = { ...nothing, format: 'cve', vulnerabilities: [], refusals: [] };
    json.forEach((one: unknown, i) => take(read, one, String(i)));
    if (read.vulnerabilities.length === 0 && read.refusals.length > 0) throw read.refusals[0]!;
    return read;
  }
  if (typeof json === 'object' && json !== null && 'document' in json) {
    return {
      ...nothing,
      format: 'csaf',
      vulnerabilities: readAdvisory(json).filter(({ id }) => id.length <= vulnerabilityIdMax),
    };
  }
  if (typeof json === 'object' && json !== null && 'vulnerabilities' in json) {
    const { version, exploited } = readExploited(json);
    return { ...nothing, format: 'kev', edition: version, exploited };
  }
  const vulnerability = readCveRecord(json);
  return vulnerability
    ? { ...nothing, format: 'cve', vulnerabilities: [vulnerability] }
    : { ...nothing, format: 'cve', rejected: 1 };
}

function take(read: VulnerabilityFile, json: unknown, at: string): void {
  try {
    const vulnerability = readCveRecord(json);
    if (vulnerability) read.vulnerabilities.push(vulnerability);
    else read.rejected++;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const field = [at, error.place?.field].filter(Boolean).join('.');
    read.refusals.push(new Refusal(error.code, error.message, { place: { field }, advice: error.advice, cause: error }));
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Refusal('exposure.json', 'The file is no JSON.', {
      advice: 'Give it as its maker publishes it, unpacked.',
      cause,
    });
  }
}
