/**
 * Notifications of SNMP – traps and informs – as alarms. Those of the ALARM-MIB (RFC 3877) say what is affected and how grave
 * it is; of others their identifiers are told, and which values they carry. Values are read only where they are numbers and names of the
 * ALARM-MIB and the ITU-ALARM-MIB: what equipment says in text is not written.
 *
 *     version 1   enterprise, agent, generic, specific, time, values                                   RFC 1157 §4.1.6
 *     later       values, of which the second names the notification                                  RFC 3416 §4.2.6
 */

import type { AnyRecord } from '@forewarn/model/records/record';
import { causeName, eventTypeName, severityName, severityOfState, trendName } from '../../alarms/x733.ts';
import { Der, INTEGER, OBJECT_IDENTIFIER } from '../der.ts';
import { addressOf } from '../digits.ts';

/** Identifiers of one notification that are written; those in use carry up to some twenty. */
export const variablesMax = 32;

/** Arcs of one identifier that are read: SMIv2 has no longer ones (RFC 2578 §3.5). */
export const arcsMax = 128;

/** Arcs of an identifier that are written: what stands behind them is an index. */
const writtenArcsMax = 32;

const IP_ADDRESS = 0x40;

/** snmpTraps (RFC 3418), and the same numbers as generic traps of version 1, less one. */
const standard = ['', 'coldStart', 'warmStart', 'linkDown', 'linkUp', 'authenticationFailure', 'egpNeighborLoss'];
const traps = [1, 3, 6, 1, 6, 3, 1, 1, 5];
/** snmpTrapOID.0 and snmpTrapEnterprise.0. */
const trapName = [1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0];
const trapEnterprise = [1, 3, 6, 1, 6, 3, 1, 1, 4, 3, 0];
const interfaceIndex = [1, 3, 6, 1, 2, 1, 2, 2, 1, 1];
/** alarmNotifications, alarmActiveEntry, alarmModelEntry; ituAlarmEntry, ituAlarmActiveEntry (RFC 3877). */
const alarmNotifications = [1, 3, 6, 1, 2, 1, 118, 0];
const alarmActive = [1, 3, 6, 1, 2, 1, 118, 1, 2, 2, 1];
const alarmModel = [1, 3, 6, 1, 2, 1, 118, 1, 1, 2, 1];
const ituAlarm = [1, 3, 6, 1, 2, 1, 121, 1, 1, 1, 1];
const ituAlarmActive = [1, 3, 6, 1, 2, 1, 121, 1, 2, 1, 1];
const RESOURCE = 10;
const MODEL = 13;

/** The object identifier in `bytes[from, to)` as numbers. */
function arcsOf(bytes: Uint8Array, from: number, to: number): number[] {
  const arcs: number[] = [];
  let value = 0;
  for (let at = from; at < to && arcs.length < arcsMax; at++) {
    // Beyond 32 bits it is no arc of SMI, and no number that is compared.
    value = Math.min(value * 128 + (bytes[at]! & 0x7f), Number.MAX_SAFE_INTEGER / 256);
    if (bytes[at]! >= 0x80) continue;
    if (arcs.length === 0) {
      const first = Math.min(2, Math.floor(value / 40));
      arcs.push(first, value - first * 40);
    } else arcs.push(value);
    value = 0;
  }
  return arcs;
}

const begins = (arcs: readonly number[], start: readonly number[]): boolean =>
  arcs.length > start.length && start.every((arc, i) => arcs[i] === arc);
const dotted = (arcs: readonly number[]): string => arcs.slice(0, writtenArcsMax).join('.');

/** One notification while it is read. */
export class Notification {
  readonly record: { [column: string]: AnyRecord[string] };
  readonly #variables: string[] = [];

  constructor(head: AnyRecord) {
    this.record = { ...head, source: 'snmp' };
  }

  /** The head of a trap of version 1; answers whether it is whole, and leaves the values at the cursor. */
  first(trap: Der): boolean {
    const { record } = this;
    if (!trap.expect(OBJECT_IDENTIFIER)) return false;
    const enterprise = arcsOf(trap.bytes, trap.from, trap.to);
    if (!trap.expect(IP_ADDRESS)) return false;
    const agent = addressOf(trap.bytes, trap.from, trap.to - trap.from, trap.to);
    if (agent !== undefined && agent !== '0.0.0.0') record['agent'] = agent;
    if (!trap.expect(INTEGER)) return false;
    const generic = trap.integer();
    if (!trap.expect(INTEGER)) return false;
    // RFC 3584 §3.1: how a trap of version 1 is named in the later ones.
    this.#name(generic >= 0 && generic < 6 ? [...traps, generic + 1] : [...enterprise, 0, trap.integer()]);
    // The time since start.
    return trap.next();
  }

