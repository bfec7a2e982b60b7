/** The pages of the rail, by the verbs they belong to. Adding a page is one line here and one route. */

import type { Permission } from '@forewarn/model/permissions';
import type { IconName } from '../look/icons.tsx';

export type PageEntry = { to: string; key: string; icon: IconName; letter: string; needs: Permission };

export const pageGroups: readonly { title: string; pages: readonly PageEntry[] }[] = [
  {
    title: 'web.verb.assess',
    pages: [
      { to: '/situation', key: 'web.page.situation', icon: 'situation', letter: 's', needs: 'situation:read' },
      { to: '/grading', key: 'desk.page', icon: 'board', letter: 'v', needs: 'incidents:read' },
    ],
  },
  {
    title: 'web.verb.respond',
    pages: [
      { to: '/incidents', key: 'web.page.incidents', icon: 'incidents', letter: 'i', needs: 'incidents:read' },
      { to: '/warnings', key: 'web.page.warnings', icon: 'warnings', letter: 'w', needs: 'warnings:read' },
      { to: '/forecast', key: 'forecast.page', icon: 'clock', letter: 'p', needs: 'incidents:read' },
      { to: '/reports', key: 'reports.page', icon: 'list', letter: 'j', needs: 'reports:read' },
      { to: '/causes', key: 'causes.page', icon: 'flow', letter: 'b', needs: 'incidents:read' },
      { to: '/campaigns', key: 'desk.campaigns', icon: 'columns', letter: 'q', needs: 'incidents:read' },
    ],
  },
  {
    title: 'web.verb.detect',
    pages: [
      { to: '/findings', key: 'web.page.findings', icon: 'findings', letter: 'f', needs: 'findings:read' },
      { to: '/rules', key: 'noise.rules', icon: 'list', letter: 'r', needs: 'findings:read' },
      { to: '/traffic', key: 'web.page.traffic', icon: 'traffic', letter: 't', needs: 'records:read' },
      { to: '/attack', key: 'investigate.attack', icon: 'board', letter: 'k', needs: 'findings:read' },
      { to: '/hunt', key: 'investigate.hunt', icon: 'search', letter: 'h', needs: 'records:read' },
      { to: '/indicators', key: 'indicators.page', icon: 'only', letter: 'o', needs: 'findings:read' },
      { to: '/sensors', key: 'web.page.sensors', icon: 'sensor', letter: 'n', needs: 'estate:read' },
      { to: '/links', key: 'web.page.links', icon: 'link', letter: 'l', needs: 'estate:read' },
    ],
  },
  {
    title: 'web.verb.know',
    pages: [
      { to: '/estate', key: 'web.page.estate', icon: 'estate', letter: 'e', needs: 'estate:read' },
      { to: '/exposure', key: 'exposures.page', icon: 'alert', letter: 'x', needs: 'estate:read' },
      { to: '/proposals', key: 'proposals.page', icon: 'plus', letter: 'd', needs: 'estate:read' },
      { to: '/topology', key: 'topology.page', icon: 'flow', letter: 'y', needs: 'estate:read' },
      { to: '/what-if', key: 'topology.whatIf', icon: 'not', letter: 'u', needs: 'estate:read' },
      { to: '/coverage', key: 'web.page.coverage', icon: 'coverage', letter: 'c', needs: 'estate:read' },
    ],
  },
  {
    title: 'web.verb.guard',
    pages: [
      { to: '/audit', key: 'web.page.audit', icon: 'audit', letter: 'a', needs: 'audit:read' },
      { to: '/channels', key: 'notices.page', icon: 'send', letter: 'z', needs: 'warnings:read' },
      { to: '/accounts', key: 'web.page.accounts', icon: 'accounts', letter: 'm', needs: 'accounts:write' },
    ],
  },
];

export const pages: readonly PageEntry[] = pageGroups.flatMap((group) => group.pages);
