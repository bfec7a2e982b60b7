/** `forewarn detect`: captures and logs → findings. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describe } from '@forewarn/base/refusal';
import { formatInstant } from '@forewarn/base/time';
import { contentFolder, readContentFiles } from '@forewarn/center/content';
import { listFileNames, readAnyList, readWarningLists } from '@forewarn/center/indicators/read';
import { createCandidates } from '@forewarn/detect/candidates';
import { assembleDetection } from '@forewarn/detect/content';
import { createDetector } from '@forewarn/detect/detector';
import { Indicators } from '@forewarn/detect/indicators/indicators';
import { joinWarnings } from '@forewarn/detect/indicators/warnings';
import { createCollection } from '@forewarn/detect/sigma/collection';
import { assembleContent } from '@forewarn/model/content';
import type { Finding, IncidentCandidate } from '@forewarn/model/finding';
import { render, type Language, type Words } from '@forewarn/model/text';
import { BadUse, type Command, type Terminal } from './command.ts';
import { chosenLanguage } from './grade.ts';
import { readMapping } from './mapping.ts';
import { paint, paragraph, table, type Style } from './page.ts';
import { readRecords } from './records.ts';
import { listFiles, loadRules } from './rules.ts';

/** Findings that are kept for printing; somebody who gets more has a rule that is wrong for his network. */
const findingsMax = 200_000;

const levelStyles: { readonly [level in Finding['level']]: Style } = {
  critical: 'red',
  high: 'orange',
  medium: 'yellow',
  low: 'blue',
  informational: 'dim',
};

export const command: Command = {
  help: `Usage: forewarn detect FILE… [--rules PATH]… [--indicators PATH]… [--json]

Looks for unsafe signs in captures and logs, told by their content (forewarn read --help lists them), either compressed with
gzip; "-" is standard input. Logs are read together in the order of their times.

Findings come from Sigma rules about single records, from indicator lists and from behaviours (scan, beacon, guessed passwords, large
outbound transfer, new source of control commands), and are grouped into candidates for incidents.

    --rules PATH        Sigma rules besides the product's own: a file or a folder; may be repeated
    --indicators PATH   a list besides the product's own, or a folder of them; may be repeated: CSV with a header, one value a line, MISP
                        events (JSON, CSV), STIX 2.1 bundles with their patterns
    --warnings PATH     warning lists of MISP besides the product's own: what they name is no indicator; a file or a folder; may be repeated
    --only              leave out the product's own rules and lists
    --no-behaviours     leave out behaviours
    --mapping FILE      how a table or JSON of your own becomes records (docs/guide.md, 11); for all files named
    --network CIDR      an own network; may be repeated; without it the private ones (RFC 1918, RFC 4193)
    --candidates        with --json: also the incident candidates, as { "candidate": … }
    --language L        en or zh; without it, the locale of the environment
    --json              one finding a line, with its sentence as "sentence"`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        rules: { type: 'string', multiple: true },
        indicators: { type: 'string', multiple: true },
        warnings: { type: 'string', multiple: true },
        only: { type: 'boolean' },
        'no-behaviours': { type: 'boolean' },
        mapping: { type: 'string' },
        network: { type: 'string', multiple: true },
        candidates: { type: 'boolean' },
        language: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    if (positionals.length === 0) throw new BadUse('Name at least one capture or log, or "-" for standard input.');
    const language = chosenLanguage(values.language, terminal);
    const files = await readContentFiles(contentFolder, ['rules', 'behaviours', 'indicators', 'text']);
    const catalogue = assembleContent(files).content.texts[language];
    const say = (words: Words): string => render(words, catalogue, language);
    const { content } = assembleDetection(files);

    // What the product has is not taken again from a folder that is named; all of them may refer to one another.
    const known = new Set(values.only ? [] : [...content.rules, ...content.correlations].map(({ id }) => id));
    const isNew = ({ id }: { id: string }): boolean => !known.has(id);
    const added = loadRules(values.rules ?? [], content.logSources).map((one) => ({
      ...one,
      rules: one.rules.filter(isNew),
      correlations: one.correlations.filter(isNew),
    }));
    const { rules, correlations, refusals } = createCollection(
      [...(values.only ? [] : content.documents), ...added],
      content.logSources,
    );
    if (refusals.length > 0) {
      for (const refusal of refusals.slice(0, 20)) terminal.err(`forewarn: ${describe(refusal)}\n`);
      if (refusals.length > 20)
        terminal.err(`forewarn: ${say({ text: 'detect.cli.refused', values: { count: refusals.length } })}\n`);
    }

    const warned = (values.warnings ?? []).flatMap((named) => listFiles(named, /\.json$/));
    const indicators = new Indicators({
      warnings: joinWarnings([
        content.warnings,
        readWarningLists(warned.map((path) => ({ path, text: readFileSync(path, 'utf8') }))),
      ]),
      confidence: content.confidence,
    });
    const lists = values.only ? [] : listFiles(join(contentFolder, 'indicators'), /\.(csv|txt)$/);
    for (const path of [...lists, ...(values.indicators ?? []).flatMap((named) => listFiles(named, listFileNames))]) {
      const { entries } = readAnyList(readFileSync(path, 'utf8'), path);
      const taken = indicators.take(entries, { list: '', source: path.split('/').at(-1) ?? path });
      for (const refusal of taken.refusals.slice(0, 20)) terminal.err(`forewarn: ${describe(refusal)}\n`);
      if (taken.refused > 20)
        terminal.err(`forewarn: ${say({ text: 'detect.cli.left-out', values: { count: taken.refused - 20, file: path } })}\n`);
    }

    const findings = new Map<string, Finding>();
    const candidates = new Map<string, IncidentCandidate>();
    const grouping = createCandidates({
      settings: content.candidates,
      addressOf: (host) => detector.addressOf(host),
      ...(values.network === undefined ? {} : { localNetworks: values.network }),
      sink: {
        candidate: (candidate) => void candidates.set(candidate.id, candidate),
        merged: (gone) => void candidates.delete(gone),
      },
    });
    let beyond = 0;
    const detector = createDetector({
      rules,
      correlations,
      indicators,
      behaviours: values['no-behaviours'] ? [] : content.behaviours,
      tacticOf: content.tacticOf,
      ...(values.network === undefined ? {} : { localNetworks: values.network }),
      sink: (finding) => {
        grouping.push(finding);
        if (findings.size < findingsMax || findings.has(finding.id)) findings.set(finding.id, finding);
        else beyond++;
      },
    });
    const { failed } = await readRecords(positionals, terminal, (log, record) => detector.push(log, record), {
      ...(values.network === undefined ? {} : { networks: values.network }),
      formats: values.mapping === undefined ? undefined : readMapping(values.mapping),
      unread: (file, count, line) =>
        terminal.err(`forewarn: ${say({ text: 'detect.cli.unread', values: { file, count, line } })}\n`),
    });
    detector.end();

    const sorted = [...findings.values()].sort((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1));
    if (values.json) {
      for (const finding of sorted) terminal.out(`${JSON.stringify({ ...finding, sentence: say(finding.explanation) })}\n`);
      if (values.candidates) for (const candidate of candidates.values()) terminal.out(`${JSON.stringify({ candidate })}\n`);
    } else terminal.out(page(sorted, [...candidates.values()], say, terminal, language));
    const { counts } = detector;
    const summary = say({
      text: 'detect.cli.summary',
      values: {
        records: counts.records,
        findings: counts.findings,
        rate: counts.records === 0 ? 0 : Math.round((counts.findings * 1e7) / counts.records) / 10,
        rules: counts.rules + counts.correlations,
        indicators: counts.indicators,
        behaviours: counts.behaviours,
      },
    });
    // In a pipe of JSON the summary is no finding.
    (values.json ? terminal.err : terminal.out)(`${summary}\n`);
    if (counts.evictions + beyond > 0)
      terminal.err(`forewarn: ${say({ text: 'detect.cli.evicted', values: { count: counts.evictions + beyond } })}\n`);
    return failed > 0 || refusals.length > 0 ? 1 : 0;
  },
};

