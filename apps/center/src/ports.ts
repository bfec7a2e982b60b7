/** What the centre's API asks of its neighbours: who is asking, what takes a batch in. `wiring.ts` connects them. */

import type { Accounts as AllAccounts } from '@forewarn/guard/accounts';
import type { Principal } from '@forewarn/guard/principal';
import type { Acknowledgement, Batch } from '@forewarn/model/batch';
import type { Finding } from '@forewarn/model/finding';
import type { Scope, Transaction } from '@forewarn/store/postgres/database';

export type { Principal } from '@forewarn/guard/principal';

export const scopeOf = ({ organisation, centre, account }: Principal): Scope => ({ organisation, centre, account });

/** Accounts, sessions and tokens, as the routes use them; what only a start of the centre does is left out. */
export type Accounts = Omit<AllAccounts, 'localToken' | 'firstLink' | 'demoPerson'>;

/** Takes batches in: on disk before it answers, the same batch once. */
export type Pipeline = {
  accept(sender: Sender, batch: Batch): Promise<Acknowledgement>;
  /**
   * Groups findings that were made of stored records with what the stream of their organisation remembers; what is returned writes the groups in a
   * transaction of the caller's. An organisation that has sent nothing since the start remembers nothing.
   */
  consider(organisation: string, findings: readonly Finding[]): Promise<(tx: Transaction) => Promise<void>>;
  close(): Promise<void>;
};

/** The sensor that sent a batch, as registered: what its records are stamped with is ours to say, not its. */
export type Sender = { readonly sensor: string; readonly principal: Principal };
