/**
 * Sensors that wait for orders: each holds a question open, so that nobody has to reach a sensor. Whoever has something new for one wakes
 * it; what it is, the stores say.
 */

export type Waiting = {
  /** Resolves when there may be something, when the time is over, when the asker has gone, or when the centre stops. */
  readonly over: Promise<void>;
  /** Waits no more. */
  leave(): void;
};

export type OrderDesk = {
  /** Begins to wait; undefined when too many of this sensor wait already. Called before looking, so that nothing slips between. */
  wait(sensor: string, ms: number, gone: AbortSignal): Waiting | undefined;
  wake(sensor: string): void;
  wakeAll(): void;
  /** The centre stops: the stores are not to be asked any more. */
  readonly closed: boolean;
  close(): void;
};

/** Questions of one sensor at a time: its own, and one or two whose line broke without a word. */
const waitingPerSensorMax = 4;

export function createOrderDesk(): OrderDesk {
  const waiting = new Map<string, Set<() => void>>();
  let closed = false;
  const wake = (sensor: string): void => {
    for (const end of waiting.get(sensor) ?? []) end();
  };
  const wakeAll = (): void => {
    for (const sensor of waiting.keys()) wake(sensor);
  };
  return {
    wait(sensor, ms, gone) {
      const mine = waiting.get(sensor) ?? new Set();
      if (mine.size >= waitingPerSensorMax) return undefined;
      waiting.set(sensor, mine);
      let end: () => void = () => undefined;
      const over = new Promise<void>((resolve) => {
        const timer = setTimeout(() => end(), ms);
        end = () => {
          clearTimeout(timer);
          gone.removeEventListener('abort', end);
          mine.delete(end);
          if (mine.size === 0 && waiting.get(sensor) === mine) waiting.delete(sensor);
          resolve();
        };
        gone.addEventListener('abort', end, { once: true });
        mine.add(end);
        if (closed || gone.aborted) end();
      });
      return { over, leave: () => end() };
    },
    wake,
    wakeAll,
    get closed() {
      return closed;
    },
    close() {
      closed = true;
      wakeAll();
    },
  };
}
