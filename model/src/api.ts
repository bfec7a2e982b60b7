/**
 * What the API answers with: the nouns as another program or the workbench sees them. Instants are RFC 3339 in UTC,
 * except inside records, which keep Zeek's numbers. Texts for people are `Words`, rendered by whoever shows them.
 */

import { z } from 'zod';
import { Instant } from './instant.ts';
import { Cause } from './cause.ts';
import { Tlp } from './markings.ts';
import { Urgency } from './notice.ts';
import { LocalText, Words } from './text.ts';
import { Finding, RecordReference } from './finding.ts';
import { Level, LevelNumber } from './grade.ts';
import { Role } from './permissions.ts';
import { Link, NetworkType, replaceabilities, ReporterClass } from './estate.ts';
import { ContentGrant, LinkPolicy } from './link.ts';
import { Verdict } from './noise.ts';
import { SensorSettings, sensorTroubles } from './sensor.ts';
import { WarnedView, WarningCounts, WarningMeasureView, WarningProposalView } from './warning-view.ts';
import { WarningColour, WarningScope, WarningStage } from './warning.ts';

export { Instant };

/** A page of a list; `next` is the cursor of the following page, or null at the end. */
export const page = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().nullable() });

/** RFC 9457. `code` is stable and documented; `place` and `advice` say where and what to do. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
  place: z.record(z.string(), z.unknown()).optional(),
  advice: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;

export const Me = z.object({
  account: z.string(),
  name: z.string(),
  organisation: z.object({ id: z.string(), name: LocalText, centre: z.boolean() }),
  role: Role,
  permissions: z.array(z.string()),
  demo: z.boolean(),
});
export type Me = z.infer<typeof Me>;

/** A level by its number in its scheme, 1 the most serious. `ceiling` is what the unknown facts still allow, `floor` what is proven; null: below every level. */
export const GradeView = z.object({
  scheme: z.string(),
  schemeTitle: LocalText,
  at: Instant,
  floor: LevelNumber.nullable(),
  ceiling: LevelNumber.nullable(),
  /** All levels of the scheme, the most serious first, with the sign and colour that the scheme gives them. */
  levels: z.array(Level),
  floorName: LocalText.nullable(),
  ceilingName: LocalText.nullable(),
  /** The lowest mark among the values that fired: H, M or U. */
  confidence: z.enum(['H', 'M', 'U']),
  fired: z.array(
    z.object({
      criterion: z.string(),
      text: Words,
      level: z.number().int(),
      fact: z.string(),
      value: z.string(),
      threshold: z.string(),
      /** The same two for people, in their language. */
      valueText: Words.optional(),
      thresholdText: Words.optional(),
      points: z
        .object({ min: z.number(), max: z.number(), of: z.number() })
        .optional()
        .describe('In a score: the weighted points that the statement gives; nothing is compared then.'),
      confidence: z.enum(['H', 'M', 'U']),
      article: z.string(),
    }),
  ),
  missing: z.array(z.object({ fact: z.string(), name: LocalText, unit: z.string().nullable(), couldReach: z.number().int() })),
  next: z
    .array(
      z.object({
        fact: z.string(),
        name: LocalText,
        level: z.number().int(),
        threshold: z.string(),
        thresholdText: Words.optional(),
        now: z.string().nullable(),
        nowText: Words.nullable().optional(),
      }),
    )
    .describe('The nearest value of each fact that would make the grade more serious.'),
  score: z
    .object({ min: z.number(), max: z.number(), of: z.number() })
    .nullable()
    .describe('Of a scheme that adds points: what is proven and what is still possible, rounded as it is published.'),
  unread: z
    .array(z.object({ level: LevelNumber, means: LocalText, article: z.string() }))
    .describe('Clauses of the scheme whose value nobody read; they keep a level possible.'),
});
export type GradeView = z.infer<typeof GradeView>;

