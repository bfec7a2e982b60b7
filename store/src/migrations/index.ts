/** The one list of migrations, in the order they are applied. Append; never change or reorder what was published. */

import type { Migration } from '../postgres/migrations.ts';
import { accounts } from './accounts.ts';
import { audit } from './audit.ts';
import { base } from './base.ts';
import { intake } from './intake.ts';
import { estateSchema } from '../resources/schema/estate.ts';
import { incidentSchema } from '../resources/schema/incidents.ts';
import { warningSchema } from '../resources/schema/warnings.ts';
import { changeSchema } from '../resources/schema/changes.ts';
import { sensorSchema } from '../resources/schema/sensors.ts';
import { linkSchema } from '../resources/schema/links.ts';
import { huntSchema } from '../resources/schema/hunts.ts';
import { coverageSchema } from '../resources/schema/coverage.ts';
import { withheldSchema } from '../resources/schema/withheld.ts';
import { noiseSchema } from '../resources/schema/noise.ts';
import { linkWeightSchema } from '../resources/schema/link-weights.ts';
import { groupingSchema } from '../resources/schema/grouping.ts';
import { registerSchema } from '../resources/schema/register.ts';
import { proposalSchema } from '../resources/schema/proposals.ts';
import { exposureSchema } from '../resources/schema/exposure.ts';
import { editionSchema } from '../resources/schema/editions.ts';
import { scheduleSchema } from '../resources/schema/schedules.ts';
import { indicatorSchema } from '../resources/schema/indicators.ts';
import { warningAloneSchema, warningDroppedSchema, warningLifeSchema } from '../resources/schema/warning-life.ts';
import { causeSchema } from '../resources/schema/causes.ts';
import { forecastSchema } from '../resources/schema/forecasts.ts';
import { gradingDeskSchema } from '../resources/schema/grading-desk.ts';
import { situationSchema } from '../resources/schema/situation.ts';
import { reportSchema } from '../resources/schema/reports.ts';
import { noticeSchema } from '../resources/schema/notices.ts';
import { channelSchema, noticeSpreadSchema } from '../resources/schema/channels.ts';

export const migrations: readonly Migration[] = [
  base,
  audit,
  intake,
  estateSchema,
  incidentSchema,
  warningSchema,
  changeSchema,
  accounts,
  sensorSchema,
  linkSchema,
  coverageSchema,
  withheldSchema,
  noiseSchema,
  linkWeightSchema,
  huntSchema,
  groupingSchema,
  indicatorSchema,
  scheduleSchema,
  registerSchema,
  editionSchema,
  proposalSchema,
  exposureSchema,
  noticeSchema,
  causeSchema,
  warningLifeSchema,
  gradingDeskSchema,
  channelSchema,
  situationSchema,
  reportSchema,
  forecastSchema,
  noticeSpreadSchema,
  warningAloneSchema,
  warningDroppedSchema,
];
