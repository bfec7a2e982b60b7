/** A database in a temporary folder, for tests: real, migrated, gone afterwards. One per test file is enough. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrations } from './migrations/index.ts';
import { openPostgres, type Database, type PostgresOptions } from './postgres/database.ts';
import { migrate, type Migration } from './postgres/migrations.ts';
import { prepareDatabaseTemplate } from './postgres/template.ts';

export type Trial = { dir: string; database: Database; end(): Promise<void> };

/**
 *     const trial = await openTrial();       // in beforeAll
 *     await trial.end();                     // in afterAll
 */
export async function openTrial(
  options: { migrations?: readonly Migration[] } & Omit<PostgresOptions, 'dir' | 'template'> = {},
): Promise<Trial> {
  const dir = mkdtempSync(join(tmpdir(), 'forewarn-'));
  const database = await openPostgres({ ...options, dir: join(dir, 'postgres'), template: await prepareDatabaseTemplate() });
  await migrate(database, options.migrations ?? migrations);
  return {
    dir,
    database,
    async end() {
      await database.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
