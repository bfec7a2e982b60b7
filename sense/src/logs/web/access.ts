/**
 * Access logs of web servers and proxies: NCSA common and combined (Apache, nginx, Caddy, HAProxy's), with or without the virtual host before it, and
 * W3C extended files (IIS, CloudFront). Names are those of W3C, headers as Sigma's taxonomy writes them (`cs-user-agent`).
 */

import type { FlatRecord } from '../flatten.ts';
import type { LineReader, LogEmit, LogFormat, LogSource } from '../format.ts';
import { instantOf, instantOfText, monthOf, zoneSeconds } from '../instants.ts';
import { linesReader } from '../lines.ts';
import { limits } from '../limits.ts';

const log = 'web_access';

// Unrolled, so that a request of megabytes takes no stack.
const quoted = String.raw`"([^"\\]*(?:\\.[^"\\]*)*)"`;
const ncsa = new RegExp(
  String.raw`^(?:(\S{1,255}) )?(\S{1,255}) (\S{1,128}) (\S{1,255}|"[^"]{0,255}") \[(\d{1,2})/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})\] ${quoted} (\d{3}|-) (\d{1,15}|-)(?: ${quoted} ${quoted})?`,
);
const likely = /\[\d{1,2}\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "/;

/** Bytes that would break the line stand as `\xNN`, quotes with a backslash. */
const unescape = (text: string): string =>
  text.includes('\\')
    ? text.replaceAll(/\\(?:x([0-9a-fA-F]{2})|(["\\]))/g, (whole, hex?: string, character?: string) => {
        if (character !== undefined) return character;
        const code = Number.parseInt(hex!, 16);
        return code < 0x80 ? String.fromCharCode(code) : whole;
      })
    : text;

export const web: LogFormat = {
  name: 'web',
  logs: [log, 'w3c'],
  file: {
    recognise: (start) =>
      start[0] === 0x23 && /^#(?:Fields|Version): ?\S/m.test(new TextDecoder('latin1').decode(start.subarray(0, 8_192))),
    open: (emit) => linesReader(emit, w3c),
  },
  lines: {
    owns: (line) => likely.test(line.slice(0, 1_024)) && ncsa.test(line.slice(0, 65_536)),
    open: (emit, source) => ({ line: (text) => common(text, emit, source), end: () => undefined }),
  },
};

function common(text: string, emit: LogEmit, source: LogSource): void {
  const parts = ncsa.exec(text);
  if (!parts) {
    emit.refused('malformed');
    return;
  }
  const [, virtual, client, , user, day, month, year, hour, minute, second, zone, request, status, bytes, referer, agent] = parts;
  const ts =
    instantOf({
      year: Number(year),
      month: monthOf(month!),
      day: Number(day),
      seconds: Number(hour) * 3600 + Number(minute) * 60 + Number(second),
      fraction: 0,
      zoneSeconds: zoneSeconds(zone!),
    }) ?? source.at?.();
  const record: FlatRecord = {};
  if (ts !== undefined) record['ts'] = ts;
  if (virtual !== undefined) record['cs-host'] = virtual.replace(/:\d+$/, '');
  record['c-ip'] = client!;
  if (user !== '-') record['cs-username'] = user!.replaceAll('"', '');
  requestLine(unescape(request!), record);
  if (status !== '-') record['sc-status'] = Number(status);
  if (bytes !== '-') record['sc-bytes'] = Number(bytes);
  if (referer !== undefined && referer !== '-') record['cs-referer'] = unescape(referer);
  if (agent !== undefined && agent !== '-') record['cs-user-agent'] = unescape(agent);
  emit.record(log, record);
}

/** `GET /a?b HTTP/1.1`; what is no request line stands as it came, since attacks look like that. */
function requestLine(request: string, record: FlatRecord): void {
  const parts = /^([A-Za-z_-]{1,32}) (.*?)(?: HTTP\/(\d(?:\.\d)?))?$/s.exec(request);
  if (!parts) {
    if (request !== '' && request !== '-') record['cs-uri'] = request;
    return;
  }
  const [, method, uri, version] = parts;
  record['cs-method'] = method!;
  record['cs-uri'] = uri!;
  const query = uri!.indexOf('?');
  record['cs-uri-stem'] = query < 0 ? uri! : uri!.slice(0, query);
  if (query >= 0) record['cs-uri-query'] = uri!.slice(query + 1);
  if (version !== undefined) record['cs-version'] = `HTTP/${version}`;
}

/** `cs(User-Agent)` → `cs-user-agent`. */
const fieldName = (name: string): string =>
  name.replace(/^([a-z]{1,4})\(([^)]+)\)$/i, (_whole, prefix: string, header: string) => `${prefix}-${header.toLowerCase()}`);

const counted = /^(?:sc-status|sc-substatus|sc-win32-status|sc-bytes|cs-bytes|time-taken|[cs]-port|[a-z-]*bytes)$/;

/** Lines of a W3C extended log; `#Fields` says what stands in them, and may say anew. */
function w3c(emit: LogEmit): LineReader {
  let fields: string[] = [];
  let separator: RegExp | string = ' ';
  return {
    line(text) {
      if (text.startsWith('#')) {
        const named = /^#Fields:\s*(.*)$/.exec(text)?.[1];
        if (named !== undefined) {
          separator = named.includes('\t') ? '\t' : ' ';
          fields = named.trim().split(/\s+/).slice(0, limits.fieldsMax.value).map(fieldName);
        }
        return;
      }
      const cells = text.includes('\t') ? text.split('\t') : text.split(separator);
      if (fields.length === 0 || cells.length !== fields.length) {
        emit.refused('malformed');
        return;
      }
      const record: FlatRecord = {};
      for (const [i, name] of fields.entries()) {
        const cell = cells[i]!;
        if (cell === '-' || cell === '' || name === '__proto__') continue;
        // IIS writes the spaces of headers as plus signs.
        record[name] =
          counted.test(name) && /^\d{1,15}$/.test(cell)
            ? Number(cell)
            : /^(?:cs|sc)-(?:user-agent|referer|cookie|host)$/.test(name)
              ? cell.replaceAll('+', ' ')
              : cell;
      }
      const ts = instantOfText(`${String(record['date'] as string)} ${String(record['time'] as string)}`);
      if (ts !== undefined) record['ts'] = ts;
      const ofWeb = fields.includes('cs-method') || fields.includes('cs-uri-stem') || fields.includes('cs-uri');
      emit.record(ofWeb ? log : 'w3c', record);
    },
    end: () => undefined,
  };
}
