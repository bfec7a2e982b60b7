/** Signalling that stays within one mobile network, from outside. The method is in README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Words } from '@forewarn/model/text';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, flowOf, hourOf, type Flow } from '../behaviour.ts';
import { innerApplications, innerOperations, networkOf } from './operations.ts';

/** Pairs of elements that are counted at once, about 100 bytes each; only those about which there is a finding. */
const pairsMax = 10_000;

/** Flows whose latest network indicator is remembered: associations between signalling points are few and long. */
const associationsMax = 10_000;

type Pair = { window: Seconds; messages: number };

/** Why it is said to come from outside, and how sure that is. */
type From = { how: Words; confidence: number };

/** An element that sends and one that receives: both ends of a flow speak. */
type Message = { sender: string; receiver: string; flow: Flow };

export function messageOf(log: string, record: AnyRecord): Message | undefined {
  const flow = flowOf(log, record);
  if (!flow) return undefined;
  const isOrigin = record['is_orig'] !== false;
  return { flow, sender: isOrigin ? flow.source : flow.target, receiver: isOrigin ? flow.target : flow.source };
}

export const innerSignalling = behaviour({
  id: 'inner-signalling',
  technique: ['T1430.002'],
  logs: ['m3ua', 'sccp', 'diameter'],
  parameters: [
    'messagesMin',
    'manyMin',
    'addressConfidence',
    'internationalConfidence',
    'realmConfidence',
    'foreignHostConfidence',
  ],
  start({ parameters, inside, rule, sight }) {
    const pairs = new BoundedMap<string, Pair>(pairsMax);
    const indicators = new BoundedMap<string, { ts: Seconds; indicator: unknown }>(associationsMax);

    const tell = (
      { sender, receiver, flow }: Message,
      from: From,
      of: {
        kind: string;
        text: string;
        values: { [name: string]: string | number | Words };
        technique: string[];
        names: string[];
      },
    ): void => {
      const key = `${of.kind} ${sender} ${receiver}`;
      const window = hourOf(flow.ts);
      let pair = pairs.touch(key);
      if (!pair || pair.window !== window) {
        pair = { window, messages: 0 };
        pairs.set(key, pair);
      }
      pair.messages++;
      if (pair.messages < parameters.messagesMin) return;
      sight({
        rule,
        subject: key,
        window,
        from: flow.ts,
        to: flow.ts,
        technique: of.technique,
        tactic: ['collection'],
        level: pair.messages >= parameters.manyMin ? 'high' : 'medium',
        confidence: from.confidence,
        explanation: {
          text: of.text,
          values: { ...of.values, sender, receiver, how: from.how, messages: pair.messages },
        },
        source: sender,
        targets: [receiver],
        names: of.names,
        records: [flow.reference],
        recordCount: pair.messages === parameters.messagesMin ? parameters.messagesMin : 1,
        harm: null,
      });
    };

    /** Own messages that leave are nobody's attack on us. */
    const leaves = ({ sender, receiver }: Message): boolean => inside(sender) === 'inside' && inside(receiver) === 'outside';

    const byAddress = ({ sender, receiver }: Message): From | undefined =>
      inside(sender) === 'outside' && inside(receiver) === 'inside'
        ? { how: { text: 'detect.inner-signalling.by-address', values: { sender } }, confidence: parameters.addressConfidence }
        : undefined;

    const pushMap = (message: Message, record: AnyRecord): void => {
      const { operations, components, tcap } = record;
      // Who opens a dialogue asks; what comes back names the operation too.
      if (tcap !== 'begin' || record['application'] !== 'map' || !Array.isArray(operations) || !Array.isArray(components)) return;
      if ((components as unknown[])[0] !== 'invoke') return;
      const operation = (operations as unknown[])[0];
      const ends = typeof operation === 'string' ? innerOperations.get(operation) : undefined;
      if (ends === undefined || leaves(message)) return;
      const carrier = indicators.peek(message.flow.uid);
      const isInternational = carrier?.ts === message.flow.ts && carrier.indicator === 0;
      const from =
        byAddress(message) ??
        (isInternational
          ? { how: { text: 'detect.inner-signalling.international', values: {} }, confidence: parameters.internationalConfidence }
          : undefined);
      if (!from) return;
      const point = (value: AnyRecord[string]): string => (typeof value === 'number' ? String(value) : '?');
      tell(message, from, {
        kind: `map ${point(record['opc'])} ${point(record['dpc'])}`,
        text: 'detect.inner-signalling.map',
        values: { operation: operation as string, ends, opc: point(record['opc']), dpc: point(record['dpc']) },
        technique: ['T1430.002'],
        names: [],
      });
    };

    const pushDiameter = (message: Message, record: AnyRecord): void => {
      if (record['is_request'] !== true || leaves(message)) return;
      const { origin_host: host, origin_realm: realm, destination_realm: destination, application_id: id, command } = record;
      const own = networkOf(realm);
      const values = {
        host: typeof host === 'string' ? host.slice(0, 255) : '?',
        realm: typeof realm === 'string' ? realm.slice(0, 255) : '?',
        command: typeof command === 'string' ? command.slice(0, 64) : '?',
      };
      const names = typeof host === 'string' ? [host] : [];
      const of = networkOf(host);
      if (own && of && (own.country !== of.country || own.network !== of.network)) {
        const how = { text: 'detect.inner-signalling.two-networks', values: {} };
        tell(message, { how, confidence: parameters.foreignHostConfidence }, { kind: `host ${values.realm}`, text: 'detect.inner-signalling.foreign-host', values, technique: [], names }); // oxfmt-ignore
      }
      const application = typeof id === 'number' ? innerApplications.get(id) : undefined;
      if (application === undefined) return;
      const other = networkOf(destination);
      const from =
        byAddress(message) ??
        // Operators may have several networks in one country; another country is another operator's.
        (own && other && own.country !== other.country
          ? {
              how: { text: 'detect.inner-signalling.by-realm', values: { destination: (destination as string).slice(0, 255) } },
              confidence: parameters.realmConfidence,
            }
          : undefined);
      if (!from) return;
      tell(message, from, { kind: `diameter ${values.realm}`, text: 'detect.inner-signalling.diameter', values: { ...values, application }, technique: [], names }); // oxfmt-ignore
    };

    return {
      evictions: () => pairs.evictions + indicators.evictions,
      push(log, record) {
        if (log === 'm3ua') {
          // The record of the message that it carries follows at the same instant.
          const { ts, uid, network_indicator: indicator } = record;
          if (typeof ts === 'number' && typeof uid === 'string' && uid.length <= 64) {
            const known = indicators.touch(uid);
            if (known) Object.assign(known, { ts, indicator });
            else indicators.set(uid, { ts, indicator });
          }
          return;
        }
        const message = messageOf(log, record);
        if (!message) return;
        if (log === 'sccp') pushMap(message, record);
        else pushDiameter(message, record);
      },
      advance(ts) {
        for (const [key, { window }] of pairs.entries()) if (window + 7_200 < ts) pairs.delete(key);
      },
    };
  },
});
