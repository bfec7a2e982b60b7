/**
 * Sigma's own specification: its schemas and its samples. What the schemas call valid is read, what they call invalid is refused, and the
 * samples do on composed events what the specification says. The product's own rules are valid by the schemas too.
 */

import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { compile } from '@forewarn/model/query/evaluate';
import type { AnyRecord } from '@forewarn/model/records/record';
import { readText } from '@forewarn/model/yaml';
import { createCollection } from '@forewarn/detect/sigma/collection';
import { createCorrelator } from '@forewarn/detect/sigma/correlate';
import { readLogSources } from '@forewarn/detect/sigma/logsources';
import { readRules } from '@forewarn/detect/sigma/rule';

const root = new URL('../../../', import.meta.url).pathname;
const host = join(process.env['FOREWARN_DATA_SET'] ?? join(root, '../shared/data'), 'host');
const specification = join(host, 'sigma-specification');
const present = existsSync(specification);
if (!present) console.log(`not run: the data set is missing (${specification})`);

const logSources = readLogSources('logsources:\n  - when: { product: app }\n    logs: [app]\n', 'logsources.yaml');

type Document = { [name: string]: unknown };

function valueOf(text: string, file: string): Document {
  const read = readText(text, file);
  if (!read.ok) throw read.refusals[0]!;
  return read.value as Document;
}

/** A schema as a question. Conditions on the type of a correlation are asked by hand, since zod reads no if/then. */
function schemaOf(name: string): (document: Document) => string | undefined {
  const schema = JSON.parse(
    readFileSync(join(specification, `json-schema/sigma-${name}-schema.json`), 'utf8').replace(
      '2020-12/schema#',
      '2020-12/schema',
    ),
  ) as { properties: { correlation?: { allOf?: Conditional[] } } };
  type Conditional = {
    if: { properties: { type: { const: string } } };
    then: { required: string[]; condition?: { required: string[] } };
  };
  const conditionals = schema.properties.correlation?.allOf ?? [];
  delete schema.properties.correlation?.allOf;
  const plain = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  return (document) => {
    const error = plain.safeParse(document).error?.issues[0];
    if (error) return `${error.path.join('.')}: ${error.message}`;
    const correlation = document['correlation'] as Document | undefined;
    for (const { if: when, then } of conditionals) {
      if (correlation?.['type'] !== when.properties.type.const) continue;
      const missing = then.required.find((field) => !(field in correlation));
      if (missing !== undefined) return `correlation.${missing} is missing`;
      const condition = correlation['condition'] as Document | undefined;
      const inside = then.condition?.required.find((field) => !(field in (condition ?? {})));
      if (inside !== undefined) return `correlation.condition.${inside} is missing`;
    }
    return undefined;
  };
}

const kinds = [
  { name: 'detection-rule', folder: 'rules' },
  { name: 'correlation-rules', folder: 'correlation' },
  { name: 'filters', folder: 'filter' },
] as const;

const samples = (folder: string): { file: string; text: string }[] =>
  globSync(`tests/schema/${folder}/*.yml`, { cwd: specification })
    .sort()
    .map((file) => ({ file, text: readFileSync(join(specification, file), 'utf8') }));

const sample = (name: string): string => readFileSync(join(specification, `tests/schema/${name}.yml`), 'utf8');

/** A rule that holds for records of this kind, under the id or name that a sample refers to. */
const rule = (reference: string, kind: string, source = 'product: app'): string =>
  `title: Rule ${kind}\nid: ${reference}\nname: ${reference}\nlogsource: { ${source} }\ndetection:\n  s: { kind: ${kind} }\n  condition: s\n`;

/** Times at which what the sample describes held. */
function held(texts: readonly string[], records: readonly (AnyRecord & { ts: number })[]): number[] {
  const { rules, correlations, refusals } = createCollection(
    texts.map((text, i) => readRules(text, `${i}.yml`, logSources)),
    logSources,
  );
  expect(refusals).toEqual([]);
  const at: number[] = [];
  const correlator = createCorrelator(correlations, { lateness: 600, tell: ({ to }) => void at.push(to) });
  const tests = rules.map((one) => ({ id: one.id, matches: compile(one.predicate) }));
  for (const record of records) {
    for (const { id, matches } of tests) if (matches(record)) correlator.push(id, 'app', record, () => record.ts);
    correlator.advance(record.ts);
  }
  correlator.end();
  return at;
}

