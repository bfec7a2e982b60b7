/**
 * GOOSE (IEC 61850-8-1): a publisher repeats the state of its data set, quickly after a change and then ever more slowly, so
 * that receivers need no acknowledgement.
 *
 *     stNum 4, sqNum 0      the state has changed
 *     stNum 4, sqNum 1 …    the same state again, before timeAllowedtoLive is over
 *
 * A record is written when a publisher begins, when its state changes and when something does not follow from what came before:
 * exactly what somebody who sends in a publisher's name cannot avoid. The values themselves are not written.
 */

import type { GooseRecord } from '@forewarn/model/records/frames';
import type { Packet } from '../../packet.ts';
import { textOf } from '../../protocols/text.ts';
import { frameHead, senderKey, type FrameEmit, type FrameProtocol, type FrameReader } from '../frame.ts';
import { Element, openApdu, utcTime } from '../iec61850.ts';
import { Streams, type Stream } from '../streams.ts';

const nameBytesMax = 129;
const lateMax = 8;
const silentSecondsMin = 2;
const silentSecondsMax = 3_600;

/** The ceilings of this reader, for the reference. */
export const limits = [
  {
    name: 'goose.nameBytesMax',
    value: nameBytesMax,
    unit: 'bytes',
    why: 'Longest name: VISIBLE STRING of 129 (IEC 61850-8-1 table A.1). A longer one is no GOOSE.',
  },
  {
    name: 'goose.lateMax',
    value: lateMax,
    unit: 'messages',
    why: 'A repetition so far behind comes over the other path of a doubled network (PRP, HSR); one further behind is a restart.',
  },
  {
    name: 'goose.silentSecondsMin',
    value: silentSecondsMin,
    unit: 's',
    why: 'Shortest silence that ends a stream, even where the publisher allows itself less: capture clocks and queues jump.',
  },
  {
    name: 'goose.silentSecondsMax',
    value: silentSecondsMax,
    unit: 's',
    why: 'Longest silence that is believed; publishers repeat within a minute.',
  },
] as const;

type Publisher = Stream & {
  key: string;
  /** The hardware address it speaks from, and its control block. */
  sender: string;
  control: string;
  /** The latest message, as a record of it would be. */
  latest: GooseRecord;
  /** Bytes of its time of change, as two numbers. */
  changedHigh: number;
  changedLow: number;
  began: number;
  frames: number;
};

/** One for all messages: filled anew by each. */
class Message {
  control = '';
  life = 0;
  dataSet: string | undefined;
  id: string | undefined;
  timeAt = -1;
  state = -1;
  sequence = -1;
  simulation = false;
  revision = -1;
  commissioning = false;
  entries = -1;

  /** Reads the elements of the APDU; false where one is missing or reaches beyond. */
  read(bytes: Uint8Array, apdu: Element): boolean {
    const element = part;
    const { end } = apdu;
    this.control = '';
    this.life = -1;
    this.dataSet = undefined;
    this.id = undefined;
    this.timeAt = -1;
    this.state = -1;
    this.sequence = -1;
    this.simulation = false;
    this.revision = -1;
    this.commissioning = false;
    this.entries = -1;
    for (let at = apdu.start; at < end; at = element.end) {
      if (!element.read(bytes, at, end)) return false;
      const length = element.end - element.start;
      switch (element.tag) {
        case 0x80:
          if (length > nameBytesMax) return false;
          this.control = textOf(bytes, element.start, element.end);
          break;
        case 0x81:
          this.life = element.number(bytes);
          break;
        case 0x82:
          if (length > nameBytesMax) return false;
          this.dataSet = textOf(bytes, element.start, element.end);
          break;
        case 0x83:
          if (length > nameBytesMax) return false;
          this.id = textOf(bytes, element.start, element.end);
          break;
        case 0x84:
          if (length === 8) this.timeAt = element.start;
          break;
        case 0x85:
          this.state = element.number(bytes);
          break;
        case 0x86:
          this.sequence = element.number(bytes);
          break;
        case 0x87:
          this.simulation = element.boolean(bytes);
          break;
        case 0x88:
          this.revision = element.number(bytes);
          break;
        case 0x89:
          this.commissioning = element.boolean(bytes);
          break;
        case 0x8a:
          this.entries = element.number(bytes);
          break;
        default:
      }
    }
    return this.control !== '' && this.life >= 0 && this.state >= 0 && this.sequence >= 0 && this.revision >= 0;
  }
}

const apdu = new Element();
const part = new Element();
const message = new Message();

class GooseReader implements FrameReader {
  readonly #emit: FrameEmit;
  readonly #publishers: Streams<Publisher>;
  /** Who began last to publish a control block. */
  readonly #byControl = new Map<string, Publisher>();

  constructor(emit: FrameEmit) {
    this.#emit = emit;
    this.#publishers = new Streams(emit.limits.frameStreamsMax, (publisher, silent) => this.#over(publisher, silent));
  }

  frame(packet: Packet, ethernet: number): void {
    const { bytes, at, ts } = packet;
    // A management message (0x60 to 0x63 but 0x61) asks for references; it is rare and has no stream.
    if (packet.end - at > 8 && bytes[at + 8] !== 0x61 && (bytes[at + 8]! & 0xfc) === 0x60) return;
    if (!openApdu(apdu, bytes, at, packet.end, 0x61) || !message.read(bytes, apdu)) {
      this.#emit.weird('goose_bad_message', ts);
      return;
    }
    // The first edition has a field for it, the second a bit of the header.
    if (bytes[at + 4]! & 0x80) message.simulation = true;
    const sender = senderKey(packet, ethernet);
    const key = `${sender}${String.fromCharCode((bytes[at]! << 8) | bytes[at + 1]!)}${message.control}`;
    const publisher = this.#publishers.heard(key, ts);
    if (!publisher) this.#begin(packet, ethernet, key, sender);
    else this.#next(packet, ethernet, publisher);
  }

