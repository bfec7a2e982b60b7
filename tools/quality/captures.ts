/** Findings on captures that nobody made for us: how often detection speaks up on traffic of all kinds. */

import { createReadStream, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Refusal } from '@forewarn/base/refusal';
import { createDetector } from '@forewarn/detect/detector';
import type { Finding } from '@forewarn/model/finding';
import { protocols } from '@forewarn/sense/protocols/index';
import { readCapture } from '@forewarn/sense/read';
import type { loadDetection } from './measure.ts';

export type CaptureFindings = { files: number; records: number; findings: { file: string; finding: Finding }[]; unread: number };

/** Looks at each capture below the folder by itself, with a detector of its own. */
export async function lookAtCaptures(
  folder: string,
  { content, indicators }: ReturnType<typeof loadDetection>,
): Promise<CaptureFindings> {
  const result: CaptureFindings = { files: 0, records: 0, findings: [], unread: 0 };
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(pcap|pcapng|cap|pcap\.gz|trace)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    const findings = new Map<string, Finding>();
    const detector = createDetector({
      rules: content.rules,
      indicators,
      behaviours: content.behaviours,
      tacticOf: content.tacticOf,
      sink: (finding) => void findings.set(finding.id, finding),
    });
    try {
      await readCapture(createReadStream(file), {
        sink: { record: (log, record) => detector.push(log, record) },
        protocols,
        uidSeed: file,
        file,
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      result.unread++;
      continue;
    }
    detector.end();
    result.files++;
    result.records += detector.counts.records;
    for (const finding of findings.values()) result.findings.push({ file: relative(folder, file), finding });
  }
  return result;
}
