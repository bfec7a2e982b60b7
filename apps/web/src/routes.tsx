/** The one list of pages and their addresses. Each page is its own chunk. */

import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { Frame } from './frame/Frame.tsx';
import { findingFilters, type FindingsSearch } from './pages/findings/search.ts';
import { exposureSearch, type ExposureSearch } from './pages/exposure/search.ts';
import { NoticesProvider } from './frame/notices.tsx';
import { Lost, Trouble } from './frame/Trouble.tsx';
import { Problem } from './session/api.ts';
import { meQuery } from './session/resources.ts';
import { readView } from './session/view.ts';

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  // Notices lead to pages, so they stand inside the router.
  component: () => (
    <NoticesProvider>
      <Outlet />
    </NoticesProvider>
  ),
  notFoundComponent: Lost,
  errorComponent: Trouble,
});

const text = (search: Record<string, unknown>, names: readonly string[]) =>
  Object.fromEntries(
    names.flatMap((name) => (typeof search[name] === 'string' && search[name] !== '' ? [[name, search[name]]] : [])),
  );

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { after?: string } => text(search, ['after']),
  component: lazyRouteComponent(() => import('./pages/sign-in/SignIn.tsx'), 'SignIn'),
});

const signInLink = createRoute({
  getParentRoute: () => root,
  path: '/sign-in/$token',
  component: lazyRouteComponent(() => import('./pages/sign-in/SignInLink.tsx'), 'SignInLink'),
});

const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  component: Frame,
  validateSearch: (search: Record<string, unknown>): { range?: string; zone?: 'utc' | 'local'; q?: string } => readView(search),
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.ensureQueryData(meQuery);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { after: location.pathname } });
      }
      throw error;
    }
  },
});

const home = createRoute({
  getParentRoute: () => frame,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/situation' });
  },
});

const situation = createRoute({
  getParentRoute: () => frame,
  path: '/situation',
  component: lazyRouteComponent(() => import('./pages/situation/Situation.tsx'), 'Situation'),
});

const forecast = createRoute({
  getParentRoute: () => frame,
  path: '/forecast',
  component: lazyRouteComponent(() => import('./pages/forecast/Forecast.tsx'), 'Forecast'),
});

const causes = createRoute({
  getParentRoute: () => frame,
  path: '/causes',
  component: lazyRouteComponent(() => import('./pages/causes/Causes.tsx'), 'Causes'),
});

const situationPlace = createRoute({
  getParentRoute: () => frame,
  path: '/situation/$dimension/$key',
  validateSearch: (search: Record<string, unknown>): { component?: string } => text(search, ['component']),
  component: lazyRouteComponent(() => import('./pages/situation/Place.tsx'), 'SituationPlacePage'),
});

const responseRatio = createRoute({
  getParentRoute: () => frame,
  path: '/situation/ratio',
  component: lazyRouteComponent(() => import('./pages/situation/Ratio.tsx'), 'ResponseRatioPage'),
});

const wall = createRoute({
  getParentRoute: () => frame,
  path: '/wall',
  component: lazyRouteComponent(() => import('./pages/situation/Wall.tsx'), 'Wall'),
});

const traffic = createRoute({
  getParentRoute: () => frame,
  path: '/traffic',
  beforeLoad: () => {
    throw redirect({ to: '/traffic/$log', params: { log: 'conn' }, search: true });
  },
});

const trafficLog = createRoute({
  getParentRoute: () => frame,
  path: '/traffic/$log',
  validateSearch: (search: Record<string, unknown>): { finding?: string } => text(search, ['finding']),
  component: lazyRouteComponent(() => import('./pages/traffic/Traffic.tsx'), 'Traffic'),
});

const flow = createRoute({
  getParentRoute: () => frame,
  path: '/traffic/flow/$uid',
  validateSearch: (search: Record<string, unknown>): { finding?: string } => text(search, ['finding']),
  component: lazyRouteComponent(() => import('./pages/traffic/Flow.tsx'), 'Flow'),
});

const hunt = createRoute({
  getParentRoute: () => frame,
  path: '/hunt',
  validateSearch: (search: Record<string, unknown>): { ask?: string; saved?: string } => text(search, ['ask', 'saved']),
  component: lazyRouteComponent(() => import('./pages/hunt/Hunt.tsx'), 'Hunt'),
});

