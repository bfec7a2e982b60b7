/** `forewarn range`: a scenario's traffic as a capture file, and the truth about it beside. */

import { closeSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nearest } from '@forewarn/base/nearest';
import { Refusal } from '@forewarn/base/refusal';
import { parseInstant } from '@forewarn/base/time';
import { contentFolder, readContentFiles } from '@forewarn/center/content';
import { assembleContent } from '@forewarn/model/content';
import { languages, render, type Language, type Words } from '@forewarn/model/text';
import { generate, type Recording } from '@forewarn/prepare/generate';
import { writePcap, type Packet } from '@forewarn/prepare/pcap';
import { readScenario, type Scenario } from '@forewarn/prepare/scenario/language';
import { BadUse, type Command, type Terminal } from './command.ts';
import { table } from './page.ts';

export const command: Command = {
  help: `Usage: forewarn range make SCENARIO --out FILE.pcap [--truth FILE.json] [--seed N]
       forewarn range list [--json]

Generates the traffic of a scenario: real, correct packets of an attack among those of many benign hosts, as a tap would
have seen them. SCENARIO is a name from "range list" or a YAML file. The same seed gives the same file, byte for byte;
another seed other hosts, ports, times and order. What happened is written to --truth and stands nowhere in the packets:
steps with from and to (RFC 3339, UTC), src and dst addresses, ATT&CK technique and harm.

    --out FILE        the capture (pcap, microseconds, Ethernet)
    --truth FILE      the truth as JSON
    --seed N          a whole number, 1 without it
    --start TIME      when the recording starts, RFC 3339; without it, as the scenario says
    --end TIME        when it ends; together with --start the scenario is spread between them
    --minutes N       how long it lasts; without it, as the scenario says
    --scale X         size of the crowds: 0.5 halves them, 1 without it
    --language L      en or zh; without it, the locale of the environment
    --json            print the account, or the list, as JSON`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        truth: { type: 'string' },
        seed: { type: 'string', default: '1' },
        start: { type: 'string' },
        end: { type: 'string' },
        minutes: { type: 'string' },
        scale: { type: 'string', default: '1' },
        language: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    const [verb, name, ...more] = positionals;
    const language = chosenLanguage(values.language, terminal);
    if (verb === 'list') {
      if (name !== undefined) throw new BadUse('"range list" takes no name.');
      return list(values.json ?? false, language, terminal);
    }
    if (verb !== 'make')
      throw new BadUse(verb === undefined ? 'Say what: make or list.' : `There is no "range ${verb}"; there are make and list.`);
    if (name === undefined || more.length > 0) throw new BadUse('Name one scenario.');
    if (values.out === undefined) throw new BadUse('Say where the capture goes: --out FILE.pcap.');
    if (values.out === values.truth) throw new BadUse('--out and --truth are the same file.');
    if (values.minutes !== undefined && values.start !== undefined && values.end !== undefined) {
      throw new BadUse('--start, --end and --minutes say the same thing twice; leave one out.');
    }
    const scenario = openScenario(name);
    const recording = generate(scenario, {
      seed: wholeNumber('--seed', values.seed),
      scale: positive('--scale', values.scale),
      ...(values.start === undefined ? {} : { startAt: parseInstant(values.start, '--start') }),
      ...(values.end === undefined ? {} : { endAt: parseInstant(values.end, '--end') }),
      ...(values.minutes === undefined ? {} : { seconds: 60 * positive('--minutes', values.minutes) }),
    });
    const written = write(recording, { out: values.out, ...(values.truth === undefined ? {} : { truth: values.truth }) });
    if (values.json) {
      const { truth } = recording;
      terminal.out(
        `${JSON.stringify({ scenario: truth.scenario, seed: truth.seed, start: truth.start, end: truth.end, out: values.out, truth: values.truth ?? null, ...written, steps: truth.steps.length })}\n`,
      );
      return 0;
    }
    const say = await speaker(language);
    terminal.out(
      `${say({ text: 'prepare.range.made', values: { file: values.out, packets: written.packets, bytes: written.bytes, start: recording.truth.start, end: recording.truth.end } })}\n`,
    );
    const rows = recording.truth.steps.map((step) => [
      step.from,
      step.to,
      step.technique,
      step.src.join(' '),
      step.dst.length > 1 ? say({ text: 'prepare.range.addresses', values: { count: step.dst.length } }) : step.dst.join(' '),
      step.name[language],
    ]);
    const heads = ['from', 'to', 'technique', 'src', 'dst', 'step'].map((head) => say({ text: `prepare.range.${head}` }));
    if (rows.length > 0) terminal.out(`${table([heads, ...rows])}\n`);
    return 0;
  },
};

