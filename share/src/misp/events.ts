/**
 * Indicators of MISP: events as JSON (of a feed, of `restSearch`, of an export), attributes as JSON, and the CSV export. Only attributes that
 * their authors meant for detection (`to_ids`) are taken, and none that were deleted.
 */

import { csvRows } from '@forewarn/base/csv';
import type { ListEntry, Said } from '@forewarn/model/indicator';
import { saidByTags, valuesOfAttribute } from './attributes.ts';

type Json = { readonly [name: string]: unknown };

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as unknown[]).filter(isObject) : []);

/** The events of a document, each with its attributes; those of `restSearch` for attributes stand in one without a name. */
function eventsOf(document: unknown): Json[] {
  if (Array.isArray(document)) return (document as unknown[]).flatMap(eventsOf);
  if (!isObject(document)) return [];
  if (isObject(document['Event'])) return [document['Event']];
  if (document['response'] !== undefined) return eventsOf(document['response']);
  return Array.isArray(document['Attribute']) ? [document] : [];
}

export function isMisp(document: unknown): boolean {
  return eventsOf(document).length > 0;
}

export function* readMispEvents(document: unknown, file: string): Generator<ListEntry> {
  for (const event of eventsOf(document)) {
    const ofEvent = tagsOf(event);
    const source = isObject(event['Orgc']) ? text(event['Orgc']['name']) : undefined;
    const info = text(event['info']);
    const attributes = [...list(event['Attribute']), ...list(event['Object']).flatMap((object) => list(object['Attribute']))];
    for (const [number, attribute] of attributes.entries()) {
      const uuid = text(attribute['uuid']) ?? `Attribute[${number}]`;
      const about = isObject(attribute['Event']) ? text(attribute['Event']['info']) : undefined;
      yield* entriesOf(
        { file, field: uuid },
        {
          type: text(attribute['type']) ?? '',
          value: text(attribute['value']) ?? '',
          meant: attribute['to_ids'] === true || attribute['to_ids'] === '1' || attribute['to_ids'] === 1,
          deleted: attribute['deleted'] === true || attribute['deleted'] === '1' || attribute['deleted'] === 1,
        },
        {
          ...saidByTags([...ofEvent, ...tagsOf(attribute)]),
          source,
          seenAt: seenAt(attribute) ?? seenAt(event),
          note:
            [info ?? about, text(attribute['comment'])]
              .filter((part) => part !== undefined)
              .join(' – ')
              .slice(0, 500) || undefined,
        },
      );
    }
  }
}

function tagsOf(of: Json): string[] {
  return list(of['Tag']).flatMap((tag) => text(tag['name']) ?? []);
}

/** When it was last seen, or else when it was last changed. */
function seenAt(of: Json): number | undefined {
  const last = text(of['last_seen']);
  const seen = last === undefined ? Number.NaN : Date.parse(last) / 1000;
  if (Number.isFinite(seen)) return seen;
  const stamp = Number(of['timestamp']);
  return Number.isFinite(stamp) && stamp > 0 ? stamp : undefined;
}

function* entriesOf(
  place: ListEntry['place'],
  { type, value, meant, deleted }: { type: string; value: string; meant: boolean; deleted: boolean },
  said: Said,
): Generator<ListEntry> {
  const refused = (code: string, message: string, advice: string): ListEntry => ({ place, refused: { code, message, advice } });
  if (deleted) {
    yield refused('indicator.revoked', 'The attribute was deleted.', 'Leave it out.');
    return;
  }
  if (!meant) {
    yield refused('indicator.not-meant', `"${value.slice(0, 100)}" is not meant for detection (to_ids).`, 'Ask its author.');
    return;
  }
  const values = valuesOfAttribute(type, value);
  if (typeof values === 'string') yield refused('indicator.type', values, 'Leave it out.');
  else for (const one of values) yield { place, value: { ...said, ...one } };
}

/** Whether the first line of a text is the header of MISP's CSV. */
export function isMispCsv(start: string): boolean {
  const names = start.split(/\r?\n/, 1)[0]!.replaceAll('"', '').toLowerCase().split(',');
  return names.includes('value') && names.includes('type') && (names.includes('to_ids') || names.includes('uuid'));
}

export function* readMispCsv(content: string, file: string): Generator<ListEntry> {
  let header: string[] | undefined;
  for (const { line, cells } of csvRows(content)) {
    const place = { file, line };
    if (!cells) {
      const advice = 'Correct the line or take it out.';
      yield {
        place,
        refused: { code: 'indicator.value', message: 'The quotation is not closed, or the line is too long.', advice },
      };
      continue;
    }
    if (!header) {
      header = cells.map((cell) => cell.trim().toLowerCase());
      continue;
    }
    const cell = (name: string): string | undefined => text(cells[header!.indexOf(name)]?.trim());
    const stamp = Number(cell('timestamp') ?? cell('date'));
    const tags = (cell('attribute_tag') ?? '').split(/,(?=[a-z-]+:)/).map((tag) => tag.trim());
    yield* entriesOf(
      place,
      {
        type: cell('type') ?? '',
        value: cell('value') ?? '',
        meant: !header.includes('to_ids') || cell('to_ids') === '1' || cell('to_ids') === 'true',
        deleted: false,
      },
      {
        ...saidByTags(tags),
        source: cell('event_source_org') ?? cell('org'),
        seenAt: Number.isFinite(stamp) && stamp > 0 ? stamp : undefined,
        note:
          [cell('event_info'), cell('comment')]
            .filter((part) => part !== undefined)
            .join(' – ')
            .slice(0, 500) || undefined,
      },
    );
  }
}
