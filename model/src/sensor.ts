/** What a sensor and the centre say to each other besides batches: how the sensor fares, and what it is to do. */

import { z } from 'zod';

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

/** What the sensor reads; only of `interface` and `folder` is silence a trouble by itself. */
export const SensorInput = z.enum(['interface', 'folder', 'stdin']);
export type SensorInput = z.infer<typeof SensorInput>;

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
});
export type SensorReport = z.infer<typeof SensorReport>;

/** The centre's answer: its clock, and settings when they are others than those in force. */
export const SensorOrders = z.object({
  now: z.number(),
  settings: z.object({ version: z.number().int().min(1), values: SensorSettings }).nullable(),
});
export type SensorOrders = z.infer<typeof SensorOrders>;
