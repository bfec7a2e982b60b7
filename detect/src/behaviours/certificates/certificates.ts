/** Certificates that are not in order: expired, not yet valid, signed by themselves, for another name, of weak make. See README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { Finding } from '@forewarn/model/finding';
import type { Words } from '@forewarn/model/text';
import type { AnyRecord } from '@forewarn/model/records/record';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, flowOf, latenessMax, type Flow } from '../behaviour.ts';
import { Evidence } from '../evidence.ts';

/** Certificates remembered by fingerprint, about 500 bytes each: 50 MB. */
const certificatesMax = 100_000;

/** Handshakes that wait for their certificate: it is written beside them, before or after. */
const waitingMax = 20_000;

/** Servers with something wrong, told once a day each. */
const serversMax = 50_000;

const day = 86_400;

/** What may be wrong; the gravest first. */
const faults = ['expired', 'not-yet', 'self-signed', 'other-name', 'too-long', 'weak-key', 'weak-signature', 'soon'] as const;
export type Fault = (typeof faults)[number];

type Certificate = {
  subject: string;
  issuer: string;
  from: Seconds | undefined;
  until: Seconds | undefined;
  keyType: string;
  keyLength: number;
  signature: string;
  authority: boolean;
};

type Waiting = { flow: Flow; record: AnyRecord };

const text = (value: AnyRecord[string]): string => (typeof value === 'string' ? value.slice(0, 500) : '');
const instant = (value: AnyRecord[string]): Seconds | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

export const certificates = behaviour({
  id: 'certificates',
  technique: ['T1557', 'T1573.002', 'T1587.003'],
  logs: ['ssl', 'x509'],
  parameters: ['soonSeconds', 'longestSeconds', 'rsaBits', 'ecBits', 'clientsMax'],
  start({ parameters, inside, prevalence, rule, sight }) {
    const known = new BoundedMap<string, Certificate>(certificatesMax);
    const waiting = new BoundedMap<string, Waiting[]>(waitingMax);
    const servers = new BoundedMap<string, Evidence>(serversMax);

    const faultsOf = (of: Certificate, ts: Seconds, record: AnyRecord): Fault[] => {
      const found = new Set<Fault>();
      if (of.until !== undefined && ts > of.until) found.add('expired');
      if (of.from !== undefined && ts < of.from) found.add('not-yet');
      if (
        of.until !== undefined &&
        ts <= of.until &&
        of.until - ts < parameters.soonSeconds &&
        of.from !== undefined &&
        of.until - of.from > 8 * parameters.soonSeconds
      )
        found.add('soon');
      if (of.from !== undefined && of.until !== undefined && !of.authority && of.until - of.from > parameters.longestSeconds)
        found.add('too-long');
      if (of.subject !== '' && of.subject === of.issuer) found.add('self-signed');
      if (record['sni_matches_cert'] === false) found.add('other-name');
      if (
        (of.keyType === 'rsa' && of.keyLength > 0 && of.keyLength < parameters.rsaBits) ||
        (of.keyType === 'ec' && of.keyLength > 0 && of.keyLength < parameters.ecBits)
      )
        found.add('weak-key');
      if (/md5|sha1|sha-1/i.test(of.signature)) found.add('weak-signature');
      return faults.filter((fault) => found.has(fault));
    };

    const judge = (of: Certificate, { flow, record }: Waiting): void => {
      const found = faultsOf(of, flow.ts, record);
      if (found.length === 0) return;
      const outside = inside(flow.target) === 'outside';
      // Own devices sign for themselves and for names of their own: nobody would look.
      if (!outside && found.every((fault) => fault === 'self-signed' || fault === 'too-long' || fault === 'other-name')) return;
      const key = `${flow.target} ${flow.port} ${found.join()}`;
      let evidence = servers.touch(key);
      if (!evidence || flow.ts - evidence.from > day) {
        evidence = new Evidence();
        servers.set(key, evidence);
      }
      evidence.add(flow);
      const told = evidence.tell();
      if (!told) return;
      const rare = prevalence.clientsOf(flow.target) <= parameters.clientsMax;
      const broken = found.includes('expired') || found.includes('not-yet');
      // A certificate that nobody vouches for at a server that hardly anybody speaks with is what implants bring along.
      const level: Finding['level'] =
        outside && rare && found.includes('self-signed') && (broken || found.length >= 3)
          ? 'low'
          : !outside && broken
            ? 'low'
            : 'informational';
      const name = text(record['server_name']);
      sight({
        rule,
        ...told,
        subject: key,
        technique: outside ? ['T1573.002', 'T1587.003'] : ['T1557'],
        tactic: [outside ? 'command-and-control' : 'credential-access'],
        level,
        confidence: level === 'low' ? 0.5 : 0.3,
        explanation: {
          text: outside ? 'detect.certificates.outside' : 'detect.certificates.inside',
          values: {
            source: flow.source,
            target: flow.target,
            port: flow.port,
            name: name === '' ? flow.target : name,
            subject: of.subject.slice(0, 200),
            faults: found.map((fault): Words => ({ text: `detect.certificates.fault.${fault}` })),
          },
        },
        // An own server with a bad certificate is itself what it is about.
        source: flow.source,
        targets: [flow.target],
        names: name === '' ? [] : [name],
        harm: null,
      });
    };

    return {
      evictions: () => waiting.evictions + servers.evictions,
      push(log, record) {
        if (log === 'x509') {
          const { fingerprint } = record;
          if (typeof fingerprint !== 'string' || fingerprint.length > 128) return;
          const of: Certificate = {
            subject: text(record['certificate.subject']),
            issuer: text(record['certificate.issuer']),
            from: instant(record['certificate.not_valid_before']),
            until: instant(record['certificate.not_valid_after']),
            keyType: text(record['certificate.key_type']),
            keyLength: typeof record['certificate.key_length'] === 'number' ? record['certificate.key_length'] : 0,
            signature: text(record['certificate.sig_alg']),
            authority: record['basic_constraints.ca'] === true,
          };
          known.set(fingerprint, of);
          for (const one of waiting.peek(fingerprint) ?? []) judge(of, one);
          waiting.delete(fingerprint);
          return;
        }
        const chain = record['cert_chain_fps'];
        const [first] = Array.isArray(chain) ? (chain as unknown[]) : [];
        if (typeof first !== 'string' || first.length > 128) return;
        const flow = flowOf(log, record);
        if (!flow || inside(flow.target) === 'nowhere') return;
        const of = known.touch(first);
        if (of) {
          judge(of, { flow, record });
          return;
        }
        const own = waiting.peek(first);
        if (!own) waiting.set(first, [{ flow, record }]);
        else if (own.length < 8) own.push({ flow, record });
      },
      advance(ts) {
        for (const [key, list] of waiting.entries()) if ((list.at(-1)?.flow.ts ?? 0) + latenessMax < ts) waiting.delete(key);
        for (const [key, { to }] of servers.entries()) if (to + day + latenessMax < ts) servers.delete(key);
      },
    };
  },
});
