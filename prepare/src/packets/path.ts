/** Two ends and what lies between them, as the tap sees it. */

import type { Random } from '../random.ts';
import type { Envelope } from './frame.ts';

/** How an operating system's TCP shows itself on the wire. */
export type Stack = {
  /** Initial time to live: 64 or 128 for most, 255 for some network devices. */
  ttl: number;
  /** Offered in the SYN, which is never scaled. */
  windowSyn: number;
  /** Offered afterwards, in bytes. */
  windowBytes: number;
  /** Window scale option, as a shift; absent: the option is not sent. */
  windowShift?: number;
  /** Timestamps option (RFC 7323): on in Linux, off in Windows. */
  timestamps: boolean;
  /** Selective acknowledgements (RFC 2018). */
  sack: boolean;
  /** Span of the ports it opens connections from. */
  ports: readonly [number, number];
};

export const stacks: { readonly [name: string]: Stack } = {
  windows: {
    ttl: 128,
    windowSyn: 64_240,
    windowBytes: 262_656,
    windowShift: 8,
    timestamps: false,
    sack: true,
    ports: [49_152, 65_535],
  },
  linux: {
    ttl: 64,
    windowSyn: 64_240,
    windowBytes: 501_760,
    windowShift: 7,
    timestamps: true,
    sack: true,
    ports: [32_768, 60_999],
  },
  apple: {
    ttl: 64,
    windowSyn: 65_535,
    windowBytes: 131_072,
    windowShift: 6,
    timestamps: true,
    sack: true,
    ports: [49_152, 65_535],
  },
  // A controller's small stack: no options besides the segment size.
  device: { ttl: 64, windowSyn: 8_192, windowBytes: 8_192, timestamps: false, sack: false, ports: [1_024, 5_000] },
};

/** Frames of one direction, without the IPv4 identification, which belongs to the conversation. */
export type Heading = Omit<Envelope, 'identification'>;

export type Path = {
  /** How frames from the client and from the server are addressed at the tap. */
  fromClient: Heading;
  fromServer: Heading;
  clientStack: Stack;
  serverStack: Stack;
  /** Seconds one way from the tap to each end. */
  clientDelay: number;
  serverDelay: number;
  /** Bytes per second, client to server and back. */
  upRate: number;
  downRate: number;
  /** Part of the messages whose last segment is lost behind the tap and sent again. */
  loss: number;
};

/** A frame at its time, in seconds from the start of the conversation. */
export type Sighting = { t: number; bytes: Uint8Array };

/** Deviation of the delay, as part of it: queues grow and shrink. */
const jitterShare = 0.04;

/** The delay of a leg this time. */
export const legDelay = (delay: number, random: Random): number => delay * (1 + jitterShare * Math.abs(random.normal()));
