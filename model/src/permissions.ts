/** Who may do what. A role is a set of permissions; a person has one role in one organisation. */

import { z } from 'zod';

export const permissions = {
  'situation:read': 'See the situation page.',
  'records:read': 'Search records of traffic.',
  'findings:read': 'See findings.',
  'findings:write': 'Say what findings were; hide their like with exceptions, and lift those.',
  'indicators:write': 'Bring lists of indicators, retire them, and allow values that warning lists name.',
  'incidents:read': 'See incidents.',
  'incidents:write': 'Open incidents, state facts, work on tasks, record events and decisions.',
  'responsibility:assign': 'Ask an organisation to lead, support or be informed.',
  'responsibility:answer': 'Accept, refuse or hand over for the own organisation.',
  'warnings:read': 'See warnings.',
  'warnings:draft': 'Draft a warning.',
  'warnings:issue': 'Issue, adjust and lift a warning.',
  'warnings:acknowledge': 'Acknowledge a warning for the own organisation.',
  'gradings:sign': 'Sign the quantification table by which everybody is graded.',
  'reports:read': 'See reports of the own organisation and those released to it.',
  'reports:write': 'Make reports, add to drafts and drop them.',
  'reports:release': 'Release a report to others.',
  'estate:read': 'See organisations, networks, links, assets and businesses.',
  'estate:write': 'Import and change the estate.',
  'links:write': 'Set what is kept of a link: elements or packets, and which content.',
  'packets:read': 'Ask for the packets of a flow, bound to a finding or incident, and look at them.',
  'channels:write': 'Set where notices of the own organisation go, and who reads its feed.',
  'audit:read': 'Read the audit of the own organisation.',
  'accounts:write': 'Make accounts, tokens and sensors.',
  'intake:write': 'Send batches of records.',
} as const;

export type Permission = keyof typeof permissions;
export const Permission = z.enum(Object.keys(permissions) as [Permission, ...Permission[]]);

const read: Permission[] = [
  'situation:read',
  'records:read',
  'findings:read',
  'incidents:read',
  'warnings:read',
  'reports:read',
  'estate:read',
];

/** Who sets up the machines does not thereby look into what people said over the network. */
const notAdministrator: readonly string[] = ['intake:write', 'packets:read'] satisfies Permission[];

export const roles = {
  administrator: Object.keys(permissions).filter((name) => !notAdministrator.includes(name)) as Permission[],
  'duty-officer': [
    ...read,
    'findings:write',
    'indicators:write',
    'incidents:write',
    'responsibility:assign',
    'responsibility:answer',
    'warnings:draft',
    'warnings:issue',
    'warnings:acknowledge',
    'reports:write',
    'reports:release',
    'gradings:sign',
    'estate:write',
    'links:write',
    'packets:read',
    'channels:write',
    'audit:read',
  ],
  analyst: [...read, 'findings:write', 'indicators:write', 'incidents:write', 'warnings:draft', 'reports:write', 'packets:read'],
  'liaison-officer': [
    ...read,
    'findings:write',
    'incidents:write',
    'responsibility:answer',
    'warnings:acknowledge',
    'reports:write',
    'estate:write',
    'channels:write',
  ],
  regulator: [...read, 'audit:read'],
  sensor: ['intake:write'],
} as const satisfies { [role: string]: readonly Permission[] };

export type Role = keyof typeof roles;
export const Role = z.enum(Object.keys(roles) as [Role, ...Role[]]);
