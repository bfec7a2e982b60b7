/** Every reason why there are no packets, in both languages, from the state of the world that brings it about. */

import { beforeAll, describe, expect, test } from 'vitest';
import type { LinkPolicy } from '@forewarn/model/link';
import { LinkPolicy as Policy } from '@forewarn/model/link';
import { partReasons, type RingStanding, type SensorReport } from '@forewarn/model/sensor';
import { languages, render } from '@forewarn/model/text';
import type { Content } from '@forewarn/model/content';
import { loadContent } from '../content.ts';
import { partWords, why, whyNot, type NoneReason, type Standing } from './why-not.ts';

let texts: Content['texts'];
beforeAll(async () => {
  ({ texts } = await loadContent());
});

const at = 1_764_000_000;
const edition = (version: number, since: number, more: Partial<LinkPolicy> = {}) => ({
  link: 'uplink',
  version,
  at: since,
  by: 'officer',
  policy: Policy.parse({ depth: 'packets', purpose: 'p', ...more }),
});
const ring: RingStanding = { from: at - 3_600, to: at, bytes: 1, packets: 1, dropped: 0 };
const report = (packets: SensorReport['packets'], stopping = false): SensorReport => ({
  input: 'interface',
  startedAt: 1,
  stopping,
  settings: { version: 0, refused: null },
  stats: {},
  lost: { batches: 0, records: 0 },
  ...(packets === undefined ? {} : { packets }),
});
const state = (packets: SensorReport['packets'], stopping = false): Standing['state'] => ({
  sensor: 'probe',
  organisation: 'hospital',
  reportedAt: at - 10,
  open: {},
  report: report(packets, stopping),
});
const standing: Standing = {
  flow: { from: at - 600, to: at - 590 },
  sensor: 'probe',
  source: 'eth1',
  state: state({ version: 1, ring }),
  silent: false,
  link: { id: 'uplink', role: 'primary', editions: [edition(1, at - 7_200)] },
};
const link = (more: Partial<NonNullable<Standing['link']>>): Standing['link'] => ({ ...standing.link!, ...more });

test('a sensor that works and whose ring reaches over the flow is asked', () => {
  expect(whyNot(standing)).toBeUndefined();
});

test.each<[NoneReason, Partial<Standing>]>([
  ['file', { state: undefined }],
  ['no-link', { link: undefined }],
  ['secondary', { link: link({ role: 'secondary' }) }],
  ['elements', { link: link({ editions: [] }) }],
  ['elements', { link: link({ editions: [edition(2, at - 10, { depth: 'elements' }), edition(1, at - 7_200)] }) }],
  ['too-old', { state: state(undefined) }],
  [
    'policy-younger',
    { link: link({ editions: [edition(1, at - 60)] }), state: state({ version: 1, ring: { ...ring, from: at - 60 } }) },
  ],
  ['policy-younger', { link: link({ editions: [edition(1, at - 60)] }), state: state({ version: 0, ring: null }) }],
  [
    // Packets were kept before, and then for a while not: what counts is the present stretch.
    'policy-younger',
    {
      link: link({
        editions: [edition(4, at - 30), edition(3, at - 60), edition(2, at - 120, { depth: 'elements' }), edition(1, at - 9_000)],
      }),
      state: state({ version: 4, ring: { ...ring, from: at - 60 } }),
    },
  ],
  ['expired', { flow: { from: at - 5_000, to: at - 4_000 } }],
  ['stopped', { state: state({ version: 1, ring }, true) }],
  ['silent', { silent: true }],
  ['not-yet', { state: state({ version: 0, ring: null }) }],
])('%s', (name, more) => {
  const told = whyNot({ ...standing, ...more });
  expect(told?.reason.text).toBe(`center.packets.none.${name}`);
  for (const language of languages) {
    for (const words of [told!.reason, told!.advice]) expect(render(words, texts[language], language)).not.toMatch(/[[\]{}]/);
  }
});

test('a recording that is replayed is older than its policy, and its ring counts', () => {
  const old = { from: 1_000, to: 1_010 };
  expect(
    whyNot({ ...standing, flow: old, state: state({ version: 1, ring: { ...ring, from: 900, to: 2_000 } }) }),
  ).toBeUndefined();
});

test('a ring that ends before the flow is asked: its last report is a minute old', () => {
  expect(whyNot({ ...standing, flow: { from: at + 20, to: at + 30 } })).toBeUndefined();
});

describe('the other reasons', () => {
  const values = { sensor: 'probe', link: 'uplink', at: 'then', seconds: 120, packets: 2, found: 1 };
  test.each<NoneReason>([
    'unanswered',
    'removed',
    'no-room',
    'malformed',
    'full',
    'sensor-expired',
    'sensor-before-ring',
    'sensor-unknown-flow',
    'sensor-no-ring',
    'sensor-failed',
  ])('%s', (name) => {
    const told = why(name, values);
    for (const language of languages) {
      for (const words of [told.reason, told.advice]) expect(render(words, texts[language], language)).not.toMatch(/[[\]{}]/);
    }
  });
  test('parts', () => {
    for (const words of partWords(partReasons)) {
      for (const language of languages) expect(render(words, texts[language], language)).not.toMatch(/[[\]{}]/);
    }
  });
});
