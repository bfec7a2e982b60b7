#!/usr/bin/env node
/** Capture → records, beside other tools on the same file, in one run, per CPU second. */

import { resolve } from 'node:path';
import { choose, compare, type Entry } from '../capture/compare.ts';
import { argus, ndpi, nfpcapd, tshark } from '../capture/tools.ts';

const usage = `node bench/read/read.ts [--profile mixed|small]… [--megabytes 100] [--small-megabytes N] [--rounds 3] [--seed 1]
                         [--only NAME]… [--without NAME]…`;

const forewarn = resolve(import.meta.dirname, '../../apps/cli/src/forewarn.ts');
const all = 'flows, and of each protocol the elements under Zeek’s names; certificates, files with three hashes, JA3, JA4, HASSH';
const written = `${all}; written as JSON`;
const threads = (number: number): string[] => [forewarn, 'read', '{capture}', '--out', '{folder}', '--threads', String(number)];

const entries: Entry[] = [
  { name: 'all', what: 'ours, all elements, first reading', kind: 'engine', mode: 'all', reading: 'first', extracts: all },
  { name: 'all-warm', what: 'ours, all elements, third and later', kind: 'engine', mode: 'all', reading: 'warm', extracts: all },
  { name: 'flows', what: 'ours, flows only, first reading', kind: 'engine', mode: 'flows', reading: 'first', extracts: 'flows' },
  {
    name: 'flows-warm',
    what: 'ours, flows only, third and later',
    kind: 'engine',
    mode: 'flows',
    reading: 'warm',
    extracts: 'flows',
  },
  { name: 'program', what: 'forewarn read, one thread', kind: 'program', args: threads(1), extracts: written },
  { name: 'two-threads', what: 'forewarn read, two threads', kind: 'program', args: threads(2), extracts: written },
  { name: 'ndpi', what: ndpi.name, kind: 'tool', tool: ndpi },
  { name: 'nfpcapd', what: nfpcapd.name, kind: 'tool', tool: nfpcapd },
  { name: 'argus', what: argus.name, kind: 'tool', tool: argus },
  { name: 'tshark', what: tshark.name, kind: 'tool', tool: tshark },
  { name: 'nothing', what: 'reading the file alone', kind: 'engine', mode: 'nothing', reading: 'warm', extracts: 'nothing' },
];

compare(choose(usage, entries), ndpi.name);