/** How many refusals there are of a document beside the rules that its sample, unbroken, refers to. */
function refusalsOf(document: Document, file: string, sampled: Document): number {
  const { rules = [] } = (sampled['correlation'] ?? sampled['filter'] ?? {}) as { rules?: string[] };
  // JSON is YAML.
  const loaded = [JSON.stringify(document), ...rules.map((id) => rule(id, 'x', 'category: process_creation, product: windows'))];
  return createCollection(
    loaded.map((text, i) => readRules(text, `${file} ${i}`, logSources)),
    logSources,
  ).refusals.length;
}

const many = (count: number, of: (i: number) => AnyRecord & { ts: number }): (AnyRecord & { ts: number })[] =>
  Array.from({ length: count }, (_, i) => of(i));

describe.skipIf(!present)('the specification of Sigma', () => {
  test('each sample is valid and read; the taxonomy ECS is refused by its name', () => {
    const told: string[] = [];
    for (const { name, folder } of kinds) {
      const error = schemaOf(name);
      for (const { file, text } of samples(folder)) {
        expect([file, error(valueOf(text, file))]).toEqual([file, undefined]);
        const { rules, correlations, filters, refusals } = readRules(text, file, logSources);
        told.push(`${file.split('/').slice(-2).join('/')} ${refusals[0]?.code ?? 'read'}`);
        expect(rules.length + correlations.length + filters.length + refusals.length).toBe(1);
      }
    }
    expect(told.filter((line) => !line.endsWith(' read'))).toEqual([
      'rules/rule_ecs.yml rule.taxonomy',
      'correlation/event_count_ecs.yml rule.taxonomy',
      'filter/filter_ecs.yml rule.taxonomy',
    ]);
    expect(told.length).toBe(12);
  });

  test('what a schema calls invalid is refused: each part that must be there taken out, each list of words given another', () => {
    // The schema wants group-by wherever there is a correlation; the text of the specification uses it only where it is wanted, and so do we.
    const lenient = new Set(['correlation.group-by']);
    let tried = 0;
    for (const { name, folder } of kinds) {
      const error = schemaOf(name);
      for (const { file, text } of samples(folder)) {
        if (text.includes('taxonomy:')) continue;
        const document = valueOf(text, file);
        expect([file, refusalsOf(document, file, document)]).toEqual([file, 0]);
        const broken: { what: string; document: Document }[] = [];
        const walk = (at: Document, path: string[]): void => {
          for (const key of Object.keys(at)) {
            const copy = structuredClone(document);
            let inside: Document = copy;
            for (const part of path) inside = inside[part] as Document;
            delete inside[key];
            broken.push({ what: [...path, key].join('.'), document: copy });
            if (typeof at[key] === 'object' && at[key] !== null && !Array.isArray(at[key]))
              walk(at[key] as Document, [...path, key]);
          }
        };
        walk(document, []);
        for (const [key, value] of [
          ['level', 'severe'],
          ['status', 'good'],
          ['title', ''],
        ] as const)
          broken.push({ what: `${key}: ${value}`, document: { ...document, [key]: value } });
        for (const one of broken) {
          const invalid = error(one.document) !== undefined;
          if (!invalid || lenient.has(one.what)) continue;
          tried++;
          expect([file, one.what, refusalsOf(one.document, file, document) > 0]).toEqual([file, one.what, true]);
        }
      }
    }
    console.log(`${tried} documents that the schemas call invalid are refused`);
    expect(tried).toBeGreaterThan(40);
  });

  test("the product's own documents are valid", () => {
    const schemas = Object.fromEntries(kinds.map(({ name }) => [name, schemaOf(name)]));
    const wrong: string[] = [];
    let documents = 0;
    for (const file of globSync('content/rules/*/**/*.yaml', { cwd: root }).sort()) {
      for (const text of readFileSync(join(root, file), 'utf8').split(/^---[ \t]*$/m)) {
        const document = valueOf(text, file);
        const name = 'correlation' in document ? 'correlation-rules' : 'filter' in document ? 'filters' : 'detection-rule';
        documents++;
        const error = schemas[name]!(document);
        if (error !== undefined) wrong.push(`${file}: ${error}`);
      }
    }
    console.log(`${documents} documents of the product`);
    expect(wrong).toEqual([]);
  });

  describe('the samples of correlations', () => {
    const logins = '5638f7c0-ac70-491d-8465-2a65075e0d86';

    test('event_count: the hundredth within the hour, of one computer', () => {
      const texts = [sample('correlation/event_count'), rule(logins, 'login')];
      const login = (i: number) => ({ ts: i * 30, kind: 'login', ComputerName: 'a' });
      expect(held(texts, many(99, login))).toEqual([]);
      expect(held(texts, many(100, login))[0]).toBe(99 * 30);
      expect(
        held(
          texts,
          many(100, (i) => ({ ...login(i), ComputerName: i % 2 ? 'a' : 'b' })),
        ),
      ).toEqual([]);
      // One second more than the hour between the first and the hundredth.
      expect(
        held(
          texts,
          many(100, (i) => ({ ...login(0), ts: i < 99 ? i : 3_601 })),
        ),
      ).toEqual([]);
    });

    test('value_count: a hundred users in a day, not one of them a hundred times', () => {
      const texts = [sample('correlation/value_count'), rule(logins, 'login')];
      const of = (user: (i: number) => string) =>
        many(100, (i) => ({ ts: i * 60, kind: 'login', ComputerName: 'a', WorkstationName: 'w', User: user(i) }));
      expect(
        held(
          texts,
          of((i) => `user${i}`),
        )[0],
      ).toBe(99 * 60);
      expect(
        held(
          texts,
          of(() => 'user'),
        ),
      ).toEqual([]);
    });

    test('value_sum, value_avg: of a user of an address', () => {
      const sum = [sample('correlation/value_sum'), rule('website_access', 'visit')];
      const visit = (ts: number, bytes: number) => ({ ts, kind: 'visit', SourceIP: '10.0.0.1', User: 'u', bytes_sent: bytes });
      expect(held(sum, [visit(0, 600_000), visit(60, 400_000)])).toEqual([]);
      expect(held(sum, [visit(0, 600_000), visit(60, 400_001)])).toEqual([60]);
      expect(held(sum, [visit(0, 600_000), visit(3_601, 400_001)])).toEqual([]);
      const average = [sample('correlation/value_avg'), rule('rule_a_id', 'visit')];
      const traffic = (ts: number, bytes: number) => ({ ts, kind: 'visit', SourceIP: '10.0.0.1', User: 'u', BytesOut: bytes });
      expect(held(average, [traffic(0, 400), traffic(60, 600)])).toEqual([]);
      expect(held(average, [traffic(0, 400), traffic(60, 700)])).toEqual([60]);
    });

    test('value_percentile: a name that is less than one in a hundred of the processes', () => {
      const texts = [sample('correlation/value_percentile'), rule('process_creation', 'process')];
      const start = (ts: number, image: string) => ({ ts, kind: 'process', ComputerName: 'a', Image: image });
      const usual = many(199, (i) => start(i, 'svchost.exe'));
      expect(held(texts, [...usual, start(300, 'odd.exe')])).toContain(300);
      expect(
        held(
          texts,
          usual.map((one, i) => (i % 10 === 0 ? { ...one, Image: 'often.exe' } : one)),
        ),
      ).not.toContain(190);
    });

    test('temporal: all within five minutes in any order; ordered: in this one only', () => {
      const rules = ['a', 'b', 'c'].map((kind) => rule(`recon_cmd_${kind}`, kind));
      const say = (kind: string, ts: number, user = 'u') => ({ ts, kind, ComputerName: 'x', User: user });
      const any = [sample('correlation/temporal'), ...rules];
      const ordered = [sample('correlation/temporal_ordered'), ...rules];
      const mixed = [say('c', 0), say('a', 100), say('b', 300)];
      const inOrder = [say('a', 0), say('b', 100), say('c', 300)];
      expect([held(any, mixed), held(any, inOrder)]).toEqual([[300], [300]]);
      expect([held(ordered, mixed), held(ordered, inOrder)]).toEqual([[], [300]]);
      const late = [say('a', 0), say('b', 100), say('c', 301)];
      const others = [say('a', 0), say('b', 100, 'v'), say('c', 300)];
      expect([held(any, late), held(ordered, late), held(any, others), held(ordered, others)]).toEqual([[], [], [], []]);
    });
  });

  test('the sample of a filter: its condition is asked besides that of the rules it names, and of no other', () => {
    const source = 'category: process_creation, product: windows';
    const named = ['6f3e2987-db24-4c78-a860-b4f4095a7095', 'df0841c0-9846-4e9f-ad8a-7df91571771b'];
    const texts = [sample('filter/filter_1'), ...named.map((id) => rule(id, 'start', source)), rule('another', 'start', source)];
    const { rules, refusals } = createCollection(
      texts.map((text, i) => readRules(text, `${i}.yml`, logSources)),
      logSources,
    );
    expect(refusals).toEqual([]);
    const holding = (user: string): string[] =>
      rules.filter(({ predicate }) => compile(predicate)({ kind: 'start', User: user })).map(({ id }) => id);
    expect(holding('adm_x')).toEqual([...named, 'another']);
    expect(holding('guest')).toEqual(['another']);
  });
});