const attack = createRoute({
  getParentRoute: () => frame,
  path: '/attack',
  component: lazyRouteComponent(() => import('./pages/attack/Attack.tsx'), 'Attack'),
});

const entityAccount = createRoute({
  getParentRoute: () => frame,
  path: '/entities/account/$id',
  validateSearch: (search: Record<string, unknown>): { finding?: string } => text(search, ['finding']),
  component: lazyRouteComponent(() => import('./pages/entity/Account.tsx'), 'Account'),
});

const entity = createRoute({
  getParentRoute: () => frame,
  path: '/entities/$kind/$id',
  component: lazyRouteComponent(() => import('./pages/entity/Entity.tsx'), 'Entity'),
});

const findings = createRoute({
  getParentRoute: () => frame,
  path: '/findings',
  validateSearch: (search: Record<string, unknown>): FindingsSearch => text(search, ['by', ...findingFilters]),
  component: lazyRouteComponent(() => import('./pages/findings/Findings.tsx'), 'Findings'),
});

const finding = createRoute({
  getParentRoute: () => frame,
  path: '/findings/$id',
  component: lazyRouteComponent(() => import('./pages/findings/Finding.tsx'), 'Finding'),
});

const exceptions = createRoute({
  getParentRoute: () => frame,
  path: '/exceptions',
  validateSearch: (search: Record<string, unknown>): { state?: string; open?: string } => text(search, ['state', 'open']),
  component: lazyRouteComponent(() => import('./pages/exceptions/Exceptions.tsx'), 'Exceptions'),
});

const rules = createRoute({
  getParentRoute: () => frame,
  path: '/rules',
  validateSearch: (search: Record<string, unknown>): { kind?: string } => text(search, ['kind']),
  component: lazyRouteComponent(() => import('./pages/rules/Rules.tsx'), 'Rules'),
});

const rule = createRoute({
  getParentRoute: () => frame,
  path: '/rules/$id',
  component: lazyRouteComponent(() => import('./pages/rules/Rule.tsx'), 'Rule'),
});

const incidents = createRoute({
  getParentRoute: () => frame,
  path: '/incidents',
  validateSearch: (search: Record<string, unknown>): { as?: string; only?: string; level?: string } =>
    text(search, ['as', 'only', 'level']),
  component: lazyRouteComponent(() => import('./pages/incidents/Incidents.tsx'), 'Incidents'),
});

const incident = createRoute({
  getParentRoute: () => frame,
  path: '/incidents/$id',
  validateSearch: (search: Record<string, unknown>): { tab?: string } => text(search, ['tab']),
  component: lazyRouteComponent(() => import('./pages/incidents/Incident.tsx'), 'Incident'),
});

const grading = createRoute({
  getParentRoute: () => frame,
  path: '/grading',
  validateSearch: (search: Record<string, unknown>): { incident?: string } => text(search, ['incident']),
  component: lazyRouteComponent(() => import('./pages/grading/Grading.tsx'), 'Grading'),
});

const quantification = createRoute({
  getParentRoute: () => frame,
  path: '/quantification',
  component: lazyRouteComponent(() => import('./pages/quantification/Quantification.tsx'), 'Quantification'),
});

const campaigns = createRoute({
  getParentRoute: () => frame,
  path: '/campaigns',
  component: lazyRouteComponent(() => import('./pages/campaigns/Campaigns.tsx'), 'Campaigns'),
});

const campaign = createRoute({
  getParentRoute: () => frame,
  path: '/campaigns/$id',
  component: lazyRouteComponent(() => import('./pages/campaigns/Campaign.tsx'), 'Campaign'),
});

const warnings = createRoute({
  getParentRoute: () => frame,
  path: '/warnings',
  component: lazyRouteComponent(() => import('./pages/warnings/Warnings.tsx'), 'Warnings'),
});

const warningNew = createRoute({
  getParentRoute: () => frame,
  path: '/warnings/new',
  validateSearch: (search: Record<string, unknown>): { incident?: string; vulnerability?: string; warning?: string } =>
    text(search, ['incident', 'vulnerability', 'warning']),
  component: lazyRouteComponent(() => import('./pages/warnings/WarningDraft.tsx'), 'WarningDraft'),
});

