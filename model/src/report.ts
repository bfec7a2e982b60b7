/**
 * Reports: a document made by a template from how things stand, looked at by a person, released by a person, and sent to those whom the one exit lets
 * it pass to. Each recipient has a copy of its own, made of what it may see.
 */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { Instant } from './instant.ts';
import type { ContentFile } from './content.ts';
import { Tlp } from './markings.ts';
import { LocalText, Words } from './text.ts';
import { readContent } from './yaml.ts';

/** What a report can be of. */
export const ReportAbout = z.enum(['situation', 'incident', 'warning']);
export type ReportAbout = z.infer<typeof ReportAbout>;

/** The sections that a template orders; which of them a kind of report has. */
export const reportSections = {
  situation: [
    'summary',
    'index',
    'components',
    'places',
    'incidents',
    'clocks',
    'warnings',
    'ratio',
    'forecast',
    'exposures',
    'coverage',
  ],
  incident: [
    'summary',
    'grades',
    'facts',
    'forecast',
    'responsibilities',
    'clocks',
    'tasks',
    'decisions',
    'warnings',
    'timeline',
  ],
  warning: ['summary', 'content', 'measures', 'scope', 'audience'],
} as const satisfies { [about in ReportAbout]: readonly string[] };

export type ReportSection<About extends ReportAbout = ReportAbout> = (typeof reportSections)[About][number];

const Section = z.strictObject({
  section: z.enum([...new Set(Object.values(reportSections).flat())] as [ReportSection, ...ReportSection[]]),
  /** Rows that its table shows; the others are counted. */
  rows: z.number().int().min(1).max(200).default(25),
});

/** When a report is made by itself: at an hour and minute (UTC), of every day or of one day of the week (1 is Monday). */
export const ReportSchedule = z.strictObject({
  at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be an hour and minute, such as 05:00'),
  weekday: z.number().int().min(1).max(7).optional(),
});
export type ReportSchedule = z.infer<typeof ReportSchedule>;

export const ReportTemplate = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case words joined by hyphens').max(40), // oxfmt-ignore
  title: LocalText,
  about: ReportAbout,
  /** How far a report may travel at most; what stands in it can narrow that. */
  marking: Tlp,
  /** Days that a report of the situation covers. */
  days: z.number().int().min(1).max(92).optional(),
  schedule: ReportSchedule.optional(),
  sections: z.array(Section).min(1).max(20),
});
export type ReportTemplate = z.infer<typeof ReportTemplate>;

/** The templates of `content/reports/`, each in a file of its name; throws refusals that name file, line and field. */
export function readReportTemplates(files: readonly ContentFile[]): ReportTemplate[] {
  const refusals: Refusal[] = [];
  const templates: ReportTemplate[] = [];
  for (const { path, text } of files) {
    const [, name] = /^reports\/([^/]+)\.yaml$/.exec(path) ?? [];
    if (name === undefined) continue;
    const read = readContent(ReportTemplate, text, path);
    if (!read.ok) {
      refusals.push(...read.refusals);
      continue;
    }
    const { value, place } = read;
    const refuse = (message: string, at: readonly (string | number)[]): void =>
      void refusals.push(new Refusal('content.schema', message, { place: place(at) }));
    if (value.id !== name) refuse(`The id "${value.id}" must be the name of its file, "${name}".`, ['id']);
    if ((value.days === undefined) === (value.about === 'situation'))
      refuse('A report of the situation covers days, and no other does.', ['days']);
    if (value.schedule && value.about !== 'situation')
      refuse('Only reports of the situation are made by themselves.', ['schedule']);
    value.sections.forEach(({ section }, i) => {
      const known: readonly string[] = reportSections[value.about];
      if (!known.includes(section))
        refuse(`A report of the kind "${value.about}" has no section "${section}".`, ['sections', i, 'section']);
      if (value.sections.findIndex((one) => one.section === section) !== i)
        refuse(`The section "${section}" stands twice.`, ['sections', i, 'section']);
    });
    templates.push(value);
  }
  if (refusals.length > 0) throw new AggregateError(refusals, 'content');
  return templates.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** The last instant, up to `at`, at which a report was due by its schedule. Seconds. */
export function lastDue({ at: time, weekday }: ReportSchedule, at: number): number {
  const [hours, minutes] = time.split(':').map(Number) as [number, number];
  const daySeconds = 86_400;
  const today = Math.floor(at / daySeconds) * daySeconds + hours * 3_600 + minutes * 60;
  const due = today > at ? today - daySeconds : today;
  if (weekday === undefined) return due;
  // The first day of 1970 was a Thursday.
  const day = ((Math.floor(due / daySeconds) + 3) % 7) + 1;
  return due - ((day - weekday + 7) % 7) * daySeconds;
}

export const ReportState = z.enum(['draft', 'released', 'dropped']);
export type ReportState = z.infer<typeof ReportState>;

export const ReportRecipientView = z.object({
  organisation: z.string(),
  reasons: z.array(Words),
  deliveredAt: Instant,
  /** When somebody of it first opened it. */
  openedAt: Instant.nullable(),
  marking: Tlp,
  digest: z.string(),
});
export type ReportRecipientView = z.infer<typeof ReportRecipientView>;

export const ReportView = z.object({
  id: z.string(),
  number: z.string(),
  template: z.string(),
  title: LocalText,
  about: ReportAbout,
  subject: z.object({ kind: z.enum(['incident', 'warning']), id: z.string(), number: z.string() }).nullable(),
  /** The organisation that made it and answers for it. */
  owner: z.string(),
  state: ReportState,
  /** Of the copy that the asker reads. */
  marking: Tlp,
  from: Instant,
  to: Instant,
  madeAt: Instant,
  /** Null: by its schedule. */
  madeBy: z.string().nullable(),
  releasedAt: Instant.nullable(),
  releasedBy: z.string().nullable(),
  /** Why it was dropped. */
  reason: z.string().nullable(),
  /** What the person who releases it adds. */
  remark: z.string().nullable(),
  /** SHA-256 of the copy that the asker reads; the audit has it too. */
  digest: z.string(),
  /** To whom it went; whoever received it sees itself. */
  recipients: z.array(ReportRecipientView),
});
export type ReportView = z.infer<typeof ReportView>;

export const ReportTemplateView = ReportTemplate.pick({ id: true, title: true, about: true, marking: true }).extend({
  days: z.number().int().nullable(),
  schedule: ReportSchedule.nullable(),
});
export type ReportTemplateView = z.infer<typeof ReportTemplateView>;

/** Organisations that one release sends to; each has a copy of its own made, which takes some hundredths of a second. A country has some dozen departments. */
export const reportRecipientsMax = 100;
