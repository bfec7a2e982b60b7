/**
 * IPFIX (RFC 7011) and NetFlow v9 (RFC 3954): messages of sets; a set holds templates, or records in the shape of a template.
 *
 *      0        2        4            8          12                     16
 *     ┌────────┬────────┬────────────┬──────────┬──────────────────────┬─────────┐
 *     │ 10     │ length │ export time│ sequence │ observation domain   │ sets …  │   IPFIX
 *     └────────┴────────┴────────────┴──────────┴──────────────────────┴─────────┘
 *      0        2        4            8          12         16          20
 *     ┌────────┬────────┬────────────┬──────────┬──────────┬───────────┬─────────┐
 *     │ 9      │ count  │ uptime ms  │ unix secs│ sequence │ source id │ sets …  │   NetFlow v9
 *     └────────┴────────┴────────────┴──────────┴──────────┴───────────┴─────────┘
 *      set: id (0/1 or 2/3: templates and options' templates; from 256 on: records of that template), length, contents
 *
 * The lengths of all sets are looked at before anything is kept of a message.
 */

import type { Seconds } from '@forewarn/base/time';
import type { Exporter, Exporters } from '../exporters.ts';
import type { ExportMessage, ExportSink } from '../exports.ts';
import { u16, u32 } from '../exports.ts';
import { uptimeInstant } from '../netflow/netflow.ts';
import { flowTimes, headOf } from '../times.ts';
import { unsigned } from './elements.ts';
import {
  readTemplate,
  readTemplate9,
  samplersMax,
  unwritten,
  variable,
  type Field,
  type Kept,
  type Template,
  type Templates,
} from './templates.ts';

/** Sixty-five thousand bytes of the shortest honest flow (addresses, ports, counts: 16 bytes) are four thousand records. */
const recordsMax = 4_096;

/** Elements without a column are told by number, so many of a template. */
const namedMax = 20;

export const limits = [
  {
    name: 'ipfix.recordsMax',
    value: recordsMax,
    unit: 'records per message',
    why: 'A template of one byte would make 65,000 records of one datagram; the shortest honest flow has 16 bytes.',
  },
] as const;

type Value = string | number | undefined;

/** What is the same in all records of a message. */
type Export = {
  readonly message: ExportMessage;
  readonly version: 9 | 10;
  readonly domain: number;
  readonly at: Seconds;
  /** Of v9: uptime in milliseconds, and since when the device is up. */
  readonly uptime: number;
  readonly bootAt: Seconds | undefined;
  /** By whose clock templates grow old. */
  readonly now: Seconds;
};

const headerBytesOf = (version: 9 | 10): number => (version === 9 ? 20 : 16);

/** Whether the sets fill the message to its end; v9 pads, and some exporters of it send a few bytes more. */
export function areSets(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  let sets = 0;
  while (end - at >= 4) {
    const id = u16(bytes, at);
    const length = u16(bytes, at + 2);
    if (length < 4 || at + length > end || (id > 3 && id < 256)) return sets > 0 && id === 0 && length === 0;
    at += length;
    sets++;
  }
  return sets > 0;
}

/** Whether the bytes are one whole datagram of IPFIX, or of NetFlow v9. */
export function isTemplated(bytes: Uint8Array, start: number, end: number): 9 | 10 | 0 {
  if (end - start < 20) return 0;
  const version = u16(bytes, start);
  if (version === 10) return u16(bytes, start + 2) === end - start && areSets(bytes, start + 16, end) ? 10 : 0;
  return version === 9 && end - start >= 24 && areSets(bytes, start + 20, end) ? 9 : 0;
}

/** Reads one message; false where it is none. */
export function readTemplated(message: ExportMessage, exporters: Exporters, templates: Templates, sink: ExportSink): boolean {
  const { bytes, start } = message;
  let { end } = message;
  const version = u16(bytes, start) as 9 | 10;
  const header = headerBytesOf(version);
  if (end - start < header) return false;
  if (version === 10) {
    const length = u16(bytes, start + 2);
    if (length < header || length > end - start) return false;
    end = start + length;
  }
  if (end > start + header && !areSets(bytes, start + header, end)) return false;
  const ofNine = version === 9;
  const at = u32(bytes, start + (ofNine ? 8 : 4));
  const uptime = ofNine ? u32(bytes, start + 4) : 0;
  const domain = u32(bytes, start + (ofNine ? 16 : 12));
  const sequence = u32(bytes, start + (ofNine ? 12 : 8));
  const exporter = exporters.of(version, message.exporter, message.port, domain);
  const now = message.at ?? at;
  const exported: Export = { message, version, domain, at, uptime, bootAt: ofNine ? at - uptime / 1000 : undefined, now };
  const { records, isCounted } = readSets(exported, start + header, end, exporter, exporters, templates, sink);
  // v9 numbers datagrams, IPFIX the records in them: where a template is missing it cannot be said how many there were.
  const lost = exporter.follow(sequence, ofNine ? 1 : records);
  if (!ofNine && !isCounted) exporter.expected = undefined;
  if (lost > 0 && message.datagram) {
    exporters.counts.lost += lost;
    exporter.weird(sink, 'flow_export_sequence_gap', now, ofNine ? 'messages are missing' : 'records are missing', lost);
  }
  return true;
}

