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
// A question to ClickHouse takes one of these threads while it runs, up to three of them and a batch that is written; with Node's own four
// nobody else would get one, not even a file. Read once, when the first thread is needed.
process.env['UV_THREADPOOL_SIZE'] ??= '8';
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
