/**
 * Elasticsearch's `_bulk` (https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk): a line that says what is to be done, a line
 * with the document, and so on. Documents are only ever added here: the index that is named is part of the source and nothing else.
 */

import { parseObject } from '@forewarn/sense/logs/objects';
import type { Batch } from '@forewarn/model/batch';
import { Refusal } from '@forewarn/base/refusal';
import { createDocuments } from './documents.ts';

/** As Elasticsearch answers them. */
type Item = { [action: string]: { _index: string; _id: string; status: number; [name: string]: unknown } };

/** Documents of one body. Clients cut by bytes (Elasticsearch's own at 5 MB), and a small document has a hundred of them. */
const documentsMax = 200_000;

export const limits = [
  {
    name: 'bulk.documentsMax',
    value: documentsMax,
    unit: 'documents per request',
    why: "Clients cut by bytes, Elasticsearch's own at 5 MB: some 60,000 of the smallest documents. Each has an answer of some 150 bytes.",
  },
] as const;

export type Bulk = {
  batches: Batch[];
  items: Item[];
  errors: boolean;
};

/** Reads a body. Refusals: `request.malformed` (no such lines), `request.too-large` (more documents than one may hold). */
export function readBulk(body: Buffer, pathIndex: string | undefined, arrivedAt: number): Bulk {
  const documents = createDocuments({ log: 'ecs', source: sourceOf(body, pathIndex), arrivedAt });
  const items: Item[] = [];
  let errors = false;
  let at = 0;

  function line(): string | undefined {
    while (at < body.length) {
      const end = body.indexOf(0x0a, at);
      const stop = end < 0 ? body.length : end;
      const text = body.toString('utf8', at, stop).trim();
      at = stop + 1;
      if (text !== '') return text;
    }
    return undefined;
  }

  for (let text = line(); text !== undefined; text = line()) {
    const { action, of } = actionOf(text);
    const index = typeof of['_index'] === 'string' ? of['_index'].slice(0, 255) : (pathIndex ?? '');
    const id = typeof of['_id'] === 'string' ? of['_id'].slice(0, 512) : `${items.length}`;
    const item = (status: number, more: object): void => {
      errors ||= status >= 300;
      items.push({ [action]: { _index: index, _id: id, status, ...more } });
    };
    const failed = (type: string, reason: string, counted?: string): void => {
      if (counted !== undefined) documents.refuse(counted);
      item(400, { error: { type, reason } });
    };
    if (items.length >= documentsMax) {
      throw new Refusal('request.too-large', `More than ${documentsMax} documents at a time.`, {
        advice: 'Let the shipper send fewer at a time (bulk_max_size).',
      });
    }
    if (action === 'delete') {
      failed('illegal_argument_exception', 'Records are added here, not deleted.', 'delete');
      continue;
    }
    const document = line();
    if (document === undefined) {
      throw new Refusal('request.malformed', 'The last line says what is to be done, and there is no document behind it.', {
        advice: 'Send a document behind each action, and a line feed behind the last.',
      });
    }
    if (action === 'update') {
      failed('illegal_argument_exception', 'Records are added here, not changed.', 'update');
      continue;
    }
    const event = parseObject(document);
    if (!event) {
      failed('document_parsing_exception', 'The document is no object of JSON.', 'malformed');
      continue;
    }
    const { message } = event;
    const reason = documents.take(event, typeof message === 'string' ? message : undefined);
    if (reason === undefined) {
      const shards = { total: 1, successful: 1, failed: 0 };
      item(201, { _version: 1, result: 'created', _shards: shards, _seq_no: items.length, _primary_term: 1 });
    } else failed('document_parsing_exception', `The document could not be read: ${reason}.`);
  }
  if (items.length === 0) {
    throw new Refusal('request.malformed', 'The body has no lines.', {
      advice: 'Send an action and a document, each on a line.',
    });
  }
  return { batches: documents.batches(body), items, errors };
}

const actions = ['create', 'index', 'update', 'delete'] as const;

function actionOf(text: string): { action: (typeof actions)[number]; of: { readonly [name: string]: unknown } } {
  const object = text.length > 4_096 ? undefined : parseObject(text);
  const action = object && actions.find((name) => Object.hasOwn(object, name));
  const of = action && object[action];
  if (!action || typeof of !== 'object' || of === null) {
    throw new Refusal('request.malformed', 'A line that should say what is to be done says something else.', {
      advice: 'Send {"create":{}} or {"index":{}} before each document.',
    });
  }
  return { action, of: of as { readonly [name: string]: unknown } };
}

/** The index of the first action stands for the batch: a shipper writes to one at a time, with the day in its name at most. */
function sourceOf(body: Buffer, pathIndex: string | undefined): string {
  const first = /"_index"\s*:\s*"([^"\\]{1,200})"/.exec(body.toString('utf8', 0, 1_024))?.[1];
  const index = pathIndex ?? first;
  return index === undefined ? '_bulk' : `_bulk ${index}`.slice(0, 300);
}
