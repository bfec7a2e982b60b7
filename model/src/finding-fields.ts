/** The fields of a finding that conditions ask about: those of exceptions, of the findings' query bar and of their search. */

import type { Finding } from './finding.ts';
import type { AnyRecord, RecordType } from './records/record.ts';

const text = { type: 'string', class: 'technical' } as const;
const term = { type: 'enum', class: 'technical' } as const;
const texts = { type: 'vector[string]', class: 'technical' } as const;

/** Declared like a record, so that the stream's engine and ClickHouse read one condition alike. */
export const findingFields = {
  log: 'finding_search',
  means: 'Findings, as conditions and searches ask about them.',
  source: 'model/src/finding.ts',
  columns: {
    id: { ...text, always: true, means: 'Name of the finding.' },
    from: { type: 'time', class: 'technical', unit: 's', always: true, means: 'First evidence.' },
    to: { type: 'time', class: 'technical', unit: 's', always: true, means: 'Last evidence.' },
    rule: { ...term, always: true, means: 'The rule: the id of a Sigma rule or indicator list, or behaviour:<name>.' },
    'rule.name': { ...term, always: true, means: 'What its author calls it.' },
    'rule.kind': { ...term, always: true, means: 'sigma, indicator or behaviour.' },
    'rule.version': { ...term, always: true, means: 'Version of the rule.' },
    level: { ...term, always: true, means: 'informational, low, medium, high or critical.' },
    confidence: { type: 'double', class: 'technical', always: true, means: 'How sure the rule is, 0 to 1.' },
    technique: { ...texts, means: 'ATT&CK techniques.' },
    tactic: { ...texts, means: 'ATT&CK tactics, by their short names.' },
    source: { type: 'addr', class: 'technical', always: true, means: 'The host that acts.' },
    targets: { ...texts, means: 'Hosts acted upon.' },
    names: { ...texts, means: 'Names that were met: domains, server names.' },
    logs: { ...texts, means: 'Logs that the evidence stands in.' },
    records: { type: 'count', class: 'technical', unit: 'records', always: true, means: 'How many records it stands for.' },
    harm: { ...term, means: 'The loss it shows by itself.' },
    organisation: { ...texts, means: 'Organisations that it concerns.' },
    sensor: { ...term, means: 'The sensor that saw it.' },
    link: { ...term, means: 'The link it was seen on.' },
    networkType: { ...term, means: 'The type of the network it was seen in.' },
    explanation: { ...text, means: 'What its explanation names.' },
  },
} as const satisfies RecordType;

/** Where a finding was seen. */
export type FindingPlace = {
  organisations: readonly string[];
  sensor: string | null;
  link: string | null;
  networkType: string | null;
};

/** Longer explanations are cut for searching: their values are names and numbers. */
const explanationMax = 2_000;

/** A finding in the fields that conditions ask about. */
export function findingRecord(finding: Finding, place: FindingPlace): AnyRecord {
  const { rule } = finding;
  const maybe = (name: string, value: string | null): AnyRecord => (value === null ? {} : { [name]: value });
  return {
    id: finding.id,
    from: finding.from,
    to: finding.to,
    rule: rule.id,
    'rule.name': rule.name,
    'rule.kind': rule.kind,
    'rule.version': rule.version,
    level: finding.level,
    confidence: finding.confidence,
    technique: finding.technique,
    tactic: finding.tactic,
    source: finding.source,
    targets: finding.targets,
    names: finding.names,
    logs: [...new Set(finding.records.map(({ log }) => log))],
    records: finding.recordCount,
    ...maybe('harm', finding.harm),
    organisation: place.organisations,
    ...maybe('sensor', place.sensor),
    ...maybe('link', place.link),
    ...maybe('networkType', place.networkType),
    explanation: JSON.stringify(finding.explanation.values ?? {}).slice(0, explanationMax),
  };
}
