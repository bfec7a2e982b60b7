/** Lists of indicators: bringing, previewing, retiring and searching the past for them, and what they say of a value. */

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { canonicalValue, guessKind, refang } from '@forewarn/detect/indicators/values';
import { page } from '@forewarn/model/api';
import { Credibility, Reliability, type IndicatorKind } from '@forewarn/model/indicator';
import { IndicatorListView, IndicatorLookUp, IndicatorPreview } from '@forewarn/model/indicator-api';
import { Tlp } from '@forewarn/model/markings';
import { isWider } from '@forewarn/share/markings';
import {
  activeListsMax,
  activeValuesMax,
  addAllowed,
  addIndicatorList,
  countActiveLists,
  findIndicatorList,
  indicatorHits,
  listAllowed,
  listIndicatorLists,
  putIndicatorSearch,
  retireIndicatorList,
  type IndicatorList,
} from '@forewarn/store/resources/indicators';
import { act } from '../act.ts';
import { route } from '../api/route.ts';
import { At, Id, PageQuery } from '../api/shapes.ts';
import { found, invalid } from '../refusals.ts';
import { searchOf, searchPartsMax } from './past.ts';

/** The text of a list: half a million values with their notes. Longer ones go into the folder of the centre. */
export const listBytesMax = 32 * 1024 * 1024;

const Text = z.strictObject({
  /** Shown, and told of entries without a name of their own. */
  name: z.string().trim().min(1).max(200),
  text: z.string().min(1).max(listBytesMax),
});

const view = (list: IndicatorList, hits: number): IndicatorListView => ({ ...list, hits });

export const listOfIndicatorLists = route({
  method: 'get',
  path: '/indicator-lists',
  access: 'findings:read',
  summary: 'Lists of indicators, the newest first, with the findings that each made.',
  query: PageQuery.extend({ retired: z.enum(['true', 'false']).default('false') }),
  answer: page(IndicatorListView),
  handle: ({ center, scope, query }) =>
    center.database.scoped(scope, async (tx) => {
      const { items, next } = await listIndicatorLists(tx, { ...query, retired: query.retired === 'true' });
      const hits = await indicatorHits(
        tx,
        items.map(({ id }) => id),
      );
      return { items: items.map((list) => view(list, hits.get(list.id) ?? 0)), next };
    }),
});

export const oneIndicatorList = route({
  method: 'get',
  path: '/indicator-lists/{id}',
  access: 'findings:read',
  summary: 'One list, with what was left out of it and how far the search of the past is.',
  params: Id,
  answer: IndicatorListView,
  handle: ({ center, scope, params }) =>
    center.database.scoped(scope, async (tx) => {
      const list = found(await findIndicatorList(tx, params.id));
      return view(list, (await indicatorHits(tx, [list.id])).get(list.id) ?? 0);
    }),
});

export const previewIndicatorList = route({
  method: 'post',
  path: '/indicator-lists/preview',
  access: 'indicators:write',
  summary: 'What a list would bring, and what of it is refused and why; nothing is kept.',
  bodyBytesMax: listBytesMax,
  body: Text,
  answer: IndicatorPreview,
  handle: ({ center, principal, body }) => center.indicators.desk.preview(principal.organisation, body.text, body.name),
});

/** Days that a new list is looked for in the past, unless somebody says otherwise. */
const pastDays = 30;

