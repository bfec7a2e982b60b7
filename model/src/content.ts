/**
 * What experts edit, assembled: facts, gradings, laws and texts. Pure: takes the texts of files, gives checked values
 * or refusals that name file, line and field. The directory is read by `apps/center/src/content.ts`.
 */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { parseSpan } from '@forewarn/base/time';
import { checkScale, checkScheme, citations, unique } from './check-scheme.ts';
import { Collection } from './collection.ts';
import { resolve, type ConditionProblem } from './condition.ts';
import { FactDefinition, type FactCatalogue } from './facts.ts';
import { readFacts } from './factsheet.ts';
import { GradingScheme, Scale } from './grade.ts';
import { Law } from './duty.ts';
import { checkClasses, ClassCatalogue, classFact } from './incident-class.ts';
import { checkQuantification, QuantificationTable } from './quantification.ts';
import { languages, type Catalogue, type Language } from './text.ts';
import { readContent, type Path, type Read } from './yaml.ts';

/** A file below `content/`: its path with forward slashes, and its text. */
export type ContentFile = { readonly path: string; readonly text: string };

export type Content = {
  readonly facts: FactCatalogue;
  readonly schemes: ReadonlyMap<string, GradingScheme>;
  readonly laws: ReadonlyMap<string, Law>;
  /** Published scales that give a number, for comparison. */
  readonly scales: ReadonlyMap<string, Scale>;
  /** Classes of incidents; each catalogue is a fact as well. */
  readonly classes: ReadonlyMap<string, ClassCatalogue>;
  /** Published collections of incidents and how their rows are read. */
  readonly collections: ReadonlyMap<string, Collection>;
  /** The quantification table as it is proposed; it counts when it is signed. */
  readonly quantification: QuantificationTable | null;
  readonly texts: { readonly [language in Language]: Catalogue };
};

const FactFile = z.strictObject({ facts: z.array(FactDefinition).min(1).max(200) });
const TextFile = z.record(z.string().max(200), z.string().max(4000));

