/**
 * MPEG transport streams straight over UDP: datagrams of one to seven packets of 188 bytes, mostly to a multicast group. What RTP carries is read in
 * `rtp`, what a file holds in `logs/mpeg_ts`.
 */

import type { Seconds } from '@forewarn/base/time';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { Budget, entriesTotalMax, sectionBytesTotalMax } from './budget.ts';
import { faultPidsMax, quietSeconds } from './faults.ts';
import { referencesMax } from './programs.ts';
import { intervalSeconds, packetBytes, pidsMax, syncByte, TransportStream } from './stream.ts';
import { programsMax, streamsOfProgramMax, systemsMax } from './tables.ts';

const strangersMax = 3;

/** The ceilings of this parser, for the reference. */
export const limits = [
  { name: 'mpeg_ts.pidsMax', value: pidsMax, unit: 'PIDs of a stream', why: 'Full transponders have about a hundred; packets of further ones are counted together.' },
  { name: 'mpeg_ts.entriesTotalMax', value: entriesTotalMax, unit: 'PIDs, programmes and services of all streams', why: 'A headend of 1,000 full transponders with 250 each, twice; some 100 MB. Beyond it packets of new PIDs are counted together, and tables are only timed.' },
  { name: 'mpeg_ts.sectionBytesTotalMax', value: sectionBytesTotalMax, unit: 'bytes of all streams', why: 'Sections that packets have cut: 4,096 at once of the longest. Beyond it only sections within one packet are read.' },
  { name: 'mpeg_ts.programsMax', value: programsMax, unit: 'programmes of a stream', why: 'The fullest radio multiplexes have some sixty.' },
  { name: 'mpeg_ts.streamsOfProgramMax', value: streamsOfProgramMax, unit: 'streams of a programme', why: 'A PMT of 1,021 bytes has no room for more than two hundred; real ones have a dozen.' },
  { name: 'mpeg_ts.referencesMax', value: referencesMax, unit: 'PIDs named by tables', why: 'Four times what is followed; more serve only to fill memory.' },
  { name: 'mpeg_ts.systemsMax', value: systemsMax, unit: 'conditional access systems', why: 'Simulcrypt joins two to five.' },
  { name: 'mpeg_ts.faultPidsMax', value: faultPidsMax, unit: 'PIDs that a fault names', why: 'Enough to see whether it is one programme or all.' },
  { name: 'mpeg_ts.intervalSeconds', value: intervalSeconds, unit: 's', why: 'Of one record: short beside the minutes in which people react, long beside every time of TR 101 290 but those of NIT and TDT.' },
  { name: 'mpeg_ts.quietSeconds', value: quietSeconds, unit: 's', why: 'After which a fault has ended: the interval, so that a fault that comes in every record is one.' },
  { name: 'mpeg_ts.strangersMax', value: strangersMax, unit: 'datagrams that are none', why: 'As with RTP: after a third before any stream the flow is shown to the other protocols.' },
] as const; // oxfmt-ignore

/** Whether packets stand side by side in `bytes[start, end)`: answers how many, or 0 where one does not begin as it should. */
export function packetsIn(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== syncByte || (end - start) % packetBytes !== 0) return 0;
  for (let at = start; at < end; at += packetBytes) {
    // An adaptation_field_control of 00 is reserved.
    if (bytes[at] !== syncByte || (bytes[at + 3]! & 0x30) === 0) return 0;
  }
  return (end - start) / packetBytes;
}

class MpegTsParser implements ProtocolParser {
  readonly #flow: FlowView;
  readonly #emit: Emit;
  readonly #budget: Budget;
  readonly #streams: [TransportStream | undefined, TransportStream | undefined] = [undefined, undefined];
  #confirmed = false;
  #strangers = 0;
  #told = false;

  constructor(flow: FlowView, emit: Emit, budget: Budget) {
    this.#flow = flow;
    this.#emit = emit;
    this.#budget = budget;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (!this.#confirmed) {
      if (packetsIn(bytes, start, end) === 0) {
        if (++this.#strangers >= strangersMax) this.#emit.giveWay(start);
        return;
      }
      this.#confirmed = true;
      this.#emit.confirm();
    }
    let stream = this.#streams[direction];
    if (!stream) {
      // What the receiver sends back (reports of its own making) is no stream.
      if (bytes[start] !== syncByte || end - start < packetBytes) return;
      stream = new TransportStream(
        {
          head: (at) => this.#flow.head(at),
          record: (log, record) => this.#emit.record(log, record),
          isOrig: direction === 0,
          carriage: 'udp',
        },
        this.#budget,
      );
      this.#streams[direction] = stream;
    }
    if ((end - start) % packetBytes !== 0 && !this.#told) {
      this.#told = true;
      this.#emit.weird('mpeg_ts_bad_datagram_length', ts, String(end - start));
    }
    stream.packets(bytes, start, end, ts);
  }

  gap(): void {}

  finish(): void {
    for (const stream of this.#streams) stream?.finish();
    this.#streams.fill(undefined);
  }
}

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  if (bytes[start] !== syncByte) return 'no';
  return packetsIn(bytes, start, end) >= (usualPort ? 1 : 2) ? 'yes' : 'no';
}

function make(): Protocol {
  const budget = new Budget();
  return {
    service: 'mpeg_ts',
    logs: ['mpeg_ts', 'mpeg_ts_fault'],
    transports: ['udp'],
    // No port is registered; players and gateways propose this one.
    ports: [1234],
    probe,
    open: (flow, emit) => new MpegTsParser(flow, emit, budget),
    anew: make,
  };
}

export const mpegTs: Protocol = make();
