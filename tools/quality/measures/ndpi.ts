/** The risks that nDPI's own results name (net/ndpi): which of them are told, kind by kind. */

import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '@forewarn/base/refusal';
import { createDetector } from '@forewarn/detect/detector';
import { protocols } from '@forewarn/sense/protocols/index';
import { readCapture } from '@forewarn/sense/read';
import type { loadDetection } from '../measure.ts';
import { dataFolder, type Measure } from './measure.ts';

type Flow = { src: string; dst: string; risks?: string[]; proto: string | null };
type Capture = { pcap: string; flows: Flow[] };

const folder = join(dataFolder, 'net/ndpi');

/** Who shall tell a kind of risk: a behaviour, and rules that count for it as well. */
const kinds: readonly { risk: string; behaviour: string; rules?: RegExp }[] = [
  { risk: 'Known Proto on Non Std Port', behaviour: 'wrong-port' },
  { risk: 'TLS Cert Expired', behaviour: 'certificates' },
  { risk: 'Self-signed Cert', behaviour: 'certificates' },
  { risk: 'TLS Cert Validity Too Long', behaviour: 'certificates' },
  { risk: 'TLS Cert Mismatch', behaviour: 'certificates' },
  { risk: 'TLS Cert About To Expire', behaviour: 'certificates' },
  { risk: 'Susp DGA Domain name', behaviour: 'generated-names', rules: /^behaviour:dns-tunnel$/ },
  { risk: 'Susp DNS Traffic', behaviour: 'dns-tunnel', rules: /encoded name/i },
];

/** An address without its port: `10.0.0.1:80`, `[2001:db8::1]:80`. */
const hostOf = (end: string): string =>
  end.startsWith('[')
    ? end.slice(1, end.indexOf(']'))
    : end.slice(0, end.lastIndexOf(':') < 0 ? end.length : end.lastIndexOf(':'));

type Told = { rule: string; name: string; hosts: Set<string> };

export type Labelled = { flow: Flow; told: readonly Told[] }[];

let read: Promise<{ flows: Labelled; records: number; told: Map<string, number> }> | undefined;

/** Every capture by itself, and for each labelled flow what was told about its two hosts in that capture. */
function readAll({ content, indicators }: ReturnType<typeof loadDetection>): NonNullable<typeof read> {
  read ??= (async () => {
    const flows: Labelled = [];
    const told = new Map<string, number>();
    let records = 0;
    for (const { pcap, flows: labels } of JSON.parse(readFileSync(join(folder, 'flows.json'), 'utf8')) as Capture[]) {
      const findings = new Map<string, Told>();
      const detector = createDetector({
        rules: content.rules,
        correlations: content.correlations,
        indicators,
        behaviours: content.behaviours,
        sink: (finding) =>
          void findings.set(finding.id, {
            rule: finding.rule.id,
            name: finding.rule.name,
            hosts: new Set([finding.source, ...finding.targets]),
          }),
      });
      try {
        await readCapture(createReadStream(join(folder, pcap)), {
          sink: { record: (log, record) => detector.push(log, record) },
          protocols,
          uidSeed: pcap,
          file: pcap,
        });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
      }
      detector.end();
      records += detector.counts.records;
      const all = [...findings.values()];
      for (const { name } of all) told.set(name, (told.get(name) ?? 0) + 1);
      for (const flow of labels) {
        const [one, other] = [hostOf(flow.src), hostOf(flow.dst)];
        flows.push({
          flow,
          told: all.filter(
            ({ hosts, rule }) =>
              hosts.has(one) && (hosts.has(other) || rule === 'behaviour:dns-tunnel' || rule === 'behaviour:generated-names'),
          ),
        });
      }
    }
    return { flows, records, told };
  })();
  return read;
}

/** Every kind of risk: how many flows bear it, and of how many anything at all was told. */
export async function allRisks(
  detection: ReturnType<typeof loadDetection>,
): Promise<{ risk: string; flows: number; told: number }[] | undefined> {
  if (!existsSync(folder)) return undefined;
  const { flows } = await readAll(detection);
  const counts = new Map<string, { flows: number; told: number }>();
  for (const { flow, told } of flows) {
    for (const risk of flow.risks ?? []) {
      const of = counts.get(risk) ?? { flows: 0, told: 0 };
      of.flows++;
      if (told.length > 0) of.told++;
      counts.set(risk, of);
    }
  }
  return [...counts].map(([risk, of]) => ({ risk, ...of })).sort((a, b) => b.flows - a.flows);
}

const measured = ({ risk, behaviour, rules }: (typeof kinds)[number]): Measure => {
  const head = {
    behaviour,
    on: `net/ndpi: ${risk}`,
    kind: 'data',
    about: `flows that nDPI (LGPL-3) gives the risk “${risk}”; found when something of the kind is told about the two hosts. Other findings are not judged.`,
  } as const;
  return {
    ...head,
    run: async (detection) => {
      if (!existsSync(folder)) return undefined;
      const { flows, records } = await readAll(detection);
      const own = flows.filter(({ flow }) => flow.risks?.includes(risk));
      const tells = ({ told }: Labelled[number]): boolean =>
        told.some(
          ({ rule, name }) => rule === `behaviour:${behaviour}` || rules?.test(rule) === true || rules?.test(name) === true,
        );
      const missed = own.filter((of) => !tells(of));
      return {
        ...head,
        records,
        expected: own.length,
        found: own.length - missed.length,
        findings: own.length - missed.length,
        wrong: 0,
        others: 0,
        partial: true,
        delay: undefined,
        lead: undefined,
        missed: Object.entries(
          Object.groupBy(
            missed,
            ({ flow }) => `${flow.proto ?? 'unknown'} at port ${flow.dst.slice(flow.dst.lastIndexOf(':') + 1)}`,
          ),
        )
          .sort((a, b) => b[1]!.length - a[1]!.length)
          .map(([what, of]) => `${what}${of!.length > 1 ? ` (${of!.length})` : ''}`),
      };
    },
  };
};

export const ndpi: readonly Measure[] = kinds.map(measured);