function readSets(
  exported: Export,
  start: number,
  end: number,
  exporter: Exporter,
  exporters: Exporters,
  templates: Templates,
  sink: ExportSink,
): { records: number; isCounted: boolean } {
  const { version, now, message } = exported;
  const { bytes } = message;
  const { counts } = exporters;
  let records = 0;
  let isCounted = true;
  for (let at = start; end - at >= 4;) {
    const id = u16(bytes, at);
    const length = u16(bytes, at + 2);
    if (length < 4) break;
    const setEnd = at + length;
    if (id < 256) {
      // 0 and 1 are v9's, 2 and 3 IPFIX's; those of the other are passed over.
      if (id <= 1 === (version === 9)) readTemplates(exported, at + 4, setEnd, (id & 1) === 1, exporter, templates, sink);
    } else {
      const template = templates.find(exporter, id, now, message.datagram);
      if (!template) {
        counts.withoutTemplate++;
        isCounted = false;
        exporter.weird(sink, 'flow_export_template_missing', now, `template ${id}`);
      } else {
        let place = at + 4;
        while (setEnd - place >= template.bytesMin) {
          if (records >= recordsMax) {
            counts.refused += Math.ceil((setEnd - place) / template.bytesMin);
            isCounted = false;
            exporter.weird(sink, 'flow_export_too_many_records', now, `template ${id}`);
            break;
          }
          const next = readRecord(exported, template, place, setEnd, templates.of(exporter), sink);
          if (next < 0) {
            exporter.weird(sink, 'flow_export_truncated', now, `a record of template ${id}`);
            isCounted = false;
            break;
          }
          counts.records++;
          records++;
          place = next;
        }
      }
    }
    at = setEnd;
  }
  return { records, isCounted };
}

function readTemplates(
  { version, now, message }: Export,
  start: number,
  end: number,
  isOptions: boolean,
  exporter: Exporter,
  templates: Templates,
  sink: ExportSink,
): void {
  const { bytes } = message;
  // Padding to four bytes stands behind the last.
  for (let at = start; end - at >= 4;) {
    if (u16(bytes, at) === 0) return;
    const read = version === 9 ? readTemplate9(bytes, at, end, isOptions, now) : readTemplate(bytes, at, end, isOptions, now);
    at = read.next;
    if (read.kind === 'trouble') {
      exporter.weird(sink, 'flow_export_bad_template', now, read.trouble);
    } else if (read.kind === 'withdrawal') {
      // RFC 7011 §8.1: not over UDP, where anybody could send it.
      if (message.datagram) exporter.weird(sink, 'flow_export_withdrawal_by_datagram', now);
      else withdraw(templates, exporter, read.id, isOptions);
    } else if (templates.put(exporter, read.id, read.template)) {
      const without = unwritten(read.template);
      if (without.length > 0) {
        const named = without.slice(0, namedMax).join(' ');
        exporter.weird(sink, 'flow_export_element_without_column', now, `template ${read.id}: ${named}`);
      }
    }
  }
}

/** RFC 7011 §8.1: one template, or, by the number of the set itself, all of its kind. */
function withdraw(templates: Templates, exporter: Exporter, id: number, isOptions: boolean): void {
  const kept = templates.of(exporter);
  if (id >= 256) templates.remove(kept, id);
  else for (const [number, template] of kept.templates) if (template.isOptions === isOptions) templates.remove(kept, number);
}

