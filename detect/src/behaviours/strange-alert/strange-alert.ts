/** A public warning (CAP) from a sender that nobody knows, or without the signature that it always had. The method is in README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { Words } from '@forewarn/model/text';
import { BoundedMap } from '../../bounded.ts';
import { ageWords } from '../age.ts';
import { behaviour, hourOf } from '../behaviour.ts';

/** Senders that are remembered; a country has some thousands at the most. */
const sendersMax = 10_000;

/** Hosts by which warnings of one sender came. */
const hostsMax = 16;

type Sender = { first: Seconds; alerts: number; signed: number; hosts: Set<string> };

export const strangeAlert = behaviour({
  id: 'strange-alert',
  technique: ['T1656'],
  logs: ['cap_alert'],
  parameters: ['learnSeconds', 'alertsMin', 'signedMin', 'senderSure', 'unsignedSure', 'hostSure'],
  start({ parameters, rule, sight }) {
    const senders = new BoundedMap<string, Sender>(sendersMax);
    let first = Infinity;
    let alerts = 0;
    let signedAll = 0;

    return {
      evictions: () => senders.evictions,
      push(log, record) {
        const { ts, uid, sender: name, status, msgType: type, info, signed, severity, urgency, identifier } = record;
        if (typeof ts !== 'number' || !Number.isFinite(ts) || typeof name !== 'string' || name === '' || name.length > 300)
          return;
        // A record for each language: the first stands for the message. Exercises and tests warn nobody.
        if ((typeof info === 'number' && info > 1) || status !== 'Actual' || type === 'Ack' || type === 'Error') return;
        const { 'id.orig_h': orig, 'id.resp_h': resp } = record;
        // Whoever delivers: it posts, or is asked. Both ends are the way by which it came.
        const way = typeof orig === 'string' && typeof resp === 'string' ? `${orig.slice(0, 45)} → ${resp.slice(0, 45)}` : '';
        const age = ts - Math.min(first, ts);
        first = Math.min(first, ts);
        const isLearned = age >= parameters.learnSeconds && alerts >= parameters.alertsMin;
        const allSigned = alerts > 0 && signedAll === alerts;
        alerts++;
        if (signed === true) signedAll++;
        let sender = senders.touch(name);
        const isNew = sender === undefined;
        if (!sender) {
          sender = { first: ts, alerts: 0, signed: 0, hosts: new Set() };
          senders.set(name, sender);
        }
        const { hosts } = sender;
        const lostSignature = signed !== true && sender.alerts >= parameters.signedMin && sender.signed === sender.alerts;
        const isStrangeWay = way !== '' && hosts.size > 0 && hosts.size < hostsMax && !hosts.has(way);
        sender.alerts++;
        if (signed === true) sender.signed++;
        const known = sender.alerts - 1;
        if (way !== '' && hosts.size < hostsMax) hosts.add(way);
        const unsignedStranger = isNew && signed !== true && allSigned;
        const kind = isNew
          ? isLearned
            ? 'sender'
            : undefined
          : lostSignature
            ? 'unsigned'
            : isStrangeWay && isLearned
              ? 'way'
              : undefined;
        if (kind === undefined) return;
        const isGrave = (severity === 'Extreme' || severity === 'Severe') && urgency === 'Immediate';
        const how: Words = { text: signed === true ? 'detect.strange-alert.signed' : 'detect.strange-alert.without' };
        sight({
          rule,
          subject: `${kind} ${name}`,
          window: hourOf(ts),
          from: ts,
          to: ts,
          technique: ['T1656'],
          tactic: ['defense-evasion'],
          level: kind === 'unsigned' || unsignedStranger || isGrave ? 'high' : 'medium',
          confidence:
            kind === 'unsigned' ? parameters.unsignedSure : kind === 'way' ? parameters.hostSure : parameters.senderSure,
          explanation: {
            text: `detect.strange-alert.${kind}`,
            values: {
              sender: name.slice(0, 100),
              how,
              way: way || '?',
              alerts: kind === 'sender' ? alerts - 1 : known,
              senders: senders.size - 1,
              age: ageWords(age),
            },
          },
          source: typeof orig === 'string' ? orig.slice(0, 45) : name.slice(0, 100),
          targets: typeof resp === 'string' ? [resp.slice(0, 45)] : [],
          names: [name],
          records: [
            {
              log,
              uid: typeof uid === 'string' ? uid.slice(0, 64) : typeof identifier === 'string' ? identifier.slice(0, 64) : '',
              ts,
            },
          ],
          recordCount: 1,
          harm: null,
        });
      },
      advance() {
        // Who warns the public is worth remembering for as long as there is room.
      },
    };
  },
});
