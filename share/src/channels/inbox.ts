/** The recipient's own pages in this product: delivered when the row is there that lets them see it. */

import type { Clock } from '@forewarn/base/time';
import { isPassage } from '../egress.ts';
import type { Channel } from './channel.ts';

/** `put` writes the row, in the transaction of the sending. */
export function inbox<Body>(put: (recipient: string, body: Body, at: number) => Promise<void>, clock: Clock): Channel<Body> {
  return {
    id: 'inbox',
    async deliver({ passage, body }) {
      if (!isPassage(passage)) throw new Error('A delivery without a passage: it did not come through the exit.');
      const at = clock.now();
      await put(passage.recipient, body, at);
      return { channel: 'inbox', recipient: passage.recipient, at };
    },
  };
}