  /** One value with its identifier. */
  value(binding: Der): void {
    if (!binding.expect(OBJECT_IDENTIFIER)) return;
    const arcs = arcsOf(binding.bytes, binding.from, binding.to);
    if (!binding.next()) return;
    if (equals(arcs, trapName)) {
      if (binding.tag === OBJECT_IDENTIFIER) this.#name(arcsOf(binding.bytes, binding.from, binding.to));
      return;
    }
    // The time since start comes first in every notification, and the enterprise last in those that were of version 1.
    if (arcs.length === 9 && begins(arcs, [1, 3, 6, 1, 2, 1, 1, 3]) && arcs[8] === 0) return;
    if (equals(arcs, trapEnterprise)) return;
    if (this.#variables.length < variablesMax) this.#variables.push(dotted(arcs));
    this.#alarm(arcs, binding);
  }

  /** The record, once all values were read. */
  end(): AnyRecord {
    if (this.#variables.length > 0) this.record['variables'] = this.#variables;
    return this.record;
  }

  #name(arcs: readonly number[]): void {
    const { record } = this;
    record['notification_oid'] = dotted(arcs);
    const last = arcs.at(-1)!;
    if (arcs.length === traps.length + 1 && begins(arcs, traps)) {
      const name = standard[last];
      if (name) record['notification'] = name;
      // The two stand for the beginning and the end of one alarm (RFC 3877 §6.1).
      if (last === 3 || last === 4) record['cleared'] = last === 4;
    } else if (arcs.length === alarmNotifications.length + 1 && begins(arcs, alarmNotifications)) {
      if (last === 2 || last === 3) {
        record['notification'] = last === 2 ? 'alarmActiveState' : 'alarmClearState';
        record['cleared'] = last === 3;
        if (last === 3) record['perceived_severity'] = 'cleared';
      }
    }
  }

  #alarm(arcs: readonly number[], binding: Der): void {
    const { record } = this;
    const isIdentifier = binding.tag === OBJECT_IDENTIFIER;
    if (begins(arcs, alarmActive) && isIdentifier) {
      const column = arcs[alarmActive.length];
      const value = arcsOf(binding.bytes, binding.from, binding.to);
      if (column === RESOURCE) record['managed_object'] = dotted(value);
      else if (column === MODEL) this.#model(value);
    } else if (begins(arcs, ituAlarm) && binding.tag === INTEGER) {
      const column = arcs[ituAlarm.length];
      if (column === 2) record['event_type'] = eventTypeName(binding.integer());
      else if (column === 3) record['probable_cause'] = causeName(binding.integer());
      // The last number of the index is the severity.
      if (arcs.length > ituAlarm.length + 3) record['perceived_severity'] ??= severityName(arcs.at(-1)!);
    } else if (begins(arcs, ituAlarmActive) && binding.tag === INTEGER && arcs[ituAlarmActive.length] === 1) {
      record['trend_indication'] = trendName(binding.integer());
    } else if (begins(arcs, interfaceIndex)) record['managed_object'] ??= dotted(arcs);
  }

  /** A row of alarmModelTable: column, length and letters of the list's name, number, state. */
  #model(arcs: readonly number[]): void {
    if (!begins(arcs, alarmModel)) return;
    const letters = arcs[alarmModel.length + 1] ?? 0;
    const at = alarmModel.length + 2 + letters;
    if (letters > 32 || at + 2 !== arcs.length) return;
    const list = arcs.slice(alarmModel.length + 2, at);
    const name = list.every((letter) => letter >= 0x20 && letter < 0x7f) ? String.fromCharCode(...list) : list.join('.');
    this.record['alarm_model'] = `${name}.${arcs[at]}`;
    const severity = severityOfState(arcs[at + 1]!);
    if (severity !== undefined) this.record['perceived_severity'] ??= severity;
  }
}

const equals = (arcs: readonly number[], other: readonly number[]): boolean =>
  arcs.length === other.length && other.every((arc, i) => arcs[i] === arc);
