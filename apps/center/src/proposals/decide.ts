/** Accepting, merging and refusing proposals: the register is written by a person's act, in one transaction with the decision. */

import { z } from 'zod';
import { changed, draft, mergeKinds, merged, type Draft, type Step } from '@forewarn/know/proposals/draft';
import type { KnownEstate } from '@forewarn/know/proposals/known';
import { estateKinds as schemas, Slug, type EstateItem, type EstateKind } from '@forewarn/model/estate';
import { ProposalChoice, ProposalOutcome, proposalsAtOnce } from '@forewarn/model/proposal';
import type { Words } from '@forewarn/model/text';
import { findEstate, writeEstate } from '@forewarn/store/resources/estate';
import {
  decideProposal,
  findProposals,
  lockProposals,
  reopenProposals,
  type StoredProposal,
} from '@forewarn/store/resources/proposals';
import { act, type Acting } from '../act.ts';
import { holdsUnstorable } from '../api/body.ts';
import { claims } from '../estate/claims.ts';
import { checkNotImporting } from '../estate/importing.ts';
import { route, type Asked } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import type { Principal } from '../ports.ts';
import { invalid, notFound } from '../refusals.ts';
import { freshKnown } from './known.ts';

const fault = (text: string, values: Words['values'] = {}): Words => ({ text: `know.proposal.fault.${text}`, values });

/** All of them, in the doer's own scope; one that is not there, or another's, and nothing is done. */
async function foundAll(
  { center, scope }: Pick<Asked<unknown, unknown, unknown>, 'center' | 'scope'>,
  ids: readonly string[],
): Promise<StoredProposal[]> {
  if (new Set(ids).size < ids.length) throw invalid('proposals', 'The same proposal stands there twice.', 'Name each once.');
  const rows = await center.database.scoped(scope, (tx) => findProposals(tx, ids));
  if (rows.length < ids.length) throw notFound();
  return rows;
}

/** Hosts before what they offer, so that both can be accepted together. */
const order = ['host', 'name', 'service', 'product', 'surface'] as const;

type Work = {
  rows: readonly StoredProposal[];
  state: 'accepted' | 'merged';
  reason: string;
  drafted: (row: StoredProposal, known: KnownEstate) => Draft | undefined;
};

async function write(center: Center, principal: Principal, { rows, state, reason, drafted }: Work): Promise<ProposalOutcome> {
  const knowns = new Map<string, KnownEstate>();
  for (const { organisation } of rows)
    if (!knowns.has(organisation)) knowns.set(organisation, await freshKnown(center, organisation));
  const index = await center.estate.index();
  checkNotImporting(center);
  return act(center, principal, async (acting) => {
    const outcome: ProposalOutcome = { decided: [], faults: [] };
    const locked = await lockProposals(
      acting.tx,
      rows.map(({ id }) => id),
    );
    for (const row of locked.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))) {
      const known = knowns.get(row.organisation)!;
      const refuse = (message: Words): void => void outcome.faults.push({ proposal: row.id, message });
      if (row.state !== 'open') {
        refuse(fault('decided'));
        continue;
      }
      const made = drafted(row, known);
      if (!made) refuse(fault('item'));
      else if (made.needs !== null) refuse(fault(`needs-${made.needs}`));
      else {
        const items = await itemsOf(acting, row.organisation, made.steps);
        const claimed =
          Array.isArray(items) && !principal.centre ? items.flatMap(({ item }) => claims(index, row.organisation, item)) : [];
        if (!Array.isArray(items)) refuse(items);
        else if (claimed.length > 0) refuse({ text: `know.import.${claimed[0]!.text}`, values: claimed[0]!.values ?? {} });
        else {
          for (const { kind, item } of items) {
            const foreign = await writeEstate(acting.tx, { [kind]: [item] }, { at: acting.at, by: acting.doer.account });
            // Looked for a moment ago under the same id: somebody else's appeared since, and everything is taken back.
            if (foreign.length > 0) throw notFound();
            known.note(kind, item as EstateItem<typeof kind>);
          }
          await decideProposal(acting.tx, row.id, { state, at: acting.at, by: acting.doer.account, reason, item: made.item });
          outcome.decided.push({ proposal: row.id, item: made.item });
          acting.audit(
            state === 'accepted' ? 'proposal.accept' : 'proposal.merge',
            `proposal/${row.id}`,
            { kind: row.kind, host: row.host, what: made.name, item: `${made.item.kind}/${made.item.id}` },
            row.organisation,
          );
          acting.changed('estate', row.organisation, { organisation: row.organisation });
          acting.changed('proposals', row.organisation, { organisation: row.organisation });
        }
      }
    }
    if (outcome.decided.length > 0) acting.tx.afterCommit(() => center.estate.forget());
    return outcome;
  });
}

type Written = { kind: EstateKind; item: EstateItem }[];

