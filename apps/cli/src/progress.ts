/** Progress of long work: on a terminal a line with rate and remaining time, in a pipe nothing. */

import type { Terminal } from './command.ts';

/** A line is drawn this often: four times a second reads as movement. */
const drawSeconds = 0.25;

export type Progress = { show(bytes: number, packets: number): void; end(): void };

export function progressLine(terminal: Terminal, name: string, size: number | undefined): Progress {
  if (!terminal.interactive) return { show: () => undefined, end: () => undefined };
  const startedAt = terminal.now();
  let drawnAt = startedAt;
  let drawn = false;
  return {
    show(bytes, packets) {
      const now = terminal.now();
      if (now - drawnAt < drawSeconds) return;
      drawnAt = now;
      drawn = true;
      const rate = bytes / (now - startedAt);
      const left = size === undefined || bytes > size ? '' : `, ${Math.ceil((size - bytes) / rate)} s left`;
      const share = size === undefined || bytes > size ? '' : `${Math.floor((100 * bytes) / size)} % `;
      terminal.err(
        `\r\u001b[K${name}: ${share}${(bytes / 1e6).toFixed(0)} MB, ${packets} packets, ${(rate / 1e6).toFixed(0)} MB/s${left}`,
      );
    },
    end() {
      if (drawn) terminal.err('\r\u001b[K');
    },
  };
}
