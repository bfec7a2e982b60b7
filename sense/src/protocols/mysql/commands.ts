/** Commands of the MySQL protocol, with Zeek's names. */

/** Names by number (MySQL Internals, Text Protocol and Prepared Statements; Zeek base/protocols/mysql/consts). */
const names: readonly string[] = [
  'sleep',
  'quit',
  'init_db',
  'query',
  'field_list',
  'create_db',
  'drop_db',
  'refresh',
  'shutdown',
  'statistics',
  'process_info',
  'connect',
  'process_kill',
  'debug',
  'ping',
  'time',
  'delayed_insert',
  'change_user',
  'binlog_dump',
  'table_dump',
  'connect_out',
  'register_slave',
  'stmt_prepare',
  'stmt_execute',
  'stmt_send_long_data',
  'stmt_close',
  'stmt_reset',
  'set_option',
  'stmt_fetch',
  'daemon',
  'binlog_dump_gtid',
  'reset_connection',
];

export const QUIT = 0x01;
const INIT_DB = 0x02;
export const QUERY = 0x03;
export const FIELD_LIST = 0x04;
const DROP_DB = 0x06;
export const STATISTICS = 0x09;
export const CHANGE_USER = 0x11;
const BINLOG_DUMP = 0x12;
const TABLE_DUMP = 0x13;
export const STMT_PREPARE = 0x16;
const STMT_SEND_LONG_DATA = 0x18;
const STMT_CLOSE = 0x19;
export const STMT_FETCH = 0x1c;
const BINLOG_DUMP_GTID = 0x1e;

export function commandName(code: number): string {
  return names[code] ?? `unknown-${code}`;
}

/** Commands whose argument is text. Those of others are numbers, or hold parameters that may be secrets. */
export function hasText(code: number): boolean {
  return (code >= INIT_DB && code <= DROP_DB) || code === STMT_PREPARE;
}

/** Commands that the server does not answer. */
export function isSilent(code: number): boolean {
  return code === QUIT || code === STMT_SEND_LONG_DATA || code === STMT_CLOSE;
}

/** Commands after which the server sends without end. */
export function isStream(code: number): boolean {
  return code === BINLOG_DUMP || code === TABLE_DUMP || code === BINLOG_DUMP_GTID;
}
