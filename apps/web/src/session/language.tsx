/** The texts of the workbench: catalogues from the centre, rendered by the one renderer of the model. */

import { render, type Catalogue, type Language, type LocalText, type Words } from '@forewarn/model/text';
import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { ask } from './api.ts';
import { keep, recall } from './preferences.ts';

export type Values = NonNullable<Words['values']>;

export type Texts = {
  language: Language;
  /** BCP 47, for dates, numbers and the document. */
  locale: string;
  /** A text of the workbench by key. */
  t: (key: string, values?: Values) => string;
  /** Words that the centre sent; a plain text stays as it is. */
  w: (words: Words | string) => string;
  /** A name given in both languages. */
  l: (name: LocalText | null | undefined) => string;
  /** A person's name in the script of the language, where it is written in both: `Lin Wei 林维`. */
  person: (name: string) => string;
  /** A number by the language's habit. */
  n: (value: number, digits?: number) => string;
  setLanguage: (language: Language) => void;
};

/** `Lin Wei 林维` is Lin Wei in English and 林维 in Chinese; other names stay as they are. */
export function personName(name: string, language: Language): string {
  const both = /^([^\p{Script=Han}]+?)\s+(\p{Script=Han}+)$/u.exec(name);
  if (both === null) return name;
  return language === 'zh' ? both[2]! : both[1]!;
}

const TextsContext = createContext<Texts | null>(null);

export const localeOf: { [language in Language]: string } = { en: 'en-GB', zh: 'zh-CN' };

export function firstLanguage(): Language {
  const kept = recall<string | null>('language', null);
  if (kept === 'en' || kept === 'zh') return kept;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

export async function loadCatalogue(language: Language): Promise<Catalogue> {
  return new Map(Object.entries(await ask<{ [key: string]: string }>('GET', `/languages/${language}`)));
}

export function TextsProvider({ first, catalogue, children }: { first: Language; catalogue: Catalogue; children: ReactNode }) {
  const [state, setState] = useState({ language: first, catalogue });
  const setLanguage = useCallback((language: Language) => {
    keep('language', language);
    void loadCatalogue(language).then((loaded) => {
      setState({ language, catalogue: loaded });
    });
  }, []);
  const locale = localeOf[state.language];
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  const texts = useMemo<Texts>(() => {
    const { language, catalogue: known } = state;
    return {
      language,
      locale,
      t: (key, values) => render(values === undefined ? { text: key } : { text: key, values }, known, language),
      w: (words) => (typeof words === 'string' ? words : render(words, known, language)),
      l: (name) => (name === null || name === undefined ? '' : name[language]),
      person: (name) => personName(name, language),
      n: (value, digits = 0) => value.toLocaleString(locale, { maximumFractionDigits: digits }),
      setLanguage,
    };
  }, [state, locale, setLanguage]);
  return <TextsContext value={texts}>{children}</TextsContext>;
}

export function useTexts(): Texts {
  const texts = use(TextsContext);
  if (texts === null) throw new Error('Texts are used outside their provider.');
  return texts;
}

/** What has a name of some kind: words of the catalogue, a name in both languages, or a text as it is. */
export function useNamed(): (name: Words | LocalText | string) => string {
  const { w, l } = useTexts();
  return (name) => (typeof name === 'string' ? name : 'text' in name ? w(name) : l(name));
}