export const ClockView = z.object({
  id: z.string(),
  law: z.string(),
  lawTitle: LocalText,
  duty: z.string(),
  dutyText: LocalText,
  organisation: z.string().describe('Whose duty it is.'),
  reporter: ReporterClass,
  to: z.array(LocalText),
  article: z.string(),
  confidence: z.enum(['H', 'M', 'U']),
  startedAt: Instant.nullable(),
  startedBy: Words.nullable(),
  /** Null: "promptly", or not started yet. */
  dueAt: Instant.nullable(),
  limitSeconds: z.number().nullable(),
  state: z.enum(['waiting', 'running', 'due-soon', 'met', 'missed']),
  metAt: Instant.nullable(),
  /** What the report must contain; `first` marks what the first report cannot leave out. */
  content: z.array(z.object({ id: z.string(), text: LocalText, first: z.boolean() })),
});
export type ClockView = z.infer<typeof ClockView>;

export const FactView = z.object({
  id: z.string(),
  fact: z.string(),
  name: LocalText,
  unit: z.string().nullable(),
  /** A number, a term, a boolean, `{ min, max }`, or null for unknown. */
  value: z.unknown(),
  source: z.string(),
  by: z.string(),
  at: Instant,
  /** An older statement of the same fact, kept. */
  superseded: z.boolean(),
  /** Set from what findings or the estate show, not stated by a person; `source` is then `finding` or `estate`. */
  derived: z.boolean(),
});
export type FactView = z.infer<typeof FactView>;

export const ResponsibilityView = z.object({
  organisation: z.string(),
  part: z.enum(['lead', 'support', 'inform']),
  state: z.enum(['asked', 'accepted', 'refused', 'handed-over', 'released']),
  since: Instant,
  by: z.string(),
  reason: z.string().nullable(),
});
export type ResponsibilityView = z.infer<typeof ResponsibilityView>;

export const TaskView = z.object({
  id: z.string(),
  title: z.string(),
  organisation: z.string(),
  state: z.enum(['open', 'doing', 'done', 'dropped']),
  dueAt: Instant.nullable(),
  createdAt: Instant,
  doneAt: Instant.nullable(),
  by: z.string(),
  /** Carrying it out protects: done before harm began, it counts in the response ratio. */
  measure: z.boolean(),
});
export type TaskView = z.infer<typeof TaskView>;

export const DecisionView = z.object({
  id: z.string(),
  at: Instant,
  question: z.string(),
  options: z.array(z.string()),
  chosen: z.string(),
  reasons: z.string(),
  dissent: z.string().nullable(),
  article: z.string().nullable(),
  by: z.string(),
  organisation: z.string(),
});
export type DecisionView = z.infer<typeof DecisionView>;

