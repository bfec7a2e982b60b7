/** The product's own settings and a detector over them, for tests: the real content, the real detector. */

import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Finding } from '@forewarn/model/finding';
import type { AnyRecord } from '@forewarn/model/records/record';
import { languages, render, type Language, type Words } from '@forewarn/model/text';
import { assembleDetection, type DetectionContent } from '../content.ts';
import { createDetector, type DetectorOptions } from '../detector.ts';

const folder = new URL('../../../content/', import.meta.url).pathname;

export const contentFiles = ['rules', 'behaviours', 'indicators'].flatMap((part) =>
  readdirSync(join(folder, part), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(folder, path), text: readFileSync(path, 'utf8') })),
);

export const assembled = assembleDetection(contentFiles);
export const content: DetectionContent = assembled.content;

const catalogues = Object.fromEntries(
  languages.map((language) => [
    language,
    new Map(
      readdirSync(join(folder, 'text', language))
        .filter((name) => name.startsWith('detect'))
        .flatMap((name) =>
          Object.entries(JSON.parse(readFileSync(join(folder, 'text', language, name), 'utf8')) as { [key: string]: string }),
        ),
    ),
  ]),
) as { [language in Language]: Map<string, string> };

/** The sentence; a missing text or value stays visible in it. */
export function say(words: Words, language: Language = 'en'): string {
  return render(words, catalogues[language], language);
}

export type Line = { log: string; record: AnyRecord };

/** The last state of each finding over the lines, and every telling in order. */
export function detect(lines: Iterable<Line>, options: Partial<DetectorOptions> = {}): { findings: Finding[]; told: Finding[] } {
  const findings = new Map<string, Finding>();
  const told: Finding[] = [];
  const detector = createDetector({
    behaviours: content.behaviours,
    ...options,
    sink: (finding) => {
      told.push(finding);
      findings.set(finding.id, finding);
    },
  });
  for (const line of lines) detector.push(line.log, line.record);
  detector.end();
  return { findings: [...findings.values()], told };
}

let serial = 0;

/** A flow; whatever is not given is that of an ordinary TLS connection. */
export function conn(ts: number, source: string, target: string, port: number, more: AnyRecord = {}): Line {
  serial++;
  return {
    log: 'conn',
    record: {
      ts,
      uid: `C${serial}`,
      'id.orig_h': source,
      'id.orig_p': 40_000 + (serial % 20_000),
      'id.resp_h': target,
      'id.resp_p': port,
      proto: 'tcp',
      conn_state: 'SF',
      history: 'ShADadFf',
      duration: 0.5,
      orig_bytes: 600,
      resp_bytes: 4_000,
      orig_pkts: 8,
      resp_pkts: 9,
      ...more,
    },
  };
}

/** A SYN that nobody answers. */
export function unanswered(ts: number, source: string, target: string, port: number): Line {
  return conn(ts, source, target, port, {
    conn_state: 'S0',
    history: 'S',
    orig_bytes: 0,
    resp_bytes: 0,
    resp_pkts: 0,
    orig_pkts: 1,
    duration: undefined,
  });
}

/** A record of another log on a flow. */
export function record(log: string, ts: number, source: string, target: string, port: number, more: AnyRecord): Line {
  serial++;
  return {
    log,
    record: { ts, uid: `C${serial}`, 'id.orig_h': source, 'id.orig_p': 50_000, 'id.resp_h': target, 'id.resp_p': port, ...more },
  };
}

/** Numbers of chance from a seed (mulberry32): 0 up to 1. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
