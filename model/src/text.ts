/**
 * Words for people. The verbs return keys and values; the catalogues stand in `content/text/<language>/`; this renderer
 * serves web, mail, documents and command line alike.
 */

import { z } from 'zod';

export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];

/** A text by its key, and the values that fill its places. A value may itself be words, or a list of them. */
export type Words = { text: string; values?: { [name: string]: string | number | Words | readonly (string | Words)[] } };

/** Longest list in a sentence; nobody reads further. */
const listMax = 100;

export const Words: z.ZodType<Words> = z.object({
  text: z.string().max(200),
  values: z
    .record(
      z.string(),
      z.union([z.string(), z.number(), z.lazy(() => Words), z.array(z.union([z.string(), z.lazy(() => Words)])).max(listMax)]),
    )
    .optional(),
});

/** A name that experts or organisations gave in both languages. */
export const LocalText = z.strictObject({ en: z.string().min(1).max(500), zh: z.string().min(1).max(500) });
export type LocalText = z.infer<typeof LocalText>;

/** Key to template, of one language. */
export type Catalogue = ReadonlyMap<string, string>;

/** Deepest nesting of words in words; a message that needs more is not a sentence. */
const depthMax = 5;

/**
 * Fills a template: `{name}` becomes the value, numbers written by the language's habit. A key that is missing comes
 * back in brackets, so that it is seen; a test proves that none is missing.
 */
export function render(words: Words, catalogue: Catalogue, language: Language, depth = 0): string {
  const template = catalogue.get(words.text);
  if (template === undefined || depth > depthMax) return `[${words.text}]`;
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = words.values?.[name];
    if (value === undefined) return whole;
    if (typeof value === 'number') return value.toLocaleString(language === 'zh' ? 'zh-CN' : 'en-GB');
    if (typeof value === 'string') return value;
    const part = (one: string | Words): string => (typeof one === 'string' ? one : render(one, catalogue, language, depth + 1));
    return isList(value) ? value.map(part).join(language === 'zh' ? '、' : ', ') : part(value);
  });
}

/** Whether a value is a list; `Array.isArray` does not know read-only ones. */
export function isList(value: string | Words | readonly (string | Words)[]): value is readonly (string | Words)[] {
  return Array.isArray(value);
}
