/**
 * Whether a finding is hidden, and by what: exceptions, maintenance windows and snoozes as one list of conditions. The caller says what is in
 * force; nothing here knows the time of day, because windows are held against the time of the evidence.
 */

import { parseAddress, parseNetwork } from '@forewarn/base/ip';
import { Refusal } from '@forewarn/base/refusal';
import type { Seconds } from '@forewarn/base/time';
import type { Finding } from '@forewarn/model/finding';
import { findingFields, findingRecord, type FindingPlace } from '@forewarn/model/finding-fields';
import type { ExceptionEntity, ExceptionTerms } from '@forewarn/model/noise';
import { compile, type Matcher } from '@forewarn/model/query/evaluate';
import type { Predicate } from '@forewarn/model/query/query';
import { parsePredicate } from '@forewarn/model/query/text';
import { within } from './weekly.ts';

/** An exception in force, with whose it is. */
export type Exception = {
  id: string;
  terms: ExceptionTerms;
  /** The organisation of whoever made it, and whether that is the centre. */
  owner: string;
  centre: boolean;
};

/** A finding as it is about to be written. `seenBy`: the organisation of the sensor. */
export type NoisePlace = FindingPlace & { seenBy: string | null };

export type Noise = {
  /** The id of the first exception that hides it. */
  hides(finding: Finding, place: NoisePlace): string | null;
};

const equal = (field: string, value: string): Predicate => ({ kind: 'text', field, op: 'equals', value });
const any = (...of: Predicate[]): Predicate => ({ kind: 'or', of });

function entityPredicate({ kind, value }: ExceptionEntity): Predicate {
  switch (kind) {
    case 'host':
      return any(equal('source', value), equal('targets', value), equal('names', value));
    case 'network':
      return any({ kind: 'cidr', field: 'source', network: value }, { kind: 'cidr', field: 'targets', network: value });
    case 'domain':
      return any(equal('names', value), { kind: 'text', field: 'names', op: 'endswith', value: `.${value}` });
    case 'service':
      return equal('logs', value);
  }
}

/** All that an exception asks of a finding but its times. Refusals: `noise.network`, `noise.host`, `noise.field`, `query.text`. */
export function exceptionPredicate(terms: Pick<ExceptionTerms, 'rule' | 'entity' | 'condition'>): Predicate {
  const of: Predicate[] = [];
  if (terms.rule !== null) of.push(equal('rule', terms.rule));
  if (terms.entity !== null) {
    const { kind, value } = terms.entity;
    if (kind === 'network' && !parseNetwork(value)) {
      throw new Refusal('noise.network', `"${value}" is not a network.`, {
        place: { field: 'entity' },
        advice: 'Write it as 10.0.0.0/8 or 2001:db8::/32, with no bits set right of the prefix.',
      });
    }
    if (kind === 'host' && /^[\d.:]+$/.test(value) && !parseAddress(value)) {
      throw new Refusal('noise.host', `"${value}" is neither an address nor a name.`, {
        place: { field: 'entity' },
        advice: 'Give one address or name; for several, a network.',
      });
    }
    of.push(entityPredicate(terms.entity));
  }
  if (terms.condition !== '') {
    of.push(readCondition(terms.condition));
  }
  return of.length === 1 ? of[0]! : { kind: 'and', of };
}

/** Compiled once here, so that a wrong pattern or network is refused now and not met by a finding. */
function readCondition(text: string): Predicate {
  try {
    const condition = parsePredicate(text);
    checkFields(condition);
    compile(condition);
    return condition;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // The place is a character of the text, or a field in it; which text it is, the form must know.
    throw new Refusal(error.code, error.message, { place: { ...error.place, field: 'condition' }, advice: error.advice });
  }
}

/** A field that findings do not have would never match, or under `not` match all: a slip of the pen must not do either in silence. */
function checkFields(predicate: Predicate): void {
  const open: Predicate[] = [predicate];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.kind === 'and' || next.kind === 'or') open.push(...next.of);
    else if (next.kind === 'not') open.push(next.of);
    else if (next.kind !== 'keyword') {
      for (const field of [next.field, ...(next.kind === 'fieldref' ? [next.other] : [])]) {
        if (Object.hasOwn(findingFields.columns, field)) continue;
        throw new Refusal('noise.field', `Findings have no field "${field.slice(0, 200)}".`, {
          place: { field: 'condition' },
          advice: `They have: ${Object.keys(findingFields.columns).join(', ')}.`,
        });
      }
    }
  }
}

/** Whether evidence from `from` to `to` lies within the times of an exception. */
export function covers(terms: Pick<ExceptionTerms, 'from' | 'weekly' | 'until'>, from: Seconds, to: Seconds): boolean {
  if (to > terms.until) return false;
  if (terms.from !== null && from < terms.from) return false;
  return terms.weekly === null || within(terms.weekly, from, to);
}

/**
 * Makes what is in force ready. An organisation's own exception hides only what concerns nobody else: it may not blind the centre or
 * another. What no longer compiles is left out and told, and hides nothing.
 */
export function createNoise(inForce: readonly Exception[], onRefusal: (id: string, refusal: Refusal) => void = () => {}): Noise {
  const ready: { exception: Exception; matches: Matcher }[] = [];
  for (const exception of inForce) {
    try {
      ready.push({ exception, matches: compile(exceptionPredicate(exception.terms)) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      onRefusal(exception.id, error);
    }
  }
  return {
    hides(finding, place) {
      if (ready.length === 0) return null;
      const record = findingRecord(finding, place);
      const found = ready.find(
        ({ exception: { terms, owner, centre }, matches }) =>
          (terms.organisation === null || terms.organisation === place.seenBy) &&
          (centre || ownedAlone(owner, place)) &&
          covers(terms, finding.from, finding.to) &&
          matches(record),
      );
      return found?.exception.id ?? null;
    },
  };
}

const ownedAlone = (owner: string, { organisations, seenBy }: NoisePlace): boolean =>
  (seenBy === null || seenBy === owner) && organisations.length > 0 && organisations.every((each) => each === owner);
