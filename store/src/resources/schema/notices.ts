import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/** What tells organisations that something awaits them, written with what it tells of. Each sees its own. */
export const noticeSchema: Migration = {
  id: '0060-notices',
  sql: `
-- What was told, as it was when it was told: later editions change the warning, not what was said before.
create table notice_content (
  id text primary key default uuidv7()::text,
  at double precision not null,
  body jsonb not null
);

create table notice (
  id text primary key default uuidv7()::text,
  -- Who is told; nobody in particular: everybody, by the public feed.
  organisation text references organisation (id),
  kind text not null,
  subject_kind text not null check (subject_kind in ('warning', 'report')),
  subject text not null,
  marking text not null,
  at double precision not null,
  content text references notice_content (id),
  -- The whole notice (model/src/notice.ts).
  body jsonb not null
);
create index notice_organisation on notice (organisation, at desc, id desc);
create index notice_subject on notice (subject, organisation);
create index notice_at on notice (at);
create index notice_content_of on notice (content) where content is not null;
${guarded('notice', { read: 'app_sees(organisation)', insert: byCentre })}
${guarded('notice_content', {
  read: `app_centre() or exists (select from notice n where n.content = notice_content.id and n.organisation = app_organisation())`,
  insert: byCentre,
})}
`,
};
