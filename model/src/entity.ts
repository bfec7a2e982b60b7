/**
 * Things that have a page of their own – a host, a service of it, a domain, a certificate – and the questions that tell of them. They are
 * technical things: of persons there is no page that anybody may simply open.
 */

import { z } from 'zod';
import { parseAddress } from '@forewarn/base/ip';
import { Instant } from './api.ts';
import { kqlText } from './kql/print.ts';
import type { Predicate } from './query/query.ts';
import type { RecordType } from './records/record.ts';
import { Words } from './text.ts';

export const entityKinds = ['host', 'service', 'domain', 'certificate'] as const;
export type EntityKind = (typeof entityKinds)[number];
export type Entity =
  | { kind: 'host'; id: string }
  | { kind: 'service'; id: string; host: string; port: number; proto: string }
  | { kind: 'domain'; id: string }
  | { kind: 'certificate'; id: string };

export const EntityView = z.object({
  kind: z.enum(entityKinds),
  id: z.string(),
  /** When it was first and last met in the range. */
  first: Instant.nullable(),
  last: Instant.nullable(),
  /** Records by log, the most first. */
  logs: z.array(z.object({ log: z.string(), records: z.number().int(), first: Instant, last: Instant })),
  /** What of the estate it is. */
  estate: z.array(
    z.object({
      organisation: z.string(),
      network: z.string().nullable(),
      asset: z.string().nullable(),
      businesses: z.array(z.string()),
      reasons: z.array(Words),
    }),
  ),
  read: z.object({ rows: z.number(), bytes: z.number(), ms: z.number() }),
});
export type EntityView = z.infer<typeof EntityView>;

/** A name of at least two labels (RFC 1035 §2.3.1, and underscores, which services have). */
const domain = /^(?=.{4,253}$)(?:[\p{L}\p{N}_](?:[\p{L}\p{N}_-]{0,61}[\p{L}\p{N}_])?\.)+[\p{L}\p{N}][\p{L}\p{N}-]{0,61}$/u;
/** SHA-1 or SHA-256 in hexadecimal. */
const fingerprint = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const service = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):(\d{1,5})\/([a-z_]{2,20})$/;

export const isAddress = (text: string): boolean => text.length <= 45 && parseAddress(text) !== undefined;

/** The thing that a kind and an id name; undefined when the id is none of that kind. */
export function entityOf(kind: EntityKind, id: string): Entity | undefined {
  const name = id.toLowerCase();
  switch (kind) {
    case 'host':
      return isAddress(name) ? { kind, id: name } : undefined;
    case 'service': {
      const [, six, four, port, proto] = service.exec(name) ?? [];
      const host = six ?? four;
      if (host === undefined || !isAddress(host) || Number(port) > 65_535) return undefined;
      return { kind, id: name, host, port: Number(port), proto: proto! };
    }
    case 'domain':
      return domain.test(name.replace(/\.$/, '')) ? { kind, id: name.replace(/\.$/, '') } : undefined;
    case 'certificate':
      return fingerprint.test(name) ? { kind, id: name } : undefined;
  }
}

