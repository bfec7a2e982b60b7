/** What experts edit for detection, assembled: rules, log sources, behaviours' numbers, warning list, weights of candidates. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import type { ContentFile } from '@forewarn/model/content';
import { readContent } from '@forewarn/model/yaml';
import { checkSettings, readBehaviourSettings, type BehaviourSettings } from './behaviours/behaviour.ts';
import { behaviours as knownBehaviours } from './behaviours/index.ts';
import { readCandidateSettings, type CandidateSettings } from './candidates/settings.ts';
import { readConfidence, type ConfidenceSettings } from './indicators/confidence.ts';
import { readWarningList, type WarningList } from './indicators/warnings.ts';
import type { TacticOf } from './indicators/meet.ts';
import { checkSensorRule, type SensorRule, type SensorRules } from './sensors/watch.ts';
import { readLogSources, readPlaceholders, type LogSources } from './sigma/logsources.ts';
import { createCollection, type ResolvedCorrelation } from './sigma/collection.ts';
import { readRules, type LoadedRules, type SigmaRule } from './sigma/rule.ts';

export type DetectionContent = {
  logSources: LogSources;
  rules: SigmaRule[];
  correlations: ResolvedCorrelation[];
  /** As they were read, to be put together with documents of others. */
  documents: readonly LoadedRules[];
  behaviours: BehaviourSettings[];
  warnings: WarningList;
  /** What indicators are worth. */
  confidence: ConfidenceSettings;
  tacticOf: TacticOf;
  candidates: CandidateSettings;
  sensors: SensorRules;
};

const Techniques = z.strictObject({ techniques: z.record(z.string().regex(/^T\d{4}(\.\d{3})?$/), z.string()) });

/**
 * Assembles from files below `content/`, paths from there. Rules that do not compile come back as refusals beside the rest; a
 * missing or wrong settings file throws its refusal, because without it detection would be silently weaker.
 */
export function assembleDetection(files: Iterable<ContentFile>): { content: DetectionContent; refusals: Refusal[] } {
  const byPath = new Map([...files].map((file) => [file.path, file.text]));
  const need = (path: string): string => {
    const text = byPath.get(path);
    if (text === undefined)
      throw new Refusal('content.missing', `The file ${path} is missing.`, {
        place: { file: path },
        advice: 'Restore it from the release.',
      });
    return text;
  };
  const placeholders = readPlaceholders(need('rules/placeholders.yaml'), 'rules/placeholders.yaml');
  const logSources = readLogSources(need('rules/logsources.yaml'), 'rules/logsources.yaml', placeholders);
  const read = readContent(Techniques, need('rules/techniques.yaml'), 'rules/techniques.yaml');
  if (!read.ok) throw read.refusals[0]!;
  const tactics = new Map(Object.entries(read.value.techniques));
  const documents = [...byPath]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .filter(([path]) => /^rules\/.+\/[^/]+\.ya?ml$/.test(path))
    .map(([path, text]) => readRules(text, path, logSources));
  const { rules, correlations, refusals } = createCollection(documents, logSources);
  const sensorRule = (rule: SensorRule) => {
    const path = `behaviours/${rule}.yaml`;
    return checkSensorRule(rule, readBehaviourSettings(need(path), path));
  };
  const behaviours = knownBehaviours.map((behaviour) => {
    const path = `behaviours/${behaviour.id}.yaml`;
    const settings = readBehaviourSettings(need(path), path);
    checkSettings(behaviour, settings);
    return settings;
  });
  return {
    content: {
      logSources,
      rules,
      correlations,
      documents,
      behaviours,
      warnings: readWarningList(need('indicators/warninglist.yaml'), 'indicators/warninglist.yaml'),
      confidence: readConfidence(need('indicators/confidence.yaml'), 'indicators/confidence.yaml'),
      tacticOf: (technique) => tactics.get(technique) ?? tactics.get(technique.split('.')[0]!),
      candidates: readCandidateSettings(need('behaviours/candidates.yaml'), 'behaviours/candidates.yaml'),
      sensors: { 'silent-sensor': sensorRule('silent-sensor'), 'dropping-sensor': sensorRule('dropping-sensor') },
    },
    refusals,
  };
}
