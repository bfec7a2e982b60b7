/** One reader of all that is exported: which message is of which kind, and what was counted of them. */

import { Exporters, exportersMax } from './exporters.ts';
import { noExports, u16, u32, type ExportCounts, type ExportMessage, type ExportSink } from './exports.ts';
import { isTemplated, readTemplated } from './ipfix/ipfix.ts';
import { fieldsOfAllMax, Templates } from './ipfix/templates.ts';
import { isNetflow5, readNetflow5 } from './netflow/netflow.ts';
import { isSflow5, readSflow5 } from './sflow/sflow.ts';

export type ExportReader = {
  /** Reads one message: records and oddities go to the sink. Never throws. */
  read(message: ExportMessage): void;
  readonly counts: ExportCounts;
};

/** What a reader may keep: of all exporters of a collector, or of the one of a flow. */
export type ExportCeilings = { readonly exporters: number; readonly fields: number };

/** A reader with its own exporters and templates, all under one ceiling. */
export function createExportReader(
  sink: ExportSink,
  ceilings: ExportCeilings = { exporters: exportersMax, fields: fieldsOfAllMax },
): ExportReader {
  const counts = noExports();
  const exporters: Exporters = new Exporters(counts, ceilings.exporters, (exporter) => templates.forget(exporter));
  const templates = new Templates(ceilings.fields);
  return {
    counts,
    read(message) {
      counts.messages++;
      if (!readKnown(message, exporters, templates, sink)) {
        counts.bad++;
        // Not under the sender's name, which may be a different one in every datagram.
        exporters.of(0, '', 0, 0).weird(sink, 'flow_export_bad_message', message.at ?? 0, `from ${message.exporter}`);
      }
    },
  };
}

function readKnown(message: ExportMessage, exporters: Exporters, templates: Templates, sink: ExportSink): boolean {
  const { bytes, start, end } = message;
  if (end - start < 16) return false;
  switch (u16(bytes, start)) {
    case 0:
      return u32(bytes, start) === 5 && readSflow5(message, exporters, sink);
    case 5:
      return readNetflow5(message, exporters, sink);
    case 9:
    case 10:
      return readTemplated(message, exporters, templates, sink);
    default:
      return false;
  }
}

export type ExportKind = 'netflow' | 'ipfix' | 'sflow';

/** Which kind of message the bytes are, wholly and to their end. */
export function exportKind(bytes: Uint8Array, start: number, end: number): ExportKind | undefined {
  if (isNetflow5(bytes, start, end)) return 'netflow';
  if (isSflow5(bytes, start, end)) return 'sflow';
  const version = isTemplated(bytes, start, end);
  return version === 0 ? undefined : version === 9 ? 'netflow' : 'ipfix';
}