const folder = join(contentFolder, 'scenarios');

/** Names of the scenarios in `content/scenarios`. */
const known = (): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .toSorted();

function openScenario(name: string): Scenario {
  const isFile = /[/\\]|\.ya?ml$/.test(name);
  if (!isFile && !known().includes(name)) {
    const near = nearest(name, known());
    throw new Refusal('range.scenario', `There is no scenario "${name}".`, {
      advice: `${near === undefined ? '' : `Did you mean "${near}"? `}"forewarn range list" shows them; a file of your own ends in .yaml.`,
    });
  }
  const file = isFile ? name : join(folder, `${name}.yaml`);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Refusal('file.unreadable', 'The scenario could not be read.', {
      place: { file },
      cause: error,
      advice: 'Name a readable YAML file.',
    });
  }
  return readScenario(text, file);
}

async function list(json: boolean, language: Language, terminal: Terminal): Promise<number> {
  const scenarios = known().map(openScenario);
  if (json) {
    terminal.out(
      `${JSON.stringify(scenarios.map(({ id, title, summary, steps, nearMisses }) => ({ id, title, summary, steps: steps.map((step) => ({ id: step.id, name: step.name, technique: step.technique, harm: step.harm })), nearMisses })))}\n`,
    );
    return 0;
  }
  terminal.out(`${table(scenarios.map(({ id, title }) => [id, title[language]]))}\n`);
  return 0;
}

/**
 * A name of passage for a file until it is whole. What exists and is no file (a pipe, a device) is written to as it is:
 * moving a file there would replace it.
 */
const passage = (file: string): string => ((statSync(file, { throwIfNoEntry: false })?.isFile() ?? true) ? `${file}.part` : file);

const arrive = (from: string, to: string): void => {
  if (from !== to) renameSync(from, to);
};

/** The capture and the truth; a full disk leaves nothing half done. */
function write(recording: Recording, files: { out: string; truth?: string }): { packets: number; bytes: number } {
  const out = passage(files.out);
  const truth = files.truth === undefined ? undefined : passage(files.truth);
  const account = { packets: 0, bytes: 0 };
  const counted = function* (): Generator<Packet> {
    for (const packet of recording.packets) {
      account.packets++;
      yield packet;
    }
  };
  try {
    const file = openSync(out, 'w');
    try {
      for (const chunk of writePcap(counted())) {
        for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at);
        account.bytes += chunk.length;
      }
    } finally {
      closeSync(file);
    }
    if (truth !== undefined) writeFileSync(truth, `${JSON.stringify(recording.truth, null, 2)}\n`);
    arrive(out, files.out);
    if (truth !== undefined) arrive(truth, files.truth!);
  } catch (error) {
    if (out !== files.out) rmSync(out, { force: true });
    if (truth !== undefined && truth !== files.truth) rmSync(truth, { force: true });
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new Refusal('file.unwritable', `The recording could not be written: ${error.message}.`, {
      place: { file: files.out },
      cause: error,
      advice: 'Nothing was left behind. Choose a folder that exists, may be written to and has room.',
    });
  }
  return account;
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new BadUse(`${option} takes a whole number, not "${text}".`);
  return Number(text);
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (!(number > 0 && Number.isFinite(number))) throw new BadUse(`${option} takes a number above 0, not "${text}".`);
  return number;
}

function chosenLanguage(text: string | undefined, terminal: Terminal): Language {
  if (text === undefined) return terminal.language;
  const language = languages.find((one) => one === text);
  if (!language) throw new BadUse(`There is no language "${text}"; there are ${languages.join(' and ')}.`);
  return language;
}

async function speaker(language: Language): Promise<(words: Words) => string> {
  const { content } = assembleContent(await readContentFiles(contentFolder, ['text']));
  return (words) => render(words, content.texts[language], language);
}
