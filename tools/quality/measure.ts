/**
 * How good detection is: scenarios are generated with their truth, read by the capture engine, looked at by the detector, and the findings
 * held against the truth. The detector never sees the truth.
 */

import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseInstant } from '@forewarn/base/time';
import { createCandidates } from '@forewarn/detect/candidates';
import { assembleDetection, type DetectionContent } from '@forewarn/detect/content';
import { createDetector } from '@forewarn/detect/detector';
import { Indicators } from '@forewarn/detect/indicators/indicators';
import type { ContentFile } from '@forewarn/model/content';
import type { Finding, IncidentCandidate } from '@forewarn/model/finding';
import { generate, type Truth, type TrueStep } from '@forewarn/prepare/generate';
import { pcapHeader } from '@forewarn/prepare/pcap';
import { readScenario, type Scenario } from '@forewarn/prepare/scenario/language';
import { createEngine } from '@forewarn/sense/engine';
import { protocols } from '@forewarn/sense/protocols/index';

export const root = resolve(import.meta.dirname, '../..');

/** Files below `content/` that detection reads. */
export function detectionFiles(): ContentFile[] {
  const content = join(root, 'content');
  return ['rules', 'behaviours', 'indicators'].flatMap((folder) =>
    readdirSync(join(content, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => ({ path: relative(content, path), text: readFileSync(path, 'utf8') })),
  );
}

export function loadDetection(): { content: DetectionContent; indicators: Indicators } {
  const { content, refusals } = assembleDetection(detectionFiles());
  if (refusals.length > 0) throw new AggregateError(refusals, 'content');
  const indicators = new Indicators({ warnings: content.warnings });
  const demo = join(root, 'content/indicators/demo.csv');
  indicators.load(readFileSync(demo, 'utf8'), 'demo.csv');
  return { content, indicators };
}

export function loadScenarios(): Scenario[] {
  const folder = join(root, 'content/scenarios');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => readScenario(readFileSync(join(folder, name), 'utf8'), name));
}

/** A finding with the time of the packet at which it was first told. */
export type Told = Finding & { toldAt: number };

export type StepResult = { step: TrueStep; found: Told | undefined; delay: number | undefined };

export type Quality = {
  scenario: string;
  seed: number;
  packets: number;
  records: number;
  findings: Told[];
  steps: StepResult[];
  /** Findings above informational that belong to no step, and those of them whose source had no part in any. */
  stray: Told[];
  onBenign: Told[];
  candidates: IncidentCandidate[];
  truth: Truth;
  evictions: number;
};

/** Runs one scenario with one seed. */
export function measure(scenario: Scenario, seed: number, { content, indicators }: ReturnType<typeof loadDetection>): Quality {
  const recording = generate(scenario, { seed });
  const findings = new Map<string, Told>();
  const candidates = new Map<string, IncidentCandidate>();
  let clock = recording.startAt;
  const grouping = createCandidates({
    settings: content.candidates,
    addressOf: (host) => detector.addressOf(host),
    sink: {
      candidate: (candidate) => void candidates.set(candidate.id, candidate),
      merged: (gone) => void candidates.delete(gone),
    },
  });
  const detector = createDetector({
    rules: content.rules,
    indicators,
    behaviours: content.behaviours,
    tacticOf: content.tacticOf,
    sink: (finding) => {
      findings.set(finding.id, { ...finding, toldAt: findings.get(finding.id)?.toldAt ?? clock });
      grouping.push(finding);
    },
  });
  const engine = createEngine({ sink: { record: (log, record) => detector.push(log, record) }, protocols, uidSeed: seed });
  engine.push(pcapHeader());
  let packets = 0;
  // Packet by packet, so that the clock is that of the packet which brought the finding.
  for (const { ts, bytes } of recording.packets) {
    clock = ts;
    packets++;
    const frame = new Uint8Array(16 + bytes.length);
    const view = new DataView(frame.buffer);
    const microseconds = Math.round(ts * 1e6);
    view.setUint32(0, Math.floor(microseconds / 1e6), true);
    view.setUint32(4, microseconds % 1e6, true);
    view.setUint32(8, bytes.length, true);
    view.setUint32(12, bytes.length, true);
    frame.set(bytes, 16);
    engine.push(frame);
  }
  engine.end();
  detector.end();
  const { truth } = recording;
  const all = [...findings.values()];
  const steps = truth.steps.map((step): StepResult => {
    const found = all.filter((finding) => tellsStep(finding, step)).sort((a, b) => a.toldAt - b.toldAt)[0];
    return { step, found, delay: found && found.toldAt - parseInstant(step.from) };
  });
  // What is informational accuses nobody.
  const accusing = all.filter(({ level }) => level !== 'informational');
  const stray = accusing.filter((finding) => !truth.steps.some((step) => tellsStep(finding, step)));
  const malicious = new Set(truth.malicious);
  return {
    scenario: scenario.id,
    seed,
    packets,
    records: detector.counts.records,
    findings: all,
    steps,
    stray,
    onBenign: accusing.filter((finding) => !malicious.has(finding.source)),
    candidates: [...candidates.values()],
    truth,
    evictions: detector.counts.evictions,
  };
}

/**
 * Whether a finding tells the step: the step's host, its time, its technique (or one above or below it), and somebody of the step as target – or a
 * question to a name server, which has no target.
 */
export function tellsStep(finding: Finding, step: TrueStep): boolean {
  if (!step.src.includes(finding.source)) return false;
  if (finding.to < parseInstant(step.from) - 1 || finding.from > parseInstant(step.to) + 1) return false;
  if (!finding.technique.some((technique) => technique.split('.')[0] === step.technique.split('.')[0])) return false;
  return finding.targets.length === 0 ? finding.names.length > 0 : finding.targets.some((target) => step.dst.includes(target));
}
