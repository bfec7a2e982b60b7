/** A talk over UDP: messages of both sides, each at its time. */

import { udpFrame } from '../packets/frame.ts';
import { legDelay, type Path } from '../packets/path.ts';
import type { Random } from '../random.ts';
import type { Host } from '../scenario/scene.ts';
import type { Session } from './activity.ts';

/** One side's message, and when it is said, in seconds from the start of the talk. */
export type Saying = { from: 'client' | 'server'; at: number; bytes: Uint8Array };

export function talkSession(
  at: number,
  ends: { client: Host; server: Host },
  talk: { path: Path; ports: { client: number; server: number }; said: readonly Saying[]; random: Random },
): Session {
  const { path, ports, said, random } = talk;
  return {
    at,
    ...ends,
    *play() {
      const delays = random.split('delay');
      const numbers = [random.split('numbers').whole(0, 0xffff), random.split('others').whole(0, 0xffff)];
      let last = 0;
      for (const one of said) {
        const asks = one.from === 'client';
        const heading = asks ? path.fromClient : path.fromServer;
        const ways = asks ? { from: ports.client, to: ports.server } : { from: ports.server, to: ports.client };
        const identification = numbers[asks ? 0 : 1]!++ & 0xffff;
        last = Math.max(last + 0.000_002, one.at + legDelay(asks ? path.clientDelay : path.serverDelay, delays));
        yield { t: last, bytes: udpFrame({ ...heading, identification }, ways, one.bytes) };
      }
    },
    // The last one's way to the tap, with what its queue may add.
    seconds: () => (said.at(-1)?.at ?? 0) + 2 * Math.max(path.clientDelay, path.serverDelay),
  };
}
