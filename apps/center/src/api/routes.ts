/** The one list of routes. A route that is not here does not exist, and one that is here is in the document and in the isolation test. */

import { askResponsibility, answerResponsibility } from '../incidents/responsibilities.ts';
import { incidentEstate } from '../incidents/estate.ts';
import { changeState } from '../incidents/life.ts';
import { changeTask, createTask } from '../incidents/tasks.ts';
import { listOfIncidents, oneIncident, openIncidentByHand } from '../incidents/list.ts';
import { recordDecision } from '../incidents/decisions.ts';
import { causeRoutes } from '../causes/routes.ts';
import { forecastRoutes } from '../forecasts/routes.ts';
import { decideGrouping, oneGrouping } from '../incidents/grouping.ts';
import { recordEvent } from '../incidents/events.ts';
import { stateFact } from '../incidents/facts.ts';
import { warningRoutes } from '../warnings/routes.ts';
import * as accounts from './accounts.ts';
import { listOfAudit, verifyAudit } from './audit.ts';
import { listOfFacts, listOfLaws, listOfSchemes, oneLanguage } from './catalogues.ts';
import { exportEstate } from '../estate/export.ts';
import { foreignRoutes } from '../estate/foreign.ts';
import { importRoutes } from '../estate/import.ts';
import { registerRoutes } from '../estate/register.ts';
import { events } from './events.ts';
import { groupsOfFindings, listOfFindings, oneFinding } from './findings.ts';
import { liftException, listOfExceptions, makeException, oneException, previewException } from '../noise/exceptions.ts';
import { listOfRules, oneRule } from '../rules/rules.ts';
import { judgeFindings, verdictsOfFinding } from '../noise/verdicts.ts';
import { intakeBatch } from './intake.ts';
import { openApi } from './openapi-route.ts';
import { endpointRoutes } from '../notices/endpoints.ts';
import { feedRoutes } from '../notices/feeds.ts';
import { settingRoutes } from '../notices/setting.ts';
import {
  countRecords,
  listOfRecordTypes,
  logsWithRecords,
  oneFlow,
  recordHistogram,
  searchRecords,
  topOfRecords,
} from './records.ts';
import { reportRoutes } from '../reports/routes.ts';
import type { Route } from './route.ts';
import { search } from './search.ts';
import { attackMatrix } from '../attack/attack.ts';
import { lookAtAccount } from '../entities/accounts.ts';
import { oneEntity } from '../entities/entities.ts';
import { huntRoutes } from '../hunts/hunts.ts';
import { baselineRoutes } from '../baselines/routes.ts';
import { trialRoutes } from '../trials/routes.ts';
import { scheduleRoutes } from '../schedules/routes.ts';
import * as sessions from './sessions.ts';
import { situation } from './situation.ts';
import { situationRoutes } from '../situation/routes.ts';
import { coverageMap } from '../coverage/coverage.ts';
import { exposureRoutes } from '../exposure/routes.ts';
import { campaignRoutes } from '../campaigns/routes.ts';
import { gradingRoutes } from '../grading/routes.ts';
import { indicatorRoutes } from '../indicators/lists.ts';
import { listOfLinks, oneLink, setLinkPolicy } from '../links/links.ts';
import { observationPlan, setLinkWeight } from '../links/weights.ts';
import { whatIf } from '../links/what-if.ts';
import { businessPicture } from '../topology/business.ts';
import { listOfReliances, topology } from '../topology/topology.ts';
import { proposalRoutes } from '../proposals/routes.ts';
import { askForPackets } from '../packets/ask.ts';
import { intakeNoPackets, intakeOrders, intakePackets } from '../packets/intake.ts';
import {
  listOfPacketRequests,
  listOfPackets,
  onePacket,
  onePacketRequest,
  packetCapture,
  packetStream,
} from '../packets/look.ts';
import { listOfSensors, oneSensor, sensorHistories, sensorHistory, setSensorSettings } from '../sensors/list.ts';
import { intakeReport } from '../sensors/report.ts';

export const routes: readonly Route[] = [
  openApi,
  oneLanguage,
  sessions.signIn,
  sessions.signInByLink,
  sessions.signOut,
  sessions.demoPeople,
  sessions.me,
  sessions.changePassword,
  sessions.enrolTotp,
  sessions.confirmTotp,
  situation,
  ...situationRoutes,
  listOfRecordTypes,
  searchRecords,
  countRecords,
  logsWithRecords,
  recordHistogram,
  topOfRecords,
  oneFlow,
  ...huntRoutes,
  oneEntity,
  lookAtAccount,
  attackMatrix,
  ...indicatorRoutes,
  ...exposureRoutes,
  ...trialRoutes,
  ...scheduleRoutes,
  ...baselineRoutes,
  listOfFindings,
  groupsOfFindings,
  judgeFindings,
  oneFinding,
  verdictsOfFinding,
  listOfRules,
  oneRule,
  listOfExceptions,
  makeException,
  previewException,
  oneException,
  liftException,
  listOfIncidents,
  openIncidentByHand,
  oneIncident,
  incidentEstate,
  stateFact,
  recordEvent,
  askResponsibility,
  answerResponsibility,
  createTask,
  changeTask,
  recordDecision,
  oneGrouping,
  decideGrouping,
  changeState,
  ...gradingRoutes,
  ...campaignRoutes,
  ...causeRoutes,
  ...forecastRoutes,
  ...warningRoutes,
  ...endpointRoutes,
  ...settingRoutes,
  ...feedRoutes,
  ...reportRoutes,
  ...registerRoutes,
  ...importRoutes,
  ...foreignRoutes,
  exportEstate,
  coverageMap,
  listOfLinks,
  oneLink,
  setLinkPolicy,
  setLinkWeight,
  observationPlan,
  whatIf,
  topology,
  listOfReliances,
  businessPicture,
  ...proposalRoutes,
  askForPackets,
  listOfPacketRequests,
  onePacketRequest,
  listOfPackets,
  onePacket,
  packetStream,
  packetCapture,
  listOfSchemes,
  listOfLaws,
  listOfFacts,
  listOfAudit,
  verifyAudit,
  search,
  events,
  accounts.listOfTokens,
  accounts.createToken,
  accounts.deleteToken,
  accounts.listOfAccounts,
  accounts.listOfPeople,
  accounts.createAccount,
  accounts.resetAccount,
  accounts.deleteAccount,
  listOfSensors,
  accounts.createSensor,
  accounts.createSensorToken,
  oneSensor,
  sensorHistory,
  sensorHistories,
  setSensorSettings,
  intakeBatch,
  intakeReport,
  intakeOrders,
  intakePackets,
  intakeNoPackets,
];