/** Assembles what it knows of; other folders of `content/` have their own readers and are passed over. */
export function assembleContent(files: Iterable<ContentFile>): { content: Content; refusals: Refusal[] } {
  const refusals: Refusal[] = [];
  const facts = new Map<string, FactDefinition>();
  const schemes = new Map<string, GradingScheme>();
  const laws = new Map<string, Law>();
  const scales = new Map<string, Scale>();
  const classes = new Map<string, ClassCatalogue>();
  const collections = new Map<string, Collection>();
  let quantification: QuantificationTable | null = null;
  const texts = Object.fromEntries(languages.map((language) => [language, new Map<string, string>()])) as {
    [language in Language]: Map<string, string>;
  };
  const take = <T>(read: Read<T>): (Read<T> & { ok: true }) | undefined => {
    if (read.ok) return read;
    refusals.push(...read.refusals);
    return undefined;
  };
  // Facts come first, since gradings and laws are checked against them.
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const aliases = new Set<string>();
  for (const file of sorted.filter(({ path }) => /^facts\/[^/]+\.yaml$/.test(path))) {
    const read = take(readContent(FactFile, file.text, file.path));
    read?.value.facts.forEach((definition, i) => {
      for (const id of [definition.id, ...(definition.aliases ?? [])]) {
        if (facts.has(id) || aliases.has(id))
          refusals.push(
            new Refusal('content.duplicate', `The fact "${id}" is defined twice.`, { place: read.place(['facts', i]) }),
          );
      }
      facts.set(definition.id, definition);
      for (const alias of definition.aliases ?? []) aliases.add(alias);
    });
  }
  for (const file of sorted.filter(({ path }) => /^classes\/[^/]+\.yaml$/.test(path))) {
    const read = take(readContent(ClassCatalogue, file.text, file.path));
    if (!read) continue;
    const problems = checkClasses(read.value);
    if (facts.has(read.value.fact)) problems.push({ path: ['fact'], message: `The fact "${read.value.fact}" is defined twice.` });
    refusals.push(...problems.map(({ path, message }) => new Refusal('content.schema', message, { place: read.place(path) })));
    classes.set(read.value.id, read.value);
    facts.set(read.value.fact, classFact(read.value));
  }
  // Without its facts every grading would be complained about, and the one true complaint be lost among them.
  if (refusals.length > 0)
    return { content: { facts, schemes, laws, scales, classes, collections, quantification, texts }, refusals };
  for (const file of sorted) {
    const [, kind, folder] = /^(gradings|laws|scales)\/([^/]+)\/(?:scheme|law|scale)\.yaml$/.exec(file.path) ?? [];
    if (kind === 'gradings') {
      const read = take(readContent(GradingScheme, file.text, file.path));
      if (!read) continue;
      const problems = [...checkFolder(read.value.id, folder!), ...checkScheme(read.value, facts)];
      refusals.push(...problems.map(({ path, message }) => new Refusal('content.schema', message, { place: read.place(path) })));
      schemes.set(read.value.id, read.value);
    } else if (kind === 'scales') {
      const read = take(readContent(Scale, file.text, file.path));
      if (!read) continue;
      const problems = [...checkFolder(read.value.id, folder!), ...checkScale(read.value, facts)];
      refusals.push(...problems.map(({ path, message }) => new Refusal('content.schema', message, { place: read.place(path) })));
      scales.set(read.value.id, read.value);
    } else if (kind === 'laws') {
      const read = take(readContent(Law, file.text, file.path));
      if (!read) continue;
      const problems = [...checkFolder(read.value.id, folder!), ...checkLaw(read.value, facts)];
      refusals.push(...problems.map(({ path, message }) => new Refusal('content.schema', message, { place: read.place(path) })));
      laws.set(read.value.id, read.value);
    }
    if (file.path === 'quantification/table.yaml') {
      const read = take(readContent(QuantificationTable, file.text, file.path));
      if (!read) continue;
      const problems = checkQuantification(read.value, facts);
      refusals.push(...problems.map(({ path, message }) => new Refusal('content.schema', message, { place: read.place(path) })));
      quantification = read.value;
    }
    if (/^collections\/[^/]+\.yaml$/.test(file.path)) {
      const read = take(readContent(Collection, file.text, file.path));
      if (!read) continue;
      const problems = checkCollection(read.value, facts);
      refusals.push(...problems.map(({ path, message }) => new Refusal('content.schema', message, { place: read.place(path) })));
      collections.set(read.value.id, read.value);
    }
    const language = languages.find((candidate) => file.path.startsWith(`text/${candidate}/`) && file.path.endsWith('.json'));
    if (language) {
      const read = take(readContent(TextFile, file.text, file.path));
      for (const [key, template] of Object.entries(read?.value ?? {})) texts[language].set(key, template);
    }
  }
  for (const language of languages)
    for (const [key, text] of derivedTexts({ facts, schemes, laws, scales }, language)) texts[language].set(key, text);
  return { content: { facts, schemes, laws, scales, classes, collections, quantification, texts }, refusals };
}

/** A collection may only state facts that there are. */
function checkCollection({ columns }: Collection, facts: FactCatalogue): ConditionProblem[] {
  return columns.flatMap(({ words, otherwise, number }, i) => [
    ...[...Object.entries(words ?? {}), ['otherwise', otherwise ?? {}] as const].flatMap(([word, stated]) => {
      const read = readFacts(stated, facts);
      if (read.ok) return [];
      return read.refusals.map(({ message }) => ({ path: ['columns', i, 'words', word], message }));
    }),
    ...(number && facts.get(number.fact)?.kind !== 'quantity'
      ? [{ path: ['columns', i, 'number', 'fact'], message: `"${number.fact}" is no quantity.` }]
      : []),
  ]);
}

function checkFolder(id: string, folder: string): ConditionProblem[] {
  return id === folder ? [] : [{ path: ['id'], message: `The id "${id}" must be the name of its folder, "${folder}".` }];
}

