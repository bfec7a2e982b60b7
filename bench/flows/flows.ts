#!/usr/bin/env node
/** Flows only, beside other tools that make flows of the same file, in one run, per CPU second. */

import { resolve } from 'node:path';
import { choose, compare, type Entry } from '../capture/compare.ts';
import { argus, nfpcapd } from '../capture/tools.ts';

const usage = `node bench/flows/flows.ts [--profile mixed|small]… [--megabytes 100] [--small-megabytes N] [--rounds 3] [--seed 1]
                           [--only NAME]… [--without NAME]…`;

const forewarn = resolve(import.meta.dirname, '../../apps/cli/src/forewarn.ts');
const flows = 'flows both ways: packets, bytes by sequence numbers, states, history, gaps, Community ID; nothing of the payload';
const threads = (number: number): string[] => [
  forewarn,
  'read',
  '{capture}',
  '--flows-only',
  '--out',
  '{folder}',
  '--threads',
  String(number),
];

const entries: Entry[] = [
  { name: 'flows', what: 'ours, flows only, first reading', kind: 'engine', mode: 'flows', reading: 'first', extracts: flows },
  {
    name: 'flows-warm',
    what: 'ours, flows only, third and later',
    kind: 'engine',
    mode: 'flows',
    reading: 'warm',
    extracts: flows,
  },
  {
    name: 'program',
    what: 'forewarn read --flows-only, one thread',
    kind: 'program',
    args: threads(1),
    extracts: `${flows}; written as JSON`,
  },
  {
    name: 'two-threads',
    what: 'forewarn read --flows-only, two threads',
    kind: 'program',
    args: threads(2),
    extracts: `${flows}; written as JSON`,
  },
  { name: 'nfpcapd', what: nfpcapd.name, kind: 'tool', tool: nfpcapd },
  { name: 'argus', what: argus.name, kind: 'tool', tool: argus },
  { name: 'nothing', what: 'reading the file alone', kind: 'engine', mode: 'nothing', reading: 'warm', extracts: 'nothing' },
];

compare(choose(usage, entries), nfpcapd.name);