export const bringIndicatorList = route({
  method: 'post',
  path: '/indicator-lists',
  access: 'indicators:write',
  summary: 'Brings a list: CSV, text, MISP events or a STIX bundle. It is looked for from now on, and in the past by itself.',
  bodyBytesMax: listBytesMax,
  body: Text.extend({
    source: z.string().trim().min(1).max(200),
    reliability: Reliability.nullable().default(null),
    credibility: Credibility.nullable().default(null),
    marking: Tlp.nullable().default(null).describe('Missing: that of the document, or TLP:AMBER where it says nothing.'),
    validFrom: At.nullable().default(null),
    validUntil: At.nullable().default(null),
    pastDays: z.number().int().min(0).max(searchPartsMax).default(pastDays),
  }),
  answer: IndicatorListView,
  status: 201,
  async handle({ center, principal, body }) {
    const { desk, files, past } = center.indicators;
    const { text, validFrom, validUntil } = body;
    if (validFrom !== null && validUntil !== null && validFrom >= validUntil)
      throw invalid('validUntil', 'It would end before it begins.', 'Choose a later end.');
    const preview = await desk.preview(principal.organisation, text, body.name);
    if (preview.loaded === 0) {
      throw new Refusal('indicator.nothing', 'Nothing of the list can be looked for.', {
        place: { field: 'text' },
        advice: preview.refusals[0] ? `The first reason: ${preview.refusals[0].message}` : 'It is empty.',
      });
    }
    const marking = body.marking ?? preview.marking ?? 'TLP:AMBER';
    if (preview.marking !== null && isWider(marking, preview.marking)) {
      throw invalid(
        'marking',
        `The document itself is marked ${preview.marking}.`,
        'Keep its marking, or choose a narrower one.',
      );
    }
    const kept = await files.put(text);
    const list = await act(center, principal, async (acting) => {
      const { at, tx } = acting;
      const active = await countActiveLists(tx);
      if (active.lists >= activeListsMax || active.values + preview.loaded > activeValuesMax) {
        throw new Refusal(
          'indicator.lists',
          `At most ${activeListsMax} lists with ${activeValuesMax} values are looked for at once.`,
          {
            advice: 'Retire one that is no longer needed.',
          },
        );
      }
      const made: IndicatorList = {
        id: randomUUID(),
        organisation: principal.organisation,
        name: body.name,
        source: body.source,
        reliability: body.reliability,
        credibility: body.credibility,
        marking,
        validFrom,
        validUntil,
        format: preview.format,
        ...kept,
        loaded: preview.loaded,
        refused: preview.refused,
        refusals: preview.refusals,
        at,
        by: principal.account,
        retired: null,
        search: body.pastDays === 0 ? null : searchOf({ from: at - body.pastDays * 86_400, to: at }),
      };
      await addIndicatorList(tx, made);
      const { name, source, format, sha256, loaded, refused } = made;
      acting.audit('indicators.bring', `indicator-list/${made.id}`, {
        name,
        source,
        format,
        sha256,
        loaded,
        refused,
        marking,
      });
      return made;
    });
    await desk.load(list, text);
    past.wake();
    return view(list, 0);
  },
});

export const retireList = route({
  method: 'post',
  path: '/indicator-lists/{id}/retire',
  access: 'indicators:write',
  summary: 'Retires a list: it is no longer looked for. What it found stays.',
  params: Id,
  body: z.strictObject({ reason: z.string().trim().min(1).max(1_000) }),
  answer: IndicatorListView,
  async handle({ center, principal, scope, params, body }) {
    const list = owned(await center.database.scoped(scope, (tx) => findIndicatorList(tx, params.id)), principal);
    return act(center, principal, async (acting) => {
      const retired = { at: acting.at, by: principal.account, reason: body.reason };
      if (!(await retireIndicatorList(acting.tx, list.id, retired))) {
        throw new Refusal('indicator.retired', 'The list is retired already.', { advice: 'Bring it anew if it is needed.' });
      }
      acting.audit('indicators.retire', `indicator-list/${list.id}`, { name: list.name, reason: body.reason });
      acting.tx.afterCommit(() => center.indicators.desk.retire(list));
      const hits = await indicatorHits(acting.tx, [list.id]);
      return view({ ...list, retired }, hits.get(list.id) ?? 0);
    });
  },
});

export const searchPastForList = route({
  method: 'post',
  path: '/indicator-lists/{id}/search',
  access: 'indicators:write',
  summary: 'Searches the past for a list once more.',
  params: Id,
  body: z.strictObject({ days: z.number().int().min(1).max(searchPartsMax).default(pastDays) }),
  answer: IndicatorListView,
  async handle({ center, principal, scope, params, body }) {
    const list = owned(await center.database.scoped(scope, (tx) => findIndicatorList(tx, params.id)), principal);
    if (list.retired !== null)
      throw new Refusal('indicator.retired', 'The list is retired.', { advice: 'Bring it anew if it is needed.' });
    if (list.search?.state === 'running')
      throw new Refusal('indicator.searching', 'The past is being searched for it.', { advice: 'Wait for its end.' });
    return act(center, principal, async (acting) => {
      const search = searchOf({ from: acting.at - body.days * 86_400, to: acting.at });
      await putIndicatorSearch(acting.tx, list.id, search);
      acting.audit('indicators.search', `indicator-list/${list.id}`, { name: list.name, days: body.days });
      acting.tx.afterCommit(() => center.indicators.past.wake());
      const hits = await indicatorHits(acting.tx, [list.id]);
      return view({ ...list, search }, hits.get(list.id) ?? 0);
    });
  },
});

