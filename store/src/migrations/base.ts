import type { Migration } from '../postgres/migrations.ts';

/**
 * What row-level security of every table rests on. `app` is the role of all requests: it owns nothing and is no
 * superuser. A policy says `using (app_sees(organisation))`.
 */
export const base: Migration = {
  id: '0001-base',
  sql: `
do $$ begin
  if not exists (select from pg_roles where rolname = 'app') then create role app nologin; end if;
end $$;
-- A served database has a login role of its own that must be able to become app; PGlite's is a superuser already.
grant app to current_user;
grant usage on schema public to app;
revoke create on schema public from public;

create function app_organisation() returns text language sql stable
  as $$ select nullif(current_setting('app.organisation', true), '') $$;
create function app_account() returns text language sql stable
  as $$ select nullif(current_setting('app.account', true), '') $$;
create function app_centre() returns boolean language sql stable
  as $$ select coalesce(current_setting('app.centre', true), '') = 'yes' $$;
-- Members of the centre see every organisation's rows, all others their own.
create function app_sees(organisation text) returns boolean language sql stable
  as $$ select app_centre() or organisation = app_organisation() $$;
`,
};
