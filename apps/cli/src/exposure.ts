/** `forewarn exposure`: an inventory and vulnerabilities → who is exposed to what, in the order in which to act. */

import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { describe, Refusal } from '@forewarn/base/refusal';
import { formatInstant } from '@forewarn/base/time';
import { loadContent, readContentFiles, contentFolder } from '@forewarn/center/content';
import { readAdvisory } from '@forewarn/know/exposure/csaf';
import { readCveRecord } from '@forewarn/know/exposure/cve-record';
import { readDecisionTables, type DecisionTable } from '@forewarn/know/exposure/decision';
import { readExploited, readProbabilities } from '@forewarn/know/exposure/exploited';
import { exposuresOf, inOrder, Inventory, type Exposure, type InventoryItem } from '@forewarn/know/exposure/exposure';
import { readBill, readInventoryTable } from '@forewarn/know/exposure/inventory';
import type { Vulnerability } from '@forewarn/know/exposure/vulnerability';
import { render, type Language, type Words } from '@forewarn/model/text';
import { BadUse, type Command, type Terminal } from './command.ts';
import { chosenLanguage } from './grade.ts';
import { table as aligned } from './page.ts';

const tablesPath = 'exposure/ssvc.yaml';

export const command: Command = {
  help: `Usage: forewarn exposure INVENTORY… --vulnerabilities FILE… [--exploited KEV.json] [--probabilities EPSS.csv] [--json]

Compares an inventory with vulnerabilities and says who is exposed to what, the most urgent first. Versions are compared by the
rules of their makers; where a version is not known, or cannot be compared, the answer is "possibly". How urgent it is decides a
table of SSVC from what is known: from the mildest decision that is certain to the gravest that is possible.

INVENTORY is a table (CSV: organisation, asset, purl, cpe, vendor, product, version, exposure, impact) or a bill of materials in
CycloneDX (JSON). Vulnerabilities are CVE records (JSON 5), lists of them, or advisories in CSAF 2.0.

    --vulnerabilities FILE   may be repeated
    --exploited FILE         CISA's catalogue of known exploited vulnerabilities
    --probabilities FILE     FIRST's scores (EPSS, CSV)
    --table ID               deployer (default) or another table of content/exposure/ssvc.yaml
    --language L             en or zh; without it, the locale of the environment
    --json                   an array of exposures instead of text`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        vulnerabilities: { type: 'string', multiple: true },
        exploited: { type: 'string' },
        probabilities: { type: 'string' },
        table: { type: 'string', default: 'deployer' },
        language: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    const language = chosenLanguage(values.language, terminal);
    if (positionals.length === 0) throw new BadUse('Name at least one inventory.');
    if (!values.vulnerabilities) throw new BadUse('Name vulnerabilities with --vulnerabilities FILE.');
    const table = await tableOf(values.table);
    let failed = 0;
    const tell = (refusal: Refusal): void => {
      failed++;
      terminal.err(`forewarn: ${describe(refusal)}\n`);
    };
    const items: InventoryItem[] = [];
    for (const file of positionals) {
      const text = await textOf(file);
      if (/^\s*\{/.test(text)) items.push(...readBill(jsonOf(text, file), file));
      else {
        const read = readInventoryTable(text, file);
        items.push(...read.items);
        for (const refusal of read.refusals) tell(refusal);
      }
    }
    const vulnerabilities: Vulnerability[] = [];
    for (const file of values.vulnerabilities)
      vulnerabilities.push(...readVulnerabilities(jsonOf(await textOf(file), file), file));
    const exploited =
      values.exploited === undefined ? [] : readExploited(jsonOf(await textOf(values.exploited), values.exploited)).exploited;
    const known = {
      table,
      exploited: new Map(exploited.map((entry) => [entry.id, entry])),
      ...(values.probabilities === undefined
        ? {}
        : { probabilities: readProbabilities(await textOf(values.probabilities)).scores }),
    };
    const inventory = new Inventory(items);
    for (const { asset } of inventory.unreadable) {
      tell(new Refusal('exposure.inventory', `The product of "${asset}" has no name that can be read.`, { advice: 'Give a purl, a cpe, or product.' })); // oxfmt-ignore
    }
    const found = inOrder(vulnerabilities.flatMap((one) => exposuresOf(one, inventory, known)), table); // oxfmt-ignore
    if (values.json) terminal.out(`${JSON.stringify(found.map(view), null, 2)}\n`);
    else await write(found, { products: inventory.size, vulnerabilities: vulnerabilities.length }, table, language, terminal);
    return failed > 0 ? 1 : 0;
  },
};

