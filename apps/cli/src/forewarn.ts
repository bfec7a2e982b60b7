#!/usr/bin/env node
/**
 * The command line's door. Exit codes:
 *
 *     0  done, inputs read to their end, even if cut (an oddity, said)
 *     1  something could not be opened, recognised or held
 *     2  bad use
 */

import { keepCompiled } from './compiled.ts';

keepCompiled();
const { run } = await import('./run.ts');

// A reader that went away (`forewarn … | head`) is no fault of ours and no reason for a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(
    `forewarn: standard output cannot be written (${error.code}): ${error.code === 'ENOSPC' ? 'the disk is full' : error.message}.\n`,
  );
  process.exit(1);
});

process.exitCode = await run(process.argv.slice(2));
