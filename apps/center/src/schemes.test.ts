import { compileScheme } from '@forewarn/assess/grade';
import { expect, test } from 'vitest';
import { loadContent } from './content.ts';
import { leadingFirst, leadingScheme } from './schemes.ts';

test('the leading scheme stands first, its jurisdiction next, what was withdrawn last', async () => {
  const content = await loadContent();
  const ordered = leadingFirst([...content.schemes.values()].map((scheme) => compileScheme(scheme, content.facts))).map(
    ({ scheme }) => scheme,
  );
  expect(ordered[0]!.id).toBe(leadingScheme);
  expect(ordered.at(-1)!.withdrawn).toBeDefined();
  const jurisdictions = ordered.filter(({ withdrawn }) => withdrawn === undefined).map(({ jurisdiction }) => jurisdiction);
  expect(jurisdictions.lastIndexOf('CN')).toBe(jurisdictions.filter((one) => one === 'CN').length - 1);
  expect(new Set(ordered.map(({ id }) => id)).size).toBe(content.schemes.size);
});
