/**
 * Row-level security of one table, forced, with one policy for each thing that may be done. What is not named is not
 * granted: `app` has no right to it at all. Table and expressions are our own text, never input.
 *
 * Every expression must hold for members of the centre (`app_centre()`) and say when it holds for others. An expression
 * never looks into its own table: PostgreSQL calls that an infinite recursion. Where membership decides, a table of
 * access beside it holds one row an organisation, and each organisation sees its own rows only.
 */

export type Rights = { read: string; insert?: string; update?: string; remove?: string };

export function guarded(table: string, rights: Rights): string {
  const lines = [
    `alter table ${table} enable row level security;`,
    `alter table ${table} force row level security;`,
    `create policy ${table}_read on ${table} for select to app using (${rights.read});`,
  ];
  const granted = ['select'];
  if (rights.insert !== undefined) {
    granted.push('insert');
    lines.push(`create policy ${table}_insert on ${table} for insert to app with check (${rights.insert});`);
  }
  if (rights.update !== undefined) {
    granted.push('update');
    lines.push(
      `create policy ${table}_update on ${table} for update to app using (${rights.update}) with check (${rights.update});`,
    );
  }
  if (rights.remove !== undefined) {
    granted.push('delete');
    lines.push(`create policy ${table}_delete on ${table} for delete to app using (${rights.remove});`);
  }
  lines.push(`grant ${granted.join(', ')} on ${table} to app;`);
  return lines.join('\n');
}

/** Only the centre's services write these; they have checked who asked before. */
export const byCentre = 'app_centre()';
