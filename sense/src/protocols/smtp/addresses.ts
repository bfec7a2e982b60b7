/** Mailboxes and hosts out of what SMTP and mail headers say (RFC 5321 §4.1.2, RFC 5322 §3.4). */

import { parseAddress, formatAddress } from '@forewarn/base/ip';

const mailbox = /(?:^|[<,:\s])([^<>,:;\s@]+@[^<>,:;\s]+)/g;

/** The mailboxes in `FROM:<a@example.org> SIZE=3` and the like. */
export function mailboxesOf(text: string): string[] {
  const found = new Set<string>();
  for (const match of text.matchAll(mailbox)) found.add(match[1]!);
  return [...found];
}

/** The entries of a list of addresses as they were written: a comma within quotes does not part them. */
export function listOf(text: string, most: number): string[] {
  const entries = new Set<string>();
  let from = 0;
  let quoted = false;
  for (let at = 0; at <= text.length && entries.size < most; at++) {
    const letter = text[at];
    if (letter === '"' && text.indexOf('"', at + 1) >= 0) {
      // A quote that is never closed parts nothing.
      at = text.indexOf('"', at + 1);
      quoted = true;
      continue;
    }
    if (letter !== ',' && at < text.length) continue;
    const entry = text.slice(from, at).trim();
    if (entry !== '' || quoted) entries.add(entry);
    from = at + 1;
    quoted = false;
  }
  return [...entries];
}

const wrapped = /[[(<{](?:IPv6:)?([0-9a-fA-F:.]{3,45})[\])>}]/gi;

/**
 * The host that a `Received` header names: the second of its addresses in brackets, or the only one (as Zeek takes it: the
 * first is often what the sender said, the second what the receiver saw).
 */
export function hostOf(received: string): string | undefined {
  let first: string | undefined;
  for (const match of received.matchAll(wrapped)) {
    const address = addressOf(match[1]!);
    if (address === undefined) continue;
    if (first !== undefined) return address;
    first = address;
  }
  return first;
}

/** An address in text, with brackets or without. */
export function addressOf(text: string): string | undefined {
  const bytes = parseAddress(text.replace(/^[\s[]+|[\s\]]+$/g, ''));
  return bytes && formatAddress(bytes);
}
