/** What a command is, and what it gets. Everything outside the process arrives here, so that a test can supply it. */

import type { Language } from '@forewarn/model/text';

/** The world of one call. */
export type Terminal = {
  out(text: string): void;
  err(text: string): void;
  /** Whether people read standard output: colours and progress belong only there. */
  readonly interactive: boolean;
  /** Whether colours may be used: `NO_COLOR` (no-color.org) is empty or absent and a terminal reads along. */
  readonly colour: boolean;
  /** Columns of the terminal, or a width that pipes and files can bear. */
  readonly width: number;
  readonly language: Language;
  /** The present, in seconds. */
  now(): number;
  /** Reads standard input to its end. */
  readIn(): Promise<Uint8Array>;
};

export type Command = {
  /** The whole help text, first line `Usage: …`. */
  readonly help: string;
  /** Does it; returns the exit code. A `Refusal` thrown is printed and becomes 1, a `BadUse` becomes 2. */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
};

export type CommandEntry = {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ command: Command }>;
};

/** The command was called wrongly: printed with a hint at `--help`, exit code 2. */
export class BadUse extends Error {
  override readonly name = 'BadUse';
}
