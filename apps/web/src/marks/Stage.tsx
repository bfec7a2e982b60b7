/** Words for the states of an incident, a stage, a task, a warning, a part. One list each, so that a page never makes its own. */

import type { IncidentSummary, ResponsibilityView, StageView, TaskView, WarningView } from '@forewarn/model/api';
import type { Role } from '@forewarn/model/permissions';
import { useTexts } from '../session/language.tsx';

export const incidentStateKeys: { [state in IncidentSummary['state']]: string } = {
  open: 'web.incident.state.open',
  contained: 'web.incident.state.contained',
  closed: 'web.incident.state.closed',
};

export const stageKeys: { [stage in StageView['stage']]: string } = {
  before: 'web.stage.before',
  during: 'web.stage.during',
  after: 'web.stage.after',
  unknown: 'web.stage.unknown',
};

export const taskStateKeys: { [state in TaskView['state']]: string } = {
  open: 'web.task.state.open',
  doing: 'web.task.state.doing',
  done: 'web.task.state.done',
  dropped: 'web.task.state.dropped',
};

export const warningStateKeys: { [state in WarningView['state']]: string } = {
  draft: 'web.warning.state.draft',
  approved: 'warnings.state.approved',
  dropped: 'warnings.state.dropped',
  issued: 'web.warning.state.issued',
  adjusted: 'web.warning.state.adjusted',
  lifted: 'web.warning.state.lifted',
};

/** A draft that is to be issued, or a change that waits for a second person. */
export const waitsForPerson = ({ state, proposed }: Pick<WarningView, 'state' | 'proposed'>): boolean =>
  state === 'draft' || state === 'approved' || proposed !== null;

export const partKeys: { [part in ResponsibilityView['part']]: string } = {
  lead: 'web.part.lead',
  support: 'web.part.support',
  inform: 'web.part.inform',
};

export const responsibilityStateKeys: { [state in ResponsibilityView['state']]: string } = {
  asked: 'web.responsibility.asked',
  accepted: 'web.responsibility.accepted',
  refused: 'web.responsibility.refused',
  'handed-over': 'web.responsibility.handedOver',
  released: 'web.responsibility.released',
};

export const roleKeys: { [role in Role]: string } = {
  administrator: 'web.role.administrator',
  'duty-officer': 'web.role.dutyOfficer',
  analyst: 'web.role.analyst',
  'liaison-officer': 'web.role.liaisonOfficer',
  regulator: 'web.role.regulator',
  sensor: 'web.role.sensor',
};

export function StateWord({ state }: { state: IncidentSummary['state'] }) {
  const { t } = useTexts();
  return (
    <span className="state-word" data-state={state}>
      {t(incidentStateKeys[state])}
    </span>
  );
}

export function StageWord({ stage }: { stage: StageView }) {
  const { t, w } = useTexts();
  return (
    <span className="state-word" data-stage={stage.stage} title={w(stage.reason)}>
      {t(stageKeys[stage.stage])}
    </span>
  );
}
