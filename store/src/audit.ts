/**
 * Keeps the audit: an entry is written in the transaction of the act it tells of, so that neither is there without the
 * other, and the hash of the newest entry is written outside the database after the commit.
 *
 *     const audit = await openAudit({ file: join(DATA, 'audit.head'), database, clock });
 *     await database.scoped(scope, async (tx) => {
 *       await tx.query('update warning set state = $1 …');
 *       await audit.record(tx, { organisation: scope.organisation, actor, demo, action: 'warning.issue', object: 'warning/7', detail });
 *     });
 *     const verdict = await audit.verify();          // `forewarn audit verify`, GET /api/v1/audit/verify
 *
 * Lists with filters are in `resources/audit-list.ts`.
 */

import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '@forewarn/base/time';
import { ChainCheck, nextEntry, noEntry, type Act, type AuditEntry, type AuditVerdict, type Head } from '@forewarn/guard/audit';
import type { Words } from '@forewarn/model/text';
import { syncFolder } from './disk.ts';
import { limits } from './limits.ts';
import type { Database, Transaction } from './postgres/database.ts';

export type Audit = {
  /** Adds an entry to the chain. Call it last: from here to the commit other acts wait. */
  record(tx: Transaction, act: Act): Promise<AuditEntry>;
  /** Recomputes the whole chain. Reads a thousand entries at a time and holds up nobody. */
  verify(): Promise<AuditVerdict>;
  close(): Promise<void>;
};

export type AuditOptions = { file: string; database: Database; clock: Clock; onFault?: (fault: Error) => void };

const columns = 'seq, at, organisation, actor, demo, action, object, detail, previous, hash';

/**
 * The heads outside the database, one a line: `{"seq":7,"hash":"…"}`. The file begins with the head of an audit without entries, so that
 * it is never empty: an empty one beside entries was emptied by somebody.
 */
type HeadFile = { heads: Head[]; trouble: Words | null; wholeBytes: number };

function readHeads(file: string): HeadFile {
  if (!existsSync(file)) return { heads: [], trouble: { text: 'guard.audit.heads-missing' }, wholeBytes: 0 };
  const text = readFileSync(file, 'utf8');
  // A line without its end is a write that a crash cut; it was never relied on.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const heads: Head[] = [];
  for (const [index, line] of whole.split('\n').slice(0, -1).entries()) {
    const match = /^\{"seq":(\d{1,15}),"hash":"([0-9a-f]{64})"\}$/.exec(line);
    if (!match) return { heads, trouble: { text: 'guard.audit.heads-unreadable', values: { line: index + 1 } }, wholeBytes: 0 };
    heads.push({ seq: Number(match[1]), hash: match[2] as string });
  }
  return { heads, trouble: null, wholeBytes: Buffer.byteLength(whole) };
}

/** What is wrong with the heads outside beside a database whose newest entry is `end`: one without entries may have none. */
const headsTrouble = ({ heads, trouble }: HeadFile, end: number): Words | null =>
  trouble ?? (heads.length === 0 && end > 0 ? { text: 'guard.audit.heads-missing' } : null);

const lineOf = ({ seq, hash }: Head): string => `${JSON.stringify({ seq, hash })}\n`;

async function keptHead(tx: Transaction, lock = ''): Promise<Head> {
  const [head] = await tx.query<Head>(`select seq, hash from audit_head ${lock}`);
  return head ?? noEntry;
}

/** The chain as it stands, against the heads outside. Needs no open audit: the command line calls it on a stopped centre's folder. */
export async function verifyAudit({ file, database }: { file: string; database: Database }): Promise<AuditVerdict> {
  // One transaction at a time: while this one runs nothing is committed whose head is not yet written.
  const { outside, kept, end } = await database.system(async (tx) => {
    const [last] = await tx.query<{ seq: number | null }>('select max(seq) as seq from audit');
    return { outside: readHeads(file), kept: await keptHead(tx), end: last?.seq ?? 0 };
  });
  const check = new ChainCheck(outside.heads);
  for (let after: number | undefined = 0; after !== undefined;) {
    const entries: AuditEntry[] = await database.system((tx) =>
      tx.query(`select ${columns} from audit where seq > $1 and seq <= $2 order by seq limit $3`, [
        after,
        end,
        limits.auditPageEntries.value,
      ]),
    );
    after = entries.every((entry) => check.add(entry)) ? entries.at(-1)?.seq : undefined;
  }
  const verdict = check.verdict(kept);
  const trouble = headsTrouble(outside, Math.max(end, kept.seq));
  if (!verdict.intact || trouble === null) return verdict;
  return { ...verdict, intact: false, seq: null, trouble };
}