export const TimelineEntry = z.object({
  at: Instant.describe('When it happened.'),
  enteredAt: Instant.describe('When it was written down.'),
  kind: z.enum(['finding', 'fact', 'grade', 'responsibility', 'clock', 'event', 'task', 'decision', 'warning', 'state', 'note']),
  text: Words,
  by: z.string().nullable(),
  reference: z.string().nullable(),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

export const StageView = z.object({
  stage: z.enum(['before', 'during', 'after', 'unknown']),
  harmAt: z.object({ from: Instant, to: Instant }).nullable(),
  reason: Words,
});
export type StageView = z.infer<typeof StageView>;

export const IncidentSummary = z.object({
  id: z.string(),
  /** Read aloud on the telephone: FW-2026-0001. */
  number: z.string(),
  title: Words,
  state: z.enum(['open', 'contained', 'closed']),
  createdAt: Instant,
  updatedAt: Instant,
  from: Instant,
  to: Instant,
  /** The organisations concerned, the hit one first. */
  organisations: z.array(z.string()),
  marking: Tlp,
  findings: z.number().int(),
  techniques: z.array(z.string()),
  grade: GradeView.pick({ scheme: true, floor: true, ceiling: true, confidence: true }).nullable(),
  stage: StageView,
  lead: z.object({ organisation: z.string(), since: Instant }),
  clocks: z.array(ClockView),
  weight: z
    .number()
    .nullable()
    .describe('Of the heaviest link that its findings were seen on, 0 to 1, as far as the asker sees the links.'),
});
export type IncidentSummary = z.infer<typeof IncidentSummary>;

export const IncidentView = IncidentSummary.extend({
  grades: z.array(GradeView).describe('One a scheme, the newest; older ones stand in the timeline.'),
  facts: z.array(FactView),
  responsibilities: z.array(ResponsibilityView),
  tasks: z.array(TaskView),
  decisions: z.array(DecisionView),
  timeline: z.array(TimelineEntry),
  hosts: z.array(z.string()),
  reasons: z.array(Words).describe('Why these findings were grouped.'),
  warnings: z.array(z.string()),
  cause: Cause.nullable().describe('What it was closed with.'),
});
export type IncidentView = z.infer<typeof IncidentView>;

export const FindingView = Finding.omit({ from: true, to: true }).extend({
  from: Instant,
  to: Instant,
  organisations: z.array(z.string()),
  incident: z.string().nullable(),
  records: z.array(RecordReference),
  hiddenBy: z.string().nullable().describe('The exception that hides it.'),
  verdict: Verdict.nullable().describe('What a person said it was.'),
});
export type FindingView = z.infer<typeof FindingView>;

export const WarningView = z.object({
  id: z.string(),
  number: z.string(),
  state: WarningStage,
  colour: WarningColour,
  /** Why this colour: the rule that proposes it, or the reason of whoever chose another. */
  colourReason: Words.nullable(),
  urgency: Urgency,
  marking: Tlp,
  /** The fields of the 2017 plan. */
  incidentType: z.string(),
  title: LocalText,
  startTime: Instant,
  possibleScope: z.string(),
  mattersToNote: z.string(),
  /** The measures as one text, and the first of their deadlines, as the plan has them. */
  measuresToTake: z.string(),
  measuresDeadline: Instant.nullable(),
  measures: z.array(WarningMeasureView),
  issuingAuthority: z.string(),
  scope: WarningScope,
  incident: z.string().nullable(),
  createdAt: Instant,
  issuedAt: Instant.nullable(),
  issuedBy: z.string().nullable(),
  validUntil: Instant.nullable(),
  liftedAt: Instant.nullable(),
  edition: z.number().int(),
  /** Whose words it holds, and who else has read them; null when nobody has. */
  author: z.string().nullable(),
  approvedBy: z.string().nullable(),
  /** Why it left without a second person. */
  alone: z.string().nullable(),
  /** What it would become when a second person agrees; for those who work on it. */
  proposed: WarningProposalView.nullable(),
  counts: WarningCounts,
  /** Whom it reaches and why; an organisation that is not the centre sees only itself here. The first of them: `counts` says of how many. */
  audience: z.array(WarnedView),
});
export type WarningView = z.infer<typeof WarningView>;

/** What the exit decided about one recipient before anything left. */
export const EgressDecision = z.object({
  recipient: z.string(),
  allowed: z.boolean(),
  reason: Words,
});
export type EgressDecision = z.infer<typeof EgressDecision>;

export const AuditView = z.object({
  seq: z.number().int(),
  at: Instant,
  organisation: z.string(),
  actor: z.string(),
  demo: z.boolean(),
  action: z.string(),
  object: z.string(),
  detail: z.record(z.string(), z.unknown()),
  hash: z.string(),
});
export type AuditView = z.infer<typeof AuditView>;

export const SituationView = z.object({
  at: Instant,
  /** Open incidents by grade of the leading scheme; `0` counts the ungraded. */
  openByLevel: z.record(z.string(), z.number().int()),
  /** Most urgent first. */
  clocks: z.array(ClockView.extend({ incident: z.string(), number: z.string() })),
  incidents: z.array(IncidentSummary),
  warnings: z.array(WarningView),
  /** Share of harmed incidents in which we acted before the harm; null when none was harmed. */
  responseRatio: z.object({
    before: z.number().int(),
    of: z.number().int(),
    averted: z.number().int(),
    unknown: z.number().int(),
  }),
  findings: z.object({
    from: Instant,
    bucketSeconds: z.number(),
    counts: z.array(z.object({ level: Finding.shape.level, buckets: z.array(z.number().int()) })),
  }),
  sensors: z.array(
    z.object({
      id: z.string(),
      organisation: z.string(),
      link: z.string().nullable(),
      lastBatchAt: Instant.nullable(),
      records: z.number().int(),
    }),
  ),
  records: z.object({ from: Instant, bucketSeconds: z.number(), buckets: z.array(z.number().int()) }),
});
export type SituationView = z.infer<typeof SituationView>;

/** A sensor as its last report shows it. */
export const SensorView = z.object({
  id: z.string(),
  organisation: z.string(),
  name: z.string(),
  link: z.string().nullable(),
  networkType: NetworkType,
  marking: Tlp,
  createdAt: Instant,
  lastBatchAt: Instant.nullable(),
  records: z.number(),
  /**
   * `never`: nothing came yet; `files`: batches came, and no report: it reads files when somebody starts it; `trouble`: it works, with
   * something wrong.
   */
  state: z.enum(['never', 'files', 'working', 'trouble', 'silent', 'stopped']),
  troubles: z.array(z.enum(sensorTroubles)),
  report: z
    .object({
      at: Instant,
      startedAt: Instant,
      input: z.string(),
      version: z.string(),
      packetsPerSecond: z.number(),
      bytesPerSecond: z.number(),
      /** Of the last report: packets that the kernel or the card dropped, and the share they are; null where nobody counts. */
      dropped: z.number().nullable(),
      droppedShare: z.number().nullable(),
      gaps: z.number(),
      spool: z.object({ bytes: z.number(), bytesMax: z.number(), batches: z.number(), ageSeconds: z.number().nullable() }),
      /** Since its spool was made. */
      lost: z.object({ batches: z.number(), records: z.number() }),
      clock: z.object({ skewSeconds: z.number(), withinSeconds: z.number() }).nullable(),
      cpu: z.number(),
      memoryMegabytes: z.number(),
    })
    .nullable(),
  settings: z.object({
    /** The newest that somebody set; 0: none. */
    wanted: z.number().int(),
    inForce: z.number().int(),
    refused: z.object({ version: z.number().int(), reason: z.string() }).nullable(),
  }),
});
export type SensorView = z.infer<typeof SensorView>;

/** What a sensor brought of one log. `withheld`: fields that were not stored because no link's policy lets them in. */
export const SensorLogView = z.object({ log: z.string(), records: z.number(), lastAt: Instant, withheld: z.number() });
export type SensorLogView = z.infer<typeof SensorLogView>;

export const SensorSettingsView = z.object({
  version: z.number().int(),
  values: SensorSettings,
  at: Instant,
  by: z.string(),
});
export type SensorSettingsView = z.infer<typeof SensorSettingsView>;

/** Packets and drops of one sensor, in equal parts of a range. */
export const SensorHistoryView = z.object({
  from: Instant,
  bucketSeconds: z.number(),
  packets: z.array(z.number()),
  dropped: z.array(z.number()),
  lostRecords: z.array(z.number()),
});
export type SensorHistoryView = z.infer<typeof SensorHistoryView>;

export const SensorHistoriesView = z.object({ sensor: z.string() }).extend(SensorHistoryView.shape);
export type SensorHistoriesView = z.infer<typeof SensorHistoriesView>;

const CoverageState = z.enum(['seen', 'silent', 'blind']);

/** What of one network type is seen, and what to connect to see more. */
export const TypeCoverageView = z.object({
  type: NetworkType,
  /** `seen`: a record came within `withinSeconds`; `silent`: not within it, but before; `blind`: never. */
  state: CoverageState,
  withinSeconds: z.number(),
  lastAt: Instant.nullable(),
  sources: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      organisation: z.string(),
      link: z.string().nullable(),
      /** It shows the type because it is registered for it, or because its link ends in a network of that type. */
      because: z.enum(['type', 'link']),
      state: CoverageState,
      lastAt: Instant.nullable(),
      logs: z.array(z.object({ log: z.string(), records: z.number(), lastAt: Instant })),
    }),
  ),
  networks: z.array(
    z.object({
      id: z.string(),
      name: LocalText,
      organisation: z.string(),
      state: CoverageState,
      sources: z.array(z.string()),
    }),
  ),
  links: z.array(
    z.object({
      id: z.string(),
      name: LocalText,
      organisation: z.string(),
      role: Link.shape.role,
      state: CoverageState,
      sources: z.array(z.string()),
    }),
  ),
  /** What is not connected yet, the most worthwhile first. */
  connect: z.array(z.object({ what: LocalText, shows: LocalText, logs: z.array(z.string()) })),
});
export type TypeCoverageView = z.infer<typeof TypeCoverageView>;

