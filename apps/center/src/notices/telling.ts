/** What is kept of a notice, as a channel tells it. */

import { z } from 'zod';
import type { EstateIndex } from '@forewarn/know/concern';
import { Colour } from '@forewarn/model/grade';
import type { Notice } from '@forewarn/model/notice';
import type { Language } from '@forewarn/model/text';
import { speakerOf, type Speaker, type Told } from '@forewarn/share/channels/told';
import type { ChannelSettings } from '@forewarn/store/resources/channels';
import type { Center } from '../center-parts.ts';

/** What `queueNotices` keeps of a warning. */
const Kept = z.object({
  owner: z.string(),
  colour: Colour,
  edition: z.number(),
  validUntil: z.number().nullable(),
  body: z.object({
    incidentType: z.string(),
    startAt: z.number(),
    possibleScope: z.string(),
    mattersToNote: z.string(),
    measures: z.array(z.object({ text: z.string(), dueAt: z.number().nullable() })),
  }),
});

export type KeptNotice = { readonly notice: string; readonly body: Notice; readonly content: unknown };

export function toldOf(
  { notice: id, body: notice, content }: KeptNotice,
  { index, settings, demo }: { index: EstateIndex; settings: ChannelSettings; demo: boolean },
): Told {
  const kept = Kept.safeParse(content).data;
  const owner = ownerOf(content) ?? index.centre?.id ?? '';
  const { publicUrl } = settings;
  const page = notice.subject.kind === 'warning' ? 'warnings' : 'reports';
  return {
    id,
    notice,
    warning: kept ? { ...kept.body, edition: kept.edition, colour: kept.colour, validUntil: kept.validUntil } : null,
    exercise: demo,
    issuer: index.organisation(owner)?.name ?? { en: owner, zh: owner },
    link: publicUrl === null ? null : `${publicUrl}/${page}/${encodeURIComponent(notice.subject.id)}`,
  };
}

/** Who speaks; undefined where nothing was kept. */
export const ownerOf = (content: unknown): string | undefined => z.object({ owner: z.string() }).safeParse(content).data?.owner;

export const speakerIn = (center: Pick<Center, 'content'>, language: Language): Speaker =>
  speakerOf(language, center.content.texts[language]);

/** Internet name of the centre: of its workbench, or of its mail. `.invalid` (RFC 6761) is nobody's. */
export function domainOfCentre({ publicUrl, relay }: ChannelSettings): string {
  if (publicUrl !== null && URL.canParse(publicUrl)) return new URL(publicUrl).hostname;
  return relay?.from.split('@')[1] ?? 'forewarn.invalid';
}
