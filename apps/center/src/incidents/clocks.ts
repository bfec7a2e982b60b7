/**
 * The laws' clocks of an incident: computed from its events and grades, stored as rows, and computed again when something is recorded
 * or a row's moment has come. Each organisation that the incident concerns has the duties of its own class, and the hops
 * above it have theirs.
 */

import { createHash } from 'node:crypto';
import type { EstateIndex } from '@forewarn/know/concern';
import type { Duty } from '@forewarn/model/duty';
import type { Organisation } from '@forewarn/model/estate';
import type { Facts } from '@forewarn/model/facts';
import type { Grade } from '@forewarn/model/grade';
import type { Words } from '@forewarn/model/text';
import { duties } from '@forewarn/respond/duties';
import { clocksOf, dropClock, putClock, type Clock } from '@forewarn/store/resources/clocks';
import { addTimeline, type RecordedEvent } from '@forewarn/store/resources/histories';
import type { Acting } from '../act.ts';

/** As in `respond/duties.ts`: four fifths of the time are gone. */
const dueSoonShare = 0.8;

export async function windClocks(
  acting: Acting,
  index: EstateIndex,
  incident: { id: string; concerned: readonly string[] },
  known: { facts: Facts; grades: ReadonlyMap<string, Grade>; events: readonly RecordedEvent[] },
): Promise<void> {
  const { tx, center, at } = acting;
  const before = new Map((await clocksOf(tx, [incident.id])).get(incident.id)!.map((clock) => [clock.id, clock]));
  const wound = new Map<string, Clock>();
  for (const id of incident.concerned) {
    const organisation = index.organisation(id);
    if (!organisation) continue;
    for (const law of center.content.laws.values()) {
      const grade = law.grading === undefined ? undefined : known.grades.get(law.grading);
      const chain = new Map<string, Organisation>([[organisation.reporter, organisation]]);
      for (const { id: reporter } of law.reporters) {
        const above = hopAbove(index, organisation, reporter);
        if (above && !chain.has(reporter)) chain.set(reporter, above);
      }
      const members = new Set([...chain.values()].map((one) => one.id));
      const found = duties(law, {
        ...(grade ? { grade } : {}),
        facts: known.facts,
        // What another operator of the same class reported does not meet this one's duty.
        events: known.events.filter((event) => event.event === 'graded' || members.has(event.organisation)),
        reporters: [organisation.reporter],
        catalogue: center.content.facts,
        at,
      });
      const places = new Map<string, number>();
      for (const duty of found) {
        const holder = chain.get(duty.reporter);
        // A hop that nobody in the estate is has nobody to remind.
        if (!holder) continue;
        const kind = `${duty.duty}\n${duty.reporter}`;
        const place = places.get(kind) ?? 0;
        places.set(kind, place + 1);
        const clock = clockOf(incident.id, { hit: id, holder: holder.id, place }, duty);
        wound.set(clock.id, clock);
      }
    }
  }
  for (const clock of wound.values()) {
    const old = before.get(clock.id);
    if (old && JSON.stringify(old.duty) === JSON.stringify(clock.duty)) continue;
    await putClock(tx, clock);
    const words = changeOf(old, clock);
    if (!words) continue;
    await addTimeline(tx, incident.id, {
      at: clock.state === 'met' && clock.duty.metAt !== null ? clock.duty.metAt : at,
      enteredAt: at,
      kind: 'clock',
      text: words,
      by: null,
      reference: clock.id,
      organisation: clock.organisation,
    });
    acting.changed('clock', incident.id, { incident: incident.id });
  }
  for (const old of before.values()) {
    // A clock that never ran and no longer can is no history; one that ran stays.
    if (!wound.has(old.id) && old.duty.startedAt === null) await dropClock(tx, old.id);
  }
}

/** The organisation that is the given hop above an operator: its department, or who has that class in the register. */
function hopAbove(index: EstateIndex, organisation: Organisation, reporter: string): Organisation | undefined {
  const department = organisation.overseenBy === null ? undefined : index.organisation(organisation.overseenBy);
  if (department?.reporter === reporter) return department;
  return index.organisations().find((one) => one.reporter === reporter && one.kind !== 'operator');
}

function clockOf(incident: string, who: { hit: string; holder: string; place: number }, duty: Duty): Clock {
  const name = JSON.stringify([incident, who.hit, who.holder, duty.law, duty.duty, duty.reporter, who.place]);
  return {
    id: createHash('sha256').update(name).digest('hex').slice(0, 32),
    incident,
    organisation: who.holder,
    state: duty.state,
    nextAt: nextAt(duty),
    duty,
  };
}

function nextAt({ state, startedAt, limit, dueAt }: Duty): number | null {
  if (startedAt === null || limit === null || dueAt === null) return null;
  if (state === 'running') return startedAt + dueSoonShare * limit;
  // A report at the very moment is in time; the clock is missed after it.
  return state === 'due-soon' ? dueAt + 0.001 : null;
}

function changeOf(old: Clock | undefined, clock: Clock): Words | undefined {
  if (old?.state === clock.state) return undefined;
  const duty: Words = { text: `law.${clock.duty.law}.duty.${clock.duty.duty}` };
  switch (clock.state) {
    case 'waiting':
      return undefined;
    case 'running':
      return { text: clock.duty.limit === null ? 'center.clock.promptly' : 'center.clock.running', values: { duty } };
    case 'due-soon':
    case 'met':
    case 'missed':
      return { text: `center.clock.${clock.state}`, values: { duty } };
  }
}
