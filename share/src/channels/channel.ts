/**
 * A channel carries what the exit let pass: the recipient's own pages, mail, a webhook. Each is one file beside this one. What it
 * reaches the world with comes as an argument of its maker.
 */

import type { Passage } from '../egress.ts';

export type Delivery<Body> = { readonly passage: Passage; readonly body: Body };

/** Where a delivery went. Throws when it could not be carried; the caller's transaction then takes everything back. */
export type Receipt = { readonly channel: string; readonly recipient: string; readonly at: number };

export type Channel<Body> = {
  readonly id: string;
  deliver(delivery: Delivery<Body>): Promise<Receipt>;
};
