/** A finding: a small unsafe sign, with the records it rests on and a sentence that explains it. */

import { z } from 'zod';
import { Words } from './text.ts';

/** Where in an attack's course the sign stands: ATT&CK's tactics folded to what a duty officer acts on. */
export const FindingRule = z.object({
  id: z.string().max(200),
  version: z.string().max(64),
  kind: z.enum(['sigma', 'indicator', 'behaviour']),
  name: z.string().max(500),
});

/** How a rule is called: a behaviour's name stands in the catalogues, that of a rule or list is its author's own. */
export function ruleName({ id, name }: { id: string; name: string }): Words | string {
  return id.startsWith('behaviour:') ? { text: id.replace('behaviour:', 'detect.behaviour.') } : name;
}

/** A record that the finding cites: the log and the flow it belongs to. */
export const RecordReference = z.object({ log: z.string(), uid: z.string(), ts: z.number() });
export type RecordReference = z.infer<typeof RecordReference>;

/**
 * Fields that say whose event it is, the first that a record has: the host of a flow that asked, or the machine of an event. Accounts are not among
 * them: nothing is counted by person.
 */
export const subjectFields = [
  'id.orig_h',
  'Computer',
  'host',
  'hostname',
  'node',
  '_HOSTNAME',
  'src_ip',
  'src',
  'srcip',
  'c-ip',
  'sourceIPAddress',
  'callerIpAddress',
  'protoPayload.requestMetadata.callerIp',
  'client.ipAddress',
  'actor_ip',
] as const;

export const Finding = z.object({
  /** Made from rule, subject and window, so that the same evidence gives the same finding again. */
  id: z.string().max(64),
  /** First and last evidence, seconds UTC. */
  from: z.number(),
  to: z.number(),
  rule: FindingRule,
  /** ATT&CK technique ids: T1046, T0855. */
  technique: z.array(z.string()),
  /** ATT&CK tactic short names: discovery, command-and-control. */
  tactic: z.array(z.string()),
  level: z.enum(['informational', 'low', 'medium', 'high', 'critical']),
  /** 0 to 1: how sure the rule is that this is what it says. */
  confidence: z.number().min(0).max(1),
  explanation: Words,
  /** The host that acts and the hosts acted upon; addresses. */
  source: z.string(),
  targets: z.array(z.string()).max(1000),
  /** Names that were met: domains, server names. */
  names: z.array(z.string()).max(100),
  records: z.array(RecordReference).max(100),
  /** How many records it stands for, of which `records` are the first. */
  recordCount: z.number().int().positive(),
  /** When a search of the past found it, seconds; missing: it was found as it happened. */
  past: z.number().optional(),
  /** The loss it shows by itself, where it does: the earliest such instant becomes `harmAt`. */
  harm: z.enum(['confidentiality', 'integrity', 'availability', 'controllability']).nullable(),
});
export type Finding = z.infer<typeof Finding>;

/** One tactic of an attack's course: when it was first seen, and the techniques by which. */
export const CourseStep = z.object({
  tactic: z.string(),
  matrix: z.enum(['enterprise', 'ics', 'mobile']),
  at: z.number(),
  technique: z.array(z.string()),
  findings: z.number().int().positive(),
});
export type CourseStep = z.infer<typeof CourseStep>;

/** Findings that belong together, and why. */
export const IncidentCandidate = z.object({
  id: z.string().max(64),
  from: z.number(),
  to: z.number(),
  findings: z.array(z.string()).max(10_000),
  /** The inside hosts around which it was grouped. */
  hosts: z.array(z.string()).max(1000),
  /** Named weights that added up, largest first. */
  weight: z.number(),
  reasons: z.array(Words).max(100),
  /** Tactics of ATT&CK as they were first seen, with the techniques that were seen of each. */
  course: z.array(CourseStep).max(100),
  /** The same tactics in the order of their matrix: the last is how far the attack has come. */
  tactics: z.array(z.string()).max(100),
  /** Different signs: findings of one rule about one host are one. */
  signs: z.number().int(),
  /** When a loss began by what the findings show; before it, the group stands before harm. */
  harmAt: z.number().nullable(),
  /** How own systems are used against others, where they are. */
  abuse: z.array(z.string()).max(100),
});
export type IncidentCandidate = z.infer<typeof IncidentCandidate>;

/**
 * Where a finding stands in its incident: its evidence ended before harm began, or while none is known; it belongs to the time in which
 * harm went on; or it came after containment. Seconds UTC.
 */
export function findingStage(
  { to, from, harm }: Pick<Finding, 'from' | 'to' | 'harm'>,
  { harmAt, containedAt }: { harmAt: number | null; containedAt: number | null },
): 'before' | 'during' | 'after' {
  if (containedAt !== null && from >= containedAt) return 'after';
  return harm !== null || (harmAt !== null && to >= harmAt) ? 'during' : 'before';
}
