/** The data flow of FTP: whatever a direction sends is one file (RFC 959 §3.1). It is read only where FTP has announced it. */

import type { Seconds } from '@forewarn/base/time';
import type { FileStream } from '../../files/files.ts';
import type { Direction, Emit, FlowView, Protocol, ProtocolParser } from '../protocol.ts';

/** A file that nothing was heard of for so long before its flow ended was cut off (Zeek's `default_timeout_interval`). */
const silenceSeconds = 120;

class FtpDataParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly files: [FileStream | undefined, FileStream | undefined] = [undefined, undefined];
  private last = 0;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.last = ts;
    this.file(direction, ts).data(bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    this.last = ts;
    this.file(direction, ts).gap(length, ts);
  }

  finish(ts: Seconds): void {
    for (const file of this.files) file?.end(ts, ts - this.last < silenceSeconds);
  }

  private file(direction: Direction, ts: Seconds): FileStream {
    const known = this.files[direction];
    if (known) return known;
    this.emit.confirm();
    const file = this.emit.file({ source: 'FTP_DATA', direction, ts });
    this.files[direction] = file;
    const { announced } = this.flow;
    if (announced) announced.file = file;
    return file;
  }
}

export const ftpData: Protocol = {
  service: 'ftp-data',
  logs: ['files'],
  transports: ['tcp'],
  ports: [20],
  probe: () => 'no',
  open: (flow, emit) => new FtpDataParser(flow, emit),
};
