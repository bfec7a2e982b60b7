/**
 * Migrations: SQL text with a name, applied in order, each in a transaction, recorded with its hash. One that was
 * applied never changes; what must change comes as a new one.
 */

import { createHash } from 'node:crypto';
import { Refusal } from '@forewarn/base/refusal';
import type { Database } from './database.ts';

/**
 * `id` is a dated or numbered name that never changes, `sql` any number of statements. The text must be valid on
 * PostgreSQL 18 as well as on PGlite.
 */
export type Migration = { readonly id: string; readonly sql: string };

/**
 * Applies what is missing. Refusals: `store.migration.changed` (an applied one has another text now),
 * `store.migration.unknown` (the folder was used by a newer version).
 */
export async function migrate(database: Database, migrations: readonly Migration[]): Promise<void> {
  await database.script(`create table if not exists migrations (
    id text primary key, hash text not null, applied_at timestamptz not null default now())`);
  const applied = await database.system((tx) => tx.query<{ id: string; hash: string }>('select id, hash from migrations'));
  const known = new Set(migrations.map(({ id }) => id));
  const newer = applied.filter(({ id }) => !known.has(id)).map(({ id }) => id);
  if (newer.length > 0) {
    throw new Refusal('store.migration.unknown', `The database holds changes this version does not know: ${newer.join(', ')}.`, {
      advice: 'It was used by a newer version; start that one, or choose another folder with --data DIR.',
    });
  }
  const hashes = new Map(applied.map(({ id, hash }) => [id, hash]));
  for (const { id, sql } of migrations) {
    const hash = createHash('sha256').update(sql).digest('hex');
    const before = hashes.get(id);
    if (before === hash) continue;
    if (before !== undefined) {
      throw new Refusal('store.migration.changed', `The migration ${id} was applied with another text.`, {
        place: { field: id },
        advice: 'Restore its text and write a new migration for the change.',
      });
    }
    // Both values are our own: an identifier of this list and hexadecimal digits.
    await database.script(
      `begin;\n${sql};\ninsert into migrations (id, hash) values ('${id.replaceAll("'", "''")}', '${hash}');\ncommit;`,
    );
  }
}
