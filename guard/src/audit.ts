/**
 * The audit's chain: each entry carries the hash of the one before, so that an entry cannot be changed, moved or taken
 * out unseen; and the hashes of the last entries stand outside the database as well (the *heads*), so that the end of the chain
 * cannot be cut off unseen. Pure: `store/src/audit.ts` keeps it.
 *
 *     hash = SHA-256( RFC 8785 JSON of { seq, at, organisation, actor, demo, action, object, detail, previous } )
 */

import { createHash } from 'node:crypto';
import { canonical, type Json } from '@forewarn/base/canonical';
import type { Words } from '@forewarn/model/text';

/** What somebody did. `action` is dotted: `warning.issue`; `object` names the thing: `warning/FW-W-2026-0001`. */
export type Act = {
  readonly organisation: string;
  readonly actor: string;
  readonly demo: boolean;
  readonly action: string;
  readonly object: string;
  readonly detail: { readonly [key: string]: Json | undefined };
};

export type AuditEntry = Act & {
  /** From 1, without gaps. */
  readonly seq: number;
  /** Seconds UTC. */
  readonly at: number;
  /** Hash of the entry before; of the first: 64 zeros. */
  readonly previous: string;
  readonly hash: string;
};

/** A link of the chain as it is kept outside: the entry's number and hash. */
export type Head = { readonly seq: number; readonly hash: string };

export const noEntry: Head = { seq: 0, hash: '0'.repeat(64) };

/** The hash an entry must have. */
export function entryHash(entry: Omit<AuditEntry, 'hash'>): string {
  const { seq, at, organisation, actor, demo, action, object, detail, previous } = entry;
  const text = canonical({ seq, at, organisation, actor, demo, action, object, detail, previous });
  return createHash('sha256').update(text).digest('hex');
}

/** The next entry of the chain. Texts are made well-formed, because a database gives no others back. */
export function nextEntry(previous: Head, act: Act, at: number): AuditEntry {
  const entry = { ...(storable(act) as Act), seq: previous.seq + 1, at, previous: previous.hash };
  return { ...entry, hash: entryHash(entry) };
}

/** Unpaired surrogates and U+0000 become U+FFFD, -0 becomes 0: PostgreSQL's jsonb has none of them. */
function storable(value: Json): Json {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\u0000', '\ufffd');
  if (typeof value === 'number') return value === 0 ? 0 : value;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map(storable);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      inner === undefined ? [] : [[storable(key) as string, storable(inner as Json)]],
    ),
  );
}

/**
 * What a check found. `intact` false: `trouble` says what, `seq` where. `lag` counts entries after the last head: they chain
 * correctly, and were committed when the process ended before it could write the head; at most one transaction's.
 */
export type AuditVerdict = {
  intact: boolean;
  entries: number;
  last: Head;
  lag: number;
  seq: number | null;
  trouble: Words | null;
};

/** Checks entries in order as they are read, against the heads kept outside. Holds the heads and nothing else. */
export class ChainCheck {
  readonly #heads: ReadonlyMap<number, string>;
  readonly #lastHead: Head;
  #last: Head = noEntry;
  #failed: { seq: number; trouble: Words } | undefined;

  constructor(heads: readonly Head[]) {
    this.#heads = new Map(heads.map(({ seq, hash }) => [seq, hash]));
    this.#lastHead = heads.reduce((last, head) => (head.seq > last.seq ? head : last), noEntry);
  }

  /** The next entry; returns whether the chain still holds. */
  add(entry: AuditEntry): boolean {
    if (this.#failed) return false;
    const seq = this.#last.seq + 1;
    const fail = (text: string, values: { [name: string]: number } = { seq }) => {
      this.#failed = { seq, trouble: { text, values } };
      return false;
    };
    if (entry.seq !== seq) return fail('guard.audit.missing', { seq, found: entry.seq });
    if (entry.previous !== this.#last.hash) return fail('guard.audit.previous');
    if (entryHash(entry) !== entry.hash) return fail('guard.audit.changed');
    const head = this.#heads.get(seq);
    if (head !== undefined && head !== entry.hash) return fail('guard.audit.head');
    this.#last = { seq, hash: entry.hash };
    return true;
  }

  /** The result after the last entry. `kept`: the database's own record of its last entry. */
  verdict(kept: Head): AuditVerdict {
    const last = this.#last;
    if (!this.#failed && last.seq < this.#lastHead.seq) {
      this.#failed = {
        seq: last.seq + 1,
        trouble: { text: 'guard.audit.cut', values: { seq: last.seq + 1, head: this.#lastHead.seq } },
      };
    }
    if (!this.#failed && (kept.seq !== last.seq || kept.hash !== last.hash)) {
      this.#failed = { seq: last.seq + 1, trouble: { text: 'guard.audit.kept', values: { seq: last.seq, kept: kept.seq } } };
    }
    return {
      intact: this.#failed === undefined,
      entries: last.seq,
      last,
      lag: Math.max(0, last.seq - this.#lastHead.seq),
      seq: this.#failed?.seq ?? null,
      trouble: this.#failed?.trouble ?? null,
    };
  }
}