/** Lists are changed by those they belong to; whoever oversees an organisation reads its lists. */
function owned(
  list: IndicatorList | undefined,
  { organisation, centre }: { organisation: string; centre: boolean },
): IndicatorList {
  return found(list && (centre || list.organisation === organisation) ? list : undefined);
}

const Value = z.string().trim().min(1).max(4_000);

export const lookUpIndicator = route({
  method: 'get',
  path: '/indicators/look-up',
  access: 'findings:read',
  summary: 'What lists say of an address, network, name, URL or hash, as anybody writes it.',
  query: z.object({ value: Value }),
  answer: IndicatorLookUp,
  async handle({ center, principal, scope, query }) {
    const at = center.clock.now();
    const { desk } = center.indicators;
    const asked = desk.readable(principal.organisation, principal.centre).map((set) => set.lookUp(query.value, at));
    const first = asked[0];
    if (!first) throw notAValue();
    const allowed = (await center.database.scoped(scope, listAllowed)).find(
      (one) => one.organisation === principal.organisation && one.kind === first.kind && one.value === first.value,
    );
    return {
      kind: first.kind,
      value: first.value,
      warning: first.warning ?? null,
      allowed: allowed ? { reason: allowed.reason, at: allowed.at, by: allowed.by } : null,
      listed: asked
        .flatMap((one) => one?.listed ?? [])
        .map(({ meta, kind, value, validFrom, validUntil, confidence, rests, parts }) => ({
          list: meta.list,
          source: meta.source,
          kind,
          value,
          validFrom: Number.isFinite(validFrom) ? validFrom : null,
          validUntil: Number.isFinite(validUntil) ? validUntil : null,
          confidence,
          rests: rests || at < validFrom || at >= validUntil,
          parts,
          technique: meta.technique ?? null,
          note: meta.note ?? null,
        })),
    };
  },
});

const notAValue = (): Refusal =>
  invalid('value', 'It is no address, network, domain, URL or hash.', 'Write one, defanged or not: 203.0.113.7, evil[.]example.');

export const allowIndicator = route({
  method: 'post',
  path: '/indicators/allowed',
  access: 'indicators:write',
  summary: 'Allows a value as an indicator of the own organisation although a warning list names it, with a reason.',
  body: z.strictObject({ value: Value, reason: z.string().trim().min(1).max(1_000) }),
  answer: IndicatorLookUp.pick({ kind: true, value: true, allowed: true }),
  status: 201,
  async handle({ center, principal, body }) {
    const { desk } = center.indicators;
    const written = refang(body.value);
    const kind: IndicatorKind | undefined = guessKind(written);
    const value = kind && canonicalValue(kind, written);
    if (kind === undefined || value === undefined) throw notAValue();
    const warning = desk.own(principal.organisation).lookUp(written, center.clock.now())?.warning;
    if (warning === undefined) throw invalid('value', 'No warning list names it.', 'It needs no permission: bring it in a list.');
    const allowed = await act(center, principal, async (acting) => {
      const made = {
        organisation: principal.organisation,
        kind,
        value,
        warning,
        reason: body.reason,
        at: acting.at,
        by: principal.account,
      };
      if (!(await addAllowed(acting.tx, made))) {
        throw new Refusal('indicator.allowed', 'The value is allowed already.', { advice: 'Bring it in a list.' });
      }
      acting.audit('indicators.allow', `indicator/${value.slice(0, 200)}`, {
        kind,
        value: value.slice(0, 500),
        warning,
        reason: body.reason,
      });
      return made;
    });
    await desk.allow(allowed);
    const { reason, at, by } = allowed;
    return { kind, value, allowed: { reason, at, by } };
  },
});

export const indicatorRoutes = [
  listOfIndicatorLists,
  previewIndicatorList,
  bringIndicatorList,
  oneIndicatorList,
  retireList,
  searchPastForList,
  lookUpIndicator,
  allowIndicator,
];
