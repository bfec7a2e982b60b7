/** Community ids against corelight/zeek-community-id: each capture's flows hash to the ids that it expects, and no others. */

import { readFileSync } from 'node:fs';
import { basename, join as path } from 'node:path';
import { dataRoot, filesBelow } from '../testing/dataset.ts';
import { emptyComparison, note, type Comparison, type Selection } from './comparison.ts';
import { recordsOf } from './records.ts';

const root = path(dataRoot, 'net/community-id');

export async function compareCommunityIds(selection: Selection = {}): Promise<Comparison[]> {
  const comparison = emptyComparison('community-id', 'conn');
  for (const file of filesBelow(path(root, 'expected'), (name) => name.endsWith('.out'))) {
    const test = basename(file, '.out');
    if (selection.test !== undefined && !test.includes(selection.test)) continue;
    const expected = new Set([...readFileSync(file, 'utf8').matchAll(/-> (1:\S+)/g)].map((match) => match[1]!));
    // The captures of ARP and SCTP expect none: corelight's own package hashes no SCTP.
    if (expected.size === 0) continue;
    comparison.tests++;
    const ours = new Set<string>();
    for (const record of (await recordsOf(path(root, test))).get('conn') ?? []) ours.add(String(record['community_id']));
    for (const id of expected) {
      comparison.records++;
      note(comparison, test, id, 'community_id', id, ours.has(id) ? id : [...ours].join(' '));
    }
    for (const id of ours) if (!expected.has(id)) comparison.extras.push(`${test}: ${id}`);
  }
  comparison.extra = comparison.extras.length;
  return selection.name === undefined || selection.name === 'conn' ? [comparison] : [];
}