export const CoverageView = z.object({ at: Instant, types: z.array(TypeCoverageView) });
export type CoverageView = z.infer<typeof CoverageView>;

/** A link's policy as the API takes and tells it: instants are RFC 3339. */
export const LinkPolicyValues = LinkPolicy.extend({
  content: z
    .array(ContentGrant.extend({ until: Instant }))
    .max(50)
    .default([]),
});
export type LinkPolicyValues = z.infer<typeof LinkPolicyValues>;

export const LinkPolicyView = z.object({ version: z.number().int(), values: LinkPolicyValues, at: Instant, by: z.string() });
export type LinkPolicyView = z.infer<typeof LinkPolicyView>;

/** How a ring of packets stands; of a link, over all of its sensors. */
export const RingView = z.object({
  /** Null while it holds nothing. */
  from: Instant.nullable(),
  to: Instant.nullable(),
  bytes: z.number(),
  packets: z.number(),
  dropped: z.number().describe('Packets that could not be written since the ring was made.'),
});
export type RingView = z.infer<typeof RingView>;

/** How much depends on a link, opened to its parts. */
export const LinkWeightView = z.object({
  value: z.number().describe('What counts, 0 to 1: the weight that a person set, and otherwise the computed one.'),
  computed: z.number(),
  parts: z.array(
    z.object({
      part: z.enum(['betweenness', 'capacity', 'criticality', 'singleness']),
      found: z
        .number()
        .describe('Pairs of networks whose way it is; Mbit/s; 0 to 1; ways between its ends without a common link.'),
      scaled: z.number().describe('0 to 1.'),
      share: z.number().describe('How much the part counts; the shares add up to 1.'),
      points: z.number().describe('Share times scaled: what it adds to the weight.'),
    }),
  ),
  /** The most critical first; those that the asker may not see are counted in `others`. */
  carries: z.array(z.object({ business: z.string(), name: LocalText, criticality: z.number(), share: z.number() })),
  others: z.number().int(),
  depth: z
    .enum(['elements', 'packets'])
    .describe('What is proposed to be kept of a link of this weight, where nobody has set a policy.'),
  rules: z.object({ version: z.string(), confidence: z.enum(['H', 'M', 'U']) }),
  /** The newest edition that a person wrote; `weight` null: taken back. */
  set: z
    .object({ version: z.number().int(), weight: z.number().nullable(), reason: z.string(), at: Instant, by: z.string() })
    .nullable(),
});
export type LinkWeightView = z.infer<typeof LinkWeightView>;

