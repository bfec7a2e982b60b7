/**
 * Packets that somebody at the centre wants to see. The sensor asks, so that nobody has to reach it: while it keeps packets it holds a
 * question open (`POST /intake/orders`), and answers each flow that is asked for with its packets, or with why there are none.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { ordersHeldSeconds, PacketOrders, type FlowOrder, type NoPackets, type OrdersAsked } from '@forewarn/model/sensor';
import type { Centre } from './centre.ts';
import type { Keeping } from './keeping.ts';
import type { FoundPackets } from './ring-find.ts';
import { createPatience } from './send.ts';

/** A ring that has begun is asked for within this; and a centre that answers nothing at once, as one that is stopping, is not asked faster. */
const lookMs = 1_000;

/** An order that could not be followed is tried again. */
const againMs = 10_000;

/** Fifty megabytes over a line of a megabit. */
const uploadMs = 600_000;

/** A disk that has not answered by then will not. */
const findMs = 60_000;

const pack = promisify(zstdCompress);

/** Asks until the signal. `ordered` is told what is to be kept, whenever the centre says it. */
export async function answerQuestions({
  centre,
  keeping,
  signal,
  ordered,
}: {
  centre: Centre;
  keeping: Keeping;
  signal: AbortSignal;
  ordered: (packets: PacketOrders['packets']) => Promise<void>;
}): Promise<void> {
  const patience = createPatience(signal);
  const pause = (ms: number): Promise<void> => sleep(ms, undefined, { signal }).catch(() => undefined);
  while (!signal.aborted) {
    if (!keeping.ring) {
      await pause(lookMs);
      continue;
    }
    const askedAt = performance.now();
    const orders = await ask(centre, { version: keeping.version, wait: ordersHeldSeconds }, signal);
    if (!orders) {
      await patience.wait('');
      continue;
    }
    patience.reset();
    if ((orders.packets?.version ?? 0) !== keeping.version) {
      await ordered(orders.packets);
      if ((orders.packets?.version ?? 0) !== keeping.version) await pause(againMs);
    } else if (orders.requests.length === 0 && performance.now() - askedAt < lookMs) await pause(lookMs);
    for (const request of orders.requests) if (!signal.aborted) await answer(centre, keeping, request, signal);
  }
}

async function ask(centre: Centre, asked: OrdersAsked, signal: AbortSignal): Promise<PacketOrders | undefined> {
  const answered = await centre.post('/intake/orders', Buffer.from(JSON.stringify(asked)), signal);
  if (answered.kind === 'away' || answered.status !== 200) return undefined;
  try {
    return PacketOrders.parse(JSON.parse(answered.text));
  } catch {
    return undefined;
  }
}

/** What does not arrive is asked for again by the centre. */
async function answer(centre: Centre, keeping: Keeping, { id, ...flow }: FlowOrder, signal: AbortSignal): Promise<void> {
  const found = keeping.ring ? await within(keeping.ring.find(flow), signal) : undefined;
  if (signal.aborted) return;
  const path = `/intake/packets/${id}`;
  if (found?.kind !== 'packets') {
    const none: NoPackets = found ? { reason: found.reason, detail: found.detail } : { reason: 'no-ring', detail: '' };
    await centre.post(`${path}/none`, Buffer.from(JSON.stringify(none)), signal);
    return;
  }
  const { packets, bytes, part } = found;
  const query = new URLSearchParams({ packets: String(packets), bytes: String(bytes), part: part.join(',') });
  // As batches are packed; in a thread of its own, since fifty megabytes take it a while.
  const body = await pack(Buffer.concat(found.pcap), { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  await centre.post(`${path}?${query.toString()}`, body, signal, {
    type: 'application/vnd.tcpdump.pcap',
    encoding: 'zstd',
    timeoutMs: uploadMs,
  });
}

async function within(finding: Promise<FoundPackets>, signal: AbortSignal): Promise<FoundPackets> {
  const over = new AbortController();
  const late = sleep(findMs, undefined, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => undefined);
  const none: FoundPackets = { kind: 'none', reason: 'failed', detail: 'The disk does not answer.' };
  try {
    return await Promise.race([finding, late.then(() => none)]);
  } finally {
    over.abort();
  }
}
