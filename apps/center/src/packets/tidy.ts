/** What time and room end: requests that nobody answers, and packets that were kept long enough. */

import type { Seconds } from '@forewarn/base/time';
import {
  answerPacketRequest,
  endKeeping,
  keptRequests,
  waitingSince,
  type PacketRequest,
} from '@forewarn/store/resources/packet-requests';
import { act } from '../act.ts';
import type { Center } from '../center-parts.ts';
import { spoken, why, type Why } from './why-not.ts';

/** A sensor that holds a question open hears at once; one whose line broke asks again within a minute, and may have others to answer first. */
export const answerSeconds: Seconds = 120;

/** Ends what is over by now. */
export async function tidyPackets(center: Center): Promise<void> {
  const at = center.clock.now();
  for (const asked of await center.database.system((tx) => waitingSince(tx, at - answerSeconds))) {
    if (center.packets.arriving.has(asked.id)) continue;
    await end(center, asked, 'none', why('unanswered', { sensor: asked.sensor, seconds: answerSeconds }));
  }
  const { files } = center.packets;
  const here = new Set(files.ids);
  for (const kept of await center.database.system(keptRequests)) {
    if (kept.keptUntil! <= at || !here.has(kept.id)) await remove(center, kept, why('removed', { at: spoken(kept.keptUntil!) }));
  }
}

/** Removes the packets that would leave first, until no more than so many bytes are left. */
export async function makeRoom(center: Center, bytesMax: number): Promise<void> {
  const { files } = center.packets;
  if (files.bytes <= bytesMax) return;
  for (const kept of await center.database.system(keptRequests)) {
    if (files.bytes <= bytesMax) return;
    await remove(center, kept, why('no-room'));
  }
}

/** After a start: files whose request was not written, because the process was killed between the two. */
export async function removeStrays(center: Center): Promise<void> {
  const { files } = center.packets;
  const kept = new Set((await center.database.system(keptRequests)).map(({ id }) => id));
  for (const id of files.ids) if (!kept.has(id)) await files.remove(id);
}

/** The file first: a row that says "ready" over nothing is mended at the next look, a file without a row is not seen by anybody. */
async function remove(center: Center, kept: PacketRequest, told: Why): Promise<void> {
  await center.packets.files.remove(kept.id);
  await act(center, null, async (acting) => {
    await endKeeping(acting.tx, kept.id, told.reason, told.advice);
    acting.changed('packets', kept.id, { organisation: kept.organisation });
  });
}

/** Ends a request that waits without packets; false when it does not wait any more. */
export const end = (center: Center, asked: PacketRequest, state: 'none' | 'failed', told: Why): Promise<boolean> =>
  act(center, null, async (acting) => {
    const mine = await answerPacketRequest(acting.tx, asked.id, acting.at, { state, ...told });
    if (mine) acting.changed('packets', asked.id, { organisation: asked.organisation });
    return mine;
  });