  advance(ts: number): void {
    this.#publishers.advance(ts);
  }

  end(): void {
    this.#publishers.end();
  }

  #begin(packet: Packet, ethernet: number, key: string, sender: string): void {
    const { ts } = packet;
    const { control } = message;
    const other = this.#byControl.get(control);
    if (other && other.sender !== sender && ts - other.last <= other.silentAfter) {
      this.#emit.weird('goose_second_publisher', ts, `${control} ${other.latest.mac_src ?? '-'}`);
    }
    const record = recordOf(packet, ethernet, 'begin');
    const publisher: Publisher = {
      key,
      sender,
      control,
      latest: { ...record },
      changedHigh: word(packet.bytes, message.timeAt),
      changedLow: word(packet.bytes, message.timeAt + 4),
      began: ts,
      frames: 1,
      last: ts,
      silentAfter: silence(message.life),
    };
    this.#publishers.add(key, publisher);
    this.#byControl.set(control, publisher);
    this.#emit.record('goose', record);
  }

  #next(packet: Packet, ethernet: number, publisher: Publisher): void {
    const { latest } = publisher;
    const { bytes } = packet;
    const { state, sequence } = message;
    publisher.frames++;
    const high = word(bytes, message.timeAt);
    const low = word(bytes, message.timeAt + 4);
    const sameTime = high === publisher.changedHigh && low === publisher.changedLow;
    let event: string | undefined;
    let missing = 0;
    if (message.revision !== latest.conf_rev || message.dataSet !== latest.dat_set || message.simulation !== latest.simulation) {
      event = 'config';
    } else if (state === latest.st_num) {
      const ahead = sequence - latest.sq_num;
      if (ahead > 1) {
        event = 'gap';
        missing = ahead - 1;
      } else if (ahead < 1) {
        // The same again, or a few late ones by another path; after the highest number counting goes on with 1.
        if (sameTime && -ahead <= lateMax) return;
        if (!(latest.sq_num === 0xffff_ffff && sequence <= 1)) event = 'restart';
      }
    } else if (state === latest.st_num + 1 || (latest.st_num === 0xffff_ffff && state === 1)) {
      event = 'change';
      // A change begins with the number 0; its first messages may be lost.
      if (sequence > 0) missing = sequence;
    } else if (state < latest.st_num) {
      // A late message of the state before, by another path.
      if (state === latest.st_num - 1 && latest.sq_num <= lateMax && sequence > 0 && time(bytes) < (latest.t ?? 0)) return;
      event = 'restart';
    } else event = 'jump';
    publisher.silentAfter = silence(message.life);
    publisher.changedHigh = high;
    publisher.changedLow = low;
    if (event === undefined) {
      // The usual case: nothing but the number is new.
      latest.sq_num = sequence;
      return;
    }
    const record = recordOf(packet, ethernet, event);
    if (state !== latest.st_num) record.st_num_before = latest.st_num;
    if (missing > 0) record.missing = missing;
    record.frames = publisher.frames;
    publisher.latest = { ...record };
    this.#emit.record('goose', record);
  }

  #over(publisher: Publisher, silent: boolean): void {
    if (this.#byControl.get(publisher.control) === publisher) this.#byControl.delete(publisher.control);
    const { latest } = publisher;
    delete latest.missing;
    delete latest.st_num_before;
    latest.event = 'end';
    latest.ts = publisher.last;
    latest.frames = publisher.frames;
    latest.duration = publisher.last - publisher.began;
    latest.silent = silent;
    this.#emit.record('goose', latest);
  }
}

/** Seconds that a publisher may be silent: twice what it allows, as receivers wait for a second try. */
const silence = (lifeMs: number): number => Math.min(silentSecondsMax, Math.max(silentSecondsMin, (2 * lifeMs) / 1_000));

function word(bytes: Uint8Array, at: number): number {
  return message.timeAt < 0 ? 0 : (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

const time = (bytes: Uint8Array): number => (message.timeAt < 0 ? 0 : utcTime(bytes, message.timeAt));

function recordOf(packet: Packet, ethernet: number, event: string): GooseRecord {
  const { bytes, at } = packet;
  return {
    ...frameHead(packet, ethernet),
    appid: (bytes[at]! << 8) | bytes[at + 1]!,
    simulation: message.simulation,
    gocb_ref: message.control,
    ...(message.dataSet === undefined ? {} : { dat_set: message.dataSet }),
    ...(message.id === undefined ? {} : { go_id: message.id }),
    event,
    st_num: message.state,
    sq_num: message.sequence,
    ...(message.timeAt < 0 ? {} : { t: time(bytes) }),
    conf_rev: message.revision,
    time_allowed_to_live: message.life / 1_000,
    nds_com: message.commissioning,
    ...(message.entries < 0 ? {} : { num_entries: message.entries }),
  };
}

export const goose: FrameProtocol = { name: 'goose', source: 'GOOSE', logs: ['goose'], open: (emit) => new GooseReader(emit) };
