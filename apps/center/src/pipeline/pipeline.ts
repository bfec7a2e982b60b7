/**
 * From a batch to incidents: the intake keeps and stores it, a watch of its organisation looks at it, findings are written with the batch's
 * state in one transaction, and groups of findings become incidents through the outbox.
 */

import { createHash } from 'node:crypto';
import type { Json } from '@forewarn/base/canonical';
import { classifyBatch, pseudonymiser } from '@forewarn/guard/classes';
import { grantsInForce } from '@forewarn/guard/links';
import type { DetectionContent } from '@forewarn/detect/content';
import type { Batch, Envelope } from '@forewarn/model/batch';
import { recordType } from '@forewarn/model/records/index';
import type { IncidentCandidate } from '@forewarn/model/finding';
import type { Records } from '@forewarn/store/clickhouse/records';
import { openIntake, type Intake } from '@forewarn/store/intake';
import { openOutbox, type Message } from '@forewarn/store/outbox';
import type { Transaction } from '@forewarn/store/postgres/database';
import { waitingBatches } from '@forewarn/store/resources/batches';
import { noteChange } from '@forewarn/store/resources/changes';
import { readEstate } from '@forewarn/store/resources/estate';
import { linkWithPolicy } from '@forewarn/store/resources/links';
import { findSensor } from '@forewarn/store/resources/sensors';
import { Refusal } from '@forewarn/base/refusal';
import type { Center } from '../center-parts.ts';
import { deliverCandidate } from '../incidents/deliver.ts';
import { accessOf, findingsWriter, placeOf } from '../incidents/open.ts';
import type { Pipeline } from '../ports.ts';
import { proposalsWriter } from '../proposals/intake.ts';
import { startWatch, type Looked, type Watch } from './watch.ts';

export type PipelineOptions = {
  /** Everything but the pipeline itself, which is being made. */
  center: Omit<Center, 'pipeline'>;
  records: Records;
  /** Folder of the spool. */
  spool: string;
  detection: DetectionContent;
  /** The key under which personal values become pseudonyms. */
  pseudonymKey: Uint8Array;
};

const topic = 'incident.candidate';

/** Opens the pipeline and takes up what an earlier process left. */
export async function openPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { center, records, detection } = options;
  const { database, clock } = center;
  const onFault = (fault: Error): void => void center.log.error({ err: fault }, 'pipeline');
  const pseudonym = pseudonymiser(options.pseudonymKey);

  const outbox = openOutbox({ database, clock, onFault, deliver });

  /** A message may come twice: opening an incident again finds it. */
  async function deliver(message: Message): Promise<void> {
    if (message.topic !== topic) throw new Error(`There is no receiver for messages about ${message.topic}.`);
    await deliverCandidate(center as Center, message.payload as unknown as IncidentCandidate);
  }

  const watches = new Map<string, { watch: Promise<Watch>; estate: unknown }>();

  async function watchOf(organisation: string, first: Batch): Promise<Watch> {
    const estate = await center.estate.index();
    const known = watches.get(organisation);
    // A changed estate has other networks, and other networks are another view of what is inside.
    if (known && known.estate === estate) return known.watch;
    const watch = (async () => {
      const { whole, waiting } = await database.system(async (tx) => ({
        whole: await readEstate(tx),
        waiting: await waitingBatches(tx),
      }));
      const networks = whole.networks
        .filter((network) => network.organisation === organisation)
        .flatMap(({ addresses }) => addresses);
      return startWatch({
        organisation,
        networks,
        detection,
        indicators: center.indicators.desk.of(organisation),
        records,
        first,
        without: new Set([first.id, ...waiting]),
        cost: center.cost,
        hides(finding, { sensor, link, networkType }) {
          const access = accessOf(finding, estate, organisation);
          return center.noise.now.hides(finding, placeOf(access, organisation, { id: sensor, link, networkType })) !== null;
        },
      });
    })();
    watches.set(organisation, { watch, estate });
    watch.catch(() => watches.delete(organisation));
    return watch;
  }

  /** A batch whose writing failed comes again: it is not looked at twice. */
  let last: { batch: string; looked: Looked } | undefined;

  async function detect(envelope: Envelope, batch: Batch): Promise<(tx: Transaction) => Promise<void>> {
    if (last?.batch !== batch.id) {
      const watch = await watchOf(envelope.organisation, batch);
      last = { batch: batch.id, looked: watch.look(batch, envelope) };
    }
    const { findings, candidates } = last.looked;
    const { sensor, organisation: seenBy } = envelope;
    const write = await findingsWriter(
      center,
      findings.map((finding) => ({ finding, sensor, seenBy })),
    );
    const propose = await proposalsWriter(center, envelope, batch);
    return async (tx) => {
      await write(tx);
      await propose(tx);
      for (const candidate of candidates) await outbox.add(tx, topic, candidate as unknown as Json);
    };
  }

  const intake: Intake = await openIntake({
    dir: options.spool,
    database,
    records,
    clock,
    onFault,
    async keep({ link }, batch) {
      // What the policy of the link says at this moment: a permission that was taken back counts no more from the next batch on.
      const known = link === null ? undefined : await database.system((tx) => linkWithPolicy(tx, link));
      const grants = known ? grantsInForce(known.role, known.newest) : [];
      return classifyBatch(batch, recordType, { grants, now: clock.now(), pseudonym });
    },
    detect,
    onBatch: (envelope) => tellOfRecords(envelope),
  });

  /** Readers hear at most once a second and organisation that there are new records. */
  const toldAt = new Map<string, number>();
  function tellOfRecords({ organisation }: Envelope): void {
    const at = clock.now();
    if (at - (toldAt.get(organisation) ?? -Infinity) < 1) return;
    toldAt.set(organisation, at);
    database
      .system(async (tx) => {
        await noteChange(tx, { kind: 'records', id: organisation, at }, { organisation });
        tx.afterCommit(() => center.changes.wake());
      })
      .catch(onFault);
  }

  return {
    async accept({ sensor }, batch) {
      const registered = await database.system((tx) => findSensor(tx, sensor));
      if (!registered) {
        throw new Refusal('sensor.unknown', `The sensor "${sensor}" is not registered.`, {
          advice: 'Register it on the accounts page and use the token that is given there.',
        });
      }
      const { organisation, link, networkType, marking } = registered;
      // A sensor can repeat its own batches only: nobody takes another's place by sending its id first.
      const id = createHash('sha256').update(`${sensor}/${batch.id}`).digest('hex');
      const envelope = { sensor, organisation, link, networkType, marking, source: batch.source };
      return { ...(await intake.accept(envelope, { ...batch, id })), batch: batch.id };
    },
    async consider(organisation, findings) {
      const known = findings.length > 0 ? watches.get(organisation) : undefined;
      if (!known) return async () => undefined;
      const candidates = (await known.watch).consider(findings);
      return async (tx) => {
        for (const candidate of candidates) await outbox.add(tx, topic, candidate as unknown as Json);
      };
    },
    async close() {
      await intake.close();
      await outbox.close();
    },
  };
}
