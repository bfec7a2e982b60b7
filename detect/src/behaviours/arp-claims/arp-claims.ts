/** Claims by ARP: who says without being asked that an address is his, who takes another's, who seeks where nobody can be. See README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { Finding } from '@forewarn/model/finding';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, latenessMax } from '../behaviour.ts';
import { Evidence } from '../evidence.ts';

/** Addresses whose owner is remembered, about 200 bytes each; a link has thousands at most. */
const ownersMax = 50_000;

const subjectsMax = 10_000;

const broadcast = 'ff:ff:ff:ff:ff:ff';

const hardware = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/;

/** Prefixes that routers share between them: VRRP and HSRP (RFC 9568 §7.3). */
const shared = /^(?:00:00:5e:00:0[12]|00:00:0c:07:ac|00:05:73:a0|00:00:0c:9f:f)/;

type Owner = { mac: string; since: Seconds; last: Seconds; taken: number };

export const arpClaims = behaviour({
  id: 'arp-claims',
  technique: ['T1018', 'T1557.002'],
  logs: ['arp'],
  parameters: ['settled', 'stillThere', 'takenMin'],
  start({ parameters, inside, rule, sight }) {
    const owners = new BoundedMap<string, Owner>(ownersMax);
    const subjects = new BoundedMap<string, Evidence>(subjectsMax);

    const tell = (
      kind: 'taken' | 'unasked' | 'outside',
      ts: Seconds,
      { sender, mac, target, previous }: { sender: string; mac: string; target: string; previous?: string },
    ): void => {
      const subject = `${kind} ${sender} ${mac}`;
      let evidence = subjects.touch(subject);
      if (!evidence) {
        evidence = new Evidence();
        subjects.set(subject, evidence);
      }
      evidence.add({ ts, reference: { log: 'arp', uid: '', ts } });
      const told = evidence.tell();
      if (!told) return;
      const level: Finding['level'] = kind === 'taken' ? 'medium' : 'informational';
      sight({
        rule,
        ...told,
        subject,
        technique: kind === 'outside' ? ['T1018'] : ['T1557.002'],
        tactic: kind === 'outside' ? ['discovery'] : ['credential-access'],
        level,
        confidence: kind === 'taken' ? 0.6 : 0.3,
        explanation: {
          text: `detect.arp-claims.${kind}`,
          values: { source: sender, mac, target, previous: previous ?? '', count: evidence.count },
        },
        source: sender,
        targets: target === sender ? [] : [target],
        names: [],
        harm: null,
      });
    };

    return {
      evictions: () => owners.evictions,
      push(_, record) {
        const { ts, arp_type: type, SPA: sender, SHA, TPA: target, mac_dst: to } = record;
        if (typeof ts !== 'number' || typeof sender !== 'string' || typeof SHA !== 'string' || typeof target !== 'string') return;
        const mac = SHA.toLowerCase();
        if (sender.length > 45 || target.length > 45 || !hardware.test(mac) || sender === '0.0.0.0' || shared.test(mac)) return;
        // Routers answer for others only where somebody has set them up to; an outside address has no place on a link of private ones.
        if (type === 'request' && inside(sender) === 'inside' && inside(target) === 'outside')
          tell('outside', ts, { sender, mac, target });
        if (type === 'reply' && typeof to === 'string' && to.toLowerCase() === broadcast)
          tell('unasked', ts, { sender, mac, target });
        const owner = owners.touch(sender);
        if (!owner) {
          owners.set(sender, { mac, since: ts, last: ts, taken: 0 });
          return;
        }
        if (owner.mac === mac) {
          owner.last = Math.max(owner.last, ts);
          return;
        }
        // An address that was long somebody's and is claimed by another while its owner is still there. DHCP gives away what rests.
        if (ts - owner.since >= parameters.settled && ts - owner.last <= parameters.stillThere) {
          if (++owner.taken >= parameters.takenMin) tell('taken', ts, { sender, mac, target, previous: owner.mac });
          return;
        }
        owners.set(sender, { mac, since: ts, last: ts, taken: 0 });
      },
      advance(ts) {
        for (const [address, { last }] of owners.entries()) if (last + 86_400 + latenessMax < ts) owners.delete(address);
        for (const [subject, { to }] of subjects.entries()) if (to + 86_400 < ts) subjects.delete(subject);
      },
    };
  },
});
