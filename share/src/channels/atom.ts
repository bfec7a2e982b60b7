/** Notices as an Atom feed (RFC 4287), each with its CAP message beside it. For readers of feeds and for other centres' machines. */

import { formatInstant } from '@forewarn/base/time';
import { capType } from './cap.ts';
import { headingOf, linesOf, oneLine, titled, type Speaker, type Told } from './told.ts';
import { textElement, writeXml, type XmlElement } from './xml.ts';

export const atomType = 'application/atom+xml';

/** Entries of a feed: the newest; a reader that comes daily misses none of a busy week. */
export const entriesMax = 100;

export type FeedOptions = {
  readonly speaker: Speaker;
  readonly title: string;
  /** Name of the centre, and a date on which it had it: what makes ids that are one of their kind (RFC 4151). */
  readonly domain: string;
  /** `notices/hospital`: which feed of the centre. */
  readonly path: string;
  /** Where it is read, without a token. */
  readonly self: string;
  /** Of the feed when it has no entry, in seconds. */
  readonly since: number;
  /** Address of an entry's CAP message; undefined where there is none. */
  readonly capLink: (told: Told) => string | undefined;
};

/** The newest first. */
export function atomOf(told: readonly Told[], options: FeedOptions): string {
  const { speaker, domain } = options;
  const tag = (path: string): string => `tag:${domain},2026:${path}`;
  const entries = told.slice(0, entriesMax);
  const updated = Math.max(options.since, ...entries.map(({ notice }) => notice.at));
  return writeXml({
    name: 'feed',
    attributes: { xmlns: 'http://www.w3.org/2005/Atom', 'xml:lang': speaker.language === 'zh' ? 'zh-CN' : 'en' },
    content: [
      textElement('id', tag(options.path)),
      textElement('title', oneLine(options.title)),
      textElement('updated', formatInstant(updated)),
      { name: 'link', attributes: { rel: 'self', type: atomType, href: options.self } },
      textElement('generator', 'Forewarn'),
      ...entries.map((one) => entryOf(one, tag(`notice/${one.id}`), options)),
    ],
  });
}

function entryOf(told: Told, id: string, { speaker, capLink }: FeedOptions): XmlElement {
  const { notice, issuer, link } = told;
  const at = formatInstant(notice.at);
  const cap = capLink(told);
  const { say, language } = speaker;
  const title = say('channels.mail.subject', {
    number: notice.number,
    what: headingOf(notice, speaker),
    title: notice.title[language],
  });
  return {
    name: 'entry',
    content: [
      textElement('id', id),
      textElement('title', titled(told, title, speaker)),
      textElement('published', at),
      textElement('updated', at),
      { name: 'author', content: [textElement('name', issuer[language])] },
      { name: 'category', attributes: { term: notice.kind } },
      ...(notice.colour === null ? [] : [{ name: 'category', attributes: { term: notice.colour } }]),
      textElement('rights', notice.marking),
      link === null ? undefined : { name: 'link', attributes: { rel: 'alternate', type: 'text/html', href: link } },
      cap === undefined ? undefined : { name: 'link', attributes: { rel: 'related', type: capType, href: cap } },
      textElement('content', [notice.marking, '', ...linesOf(told, speaker)].join('\n'), { type: 'text' }),
    ],
  };
}