/** Points from which several links can be watched together, each where most weight is not watched yet. */
export const ObservationPlanView = z.object({
  before: z.number().describe('Share of all links’ weight that is watched now.'),
  points: z.array(
    z.object({
      network: z.string().describe('A network, or a node of one.'),
      links: z.array(z.string()),
      gained: z.array(z.string()).describe('Links that neither a sensor nor a point before this one watches.'),
      gain: z.number(),
      coverage: z.number().describe('Share of the weight that is watched with this point and those before it.'),
    }),
  ),
  lost: z.array(z.string()).describe('Links that would go unwatched if the points took the place of today’s sensors.'),
  loss: z.number(),
});
export type ObservationPlanView = z.infer<typeof ObservationPlanView>;

const Span = z.object({ least: z.number(), most: z.number() });

/** What falls when something is taken away. Spans: where any one of a service's assets is enough, and where it needs them all. */
export const WhatIfView = z.object({
  fallen: z.array(
    z.object({
      business: z.string(),
      name: LocalText,
      organisation: z.string(),
      share: Span.describe('Of those that reached it before, how many do not any more, by the capacity of their links; 0 to 1.'),
      users: Span.describe('Users served times the share.'),
      cnyPerHour: Span,
      regions: z.array(z.string()),
      itself: z.boolean().describe('Whether what is gone reaches it by itself, and not only by what it depends on.'),
      through: z.array(z.object({ id: z.string(), name: LocalText })).describe('Services that fall and that it depends on.'),
      lasts: z.enum(replaceabilities).nullable().describe('How soon what is gone is replaced; null: nobody tells.'),
      toleratedOutageHours: z.number().nullable(),
      outlasts: z
        .boolean()
        .nullable()
        .describe('Whether it is gone for longer than its users can do without it; null: not known.'),
    }),
  ),
  regions: z.array(
    z.object({
      region: z.string(),
      services: z.number().int(),
      users: Span.describe('Of services that serve the region, among others.'),
    }),
  ),
  count: z.number().int().describe('Services that fall and that the asker may see; `fallen` holds the first of them.'),
  others: z.number().int().describe('Services of others that fall as well.'),
  users: Span.describe('Summed over services: who uses several is counted for each.'),
  cnyPerHour: Span,
});
export type WhatIfView = z.infer<typeof WhatIfView>;