/**
 * Opens the audit. A head that a crash kept from being written is written now, if its entries chain correctly; if
 * something is wrong the file is left as it is, `onFault` hears of it, and `verify` goes on telling it.
 */
export async function openAudit({ file, database, clock, onFault }: AuditOptions): Promise<Audit> {
  const { kept, entries } = await database.system(async (tx) => {
    const [last] = await tx.query<{ seq: number | null }>('select max(seq) as seq from audit');
    return { kept: await keptHead(tx), entries: last?.seq ?? 0 };
  });
  if (kept.seq === 0 && entries === 0 && (!existsSync(file) || statSync(file).size === 0)) {
    writeFileSync(file, lineOf(noEntry), { mode: 0o600, flush: true });
    syncFolder(dirname(file));
  }
  const outside = readHeads(file);
  const verdict = await verifyTail(outside, kept, database);
  let handle: FileHandle | undefined;
  let bytes = 0;
  if (verdict === null) {
    // Every hash seals all before it, so old heads only help to say where; the file does not grow for ever.
    const heads = outside.heads.slice(-limits.auditHeadsKept.value);
    if (heads.at(-1)?.seq !== kept.seq && kept.seq > 0) heads.push(kept);
    const text = heads.map(lineOf).join('');
    writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
    syncFolder(dirname(file));
    bytes = Buffer.byteLength(text);
    handle = await open(file, 'r+');
  } else onFault?.(new Error(`The audit does not hold: ${verdict}. Run forewarn audit verify.`));

  /** The newest entry of each transaction, whose head follows its commit. */
  const newest = new WeakMap<Transaction, AuditEntry>();

  async function writeHead(head: Head): Promise<void> {
    if (!handle) return;
    const line = lineOf(head);
    // At the place we know: what an earlier failure left half written is overwritten.
    await handle.write(line, bytes);
    await handle.truncate(bytes + line.length);
    await handle.datasync();
    bytes += line.length;
  }

  return {
    async record(tx, act) {
      const entry = nextEntry(await keptHead(tx, 'for update'), act, clock.now());
      const { seq, at, organisation, actor, demo, action, object, detail, previous, hash } = entry;
      await tx.query(`insert into audit (${columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, [
        seq,
        at,
        organisation,
        actor,
        demo,
        action,
        object,
        JSON.stringify(detail),
        previous,
        hash,
      ]);
      await tx.query('update audit_head set seq = $1, hash = $2', [seq, hash]);
      if (!newest.has(tx)) tx.afterCommit(() => writeHead(newest.get(tx) ?? entry));
      newest.set(tx, entry);
      return entry;
    },
    verify: () => verifyAudit({ file, database }),
    async close() {
      await handle?.close();
      handle = undefined;
    },
  };
}

/** Whether the entries after the last head outside chain on from it to the database's own head; null if they do. */
async function verifyTail(outside: HeadFile, kept: Head, database: Database): Promise<string | null> {
  const trouble = headsTrouble(outside, kept.seq);
  if (trouble) return trouble.text;
  const last = outside.heads.at(-1) ?? noEntry;
  if (last.seq > kept.seq) return `entry ${last.seq} was written, the database ends with ${kept.seq}`;
  const tail = await database.system((tx) =>
    tx.query<AuditEntry>(`select ${columns} from audit where seq >= $1 order by seq limit $2`, [
      Math.max(last.seq, 1),
      limits.auditPageEntries.value,
    ]),
  );
  let previous = last;
  for (const entry of tail) {
    if (entry.seq === last.seq) {
      if (entry.hash !== last.hash) return `entry ${entry.seq} is not the one whose hash was kept`;
      continue;
    }
    const { seq, hash } = nextEntry(previous, entry, entry.at);
    if (entry.seq !== seq || entry.hash !== hash) return `entry ${seq} does not follow`;
    previous = { seq, hash };
  }
  return previous.seq === kept.seq && previous.hash === kept.hash
    ? null
    : `the database ends with ${previous.seq}, not ${kept.seq}`;
}
