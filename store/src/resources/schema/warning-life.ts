import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/**
 * A warning is approved by a second person, has an urgency and several measures; what became of it at whom it reached: certainty, measures done,
 * reminders, climbs, what the inventory says since. Networks may name the autonomous systems that announce them.
 */
export const warningLifeSchema: Migration = {
  id: '0061-warning-life',
  sql: `
alter table network add column asns jsonb;

alter table warning drop constraint warning_state_check;
alter table warning add constraint warning_state_check check (state in ('draft', 'approved', 'issued', 'adjusted', 'lifted'));
alter table warning
  -- Whose words it holds, who else has read them, and why it left when nobody else had.
  add column author text, add column approved_by text, add column alone text,
  -- When somebody is to be reminded next, and when the estate and the findings are looked at again; null: never.
  add column chase_at double precision, add column check_at double precision;
create index warning_chase_at on warning (chase_at) where chase_at is not null;
create index warning_check_at on warning (check_at) where check_at is not null;
update warning w set author = (select e.body->>'by' from warning_event e where e.warning = w.id order by e.id limit 1);
-- One text of measures becomes one measure.
update warning set body = body - 'measuresToTake' - 'measuresDueAt' || jsonb_build_object('urgency', 'incident', 'colourReason', null,
  'measures', jsonb_build_array(jsonb_build_object('id', 'measures', 'text', coalesce(body->>'measuresToTake', ''), 'dueAt', body->'measuresDueAt', 'needs', null)));

-- A draft and its second reader's answer are their people's; recipients see what is in force.
drop policy warning_read on warning;
create policy warning_read on warning for select to app using (app_sees(owner) or (state not in ('draft', 'approved')
  and exists (select from warning_audience a where a.warning = warning.id and a.organisation = app_organisation())));

create table warning_proposal (
  warning text primary key references warning (id),
  owner text not null references organisation (id),
  at double precision not null,
  by text not null,
  reason text not null,
  -- Colour, validity and text as they would be.
  body jsonb not null
);
${guarded('warning_proposal', { read: 'app_sees(owner)', insert: byCentre, update: byCentre, remove: byCentre })}

alter table warning_audience
  add column certainty text not null default 'sure' check (certainty in ('sure', 'possibly')),
  -- overseer: it oversees somebody who did not answer.
  add column part text not null default 'warned' check (part in ('warned', 'overseer')),
  add column reminders integer not null default 0, add column reminded_at double precision, add column climbed_at double precision,
  -- Who oversees it and was told that it does not answer.
  add column climbed_to text references organisation (id),
  -- Open exposures to what the scope names: when it was issued, and at the last look; the last finding that names what the scope names.
  add column exposed_then integer, add column exposed integer, add column seen_at double precision, add column checked_at double precision;

drop policy warning_audience_read on warning_audience;
create policy warning_audience_read on warning_audience for select to app
  using (app_sees(organisation) or owner = app_organisation() or climbed_to = app_organisation());

create table warning_done (
  warning text not null references warning (id),
  organisation text not null references organisation (id),
  owner text not null references organisation (id),
  measure text not null,
  at double precision not null,
  by text not null,
  evidence text,
  primary key (warning, organisation, measure)
);
${guarded('warning_done', { read: 'app_sees(organisation) or owner = app_organisation()', insert: byCentre })}

create table warning_chase (
  warning text not null references warning (id),
  -- Of whom; and who was told.
  organisation text not null references organisation (id),
  recipient text not null references organisation (id),
  owner text not null references organisation (id),
  edition integer not null,
  kind text not null,
  measure text not null default '',
  count integer not null,
  at double precision not null,
  primary key (warning, organisation, edition, kind, measure, count)
);
create index warning_chase_at_of on warning_chase (warning, at desc);
${guarded('warning_chase', {
  read: 'app_sees(organisation) or recipient = app_organisation() or owner = app_organisation()',
  insert: byCentre,
})}

-- Products and their components are compared by jobs of the owner; a warning's audience is computed within its act, for the centre alone.
create function products_named(wanted text[]) returns table (id integer, product jsonb)
  language sql stable security definer set search_path = public as $$
  select p.id, p.product from compared_product p where app_centre() and p.names && wanted
$$;
create function components_of_products(wanted integer[]) returns table (product integer, organisation text, asset text)
  language sql stable security definer set search_path = public as $$
  select cp.product, c.organisation, c.asset from component_product cp join component c on c.id = cp.component
  where app_centre() and cp.product = any(wanted)
$$;
revoke all on function products_named(text[]) from public;
revoke all on function components_of_products(integer[]) from public;
grant execute on function products_named(text[]) to app;
grant execute on function components_of_products(integer[]) to app;
`,
};

/** A draft that is not to be issued goes out of the way; what it was stays its people's. */
export const warningDroppedSchema: Migration = {
  id: '0077-warning-dropped',
  sql: `
alter table warning drop constraint warning_state_check;
alter table warning add constraint warning_state_check
  check (state in ('draft', 'approved', 'dropped', 'issued', 'adjusted', 'lifted'));
drop policy warning_read on warning;
create policy warning_read on warning for select to app using (app_sees(owner) or (state in ('issued', 'adjusted', 'lifted')
  and exists (select from warning_audience a where a.warning = warning.id and a.organisation = app_organisation())));
`,
};

/** Warnings of before were issued and changed by one person each; their histories say so, and go on. */
export const warningAloneSchema: Migration = {
  id: '0071-warning-alone',
  sql: `
update warning_event set body = jsonb_set(body, '{alone}', '"Issued before a second person was asked."')
  where body->>'kind' in ('issue', 'adjust') and not body ? 'alone'
    and not exists (select from warning_event e where e.warning = warning_event.warning and e.body->>'kind' in ('approve', 'propose'));
`,
};