const warning = createRoute({
  getParentRoute: () => frame,
  path: '/warnings/$id',
  component: lazyRouteComponent(() => import('./pages/warnings/Warning.tsx'), 'Warning'),
});

const reports = createRoute({
  getParentRoute: () => frame,
  path: '/reports',
  component: lazyRouteComponent(() => import('./pages/reports/Reports.tsx'), 'Reports'),
});

const report = createRoute({
  getParentRoute: () => frame,
  path: '/reports/$id',
  component: lazyRouteComponent(() => import('./pages/reports/Report.tsx'), 'Report'),
});

const estate = createRoute({
  getParentRoute: () => frame,
  path: '/estate',
  beforeLoad: () => {
    throw redirect({ to: '/estate/$kind', params: { kind: 'organisations' }, search: true });
  },
});

const estateKind = createRoute({
  getParentRoute: () => frame,
  path: '/estate/$kind',
  validateSearch: (search: Record<string, unknown>): { day?: string } => text(search, ['day']),
  component: lazyRouteComponent(() => import('./pages/estate/Estate.tsx'), 'EstatePage'),
});
const estateTree = createRoute({
  getParentRoute: () => frame,
  path: '/estate/tree',
  component: lazyRouteComponent(() => import('./pages/estate/Estate.tsx'), 'EstateTreePage'),
});
const estateImport = createRoute({
  getParentRoute: () => frame,
  path: '/estate/import',
  component: lazyRouteComponent(() => import('./pages/estate/ImportPage.tsx'), 'EstateImportPage'),
});
const estateStart = createRoute({
  getParentRoute: () => frame,
  path: '/estate/start',
  component: lazyRouteComponent(() => import('./pages/estate/StartPage.tsx'), 'EstateStartPage'),
});
const estateAdd = createRoute({
  getParentRoute: () => frame,
  path: '/estate/add/$kind',
  component: lazyRouteComponent(() => import('./pages/estate/ItemPage.tsx'), 'EstateAddPage'),
});
const estateItem = createRoute({
  getParentRoute: () => frame,
  path: '/estate/$kind/$id',
  component: lazyRouteComponent(() => import('./pages/estate/ItemPage.tsx'), 'EstateItemPage'),
});

const proposals = createRoute({
  getParentRoute: () => frame,
  path: '/proposals',
  validateSearch: (search: Record<string, unknown>): { tab?: string; state?: string; kind?: string } =>
    text(search, ['tab', 'state', 'kind']),
  component: lazyRouteComponent(() => import('./pages/proposals/Proposals.tsx'), 'Proposals'),
});

const topology = createRoute({
  getParentRoute: () => frame,
  path: '/topology',
  validateSearch: (search: Record<string, unknown>): { view?: string } => text(search, ['view']),
  component: lazyRouteComponent(() => import('./pages/topology/Topology.tsx'), 'Topology'),
});

const whatIf = createRoute({
  getParentRoute: () => frame,
  path: '/what-if',
  validateSearch: (search: Record<string, unknown>): { kind?: string; id?: string } => text(search, ['kind', 'id']),
  component: lazyRouteComponent(() => import('./pages/topology/WhatIfPage.tsx'), 'WhatIfPage'),
});

const reliances = createRoute({
  getParentRoute: () => frame,
  path: '/reliances',
  validateSearch: (search: Record<string, unknown>): { kind?: string } => text(search, ['kind']),
  component: lazyRouteComponent(() => import('./pages/topology/Reliances.tsx'), 'Reliances'),
});

const business = createRoute({
  getParentRoute: () => frame,
  path: '/businesses/$id',
  component: lazyRouteComponent(() => import('./pages/topology/BusinessPage.tsx'), 'BusinessPage'),
});

const sensors = createRoute({
  getParentRoute: () => frame,
  path: '/sensors',
  component: lazyRouteComponent(() => import('./pages/sensors/Sensors.tsx'), 'Sensors'),
});

const sensor = createRoute({
  getParentRoute: () => frame,
  path: '/sensors/$id',
  component: lazyRouteComponent(() => import('./pages/sensors/Sensor.tsx'), 'Sensor'),
});

const coverage = createRoute({
  getParentRoute: () => frame,
  path: '/coverage',
  component: lazyRouteComponent(() => import('./pages/coverage/Coverage.tsx'), 'Coverage'),
});