async function tableOf(id: string): Promise<DecisionTable> {
  const files = await readContentFiles(contentFolder, ['exposure']);
  const tables = readDecisionTables(files.find(({ path }) => path === tablesPath)?.text ?? '', tablesPath);
  const table = tables.find((one) => one.id === id);
  if (!table) throw new BadUse(`There is no table "${id}"; there are ${tables.map((one) => one.id).join(', ')}.`);
  return table;
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new Refusal('file.unreadable', `The file cannot be read (${code}).`, {
      place: { file },
      advice: 'Check its name and your rights.',
      cause: error,
    });
  }
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch (error) {
    throw new Refusal('exposure.json', 'The file is no JSON.', {
      place: { file },
      advice: 'Give it as its maker publishes it, unpacked.',
      cause: error,
    });
  }
}

/** One record, a list of records, or an advisory; each says by itself what it is. */
function readVulnerabilities(json: unknown, file: string): Vulnerability[] {
  try {
    if (Array.isArray(json)) return json.flatMap((one: unknown) => readCveRecord(one) ?? []);
    if (typeof json === 'object' && json !== null && 'document' in json) return readAdvisory(json);
    return [readCveRecord(json) ?? []].flat();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(error.code, error.message, { place: { file, ...error.place }, advice: error.advice, cause: error });
  }
}

const named = ({ organisation, asset, purl, cpe, vendor, product, version }: InventoryItem) => ({
  organisation,
  asset,
  product: purl ?? cpe ?? [vendor, product].filter(Boolean).join(' '),
  version: version ?? null,
});

const view = ({ vulnerability, item, is, by, decision, exploited, probability, due }: Exposure) => ({
  vulnerability: vulnerability.id,
  title: vulnerability.title,
  ...named(item),
  is,
  by,
  decision,
  exploited: exploited !== undefined,
  ransomware: exploited?.ransomware ?? false,
  probability: probability ?? null,
  cvss: vulnerability.cvss,
  due: due === undefined ? null : formatInstant(due),
});

/** Rows that are written as text; who needs all of them asks for JSON. */
const rowsMax = 200;

async function write(
  found: readonly Exposure[],
  read: { products: number; vulnerabilities: number },
  table: DecisionTable,
  language: Language,
  terminal: Terminal,
): Promise<void> {
  const { texts } = await loadContent();
  const t = (words: Words): string => render(words, texts[language], language);
  const surely = found.filter(({ is }) => is === 'exposed').length;
  terminal.out(
    `${t({ text: 'exposure.summary', values: { ...read, exposed: surely, possibly: found.length - surely, table: table.title[language] } })}\n`,
  );
  if (found.length === 0) return;
  const head = ['urgency', 'is', 'vulnerability', 'asset', 'product', 'due', 'left'].map((name) =>
    t({ text: `exposure.column.${name}` }),
  );
  const rows = found.slice(0, rowsMax).map(({ vulnerability, item, is, decision, due }) => {
    const { asset, organisation, product, version } = named(item);
    const left = due === undefined ? undefined : due - terminal.now();
    return [
      decision.floor === decision.ceiling ? decision.floor : `${decision.floor} … ${decision.ceiling}`,
      t({ text: `exposure.is.${is}` }),
      vulnerability.id,
      organisation === '' ? asset : `${asset} (${organisation})`,
      version === null ? product : `${product} ${product.endsWith(version) ? '' : version}`.trim(),
      due === undefined ? '–' : formatInstant(due - 1).slice(0, 10),
      left === undefined
        ? '–'
        : t({ text: left < 0 ? 'exposure.overdue' : 'exposure.left', values: { days: Math.floor(Math.abs(left) / 86_400) } }),
    ];
  });
  terminal.out(`${aligned([head, ...rows])}\n`);
  if (found.length > rowsMax) terminal.out(`${t({ text: 'exposure.more', values: { count: found.length - rowsMax } })}\n`);
}
