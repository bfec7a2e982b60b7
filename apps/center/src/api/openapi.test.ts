import { expect, test } from 'vitest';
import { openApiDocument } from './openapi.ts';
import { routes } from './routes.ts';

const document = openApiDocument(routes, '0.0.0') as {
  paths: { [path: string]: { [method: string]: { operationId: string; summary: string; 'x-access': string } } };
};

function* references(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const one of value) yield* references(one);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) {
      if (key === '$ref') yield String(one);
      else yield* references(one);
    }
  }
}

test('every reference of the document leads somewhere in it', () => {
  const lost = new Set<string>();
  for (const reference of references(document)) {
    let at: unknown = document;
    for (const part of reference.replace('#/', '').split('/')) at = (at as { [key: string]: unknown } | undefined)?.[part];
    if (at === undefined) lost.add(reference);
  }
  expect([...lost]).toEqual([]);
});

test('every operation has a name of its own, a sentence, and says who may', () => {
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  expect(operations.filter(({ summary, 'x-access': access }) => summary.length < 10 || access === '')).toEqual([]);
});

test('a text in a text is said by reference, not without end', () => {
  expect(JSON.stringify(document)).toContain(
    '"additionalProperties":{"anyOf":[{"type":"string"},{"type":"number"},{"$ref":"#/components/schemas/Words"},',
  );
});