/** `10.0.0.1:443/tcp`, `[2001:db8::1]:443/tcp`. */
export const serviceId = (host: string, port: number, proto: string): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}/${proto}`;

/** Fields that hold names of domains, and those that hold fingerprints of certificates. */
export const nameFields = ['query', 'server_name', 'host', 'san.dns', 'cs-host', 'hostname', 'domain'] as const;
export const fingerprintFields = ['fingerprint', 'cert_chain_fps', 'client_cert_chain_fps'] as const;

const equal = (field: string, value: string | number): Predicate => ({ kind: 'text', field, op: 'equals', value });

/** Which logs may hold records of it, and the condition that finds them there. */
export function recordsOf(entity: Entity, recordTypes: readonly RecordType[]): { log: string; where: Predicate }[] {
  return recordTypes.flatMap(({ log, columns }) => {
    const has = (name: string): boolean => Object.hasOwn(columns, name);
    if (entity.kind === 'service') {
      if (!has('id.resp_h') || !has('id.resp_p')) return [];
      const of = [equal('id.resp_h', entity.host), equal('id.resp_p', entity.port)];
      return [{ log, where: { kind: 'and' as const, of: has('proto') ? [...of, equal('proto', entity.proto)] : of } }];
    }
    const fields =
      entity.kind === 'host'
        ? Object.entries(columns).flatMap(([name, { type, class: of }]) => (type === 'addr' && of === 'technical' ? [name] : []))
        : (entity.kind === 'domain' ? nameFields : fingerprintFields).filter(
            (name) => has(name) && columns[name]!.type !== 'addr',
          );
    if (fields.length === 0) return [];
    const of = fields.map((field) => equal(field, entity.id));
    return [{ log, where: of.length === 1 ? of[0]! : { kind: 'or' as const, of } }];
  });
}

export type EntityBlock = {
  id:
    | 'timeline'
    | 'out'
    | 'in'
    | 'services'
    | 'names'
    | 'asked'
    | 'called'
    | 'clients'
    | 'servers'
    | 'answers'
    | 'below'
    | 'certificates'
    | 'subjects';
  /** The question in the hunt language: what the block shows, and what it opens to. */
  text: string;
};

/** Rows of a block; who wants more opens it. */
const blockRows = 50;
/** Bars of its time line. */
const blockBars = 60;
const stepsSeconds = [10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 86_400, 604_800];

/** The questions that a page about it asks, each by itself. `rangeSeconds`: how long the range is that is looked at. */
export function blocksOf(entity: Entity, rangeSeconds: number): EntityBlock[] {
  const step = stepsSeconds.find((seconds) => rangeSeconds / seconds <= blockBars) ?? 604_800;
  const id = kqlText(entity.id);
  const ask = (block: EntityBlock['id'], from: string, where: string, by: string, more = '', order = 'n'): EntityBlock => ({
    id: block,
    text: `${from}\n| where ${where}\n| summarize n = count(), ${more}last = max(ts) by ${by}\n| top ${blockRows} by ${order}`,
  });
  const timeline = (from: string, where: string): EntityBlock => ({
    id: 'timeline',
    text: `${from}\n| where ${where}\n| summarize n = count() by bin(ts, ${step}s)`,
  });
  switch (entity.kind) {
    case 'host':
      return [
        timeline('conn', `id.orig_h == ${id} or id.resp_h == ${id}`),
        ask('out', 'conn', `id.orig_h == ${id}`, 'id.resp_h, id.resp_p, proto', 'sum(orig_bytes), sum(resp_bytes), '),
        ask('in', 'conn', `id.resp_h == ${id}`, 'id.orig_h', 'sum(orig_bytes), sum(resp_bytes), '),
        ask(
          'services',
          'conn',
          `id.resp_h == ${id} and resp_bytes > 0`,
          'id.resp_p, proto, service',
          'hosts = dcount(id.orig_h), ',
          'hosts',
        ),
        ask('names', 'dns', `answers == ${id}`, 'query', 'hosts = dcount(id.orig_h), '),
        ask(
          'called',
          'union ssl, http',
          `id.resp_h == ${id} and (isnotempty(server_name) or isnotempty(host))`,
          'server_name, host',
          'hosts = dcount(id.orig_h), ',
        ),
        ask('asked', 'dns', `id.orig_h == ${id}`, 'query'),
      ];
    case 'service': {
      const where = `id.resp_h == ${kqlText(entity.host)} and id.resp_p == ${entity.port}`;
      return [
        timeline('conn', `${where} and proto == ${kqlText(entity.proto)}`),
        ask(
          'clients',
          'conn',
          `${where} and proto == ${kqlText(entity.proto)}`,
          'id.orig_h',
          'sum(orig_bytes), sum(resp_bytes), ',
        ),
        ask(
          'called',
          'union ssl, http',
          `${where} and (isnotempty(server_name) or isnotempty(host))`,
          'server_name, host',
          'hosts = dcount(id.orig_h), ',
        ),
        ask(
          'certificates',
          'ssl',
          `${where} and isnotnull(cert_chain_fps)`,
          'cert_chain_fps, version',
          'hosts = dcount(id.orig_h), ',
        ),
      ];
    }
    case 'domain': {
      const named = `query =~ ${id} or server_name =~ ${id} or host =~ ${id}`;
      return [
        timeline('union dns, ssl, http', named),
        ask('answers', 'dns', `query =~ ${id}`, 'qtype_name, rcode_name, answers', 'hosts = dcount(id.orig_h), '),
        ask(
          'servers',
          'union ssl, http',
          `server_name =~ ${id} or host =~ ${id}`,
          'id.resp_h, id.resp_p',
          'hosts = dcount(id.orig_h), ',
        ),
        ask('clients', 'union dns, ssl, http', named, 'id.orig_h'),
        ask('below', 'dns', `query endswith ${kqlText(`.${entity.id}`)}`, 'query', 'hosts = dcount(id.orig_h), '),
        ask(
          'certificates',
          'x509',
          `san.dns =~ ${id}`,
          'fingerprint, certificate.subject, certificate.issuer',
          'first = min(ts), ',
        ),
      ];
    }
    case 'certificate':
      return [
        timeline('ssl', `cert_chain_fps == ${id}`),
        ask(
          'subjects',
          'x509',
          `fingerprint == ${id}`,
          'certificate.subject, certificate.issuer, certificate.not_valid_before, certificate.not_valid_after',
          'first = min(ts), ',
        ),
        ask('servers', 'ssl', `cert_chain_fps == ${id}`, 'id.resp_h, id.resp_p', 'hosts = dcount(id.orig_h), '),
        ask('called', 'ssl', `cert_chain_fps == ${id} and isnotempty(server_name)`, 'server_name', 'hosts = dcount(id.orig_h), '),
      ];
  }
}

/** An account is no thing that anybody may open: only who looks into a finding or incident, saying what for; each look stands in the audit. */
export const AccountAsked = z
  .strictObject({
    /** As the centre keeps it: a pseudonym. */
    account: z.string().trim().min(1).max(300),
    finding: z.string().min(1).max(100).optional(),
    incident: z.string().min(1).max(100).optional(),
    purpose: z.string().trim().min(10).max(500),
  })
  .refine(({ finding, incident }) => (finding === undefined) !== (incident === undefined), {
    path: ['finding'],
    message: 'Name the finding or the incident.',
  });

export const AccountView = z.object({
  account: z.string(),
  /** The only time that was looked at: that of the evidence, and an hour around it. */
  range: z.object({ from: Instant, to: Instant }),
  logs: z.array(z.object({ log: z.string(), records: z.number().int(), first: Instant, last: Instant, hunt: z.string() })),
  /** Hosts that its records stand on. */
  hosts: z.array(z.object({ log: z.string(), field: z.string(), value: z.string(), records: z.number().int() })),
  read: z.object({ rows: z.number(), bytes: z.number(), ms: z.number() }),
});
export type AccountView = z.infer<typeof AccountView>;

/** Where an account's records are looked for: every column that is about persons. */
export function recordsOfAccount(
  account: string,
  recordTypes: readonly RecordType[],
): { log: string; where: Predicate; fields: string[] }[] {
  return recordTypes.flatMap(({ log, columns }) => {
    const fields = Object.entries(columns).flatMap(([name, { type, class: of }]) =>
      of === 'personal' && ['string', 'enum', 'vector[string]'].includes(type) ? [name] : [],
    );
    if (fields.length === 0) return [];
    const of = fields.map((field): Predicate => ({ kind: 'text', field, op: 'equals', value: account, cased: true }));
    return [{ log, fields, where: of.length === 1 ? of[0]! : { kind: 'or' as const, of } }];
  });
}
