/** What a running centre is made of. The routes and services take what they need from here; `center.ts` puts it together. */

import type { Logger } from 'pino';
import type { Clock } from '@forewarn/base/time';
import type { Causes } from '@forewarn/assess/causes/taxonomy';
import type { CompiledScheme } from '@forewarn/assess/grade';
import type { CandidateSettings } from '@forewarn/detect/candidates/settings';
import type { CostMeter } from '@forewarn/detect/cost';
import type { SensorRules } from '@forewarn/detect/sensors/watch';
import type { CoverageRules } from '@forewarn/know/coverage';
import type { Content } from '@forewarn/model/content';
import type { SituationRules } from '@forewarn/model/situation';
import type { ReportTemplate } from '@forewarn/model/report';
import type { ForecastModel } from '@forewarn/model/forecast';
import type { Audit } from '@forewarn/store/audit';
import type { Records } from '@forewarn/store/clickhouse/records';
import type { ListFiles } from '@forewarn/store/list-files';
import type { Database } from '@forewarn/store/postgres/database';
import type { ChangeHub } from './changes/hub.ts';
import type { EstateCache } from './estate/cache.ts';
import type { EstateImports } from './estate/import-desk.ts';
import type { ExposureDesk } from './exposure/desk.ts';
import type { FindingCarrier } from './findings/carrier.ts';
import type { CenterIndicators } from './indicators/parts.ts';
import type { Meters } from './meters.ts';
import type { NoiseCache } from './noise/cache.ts';
import type { NoticeDesk } from './notices/desk.ts';
import type { OrderDesk } from './packets/orders.ts';
import type { KeptPackets } from './packets/kept.ts';
import type { Accounts, Pipeline } from './ports.ts';
import type { Rendering } from './reports/rendering.ts';
import type { UnusualHourSettings } from './baselines/unusual-hour.ts';
import type { TrialDesk } from './trials/desk.ts';
import type { RuleCatalogue } from './rules/catalogue.ts';
import type { WarningRules } from './warnings/rules.ts';

export type Center = {
  readonly version: string;
  readonly demo: boolean;
  readonly clock: Clock;
  /** Since when it listens. */
  readonly startedAt: number;
  readonly log: Logger;
  readonly database: Database;
  readonly audit: Audit;
  readonly accounts: Accounts;
  readonly records: Records;
  readonly pipeline: Pipeline;
  readonly content: Content;
  /** Every scheme made ready; the first is the leading one, whose level lists show. */
  readonly schemes: readonly CompiledScheme[];
  /** When a sensor is silent, and when it drops. */
  readonly sensorRules: SensorRules;
  /** When a network type counts as seen, and what to connect. */
  readonly coverageRules: CoverageRules;
  /** What counts how much in the situation index. */
  readonly situation: { readonly rules: SituationRules };
  /** How findings are weighed together. */
  readonly grouping: CandidateSettings;
  /** By which numbers an incident's course is forecast. */
  readonly forecast: ForecastModel;
  /** The taxonomy of causes and what prevents them. */
  readonly causes: Causes;
  readonly estate: EstateCache;
  /** Files of the estate that are being imported. */
  readonly estateImports: EstateImports;
  readonly changes: ChangeHub;
  /** Lists of indicators, in force and in the past. */
  readonly indicators: CenterIndicators;
  /** Who is exposed to what, and the files that say so. */
  readonly exposures: { readonly desk: ExposureDesk; readonly files: ListFiles };
  /** Which colour a warning gets, and who is reminded when. */
  readonly warnings: WarningRules;
  /** What carries notices to mailboxes and webhooks. */
  readonly notices: NoticeDesk;
  /** What hides findings. */
  readonly noise: NoiseCache;
  /** All that can tell findings, and what it costs. */
  readonly rules: RuleCatalogue;
  readonly cost: CostMeter;
  /** What brings findings to their search. */
  readonly findings: FindingCarrier;
  readonly meters: Meters;
  /** Rules and hunts that are tried on what is stored. */
  readonly trials: TrialDesk;
  /** What counts as unusual for an hour of the week. */
  readonly unusualHour: UnusualHourSettings;
  /** What reports are made by, and what makes files of them. */
  readonly reports: { readonly templates: readonly ReportTemplate[]; readonly rendering: Rendering };
  /** Sensors that wait for orders. */
  readonly orders: OrderDesk;
  /** Packets of single flows that sensors brought. */
  readonly packets: KeptPackets;
  /** The demo's people with their sign-in links; null when this is no demo. */
  readonly demoPeople: (() => Promise<DemoPerson[]>) | null;
};

export type DemoPerson = { account: string; name: string; organisation: string; role: string; link: string };
