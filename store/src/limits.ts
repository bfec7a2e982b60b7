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
} as const satisfies { [name: string]: { name: string; value: number; unit: string; why: string } };