/** Reads the record at `at` and writes it; returns where the next begins, -1 where it reaches beyond its set. */
function readRecord(exported: Export, template: Template, at: number, end: number, kept: Kept, sink: ExportSink): number {
  const { message, version, domain } = exported;
  const { bytes } = message;
  const values: { [name: string]: Value } = {};
  const ends: [Value, Value] = [undefined, undefined];
  let uptimes: [number | undefined, number | undefined] | undefined;
  let bootAt = exported.bootAt;
  let place = at;
  for (const field of template.fields) {
    let { length } = field;
    if (length === variable && version === 10) {
      if (place >= end) return -1;
      length = bytes[place++]!;
      if (length === 255) {
        if (place + 2 > end) return -1;
        length = u16(bytes, place);
        place += 2;
      }
    }
    if (place + length > end) return -1;
    const { column, time } = field;
    if (column) {
      // Of an element that comes twice the first counts: it is the outer one (RFC 7011 §8).
      if (values[column.name] === undefined) values[column.name] = column.read(bytes, place, length);
    } else if (time) {
      if (time.in === 'uptime')
        (uptimes ??= [undefined, undefined])[time.end] = unsigned(bytes, place, length) as number | undefined;
      else ends[time.end] ??= instantOf(field, bytes, place, length, exported.at);
    } else if (field.isBoot) {
      const milliseconds = unsigned(bytes, place, length) as number | undefined;
      if (milliseconds !== undefined) bootAt = milliseconds / 1000;
    }
    place += length;
  }
  if (uptimes && bootAt !== undefined) {
    const uptime = version === 9 ? exported.uptime : Math.max(0, (exported.at - bootAt) * 1000);
    for (const i of [0, 1] as const) if (uptimes[i] !== undefined) ends[i] ??= uptimeInstant(bootAt, uptime, uptimes[i]);
  }
  const { ts, told } = flowTimes(ends[0] as number | undefined, ends[1] as number | undefined, exported.at, message.at);
  if (template.isOptions) {
    learnSampling(kept, values);
    sink.record('ipfix_options', { ...headOf(ts, message, version, domain), ...written(values, template, 'inOptions') });
    return place;
  }
  const record = { ...headOf(ts, message, version, domain), ...told, ...written(values, template, 'inFlows') };
  if (record['samplingInterval'] === 0) delete record['samplingInterval'];
  if (record['samplingInterval'] === undefined && kept.samplers.size > 0) {
    const sampler = (values['selectorId'] ?? values['samplerId']) as number | undefined;
    const rate = kept.samplers.get(sampler) ?? kept.samplers.get(undefined);
    if (rate !== undefined && rate > 1) record['samplingInterval'] = rate;
  }
  sink.record('ipfix', record);
  return place;
}

function written(
  values: { [name: string]: Value },
  template: Template,
  where: 'inFlows' | 'inOptions',
): { [name: string]: string | number } {
  const kept: { [name: string]: string | number } = {};
  for (const { column } of template.fields) {
    const value = column?.[where] ? values[column.name] : undefined;
    if (value !== undefined) kept[column!.name] = value;
  }
  return kept;
}

/** Seconds between 1900 (NTP's beginning, RFC 5905 §6) and 1970. */
const ntpBegan = 2_208_988_800;

function instantOf({ time }: Field, bytes: Uint8Array, at: number, length: number, exportedAt: Seconds): Value {
  if (time!.in === 'ntp') {
    if (length !== 8) return undefined;
    const seconds = u32(bytes, at);
    // The first era ends in 2036; what would lie before 1968 is of the second.
    return seconds + (seconds < 0x8000_0000 ? 0x1_0000_0000 : 0) - ntpBegan + u32(bytes, at + 4) / 0x1_0000_0000;
  }
  const value = unsigned(bytes, at, length) as number | undefined;
  if (value === undefined) return undefined;
  if (time!.in === 'before') return exportedAt - value / 1e6;
  return time!.in === 'milliseconds' ? value / 1000 : value;
}

/** What options say of how packets are chosen, for the records of flows that do not say it (RFC 3954 §6, RFC 5477 §8.2). */
function learnSampling({ samplers }: Kept, values: { [name: string]: Value }): void {
  const number = (name: string): number | undefined => {
    const value = values[name];
    return typeof value === 'number' && value > 0 ? value : undefined;
  };
  const chosen = number('samplingPacketInterval');
  const left = number('samplingPacketSpace');
  const size = number('samplingSize');
  const population = number('samplingPopulation');
  const probability = number('samplingProbability');
  const rate =
    number('samplingInterval') ??
    number('samplerRandomInterval') ??
    (chosen !== undefined && left !== undefined ? (chosen + left) / chosen : undefined) ??
    (size !== undefined && population !== undefined ? population / size : undefined) ??
    (probability === undefined ? undefined : 1 / probability);
  if (rate === undefined || !Number.isFinite(rate) || rate < 1) return;
  const sampler = (values['selectorId'] ?? values['samplerId']) as number | undefined;
  if (!samplers.has(sampler) && samplers.size >= samplersMax) return;
  samplers.set(sampler, Math.min(Math.round(rate), Number.MAX_SAFE_INTEGER));
}
