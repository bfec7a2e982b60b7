/** Every ceiling of the stores, and where its number comes from. */

export const limits = {
  scopedMs: {
    name: 'scopedMs',
    value: 5_000,
    unit: 'ms',
    why: "A request's transaction is some tens of statements of under a millisecond; a hundred times that means that something else is awaited in it.",
  },
  systemMs: {
    name: 'systemMs',
    value: 30_000,
    unit: 'ms',
    why: 'Jobs import an estate or tidy a table: some thousand statements in one transaction.',
  },
  transactionsWaitingMax: {
    name: 'transactionsWaitingMax',
    value: 1_000,
    unit: 'transactions',
    why: 'They run one after another; at a millisecond each the last of a thousand waits a second, and more is better told than hidden.',
  },
  freeBytesMin: {
    name: 'freeBytesMin',
    value: 128 * 1024 * 1024,
    unit: 'bytes',
    why: 'Below it the stores take no writes and go on reading. Recovery needs room itself: two segments of 16 MiB of the log, a merge of small parts, and some batches of the spool.',
  },
  auditPageEntries: {
    name: 'auditPageEntries',
    value: 1_000,
    unit: 'entries',
    why: 'Read and checked at a time: about half a megabyte, and a transaction of some ten milliseconds. One act writes a few, so a longer tail without a head is no crash.',
  },
  auditHeadsKept: {
    name: 'auditHeadsKept',
    value: 1_000,
    unit: 'heads',
    why: 'Kept outside over a restart, 90 kB. The last alone proves all before it; the others only help to say where.',
  },
  readSessions: {
    name: 'readSessions',
    value: 3,
    unit: 'sessions',
    why: 'A session of ClickHouse runs one statement at a time. One for a slow report leaves two for look-ups; more would only share the same cores.',
  },
  readsWaitingMax: {
    name: 'readsWaitingMax',
    value: 200,
    unit: 'questions',
    why: 'Waiting questions about records. A page asks some five at once: forty people opening one in the same second.',
  },
  readSeconds: {
    name: 'readSeconds',
    value: 10,
    unit: 's',
    why: 'A page is to be there in 0.2 s at a hundred million flows; who waits fifty times as long has gone, and the engine must not work on.',
  },
  insertSeconds: {
    name: 'insertSeconds',
    value: 60,
    unit: 's',
    why: 'A full batch takes 0.1 to 0.5 s; a disk a hundred times slower is broken.',
  },
  readMemoryBytes: {
    name: 'readMemoryBytes',
    value: 1024 * 1024 * 1024,
    unit: 'bytes',
    why: 'For one question: grouping ten million hosts takes about 1 GB; half of it and the rest goes over the disk.',
  },
  rowsMax: {
    name: 'rowsMax',
    value: 10_000,
    unit: 'rows',
    why: 'Records in one answer: 5 MB of JSON, more than a person pages through. Exports go page by page.',
  },
  groupsMax: {
    name: 'groupsMax',
    value: 100_000,
    unit: 'rows',
    why: 'Groups in one answer, about 20 MB; a behaviour over all hosts of a large estate stays below.',
  },
  bucketsMax: { name: 'bucketsMax', value: 2_000, unit: 'buckets', why: 'Of a histogram: no screen shows more columns.' },
  topMax: { name: 'topMax', value: 1_000, unit: 'values', why: 'Most frequent values in one answer; beyond it one groups.' },
  flowRowsMax: {
    name: 'flowRowsMax',
    value: 1_000,
    unit: 'records',
    why: 'Of one flow and log: a Modbus master polls once a second, a quarter of an hour is seen whole.',
  },
  deduplicationWindow: {
    name: 'deduplicationWindow',
    value: 4_000,
    unit: 'inserts',
    why: 'Inserts a table remembers by their batch id. Batches come again from the spool after a crash, at most as many as it may hold, in at most a few yearly partitions; older ones are known by their row in PostgreSQL.',
  },
} as const satisfies { [name: string]: { name: string; value: number; unit: string; why: string } };
