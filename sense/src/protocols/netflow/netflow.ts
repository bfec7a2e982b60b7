/**
 * Exported flows on their way to a collector: NetFlow v5 and v9, IPFIX, sFlow v5, each datagram a message. They are read as a collector reads
 * them (`exports/`), so a capture beside an exporter shows the flows that it told of.
 */

import type { Seconds } from '@forewarn/base/time';
import { createExportReader, exportKind, type ExportKind, type ExportReader } from '../../exports/reader.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';

/** Of one flow, and so of one exporter: its domains, and the fields of its templates. */
const ceilings = { exporters: 16, fields: 2_048 };

export const limits = [
  {
    name: 'netflow.exporters',
    value: ceilings.exporters,
    unit: 'observation domains per flow',
    why: 'A router has one a line card; the one unheard of for longest is forgotten.',
  },
  {
    name: 'netflow.fields',
    value: ceilings.fields,
    unit: 'fields of templates per flow',
    why: 'Some dozens of templates of some dozens of fields; any two hosts can begin a flow.',
  },
] as const;

class NetflowParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly reader: ExportReader;
  private now: Seconds = 0;
  private readonly address: string;
  private readonly emit: Emit;
  private readonly kind: ExportKind;

  constructor(flow: FlowView, emit: Emit, kind: ExportKind) {
    this.flow = flow;
    this.emit = emit;
    this.kind = kind;
    this.address = flow.head(0)['id.orig_h'];
    let confirmed = false;
    this.reader = createExportReader(
      {
        record: (log, record) => {
          if (!confirmed) emit.confirm(kind);
          confirmed = true;
          emit.record(log, record);
        },
        weird: (name, _ts, addl) => emit.weird(name, this.now, addl),
      },
      ceilings,
    );
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    // Collectors answer nothing.
    if (direction !== 0) return;
    this.now = ts;
    // What is of another kind belongs to another flow; the reader of a collector, where all of a port come together, would take it.
    const version = end - start < 2 ? undefined : (bytes[start]! << 8) | bytes[start + 1]!;
    if (version === undefined || !versions[this.kind].includes(version)) {
      this.emit.weird('flow_export_bad_message', ts, version === undefined ? undefined : `version ${version}`);
      return;
    }
    this.reader.read({ bytes, start, end, exporter: this.address, port: this.flow.originatorPort, at: ts, datagram: true });
  }

  gap(): void {}
  finish(): void {}
}

/** The first two bytes; sFlow's version has four, of which they are the upper. */
const versions: { readonly [kind in ExportKind]: readonly number[] } = { netflow: [5, 9], ipfix: [10], sflow: [0] };

/** The lengths of a whole datagram must add up to its end, which nothing else does by chance. */
export const exportProtocol = (
  service: ExportKind,
  logs: readonly string[],
  ports: readonly number[],
  first: number,
): Protocol => ({
  service,
  logs,
  transports: ['udp'],
  ports,
  probe: (bytes, start, end, direction): Probe =>
    direction === 0 &&
    end - start >= 24 &&
    ((bytes[start]! << 8) | bytes[start + 1]!) === first &&
    exportKind(bytes, start, end) === service
      ? 'yes'
      : 'no',
  open: (flow, emit) => new NetflowParser(flow, emit, service),
});

const templated = exportProtocol('netflow', ['ipfix', 'ipfix_options'], [2055, 9995, 9996], 9);
const plain = exportProtocol('netflow', ['ipfix'], [], 5);

/** Versions 5 and 9. */
export const netflow: Protocol = {
  ...templated,
  probe: (bytes, start, end, direction, usualPort) =>
    (bytes[start + 1] === 5 ? plain : templated).probe(bytes, start, end, direction, usualPort),
};
