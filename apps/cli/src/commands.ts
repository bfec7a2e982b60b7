/** The list of commands, in the order of `--help`. Each is one file, loaded when it is called; adding one is one line here. */

import type { CommandEntry } from './command.ts';

export const commands: readonly CommandEntry[] = [
  { name: 'start', summary: 'the centre and the workbench', load: () => import('./start.ts') },
  { name: 'grade', summary: 'facts → levels, with reasons', load: () => import('./grade.ts') },
  { name: 'duties', summary: 'facts and events → deadlines', load: () => import('./duties.ts') },
  { name: 'sensor', summary: 'read captures and send their records to a centre', load: () => import('./sensor.ts') },
  { name: 'read', summary: 'captures → records, every packet accounted for', load: () => import('./read.ts') },
  { name: 'range', summary: 'generate the traffic of a scenario, with the truth beside it', load: () => import('./range.ts') },
  { name: 'detect', summary: 'captures and logs → findings', load: () => import('./detect.ts') },
  { name: 'rules', summary: 'rules’ own cases; a rule on files', load: () => import('./rules.ts') },
  { name: 'exposure', summary: 'inventory and vulnerabilities → who is exposed to what', load: () => import('./exposure.ts') },
  { name: 'audit', summary: 'check that nobody changed the audit', load: () => import('./audit.ts') },
];
