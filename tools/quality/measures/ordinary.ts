/** Ordinary traffic of an office, as records: what composed attacks stand among. Nobody here does anything unsafe. */

import type { Seconds } from '@forewarn/base/time';
import type { Random } from '@forewarn/prepare/random';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Line } from './measure.ts';

/** When composed traffic begins: a Tuesday at eight. */
export const start: Seconds = Date.parse('2026-03-03T08:00:00Z') / 1000;

export const resolver = '10.20.0.53';
export const fileServer = '10.20.0.20';
export const mailServer = '10.20.0.25';

/** Addresses of the office computers. */
export const computer = (i: number): string => `10.20.${1 + Math.floor(i / 200)}.${10 + (i % 200)}`;

/** Sites that the office reads; most are read by many. */
const sites = Array.from({ length: 60 }, (_, i) => ({
  name: `${['www', 'news', 'img', 'api', 'static'][i % 5]}.site${i}.example`,
  address: `198.18.${i}.10`,
}));

/** Numbers that make a record's name; the same in every run. */
let serial = 0;

/** Names of records begin anew, so that a trial does not depend on those before. */
export function restart(): void {
  serial = 0;
}

/** A record on a flow. */
export function recordOf(log: string, ts: Seconds, source: string, target: string, port: number, more: AnyRecord = {}): Line {
  serial++;
  return {
    log,
    record: {
      ts,
      uid: `Q${serial}`,
      'id.orig_h': source,
      'id.orig_p': 32_768 + (serial % 28_000),
      'id.resp_h': target,
      'id.resp_p': port,
      ...more,
    },
  };
}

/** A flow; whatever is not given is that of an ordinary TLS connection. */
export function flow(ts: Seconds, source: string, target: string, port: number, more: AnyRecord = {}): Line {
  return recordOf('conn', ts, source, target, port, {
    proto: 'tcp',
    conn_state: 'SF',
    history: 'ShADadFf',
    duration: 0.4,
    orig_bytes: 700,
    resp_bytes: 5_000,
    orig_pkts: 9,
    resp_pkts: 10,
    ...more,
  });
}

/** A SYN without an answer. */
export function silent(ts: Seconds, source: string, target: string, port: number, more: AnyRecord = {}): Line {
  return flow(ts, source, target, port, {
    conn_state: 'S0',
    history: 'S',
    orig_bytes: 0,
    resp_bytes: 0,
    orig_pkts: 1,
    resp_pkts: 0,
    duration: 0,
    ...more,
  });
}

/** A question to the resolver with its answer. */
export function asked(ts: Seconds, client: string, query: string, answers: string[] | undefined, more: AnyRecord = {}): Line {
  return recordOf('dns', ts, client, resolver, 53, {
    proto: 'udp',
    query,
    qtype: 1,
    qtype_name: 'A',
    rcode: answers ? 0 : 3,
    rcode_name: answers ? 'NOERROR' : 'NXDOMAIN',
    ...(answers && { answers }),
    ...more,
  });
}

/**
 * An hour or more of an office: pages with their names looked up, misspelt names now and then, files, mail, updates, a content network's
 * names of chance, a virus scanner's questions by DNS, servers that are down, a video conference of some length.
 */
export function office(random: Random, { computers, seconds }: { computers: number; seconds: Seconds }): Line[] {
  restart();
  const lines: Line[] = [];
  const within = () => start + random.draw([0, seconds]);
  for (let i = 0; i < computers; i++) {
    const own = computer(i);
    const pages = Math.ceil((seconds / 3600) * random.draw([12, 40]));
    for (let n = 0; n < pages; n++) {
      const site = sites[Math.floor(sites.length * random.unit() ** 2)]!;
      const at = within();
      lines.push(asked(at, own, site.name, [site.address]), asked(at, own, site.name, [], { qtype: 28, qtype_name: 'AAAA' }));
      const bytes = Math.round(random.draw([2_000, 90_000]));
      const objects = 1 + Math.floor(random.draw([0, 4]));
      for (let k = 0; k < objects; k++) {
        const out = Math.round(random.draw([500, 3_000]));
        lines.push(
          flow(at + 0.1 + k * 0.2, own, site.address, 443, {
            service: 'ssl',
            resp_bytes: bytes,
            orig_bytes: out,
            duration: random.draw([0.2, 40]),
          }),
        );
      }
      // Names of content networks look like chance and exist.
      if (random.unit() < 0.2) {
        const host = `d${Array.from({ length: 12 }, () => 'abcdefghijklmnopqrstuvwxyz0123456789'[Math.floor(random.draw([0, 36]))]).join('')}.cloudcdn.example`;
        lines.push(asked(at, own, host, ['198.18.200.7']));
      }
    }
    // Misspelt and long-gone names.
    for (let n = 0; n < 3; n++)
      lines.push(
        asked(
          within(),
          own,
          `${['wwww', 'old', 'intranet', 'printer', 'wpad'][Math.floor(random.draw([0, 5]))]}.site${Math.floor(random.draw([0, 90]))}.example`,
          undefined,
        ),
      );
    // The virus scanner asks about files by DNS: short hashes below one name, on every computer.
    for (let n = 0; n < 8; n++)
      lines.push(
        asked(within(), own, `${Math.floor(random.draw([1e9, 9e9])).toString(36)}.check.antivirus.example`, ['127.0.0.4']),
      );
    // Files and mail.
    for (let n = 0; n < 6; n++)
      lines.push(
        flow(within(), own, fileServer, 445, {
          service: 'gssapi,smb',
          duration: random.draw([5, 600]),
          resp_bytes: Math.round(random.draw([1e4, 3e6])),
        }),
      );
    for (let n = 0; n < 4; n++)
      lines.push(flow(within(), own, mailServer, 993, { service: 'ssl', duration: random.draw([60, 1_200]) }));
    // A printer that is switched off, by its address.
    if (random.unit() < 0.3) for (let n = 0; n < 5; n++) lines.push(silent(within(), own, '10.20.0.99', 9_100));
    // A video conference.
    if (random.unit() < 0.2)
      lines.push(
        flow(start + random.draw([0, seconds / 3]), own, '198.18.150.9', 443, {
          service: 'ssl',
          duration: Math.min(seconds / 2, random.draw([1_200, 3_000])),
          orig_bytes: 2_000_000,
          resp_bytes: 4_000_000,
        }),
      );
  }
  return lines;
}
