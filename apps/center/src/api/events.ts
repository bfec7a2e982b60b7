/** Changes as they happen, as server-sent events (WHATWG HTML §9.2). Each is heard by whoever may see the thing; its id goes on after a break. */

import { formatInstant } from '@forewarn/base/time';
import { Refusal } from '@forewarn/base/refusal';
import { route } from './route.ts';

/** Open streams of the whole centre: a control room and a few hundred desks; each costs a socket and a few kilobytes. */
const streamsMax = 2_000;
/** Streams of one account: some tabs of some browsers. */
const streamsPerAccountMax = 20;
/** Changes that wait for a reader that does not read; then it is cut off and comes again with its last id. */
const waitingMax = 1_000;
/** Proxies close what is silent for a minute. */
const heartbeatMs = 20_000;

const open = new Map<string, number>();
let streams = 0;

export const events = route({
  method: 'get',
  path: '/events',
  access: 'signed-in',
  summary:
    'Changes of what one may see, as they happen: ChangeEvent as server-sent events. "Last-Event-ID" goes on after a break.',
  stream: 'text/event-stream',
  async handle({ center, principal, scope, request }) {
    const mine = open.get(principal.account) ?? 0;
    if (streams >= streamsMax || mine >= streamsPerAccountMax) {
      throw new Refusal('request.too-many', 'Too many streams of changes are open.', {
        advice: 'Close other windows and try again.',
      });
    }
    const last = request.headers.get('last-event-id');
    // An id of ours is a UUID of version 7; anything else begins now.
    const after =
      last !== null && /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(last) ? last : center.clock.now();
    streams++;
    open.set(principal.account, mine + 1);
    const encoder = new TextEncoder();
    let end: () => void = () => undefined;
    const body = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          let over = false;
          const hangUp = (): void => {
            if (over) return;
            end();
            controller.close();
          };
          const write = (text: string): void => {
            // A change may be on its way to a reader that has gone meanwhile.
            if (over) return;
            // Negative: how far behind the reader is. Null: the stream was cancelled, and is about to tell us.
            if (controller.desiredSize === null) end();
            else if (controller.desiredSize < -waitingMax) hangUp();
            else controller.enqueue(encoder.encode(text));
          };
          /** Who has signed out, or whose token was ended, hears no more. A busy database is no reason to hang up. */
          const stillMay = async (): Promise<void> => {
            const now = await center.accounts.authenticate(request.headers).catch(() => principal);
            if (now?.account !== principal.account || now.organisation !== principal.organisation) hangUp();
          };
          const heartbeat = setInterval(() => {
            write(':\n\n');
            void stillMay();
          }, heartbeatMs);
          const stop = center.changes.read(scope, after, (changes) => {
            for (const { id, kind, subject, at } of changes) {
              write(`id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify({ kind, id: subject, at: formatInstant(at) })}\n\n`);
            }
          });
          end = () => {
            if (over) return;
            over = true;
            clearInterval(heartbeat);
            stop();
            streams--;
            const left = (open.get(principal.account) ?? 1) - 1;
            if (left === 0) open.delete(principal.account);
            else open.set(principal.account, left);
          };
          request.signal.addEventListener('abort', end, { once: true });
          write('retry: 2000\n\n');
        },
        cancel: () => end(),
      },
      new CountQueuingStrategy({ highWaterMark: 1 }),
    );
    return new Response(body, {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
    });
  },
});
