/**
 * What a sensor tells of itself every minute, past its spool: kept as its state, looked at for findings, answered with the centre's
 * clock and with settings that it does not work by yet.
 */

import { SensorOrders, SensorReport } from '@forewarn/model/sensor';
import { stats } from '@forewarn/model/records/stats';
import { classify } from '@forewarn/guard/classes';
import { packetsOrderOf } from '@forewarn/guard/links';
import { judgeReport, judgeSilence, type Judged } from '@forewarn/detect/sensors/watch';
import type { EstateIndex } from '@forewarn/know/concern';
import type { Transaction } from '@forewarn/store/postgres/database';
import { noteChange } from '@forewarn/store/resources/changes';
import { linkWithPolicy } from '@forewarn/store/resources/links';
import { findSensor, findSensorState, listSensorStates, putSensorState, settingsOf } from '@forewarn/store/resources/sensors';
import type { SensorState } from '@forewarn/store/resources/sensors';
import { Refusal } from '@forewarn/base/refusal';
import { formatInstant } from '@forewarn/base/time';
import type { Center } from '../center-parts.ts';
import { writeFindings } from '../incidents/open.ts';
import { denied } from '../refusals.ts';
import { route } from '../api/route.ts';

/** Only numbers and names of troubles: nothing personal stands in a report. */
const policy = { grants: [], now: 0, pseudonym: (value: string) => value };

export const intakeReport = route({
  method: 'post',
  path: '/intake/reports',
  access: 'intake:write',
  summary: 'How a sensor fares; answers the centre’s clock, and settings that it does not work by yet.',
  body: SensorReport,
  answer: SensorOrders,
  async handle({ center, principal, body }) {
    if (principal.sensor === null) throw denied('Only a sensor reports how it fares.');
    const at = center.clock.now();
    const { sensor } = principal;
    const record = classify(body.stats, stats, policy).record;
    if (!record) {
      throw new Refusal('request.invalid', 'The report has no time.', {
        place: { field: 'stats.ts' },
        advice: 'The columns stand in the log "stats".',
      });
    }
    const index = await center.estate.index();
    const { wanted, link } = await center.database.system(async (tx) => {
      const registered = await findSensor(tx, sensor);
      if (!registered) {
        throw new Refusal('sensor.unknown', `The sensor "${sensor}" is not registered.`, {
          advice: 'Register it on the accounts page and use the token that is given there.',
        });
      }
      const before = await findSensorState(tx, sensor);
      const seen = { sensor, organisation: registered.organisation, reportedAt: at, report: { ...body, stats: { ...record } } };
      const judged = judgeReport(seen, before?.open ?? {}, center.sensorRules);
      await putSensorState(tx, { ...seen, open: judged.open });
      await write(tx, { center, index }, seen, judged);
      const troubles = (state: SensorState | undefined): string => JSON.stringify(state?.report.stats['trouble'] ?? []);
      const inForce = body.settings;
      if (inForce.version !== (before?.report.settings.version ?? 0)) {
        await center.audit.record(tx, act(center, seen, 'sensor.settings.follow', { version: inForce.version }));
      }
      const keeps = body.packets?.version ?? 0;
      if (keeps !== (before?.report.packets?.version ?? 0)) {
        await center.audit.record(tx, act(center, seen, 'link.policy.follow', { version: keeps, link: registered.link ?? '' }));
      }
      if (inForce.refused && inForce.refused.version !== before?.report.settings.refused?.version) {
        await center.audit.record(tx, act(center, seen, 'sensor.settings.refuse', inForce.refused));
      }
      // Sooner than every minute a reader of the page hears only of what is new.
      if (!before || troubles(before) !== troubles({ ...seen, open: {} }) || at - before.reportedAt >= 30) {
        await noteChange(tx, { kind: 'records', id: registered.organisation, at }, { organisation: registered.organisation });
        tx.afterCommit(() => center.changes.wake());
      }
      return {
        wanted: (await settingsOf(tx, sensor, 1))[0],
        link: registered.link === null ? undefined : await linkWithPolicy(tx, registered.link),
      };
    });
    return {
      now: center.clock.now(),
      settings: wanted && wanted.version !== body.settings.version ? { version: wanted.version, values: wanted.values } : null,
      packets: link ? packetsOrderOf(link.role, link.newest) : null,
    };
  },
});

const act = (
  center: Center,
  { sensor, organisation }: { sensor: string; organisation: string },
  action: string,
  detail: { [name: string]: string | number },
) => ({ organisation, actor: `sensor:${sensor}`, demo: center.demo, action, object: `sensor/${sensor}`, detail });

/** Findings about a sensor go where all findings go: to the organisation whose sensor it is. */
const write = (
  tx: Transaction,
  { center, index }: { center: Center; index: EstateIndex },
  { sensor, organisation }: { sensor: string; organisation: string },
  { findings }: Judged,
): Promise<void> =>
  writeFindings(
    tx,
    { center, index },
    findings.map((finding) => ({ finding, sensor, seenBy: organisation })),
  );

/** Looks which sensors have fallen silent since the last look; answers how many. */
export async function watchSilence(center: Center): Promise<number> {
  const at = center.clock.now();
  const listened = { at, since: center.startedAt };
  const states = await center.database.system(listSensorStates);
  const index = await center.estate.index();
  let found = 0;
  for (const { sensor } of states.filter((state) => judgeSilence(state, state.open, listened, center.sensorRules))) {
    await center.database.system(async (tx) => {
      // It may have reported in between.
      const state = await findSensorState(tx, sensor);
      const judged = state && judgeSilence(state, state.open, listened, center.sensorRules);
      if (!judged) return;
      await putSensorState(tx, { ...state, open: judged.open });
      await write(tx, { center, index }, state, judged);
      await noteChange(tx, { kind: 'records', id: state.organisation, at }, { organisation: state.organisation });
      tx.afterCommit(() => center.changes.wake());
      center.log.warn({ sensor, since: formatInstant(state.reportedAt) }, 'a sensor is silent');
      found++;
    });
  }
  return found;
}
