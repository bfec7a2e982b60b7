/** What the reading threads and the one that writes say to each other. */

import type { Place } from '@forewarn/base/refusal';
import type { Reading } from '@forewarn/sense/read';
import type { LineForm, LogLines } from './lines.ts';
import type { Task } from './task.ts';

/** To a thread. */
export type Order =
  | { kind: 'task'; task: Task; form: LineForm }
  /** The next bytes of standard input, for the task at hand; none: it is over. */
  | { kind: 'input'; bytes: Uint8Array | undefined }
  /** The lines of a chunk have been written. */
  | { kind: 'written' }
  | { kind: 'end' };

/** From a thread. */
export type Told =
  | { kind: 'lines'; lines: LogLines; bytes: number; packets: number }
  /** A chunk of standard input has been read. */
  | { kind: 'taken' }
  | { kind: 'done'; reading: Reading }
  | { kind: 'refused'; code: string; message: string; place: Place; advice: string };