/** A link with what is kept of it, who watches it, and what passed. */
export const LinkView = Link.extend({
  /** Null for a moment after a change of the estate, while it is weighed anew. */
  weight: LinkWeightView.nullable(),
  /** The newest edition; null: nobody set one, and elements alone are kept. */
  policy: LinkPolicyView.nullable(),
  /** What counts: `elements` also where the link is secondary by now, whatever the policy said when it was primary. */
  depth: LinkPolicy.shape.depth,
  sensors: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      state: SensorView.shape.state,
      troubles: SensorView.shape.troubles,
      reportedAt: Instant.nullable(),
      /** The policy's edition that it keeps packets by, 0: it keeps none; null: it never reported, or is too old to keep any. */
      policyInForce: z.number().int().nullable(),
      ring: RingView.nullable(),
    }),
  ),
  ring: RingView.nullable(),
  /** Of the flows that began in each part of the range: how many, and their bytes both ways with IP headers. */
  traffic: z.object({
    from: Instant,
    bucketSeconds: z.number(),
    flows: z.array(z.number()),
    bytes: z.array(z.number()),
  }),
  /** Findings that its sensors saw in the range and whose incident, if there is one, is not closed. */
  findings: z.object({ count: z.number().int(), byLevel: z.partialRecord(Finding.shape.level, z.number().int()) }),
});
export type LinkView = z.infer<typeof LinkView>;

export const LinkDetail = LinkView.extend({ editions: z.array(LinkPolicyView).describe('Newest first.') });
export type LinkDetail = z.infer<typeof LinkDetail>;

/** Whom the packets of a flow were asked for, what became of it, and why there are none. */
export const PacketRequestView = z.object({
  id: z.string(),
  /** Whose sensor saw the flow. */
  organisation: z.string(),
  sensor: z.string(),
  link: z.string().nullable(),
  flow: z.object({
    log: z.string(),
    uid: z.string(),
    from: Instant,
    to: Instant,
    /** Null where the record has no such thing. */
    proto: z.string().nullable(),
    service: z.string().nullable(),
    originator: z.object({ address: z.string(), port: z.number().int().nullable() }).nullable(),
    responder: z.object({ address: z.string(), port: z.number().int().nullable() }).nullable(),
  }),
  /** What it is bound to; one of the two. */
  finding: z.string().nullable(),
  incident: z.string().nullable(),
  purpose: z.string(),
  at: Instant,
  by: z.string(),
  /** `waiting`: for the sensor; `ready`: the packets are here; `none`: there are none, with the reason; `failed`: something went wrong. */
  state: z.enum(['waiting', 'ready', 'none', 'failed']),
  /** Of `none` and `failed`: why, and what to do. */
  reason: Words.nullable(),
  advice: Words.nullable(),
  packets: z.number().int().nullable(),
  bytes: z.number().nullable(),
  /** Why these are not all packets of the flow; empty: they are. */
  partial: z.array(Words),
  /** When the centre throws its copy away. */
  keptUntil: Instant.nullable(),
});
export type PacketRequestView = z.infer<typeof PacketRequestView>;

/** A change, for those who may see the thing: `/api/v1/events`. The reader fetches the thing itself. */
export const ChangeEvent = z.object({
  kind: z.enum([
    'incident',
    'finding',
    'warning',
    'report',
    'clock',
    'records',
    'estate',
    'audit',
    'packets',
    'exposure',
    'proposals',
    'prevention',
    'forecast',
  ]),
  id: z.string(),
  at: Instant,
});
export type ChangeEvent = z.infer<typeof ChangeEvent>;
