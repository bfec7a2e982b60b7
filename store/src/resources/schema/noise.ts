import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/** What hides findings, what people say findings were, and what the search of findings has yet to be told. */
export const noiseSchema: Migration = {
  id: '0034-noise',
  sql: `
create table exception (
  id text primary key,
  kind text not null check (kind in ('exception', 'window', 'snooze')),
  -- Whose member made it; of the centre's an organisation sees those that are about it.
  owner text not null references organisation (id),
  centre boolean not null,
  organisation text references organisation (id),
  terms jsonb not null,
  at double precision not null,
  by text not null,
  until double precision not null,
  state text not null check (state in ('active', 'lifted', 'expired')),
  ended_at double precision,
  ended_by text,
  end_reason text,
  hits double precision not null default 0,
  last_hit_at double precision
);
create index exception_at on exception (at desc, id desc);
create index exception_due on exception (until) where state = 'active';
${guarded('exception', {
  read: 'app_sees(owner) or organisation = app_organisation()',
  insert: byCentre,
  update: byCentre,
})}

alter table finding
  add column hidden_by text references exception (id),
  add column verdict text check (verdict in ('true-positive', 'false-positive', 'expected', 'undetermined'));
create index finding_hidden on finding (hidden_by) where hidden_by is not null;

-- The last one counts; none is changed.
create table finding_verdict (
  id text primary key default uuidv7()::text,
  finding text not null references finding (id),
  at double precision not null,
  verdict text not null,
  reason text not null,
  by text not null,
  organisation text not null references organisation (id)
);
create index finding_verdict_finding on finding_verdict (finding, id);
${guarded('finding_verdict', {
  read: `app_centre() or exists (select from finding_access a where a.finding = finding_verdict.finding and a.organisation = app_organisation())`,
  insert: byCentre,
})}

-- Findings are searched in ClickHouse. Whatever changes one notes it here, in the same transaction; who carries it over takes the note away.
create table finding_due (
  finding text primary key,
  edition bigserial not null
);
create index finding_due_edition on finding_due (edition);

create function finding_is_due() returns trigger language plpgsql security definer set search_path = public as $$ begin
  insert into finding_due (finding)
    select case tg_table_name when 'finding' then to_jsonb(new)->>'id' else to_jsonb(new)->>'finding' end
    on conflict (finding) do update set edition = nextval('finding_due_edition_seq');
  return null;
end $$;
create function incident_findings_are_due() returns trigger language plpgsql security definer set search_path = public as $$ begin
  insert into finding_due (finding) select i.finding from incident_finding i where i.incident = new.incident
    on conflict (finding) do update set edition = nextval('finding_due_edition_seq');
  return null;
end $$;
create trigger finding_is_due after insert or update on finding for each row execute function finding_is_due();
create trigger finding_is_due after insert on finding_access for each row execute function finding_is_due();
create trigger finding_is_due after insert on incident_finding for each row execute function finding_is_due();
create trigger incident_findings_are_due after insert on incident_access for each row execute function incident_findings_are_due();
insert into finding_due (finding) select id from finding;
`,
};