const indicators = createRoute({
  getParentRoute: () => frame,
  path: '/indicators',
  component: lazyRouteComponent(() => import('./pages/indicators/Indicators.tsx'), 'Indicators'),
});

const indicatorList = createRoute({
  getParentRoute: () => frame,
  path: '/indicators/$id',
  component: lazyRouteComponent(() => import('./pages/indicators/IndicatorList.tsx'), 'IndicatorList'),
});

const exposure = createRoute({
  getParentRoute: () => frame,
  path: '/exposure',
  validateSearch: (search: Record<string, unknown>): ExposureSearch => text(search, exposureSearch),
  component: lazyRouteComponent(() => import('./pages/exposure/Exposure.tsx'), 'Exposure'),
});

const oneExposure = createRoute({
  getParentRoute: () => frame,
  path: '/exposure/$id',
  component: lazyRouteComponent(() => import('./pages/exposure/OneExposure.tsx'), 'OneExposure'),
});

const vulnerability = createRoute({
  getParentRoute: () => frame,
  path: '/vulnerabilities/$id',
  component: lazyRouteComponent(() => import('./pages/exposure/Vulnerability.tsx'), 'Vulnerability'),
});

const links = createRoute({
  getParentRoute: () => frame,
  path: '/links',
  component: lazyRouteComponent(() => import('./pages/links/Links.tsx'), 'Links'),
});

const link = createRoute({
  getParentRoute: () => frame,
  path: '/links/$id',
  component: lazyRouteComponent(() => import('./pages/links/LinkPage.tsx'), 'LinkPage'),
});

const packets = createRoute({
  getParentRoute: () => frame,
  path: '/packets/$id',
  validateSearch: (search: Record<string, unknown>): { tab?: string; n?: string } => text(search, ['tab', 'n']),
  component: lazyRouteComponent(() => import('./pages/packets/Packets.tsx'), 'Packets'),
});

const audit = createRoute({
  getParentRoute: () => frame,
  path: '/audit',
  component: lazyRouteComponent(() => import('./pages/audit/Audit.tsx'), 'Audit'),
});

const channels = createRoute({
  getParentRoute: () => frame,
  path: '/channels',
  validateSearch: (search: Record<string, unknown>): { tab?: string } => text(search, ['tab']),
  component: lazyRouteComponent(() => import('./pages/channels/Channels.tsx'), 'Channels'),
});

const accounts = createRoute({
  getParentRoute: () => frame,
  path: '/accounts',
  validateSearch: (search: Record<string, unknown>): { tab?: string } => text(search, ['tab']),
  component: lazyRouteComponent(() => import('./pages/accounts/Accounts.tsx'), 'Accounts'),
});

const account = createRoute({
  getParentRoute: () => frame,
  path: '/account',
  component: lazyRouteComponent(() => import('./pages/accounts/Account.tsx'), 'Account'),
});

const tree = root.addChildren([
  signIn,
  signInLink,
  frame.addChildren([
    home,
    situation,
    situationPlace,
    responseRatio,
    wall,
    forecast,
    causes,
    traffic,
    trafficLog,
    flow,
    hunt,
    entityAccount,
    entity,
    attack,
    findings,
    finding,
    exceptions,
    rules,
    rule,
    incidents,
    incident,
    grading,
    quantification,
    campaigns,
    campaign,
    warnings,
    warningNew,
    warning,
    reports,
    report,
    estate,
    estateKind,
    estateTree,
    estateImport,
    estateStart,
    estateAdd,
    estateItem,
    proposals,
    topology,
    whatIf,
    reliances,
    business,
    sensors,
    sensor,
    coverage,
    indicators,
    indicatorList,
    exposure,
    oneExposure,
    vulnerability,
    links,
    link,
    packets,
    audit,
    channels,
    accounts,
    account,
  ]),
]);

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: 'intent',
    scrollRestoration: false,
    // Addresses are read aloud and pasted: plain names and values instead of JSON.
    parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
    stringifySearch: (search) => {
      const params = new URLSearchParams();
      for (const [name, value] of Object.entries(search))
        if (value !== undefined && value !== null) params.set(name, String(value));
      const written = params.toString();
      return written === '' ? '' : `?${written}`;
    },
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