/** What a schema cannot say of a law. */
export function checkLaw(law: Law, facts: FactCatalogue): ConditionProblem[] {
  const problems: ConditionProblem[] = [];
  const cite = citations(law.sources, problems);
  const known = (ids: readonly string[], values: readonly string[], path: Path, what: string): void => {
    values.forEach((value, j) => {
      if (!ids.includes(value)) problems.push({ path: [...path, j], message: `The law declares no ${what} "${value}".` });
    });
  };
  const reporters = law.reporters.map(({ id }) => id);
  const recipients = law.recipients.map(({ id }) => id);
  const items = law.items.map(({ id }) => id);
  unique(
    law.duties.map(({ id }) => id),
    ['duties'],
    problems,
  );
  law.items.forEach((item, i) => cite(item.citations, ['items', i, 'citations']));
  law.channels?.forEach((channel, i) => cite(channel.citations, ['channels', i, 'citations']));
  law.standing?.forEach((duty, i) => cite(duty.citations, ['standing', i, 'citations']));
  law.duties.forEach((duty, i) => {
    const path = ['duties', i];
    known(reporters, duty.reporter, [...path, 'reporter'], 'reporter');
    known(recipients, duty.to, [...path, 'to'], 'recipient');
    known(items, duty.content, [...path, 'content'], 'item');
    known(
      law.duties.map(({ id }) => id),
      duty.after ?? [],
      [...path, 'after'],
      'duty',
    );
    cite(duty.citations, [...path, 'citations']);
    if (duty.when) resolve(duty.when, facts, problems, [...path, 'when']);
    if (duty.within !== 'promptly') {
      try {
        parseSpan(duty.within);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        problems.push({ path: [...path, 'within'], message: `${error.message} ${error.advice}` });
      }
    }
  });
  return problems;
}

/** Names that content gives to things, as texts: `fact.<id>`, `grade.<scheme>.level.<n>`, `law.<id>.duty.<id>`, … */
function* derivedTexts(
  { facts, schemes, laws, scales }: Pick<Content, 'facts' | 'schemes' | 'laws' | 'scales'>,
  language: Language,
): Iterable<[string, string]> {
  for (const scale of scales.values()) yield [`scale.${scale.id}`, scale.short[language]];
  for (const fact of facts.values()) {
    yield [`fact.${fact.id}`, fact.name[language]];
    if (fact.kind === 'term') for (const term of fact.terms) yield [`fact.${fact.id}.${term.id}`, term.name[language]];
    if (fact.kind === 'set') for (const member of fact.members) yield [`fact.${fact.id}.${member.id}`, member.name[language]];
  }
  for (const scheme of schemes.values()) {
    yield [`grade.${scheme.id}`, scheme.short[language]];
    for (const level of scheme.levels)
      yield [`grade.${scheme.id}.level.${level.level}`, `${level.roman} ${level.name[language]}`];
    for (const criterion of [...scheme.criteria, ...(scheme.matrices ?? [])]) {
      yield [`grade.${scheme.id}.criterion.${criterion.id}`, criterion.means[language]];
    }
    for (const band of scheme.score?.bands ?? []) yield [`grade.${scheme.id}.criterion.band-${band.level}`, band.means[language]];
    for (const source of scheme.sources) yield [`grade.${scheme.id}.source.${source.id}`, source.title[language]];
  }
  for (const law of laws.values()) {
    yield [`law.${law.id}`, law.short[language]];
    for (const duty of law.duties) yield [`law.${law.id}.duty.${duty.id}`, duty.means[language]];
    for (const party of law.reporters) yield [`law.${law.id}.reporter.${party.id}`, party.name[language]];
    for (const party of law.recipients) yield [`law.${law.id}.recipient.${party.id}`, party.name[language]];
    for (const item of law.items) yield [`law.${law.id}.item.${item.id}`, item.means[language]];
  }
}