function page(
  findings: readonly Finding[],
  candidates: readonly IncidentCandidate[],
  say: (words: Words) => string,
  terminal: Terminal,
  language: Language,
): string {
  if (findings.length === 0) return `${say({ text: 'detect.cli.none' })}\n`;
  const head = ['time', 'level', 'rule', 'source', 'targets', 'technique', 'records'].map((name) =>
    paint(say({ text: `detect.cli.${name}` }), 'dim', terminal),
  );
  const rows = findings.map((finding) => [
    formatInstant(finding.from),
    paint(say({ text: `detect.level.${finding.level}` }), levelStyles[finding.level], terminal),
    clip(
      finding.rule.kind === 'behaviour' ? say({ text: `detect.${finding.rule.id.replace(':', '.')}` }) : finding.rule.name,
      44,
    ),
    finding.source,
    clip(
      finding.targets.length > 1
        ? `${finding.targets[0]} +${finding.targets.length - 1}`
        : (finding.targets[0] ?? finding.names[0] ?? ''),
      40,
    ),
    finding.technique.join(' '),
    finding.recordCount.toLocaleString(language === 'zh' ? 'zh-CN' : 'en-GB'),
  ]);
  const lines = [table([head, ...rows]), ''];
  for (const finding of findings) {
    lines.push(paragraph(say(finding.explanation).trim(), terminal, 4, `  ${paint('•', levelStyles[finding.level], terminal)} `));
  }
  lines.push('');
  if (candidates.length > 0) {
    lines.push(say({ text: 'detect.cli.candidates' }));
    for (const candidate of candidates) {
      lines.push(
        `  ${paint(formatInstant(candidate.from), 'bold', terminal)}  ${candidate.hosts.slice(0, 5).join(', ')}  ${candidate.weight}`,
      );
      for (const reason of candidate.reasons) lines.push(paragraph(say(reason), terminal, 6, '    – '));
    }
    lines.push('');
  }
  return lines.join('\n');
}

function clip(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
