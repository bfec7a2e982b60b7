/** What a sensor and the centre say to each other besides batches: how the sensor fares, and what it is to do. */

import { z } from 'zod';
import { LinkPolicy } from './link.ts';

/** Troubles that a sensor tells of itself. `silent` is the centre's to say. */
export const sensorTroubles = [
  'kernel-drops',
  'capture-down',
  'spool-filling',
  'spool-lost',
  'set-aside',
  'refused',
  'clock',
  'settings',
  'files',
  'ring',
] as const;
export type SensorTrouble = (typeof sensorTroubles)[number];

/** What the centre may set. A sensor that was told nothing works by the defaults. */
export const SensorSettings = z.strictObject({
  /** Bytes of each packet that are captured. Below 262,144 what lies beyond is missing from files and long messages. */
  snapLength: z.number().int().min(64).max(262_144).default(262_144),
  /** A filter of pcap-filter(7); what it leaves out is never seen. Not beginning with a hyphen: it is an argument of a program. */
  filter: z
    .string()
    .max(2_000)
    .regex(/^(?!\s*-)[\x20-\x7e]*$/)
    .default(''),
  /** Only flows: no look at the payload. */
  flowsOnly: z.boolean().default(false),
  /** Services whose parsers are off, by Zeek's names. */
  protocolsOff: z
    .array(z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/))
    .max(100)
    .default([]),
  /** Whether files that flows carry are hashed. */
  fileHashes: z.boolean().default(true),
  /** Records in a batch. */
  batchRecords: z.number().int().min(100).max(20_000).default(2_000),
});
export type SensorSettings = z.infer<typeof SensorSettings>;

export const defaultSensorSettings: SensorSettings = SensorSettings.parse({});

/** Settings with the version that the centre gave them; 0: the sensor's own. */
export const VersionedSettings = z.object({ version: z.number().int().min(0), values: SensorSettings });
export type VersionedSettings = z.infer<typeof VersionedSettings>;

/** What the sensor reads; of `stdin` alone silence is no trouble by itself. */
export const SensorInput = z.enum(['interface', 'folder', 'stdin', 'collect']);
export type SensorInput = z.infer<typeof SensorInput>;

/** Packets to keep in a ring, by the policy of the sensor's link; `version` is the policy's edition. */
export const PacketsOrder = z.object({
  version: z.number().int().min(1),
  keepHours: LinkPolicy.shape.keepHours.unwrap(),
  keepBytes: LinkPolicy.shape.keepBytes.unwrap(),
});
export type PacketsOrder = z.infer<typeof PacketsOrder>;

/** How a ring of packets stands. Instants are seconds of packet time. */
export const RingStanding = z.strictObject({
  /** Of the oldest and the newest packet; null while it holds none. */
  from: z.number().nullable(),
  to: z.number().nullable(),
  bytes: z.number().min(0),
  packets: z.number().int().min(0),
  /** Since the ring was made: packets that could not be written. */
  dropped: z.number().int().min(0),
});
export type RingStanding = z.infer<typeof RingStanding>;

/** What a sensor tells every minute and at trouble, past its spool. */
export const SensorReport = z.strictObject({
  input: SensorInput,
  startedAt: z.number(),
  /** The last word of one that is being stopped. */
  stopping: z.boolean(),
  settings: z.strictObject({
    /** In force; 0: its own. */
    version: z.number().int().min(0),
    /** A version that it could not follow, and why. */
    refused: z.strictObject({ version: z.number().int(), reason: z.string().max(1_000) }).nullable(),
  }),
  /** A record of the log `stats`. */
  stats: z.record(z.string().max(64), z.unknown()),
  /** Since the spool was made: what was dropped because it was full. */
  lost: z.strictObject({ batches: z.number().int().min(0), records: z.number().int().min(0) }),
  /** The order that it keeps packets by (0: it keeps none) and its ring. Missing: a sensor of before, which can keep none. */
  packets: z.strictObject({ version: z.number().int().min(0), ring: RingStanding.nullable() }).optional(),
});
export type SensorReport = z.infer<typeof SensorReport>;

/** The centre's answer: its clock, and settings when they are others than those in force. */
export const SensorOrders = z.object({
  now: z.number(),
  settings: z.object({ version: z.number().int().min(1), values: SensorSettings }).nullable(),
  /** Always the whole order: null means that no packets are kept, and a ring that there is goes. Missing: a centre of before; as it was. */
  packets: PacketsOrder.nullable().optional(),
});
export type SensorOrders = z.infer<typeof SensorOrders>;

/** How long the centre holds a question for orders at most; proxies give up after 30 s or more. */
export const ordersHeldSeconds = 25;

/** What a sensor that keeps packets asks the centre again and again, so that nobody has to reach it: `POST /intake/orders`. */
export const OrdersAsked = z.strictObject({
  /** The order in force; another one is answered at once. */
  version: z.number().int().min(0),
  /** How long the centre may wait for something to say, seconds. */
  wait: z.number().min(0).max(ordersHeldSeconds).default(ordersHeldSeconds),
});
export type OrdersAsked = z.infer<typeof OrdersAsked>;

/** One flow whose packets are wanted. Times are the flow's with some margin, seconds. */
export const FlowOrder = z.object({
  id: z.string().regex(/^[0-9a-f-]{36}$/),
  uid: z.string().max(100),
  from: z.number(),
  to: z.number(),
});
export type FlowOrder = z.infer<typeof FlowOrder>;

/**
 * The answer. A request stands in it until it is answered, at most once a minute: what a sensor that was killed did not answer
 * comes again.
 */
export const PacketOrders = z.object({
  now: z.number(),
  packets: PacketsOrder.nullable(),
  requests: z.array(FlowOrder),
});
export type PacketOrders = z.infer<typeof PacketOrders>;

/** Why packets of a flow are not all of them. */
export const partReasons = [
  /** The ring gave its oldest part away already. */
  'expired',
  /** The ring was begun while the flow was going on. */
  'ring-later',
  /** The capture cuts packets (snap length). */
  'snap-length',
  /** Packets could not be written: the disk was full or too slow. */
  'dropped',
  /** There are more than one answer may hold; the first are here. */
  'cut',
] as const;
export type PartReason = (typeof partReasons)[number];

/** Packets of one answer. Fifty megabytes are more than anybody reads, and seconds on a thin line. */
export const flowBytesMax = 50_000_000;

/**
 * Beside the packets (`POST /intake/packets/{id}`, a pcap, plain or with `Content-Encoding: zstd`) in the query: how many they are, how many
 * bytes were captured of them, and why they are not all, the reasons with commas between.
 */
export const FlowPackets = z.strictObject({
  packets: z.coerce.number().int().min(1),
  bytes: z.coerce.number().int().min(0),
  part: z
    .string()
    .max(200)
    .default('')
    .transform((text) => (text === '' ? [] : text.split(',')))
    .pipe(z.array(z.enum(partReasons))),
});
export type FlowPackets = z.infer<typeof FlowPackets>;

/** Why a sensor has no packets of a flow: `POST /intake/packets/{id}/none`. */
export const NoPackets = z.strictObject({
  /**
   * `expired`: older than the ring. `before-ring`: the ring was begun after the flow. `unknown-flow`: the ring reaches over the time and
   * has no such flow. `no-ring`: it keeps none. `failed`: the ring could not be read.
   */
  reason: z.enum(['expired', 'before-ring', 'unknown-flow', 'no-ring', 'failed']),
  /** For the log of the centre. */
  detail: z.string().max(500).default(''),
});
export type NoPackets = z.infer<typeof NoPackets>;
