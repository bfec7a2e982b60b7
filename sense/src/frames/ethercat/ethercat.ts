/**
 * EtherCAT (ETG.1000.4): one frame passes through all slaves of a ring, each reading and writing its part of it as it goes by.
 *
 *      0               2     3     4         6        8     10    12         12 + len
 *     ┌──────────────┬─────┬─────┬─────────┬────────┬─────┬─────┬──────────┬─────────┐
 *     │ length, type │ cmd │ idx │ slave   │ offset │ len │ irq │ data …   │ counter │ next datagram …
 *     └──────────────┴─────┴─────┴─────────┴────────┴─────┴─────┴──────────┴─────────┘
 *                                └ or a logical address ┘
 *
 * Frames come thousands of times a second and say the same, so a record is written when what is done is new, and once an hour; the
 * process data are not looked at.
 */

import type { EcatDevInfoRecord, EcatLogAddressRecord, EcatRegistersRecord } from '@forewarn/model/records/ethercat';
import { hardwareAddress } from '../../link/hardware-address.ts';
import type { Packet } from '../../packet.ts';
import { senderKey, type FrameEmit, type FrameProtocol, type FrameReader } from '../frame.ts';
import { Heard } from '../streams.ts';
import { commandCount, commandName, controls, hexadecimal, registerName } from './codes.ts';
import { mailboxEnd, readMailbox } from './mailbox.ts';

const quietSeconds = 3_600;
const datagramsMax = 128;
const valueBytesMax = 8;

/** The ceilings of this reader, for the reference. */
export const limits = [
  {
    name: 'ethercat.quietSeconds',
    value: quietSeconds,
    unit: 's',
    why: 'The same access is written so often; a master repeats it thousands of times a second.',
  },
  {
    name: 'ethercat.datagramsMax',
    value: datagramsMax,
    unit: 'datagrams per frame',
    why: 'A frame of 1,500 bytes has room for 125 of the shortest.',
  },
  {
    name: 'ethercat.valueBytesMax',
    value: valueBytesMax,
    unit: 'bytes',
    why: 'Registers that control a slave have at most eight bytes; more is memory, not a value.',
  },
] as const;

const two = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);

class EtherCatReader implements FrameReader {
  readonly #emit: FrameEmit;
  readonly #heard: Heard;

  constructor(emit: FrameEmit) {
    this.#emit = emit;
    this.#heard = new Heard(emit.limits.frameStreamsMax, quietSeconds);
  }

  frame(packet: Packet, ethernet: number): void {
    const { bytes, at, end, ts } = packet;
    if (end - at < 2) {
      this.#emit.weird('ethercat_bad_message', ts);
      return;
    }
    const head = two(bytes, at);
    // Only type 1 has datagrams; others carry variables of the network and mailboxes of gateways.
    if (head >> 12 !== 1) return;
    const stop = at + 2 + (head & 0x7ff);
    let place = at + 2;
    let more = stop <= end;
    for (let i = 0; more && i < datagramsMax; i++) {
      if (stop - place < 12) break;
      const length = two(bytes, place + 6) & 0x7ff;
      if (bytes[place]! >= commandCount || length > stop - place - 12) break;
      this.#datagram(packet, ethernet, place, length);
      more = (bytes[place + 7]! & 0x80) !== 0;
      place += 12 + length;
      if (!more) return;
    }
    this.#emit.weird('ethercat_bad_message', ts);
  }

  #datagram(packet: Packet, ethernet: number, at: number, length: number): void {
    const { bytes, ts } = packet;
    const command = bytes[at]!;
    if (command === 0) return;
    const sender = senderKey(packet, ethernet);
    const ends =
      ethernet < 0 ? { ts } : { ts, srcmac: hardwareAddress(bytes, ethernet + 6), dstmac: hardwareAddress(bytes, ethernet) };
    const logical = command >= 10 && command <= 12;
    const slave = two(bytes, at + 2);
    const offset = two(bytes, at + 4);
    const data = at + 10;
    if (logical) {
      const address = `0x${((two(bytes, at + 4) * 0x10000 + slave) >>> 0).toString(16).padStart(8, '0')}`;
      if (!this.#heard.isNew(`${sender} ${command} ${address} ${length}`, ts)) return;
      const record: EcatLogAddressRecord = { ...ends, Log_Addr: address, Length: length, Command: commandName(command) };
      this.#emit.record('ecat_log_address', record);
      return;
    }
    const name = hexadecimal(slave);
    const counter = two(bytes, data + length);
    if (offset >= 0x1000) {
      const end = mailboxEnd(bytes, data, data + length);
      if (end > 0) {
        // The frame passes a tap twice, and a slave's answer repeats what it was asked: each message is written once.
        const content = Buffer.prototype.latin1Slice.call(bytes, data, Math.min(end, data + 32));
        if (this.#heard.isNew(`mailbox ${command} ${slave} ${content}`, ts)) {
          readMailbox(this.#emit, name, bytes, data, end, ts);
        }
        return;
      }
    }
    // A slave that is read has answered where the counter is not zero.
    if (offset === 0 && length >= 10 && counter > 0 && isRead(command)) this.#device(name, bytes, data, ts);
    const value =
      controls(offset) && length <= valueBytesMax && (counter > 0 || !isRead(command))
        ? Buffer.prototype.hexSlice.call(bytes, data, data + length)
        : undefined;
    if (!this.#heard.isNew(`${sender} ${command} ${slave} ${offset} ${value ?? ''}`, ts)) return;
    const record: EcatRegistersRecord = {
      ...ends,
      Command: commandName(command),
      Slave_Addr: name,
      Register_Type: registerName(offset),
      Register_Addr: hexadecimal(offset),
      ...(value === undefined ? {} : { data: value }),
      working_counter: counter,
    };
    this.#emit.record('ecat_registers', record);
  }

  #device(slave: string, bytes: Uint8Array, at: number, ts: number): void {
    const content = Buffer.prototype.latin1Slice.call(bytes, at, at + 10);
    if (!this.#heard.isNew(`device ${slave} ${content}`, ts)) return;
    const record: EcatDevInfoRecord = {
      ts,
      slave_id: slave,
      revision: hexadecimal(bytes[at + 1]!),
      dev_type: hexadecimal(bytes[at]!),
      build: hexadecimal(two(bytes, at + 2)),
      fmmucnt: hexadecimal(bytes[at + 4]!),
      smcount: hexadecimal(bytes[at + 5]!),
      ports: hexadecimal(bytes[at + 7]!),
      dpram: hexadecimal(bytes[at + 6]!),
      features: hexadecimal(two(bytes, at + 8)),
    };
    this.#emit.record('ecat_dev_info', record);
  }
}

const isRead = (command: number): boolean => command === 1 || command === 4 || command === 7;

export const ethercat: FrameProtocol = {
  name: 'ethercat',
  source: 'ETHERCAT',
  logs: [
    'ecat_registers',
    'ecat_log_address',
    'ecat_dev_info',
    'ecat_coe_info',
    'ecat_foe_info',
    'ecat_soe_info',
    'ecat_aoe_info',
  ],
  open: (emit) => new EtherCatReader(emit),
};
