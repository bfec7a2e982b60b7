/** What is known of Redis commands: where their key and value stand, and which of them speak of secrets. */

/** Commands whose first argument is a key; after Zeek's analyzer (src/analyzer/protocol/redis). */
const keyed = new Set(
  (
    'APPEND BITCOUNT BITFIELD BITFIELD_RO BITPOS BLPOP BRPOP COPY DECR DECRBY DEL DUMP EXISTS EXPIRE EXPIREAT EXPIRETIME ' +
    'GET GETBIT GETDEL GETEX GETRANGE GETSET HDEL HGET HSET INCR INCRBY KEYS MGET MOVE MSET PERSIST RENAME SET STRLEN TTL TYPE'
  ).split(' '),
);

/** Commands whose second argument is a value. */
const valued = new Set('APPEND DECRBY EXPIRE EXPIREAT GETBIT GETSET HDEL HGET INCRBY MOVE MSET RENAME SET'.split(' '));

/** Place of the key among the words of a command, the command itself being 0; -1 for those without. */
export function keyPlace(command: string): number {
  if (keyed.has(command)) return 1;
  // The operation stands before the destination of BITOP; timeout and number of keys before the keys of BLMPOP.
  return command === 'BITOP' ? 2 : command === 'BLMPOP' ? 3 : -1;
}

/** Place of the value, or -1. */
export function valuePlace(command: string): number {
  return valued.has(command) ? 2 : -1;
}

/** Commands whose replies can be secrets: settings and accounts hold passwords and their hashes. */
export function repliesWithSecrets(command: string): boolean {
  return command === 'ACL' || command === 'CONFIG' || command === 'AUTH' || command === 'HELLO';
}

/** Commands whose answers come as messages, out of the order of replies. */
export function isSubscription(command: string): boolean {
  return /^[PS]?(?:UN)?SUBSCRIBE$/.test(command);
}

/** Commands after which the server sends what others wrote: copies of the database, or everything that is asked of it. */
export function isStream(command: string): boolean {
  return command === 'PSYNC' || command === 'SYNC' || command === 'MONITOR';
}