/** The items as they will stand, or why they cannot: each checked as an import checks it. */
async function itemsOf({ tx }: Acting, organisation: string, steps: readonly Step[]): Promise<Written | Words> {
  const items: Written = [];
  for (const step of steps) {
    let item: object;
    if (step.do === 'write') {
      if (step.item.id !== organisation && !step.item.id.startsWith(`${organisation}-`))
        return { text: 'know.import.id', values: { prefix: `${organisation}-` } };
      if (await findEstate(tx, step.kind, step.item.id)) return fault('taken', { id: step.item.id });
      item = step.item;
    } else {
      const there = await findEstate(tx, step.kind, step.id);
      if (!there || (there as { organisation?: string }).organisation !== organisation) return fault('item');
      item = changed(there, step);
    }
    const kind = step.kind;
    const read = schemas[kind].safeParse(item);
    if (!read.success || holdsUnstorable(read.data))
      return fault('full', { field: read.error?.issues[0]?.path.join('.') ?? 'name' });
    items.push({ kind, item: read.data as EstateItem });
  }
  return items;
}

export const acceptProposals = route({
  method: 'post',
  path: '/proposals/accept',
  access: 'estate:write',
  summary: 'Writes what is proposed into the estate, as drafted or with changes; what cannot be written stays open and is told.',
  body: z.strictObject({
    proposals: z
      .array(z.strictObject({ id: z.string().max(100), choice: ProposalChoice.default({}) }))
      .min(1)
      .max(proposalsAtOnce),
    reason: z.string().trim().max(1_000).default(''),
  }),
  answer: ProposalOutcome,
  async handle({ center, principal, scope, body }) {
    const choices = new Map(body.proposals.map(({ id, choice }) => [id, choice]));
    const rows = await foundAll(
      { center, scope },
      body.proposals.map(({ id }) => id),
    );
    return write(center, principal, {
      rows,
      state: 'accepted',
      reason: body.reason,
      drafted: (row, known) => draft(row, known, choices.get(row.id)),
    });
  },
});

export const mergeProposal = route({
  method: 'post',
  path: '/proposals/{id}/merge',
  access: 'estate:write',
  summary: 'Adds what is proposed to an item that is there: a further address, name, version, place or surface.',
  params: Id,
  body: z.strictObject({ item: Slug, reason: z.string().trim().max(1_000).default('') }),
  answer: ProposalOutcome,
  async handle({ center, principal, scope, params, body }) {
    const rows = await foundAll({ center, scope }, [params.id]);
    return write(center, principal, {
      rows,
      state: 'merged',
      reason: body.reason,
      drafted: (row, known) => (known.item(mergeKinds[row.kind], body.item) ? merged(row, known, body.item) : undefined),
    });
  },
});

export const refuseProposals = route({
  method: 'post',
  path: '/proposals/refuse',
  access: 'estate:write',
  summary: 'Refuses proposals with a reason; what was refused is not proposed again.',
  body: z.strictObject({
    proposals: z.array(z.string().max(100)).min(1).max(proposalsAtOnce),
    reason: z.string().trim().min(3).max(1_000),
  }),
  answer: ProposalOutcome,
  async handle({ center, principal, scope, body }) {
    const rows = await foundAll({ center, scope }, body.proposals);
    return act(center, principal, async (acting) => {
      const outcome: ProposalOutcome = { decided: [], faults: [] };
      for (const row of await lockProposals(
        acting.tx,
        rows.map(({ id }) => id),
      )) {
        if (row.state !== 'open') {
          outcome.faults.push({ proposal: row.id, message: fault('decided') });
          continue;
        }
        await decideProposal(acting.tx, row.id, {
          state: 'refused',
          at: acting.at,
          by: acting.doer.account,
          reason: body.reason,
          item: null,
        });
        outcome.decided.push({ proposal: row.id, item: null });
        acting.audit(
          'proposal.refuse',
          `proposal/${row.id}`,
          { kind: row.kind, host: row.host, reason: body.reason },
          row.organisation,
        );
        acting.changed('proposals', row.organisation, { organisation: row.organisation });
      }
      return outcome;
    });
  },
});

export const reopenProposal = route({
  method: 'post',
  path: '/proposals/{id}/reopen',
  access: 'estate:write',
  summary: 'Takes a refusal back: the proposal is open again.',
  params: Id,
  answer: ProposalOutcome,
  async handle({ center, principal, scope, params }) {
    const rows = await foundAll({ center, scope }, [params.id]);
    return act(center, principal, async (acting) => {
      const [row] = await lockProposals(
        acting.tx,
        rows.map(({ id }) => id),
      );
      if (row?.state !== 'refused') return { decided: [], faults: [{ proposal: params.id, message: fault('not-refused') }] };
      await reopenProposals(acting.tx, [row.id]);
      acting.audit('proposal.reopen', `proposal/${row.id}`, { kind: row.kind, host: row.host }, row.organisation);
      acting.changed('proposals', row.organisation, { organisation: row.organisation });
      return { decided: [{ proposal: row.id, item: null }], faults: [] };
    });
  },
});
