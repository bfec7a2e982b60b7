#!/usr/bin/env node
// The one file that is not TypeScript: a Node too old to strip types cannot load a `.ts` file at all and would answer
// with a stack trace. This one every Node since 14 reads, and it says what to do.

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    'forewarn needs Node 24 or newer; this is ' +
      process.versions.node +
      '.\nIn the repository run "npm install" once and then "npx forewarn": npm brings the right runtime. Elsewhere install Node 26 from https://nodejs.org.\n',
  );
  process.exitCode = 1;
} else {
  await import('./src/forewarn.ts');
}
