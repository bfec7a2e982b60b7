/** What an exception hides is told, so that it is written and counted, and is no part of any group. */

import { expect, test } from 'vitest';
import { assembleDetection } from '@forewarn/detect/content';
import { createCostMeter } from '@forewarn/detect/cost';
import type { Finding } from '@forewarn/model/finding';
import { contentFolder, readContentFiles } from '../content.ts';
import { startWatch } from './watch.ts';

const at = 1_764_000_000;
const batch = (id: string, logs: { [log: string]: { [field: string]: unknown }[] }) => ({ id: id.repeat(64), source: 's', logs });

/** A host that hands out its zone, once an hour: single records that a rule of the product finds. */
const zones = (host: string) =>
  [0, 1, 2].map((hour) => ({
    ts: at + hour * 3_600,
    uid: `C${host}${hour}`,
    'id.orig_h': host,
    'id.orig_p': 40_000,
    'id.resp_h': '203.0.113.53',
    'id.resp_p': 53,
    qtype_name: 'AXFR',
    rcode_name: 'NOERROR',
    query: 'zone.example',
    answers: ['ns1.zone.example'],
  }));

test('hidden findings are told and reach no group, and where they were seen is asked with them', async () => {
  const { content } = assembleDetection(await readContentFiles(contentFolder, ['rules', 'behaviours', 'indicators']));
  const asked: [string, string | null][] = [];
  const watch = await startWatch({
    organisation: 'hospital',
    networks: ['10.20.0.0/16'],
    // Any finding by itself is worth a group.
    detection: { ...content, candidates: { ...content.candidates, threshold: 0.01 } },
    indicators: [],
    cost: createCostMeter(() => 0),
    hides(finding: Finding, { link }) {
      asked.push([finding.source, link]);
      return finding.source === '10.20.0.1';
    },
    // Nothing was stored before the first batch, and so nothing is read.
    records: undefined as never,
    first: batch('0', {}),
    without: new Set(),
  });
  const seenOn = { sensor: 's', link: 'hospital-link', networkType: 'computer' };
  const looked = watch.look(
    batch('1', { dns: [...zones('10.20.0.1'), ...zones('10.20.0.2')].sort((a, b) => a.ts - b.ts) }),
    seenOn,
  );
  const told = (source: string) => looked.findings.filter((finding) => finding.source === source).map(({ id }) => id);
  expect(told('10.20.0.1').length).toBeGreaterThan(0);
  expect(told('10.20.0.2').length).toBeGreaterThan(0);
  const grouped = new Set(looked.candidates.flatMap(({ findings }) => findings));
  expect(told('10.20.0.2').some((id) => grouped.has(id))).toBe(true);
  expect(told('10.20.0.1').filter((id) => grouped.has(id))).toEqual([]);
  expect(asked).toContainEqual(['10.20.0.1', 'hospital-link']);
});
