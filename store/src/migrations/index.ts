/** The one list of migrations, in the order they are applied. Append; never change or reorder what was published. */

import type { Migration } from '../postgres/migrations.ts';
import { base } from './base.ts';

export const migrations: readonly Migration[] = [base];
