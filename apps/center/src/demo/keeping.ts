/**
 * Packets of the demo: its sensors keep them as every sensor does, by the centre's order, in a ring of the sensor's own code. The story
 * passes again at each start, and so do its packets; what the ring held before would be there twice.
 */

import { join } from 'node:path';
import { answerQuestions } from '@forewarn/sensor/asked';
import type { Centre } from '@forewarn/sensor/centre';
import { openKeeping, type Keeping } from '@forewarn/sensor/keeping';
import { removeRing } from '@forewarn/sensor/ring';
import type { Spool } from '@forewarn/sensor/spool';
import type { FlowNumber, PacketTrace } from '@forewarn/sense/trace';

export type DemoKeeping = {
  readonly keeping: Keeping;
  /** Hands packets and flows of a reading to the ring, from when there is one. */
  trace(uidOf: (flow: FlowNumber) => string): PacketTrace;
};

/** The ring's clock ticks so often. */
const tickMs = 1_000;

/** A packet that no reading has. */
const noPacket = -2;

/** Opens the keeping beside the spool, and answers what the centre asks for until the signal. `changed`: a ring was begun, or ended. */
export async function openDemoKeeping(
  { directory, spool, centre, signal }: { directory: string; spool: Spool; centre: Centre; signal: AbortSignal },
  changed: () => void,
): Promise<DemoKeeping> {
  await removeRing(join(directory, 'packets'));
  const clock = { now: () => Date.now() / 1000 };
  const keeping = await openKeeping({ directory, clock, spoolLeft: () => Math.max(0, spool.bytesMax - spool.bytes) });
  const ticking = setInterval(() => keeping.ring?.tick(), tickMs);
  signal.addEventListener('abort', () => clearInterval(ticking), { once: true });
  const ordered = async (order: Parameters<Keeping['follow']>[0]): Promise<void> => {
    await keeping.follow(order);
    changed();
  };
  void answerQuestions({ centre, keeping, signal, ordered });
  return {
    keeping,
    trace(uidOf) {
      let ring: Keeping['ring'];
      let told: PacketTrace | undefined;
      let highest = -1;
      return {
        packet(...packet) {
          if (keeping.ring !== ring) {
            ring = keeping.ring;
            told = ring?.reading(uidOf);
            // Flows that are going on began before this ring: it hears of the last of them, so that it takes none of them for new.
            if (highest >= 0) told?.counted(noPacket, highest);
          }
          told?.packet(...packet);
        },
        counted(packet, flow) {
          highest = Math.max(highest, flow);
          told?.counted(packet, flow);
        },
      };
    },
  };
}
