/** What a channel tells: a notice, what it tells of as it was then, and where the whole stands. One shape for mail, webhooks and feeds. */

import { formatInstant } from '@forewarn/base/time';
import type { Colour } from '@forewarn/model/grade';
import { tlpOrder, type Tlp } from '@forewarn/model/markings';
import type { Notice, NoticeKind } from '@forewarn/model/notice';
import { render, type Catalogue, type Language, type LocalText, type Words } from '@forewarn/model/text';

/** A warning as it was when it was told, without its scope, which may list the addresses of many victims. Instants are seconds. */
export type ToldWarning = {
  readonly edition: number;
  readonly colour: Colour;
  readonly incidentType: string;
  readonly startAt: number;
  readonly validUntil: number | null;
  readonly possibleScope: string;
  readonly mattersToNote: string;
  readonly measures: readonly { readonly text: string; readonly dueAt: number | null }[];
};

export type Told = {
  /** The notice's own id: the same for each attempt, so that a receiver knows repeats. */
  readonly id: string;
  readonly notice: Notice;
  /** Null: of a report, or of what is withheld here. */
  readonly warning: ToldWarning | null;
  /** Who speaks. */
  readonly issuer: LocalText;
  /** Of a demo: it must not be taken for what happens. */
  readonly exercise: boolean;
  /** Page of the workbench; null where nobody has said where that is. */
  readonly link: string | null;
};

/** One language's words. */
export type Speaker = { readonly language: Language; readonly say: (text: string, values?: Words['values']) => string };

export const speakerOf = (language: Language, catalogue: Catalogue): Speaker => ({
  language,
  say: (text, values) => render(values ? { text, values } : { text }, catalogue, language),
});

/** `2026-11-23 08:30 UTC`: a time that nobody has to guess the zone of. */
export const moment = (at: number): string => `${formatInstant(at).slice(0, 16).replace('T', ' ')} UTC`;

/** What the notice itself says, a line each; an instant in it as people read it. */
export function saidOf({ lines }: Notice, { say }: Speaker): string[] {
  return lines.map(({ text, values = {} }) =>
    say(
      text,
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          name,
          typeof value === 'string' && instant.test(value) ? moment(Date.parse(value) / 1000) : value,
        ]),
      ),
    ),
  );
}

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/;

/** Whether the content of something with this marking may go where `whole` is the strictest that may. */
export const goesWhole = (marking: Tlp, whole: Tlp): boolean => tlpOrder.indexOf(marking) >= tlpOrder.indexOf(whole);

/** Only that something awaits the recipient: for a way that is not trusted with the content. */
export function announced(told: Told, { say }: Speaker): Told {
  const title = say('channels.withheld');
  const notice: Notice = { ...told.notice, title: { en: title, zh: title }, lines: [], colour: null, urgency: null };
  return { ...told, notice, warning: null };
}

const kindKeys: { readonly [kind in NoticeKind]: string } = {
  'warning-issued': 'channels.kind.warning-issued',
  'warning-updated': 'channels.kind.warning-updated',
  'warning-lifted': 'channels.kind.warning-lifted',
  'warning-reminder': 'channels.kind.warning-reminder',
  'warning-escalated': 'channels.kind.warning-escalated',
  'measure-due': 'channels.kind.measure-due',
  report: 'channels.kind.report',
};

/** `Warning issued`, `Warning issued, orange`. */
export function headingOf({ kind, colour }: Notice, { say }: Speaker): string {
  const what = say(kindKeys[kind]);
  return colour === null ? what : say('channels.coloured', { what, colour: { text: `center.colour.${colour}` } });
}

/** Control characters and line breaks have no place in a subject or a title; the ceiling keeps a subject a subject. */
export const oneLine = (text: string, charactersMax = 200): string => {
  const plain = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return plain.length > charactersMax ? `${plain.slice(0, charactersMax - 1).toWellFormed()}…` : plain;
};

/** A title with its marking before it, and that it is an exercise. */
export const titled = (
  { notice: { marking }, exercise }: Pick<Told, 'notice' | 'exercise'>,
  title: string,
  { say }: Speaker,
): string => oneLine(`[${marking}] ${exercise ? `${say('channels.exercise')} ` : ''}${title}`, 250);

/** The body of a notice as lines of plain text; no markings, which stand above and below where it is put. */
export function linesOf(told: Told, speaker: Speaker): string[] {
  const { notice, warning, issuer, link } = told;
  const { say, language } = speaker;
  const lines = [
    ...(told.exercise ? [say('channels.cap.exercise'), ''] : []),
    notice.title[language],
    '',
    say('channels.line.number', { number: notice.number, what: headingOf(notice, speaker) }),
    say('channels.line.issuer', { name: issuer[language] }),
  ];
  if (notice.urgency !== null) lines.push(say(`channels.urgency.${notice.urgency}`));
  if (notice.dueAt !== null) lines.push(say('channels.line.due', { at: moment(notice.dueAt) }));
  if (warning) {
    lines.push(
      say('channels.line.start', { at: moment(warning.startAt) }),
      warning.validUntil === null
        ? say('channels.line.valid.open')
        : say('channels.line.valid', { at: moment(warning.validUntil) }),
      '',
      say('channels.head.scope'),
      warning.possibleScope,
      '',
      say('channels.head.note'),
      warning.mattersToNote,
    );
    const measures = notice.kind === 'warning-lifted' ? [] : warning.measures;
    if (measures.length > 0) lines.push('', say('channels.head.measures'));
    for (const { text, dueAt } of measures)
      lines.push(dueAt === null ? `– ${text}` : `– ${say('channels.line.measure', { text, at: moment(dueAt) })}`);
  }
  if (notice.lines.length > 0) lines.push('', say('channels.head.asked'));
  for (const line of saidOf(notice, speaker)) lines.push(`– ${line}`);
  if (link !== null) lines.push('', say('channels.line.open', { link }));
  return lines;
}
