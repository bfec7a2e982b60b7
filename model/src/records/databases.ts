/** Databases, with the names of Zeek 8's `mysql`, `postgresql` and `redis` logs. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const mysql = {
  log: 'mysql',
  means: 'One command to a MySQL or MariaDB server, or a login.',
  source: 'Zeek base/protocols/mysql; MySQL Internals, Client/Server Protocol',
  columns: {
    ...connectionColumns,
    cmd: { type: 'string', class: 'technical', always: true, means: 'The command: login, query, init_db, quit.' },
    arg: {
      type: 'string',
      class: 'content',
      always: true,
      means: 'Its argument: the statement, the account, the database. Literals of statements that speak of secrets are hidden.',
    },
    success: { type: 'bool', class: 'technical', means: 'The server carried it out.' },
    rows: { type: 'count', class: 'technical', unit: 'rows', means: 'Rows that were changed.' },
    response: { type: 'string', class: 'content', means: 'The error message of the server.' },
  },
} as const satisfies RecordType;

export const postgresql = {
  log: 'postgresql',
  means: 'One request to a PostgreSQL server with its answer.',
  source: 'Zeek base/protocols/postgresql; PostgreSQL documentation, Frontend/Backend Protocol 3.0',
  columns: {
    ...connectionColumns,
    user: { type: 'string', class: 'personal', means: 'Account of the session.' },
    database: { type: 'string', class: 'technical', means: 'Database of the session.' },
    application_name: { type: 'string', class: 'technical', means: 'Name that the client program gave itself.' },
    frontend: {
      type: 'string',
      class: 'technical',
      means: 'What the client asked: ssl_request, startup, simple_query, parse, terminate.',
    },
    frontend_arg: {
      type: 'string',
      class: 'content',
      means: 'The statement. Literals of statements that speak of secrets are hidden.',
    },
    backend: { type: 'string', class: 'technical', means: 'What the server answered: ssl_reply, auth_request, auth_ok, error.' },
    backend_arg: {
      type: 'string',
      class: 'content',
      means: 'The method of authentication, or the fields of the error or notice.',
    },
    success: { type: 'bool', class: 'technical', means: 'The server accepted or carried it out.' },
    rows: { type: 'count', class: 'technical', unit: 'rows', means: 'Rows that the server returned.' },
  },
} as const satisfies RecordType;

export const redis = {
  log: 'redis',
  means: 'One command to a Redis server with its reply.',
  source: 'Zeek base/protocols/redis; Redis serialization protocol specification (RESP2, RESP3)',
  columns: {
    ...connectionColumns,
    'cmd.name': { type: 'string', class: 'technical', means: 'The command.' },
    'cmd.key': { type: 'string', class: 'content', means: 'Its key, where the command has one.' },
    'cmd.value': { type: 'string', class: 'content', means: 'Its value, where the command has one.' },
    success: { type: 'bool', class: 'technical', means: 'The reply was no error.' },
    'reply.value': {
      type: 'string',
      class: 'content',
      means: 'The reply; not of commands that can return secrets (AUTH, HELLO, ACL, CONFIG).',
    },
  },
} as const satisfies RecordType;

export type MysqlRecord = RecordOf<typeof mysql>;
export type PostgresqlRecord = RecordOf<typeof postgresql>;
export type RedisRecord = RecordOf<typeof redis>;
