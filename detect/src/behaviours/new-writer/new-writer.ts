/** Commands to a controller from where nobody has commanded before. The method is in README.md. */

import { formatAddress, parseAddress } from '@forewarn/base/ip';
import type { Seconds } from '@forewarn/base/time';
import type { RecordReference } from '@forewarn/model/finding';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, hourOf } from '../behaviour.ts';
import { actOf, controlLogs } from '../control-acts.ts';

/** Controllers watched at once; the largest plants have some thousands. */
const controllersMax = 20_000;

/** Clients of one controller that are remembered; more are a scan, and the scan is told. */
const clientsMax = 64;

/** Zones whose regular masters are remembered. */
const zonesMax = 10_000;

type Client = {
  first: Seconds;
  last: Seconds;
  requests: number;
  window: Seconds | undefined;
  writes: number;
  firstWrite: Seconds;
};
type Controller = { first: Seconds; clients: Map<string, Client> };

/** Hosts that stand together: the /24 or /64 of the address, as zones are usually numbered. */
function zoneOf(address: string): string {
  const bytes = parseAddress(address);
  if (!bytes) return address;
  const kept = bytes.length === 4 ? 3 : 8;
  return formatAddress(Uint8Array.from(bytes, (byte, i) => (i < kept ? byte : 0)));
}

export const newWriter = behaviour({
  id: 'new-writer',
  technique: ['T0855'],
  logs: controlLogs,
  parameters: ['regularRequests', 'regularSeconds', 'watchedSeconds', 'knownZoneAfter'],
  start({ parameters, rule, sight }) {
    const controllers = new BoundedMap<string, Controller>(controllersMax);
    /** Zones from which some host regularly speaks with some controller, and since when. */
    const zones = new BoundedMap<string, Seconds>(zonesMax);
    let firstRegular = Infinity;

    return {
      evictions: () => controllers.evictions + zones.evictions,
      push(log, record) {
        const act = actOf(log, record);
        if (!act || act.answer === 'refused') return;
        const { flow, master: source, controller: target, name: func } = act;
        const { ts } = flow;
        let controller = controllers.touch(target);
        if (!controller) {
          controller = { first: ts, clients: new Map() };
          controllers.set(target, controller);
        }
        let client = controller.clients.get(source);
        if (!client) {
          if (controller.clients.size >= clientsMax) return;
          client = { first: ts, last: ts, requests: 0, window: undefined, writes: 0, firstWrite: Infinity };
          controller.clients.set(source, client);
        }
        client.last = Math.max(client.last, ts);
        const isAnswer = act.answer !== undefined;
        // DNP3 tells a request and its answer in one record.
        if (!isAnswer || log === 'dnp3') client.requests++;
        const zone = zoneOf(source);
        // A host about which there is a finding does not become regular by going on.
        const regular =
          client.window === undefined &&
          client.requests >= parameters.regularRequests &&
          client.last - client.first >= parameters.regularSeconds;
        if (regular) {
          if (zones.peek(zone) === undefined) zones.set(zone, ts);
          firstRegular = Math.min(firstRegular, ts);
          return;
        }
        if (act.kind !== 'write') return;
        if (client.window === undefined) {
          // Before anybody is known as a regular master, everybody is new.
          if (ts - firstRegular < parameters.watchedSeconds) return;
          const zoneSince = zones.peek(zone);
          // Stations beside a known master may be operators and engineers who command seldom; only long watching tells them from strangers.
          if (
            zoneSince !== undefined &&
            (ts - controller.first < parameters.knownZoneAfter || ts - zoneSince < parameters.knownZoneAfter)
          )
            return;
          client.window = hourOf(ts);
        }
        client.firstWrite = Math.min(client.firstWrite, ts);
        if (!isAnswer) client.writes++;
        const zoneKnown = zones.peek(zone) !== undefined;
        const reference: RecordReference = flow.reference;
        sight({
          rule,
          // One finding for all controllers that the host commands.
          subject: source,
          window: client.window,
          from: ts,
          to: ts,
          technique: ['T0855'],
          tactic: ['impair-process-control'],
          level: zoneKnown ? 'high' : 'critical',
          confidence: zoneKnown ? 0.6 : 0.9,
          explanation: {
            text: zoneKnown ? 'detect.new-writer.same-zone' : 'detect.new-writer.other-zone',
            values: {
              source,
              target,
              func,
              zone: `${zone}${zone.includes(':') ? '/64' : '/24'}`,
              masters: [...controller.clients].filter(
                ([, other]) => other.requests >= parameters.regularRequests && other.window === undefined,
              ).length,
              watched: Math.round((ts - controller.first) / 60),
            },
          },
          source,
          targets: [target],
          names: [],
          records: [reference],
          recordCount: 1,
          // Asked is not done: only an answer without exception shows that the controller obeyed.
          harm: isAnswer ? 'controllability' : null,
        });
      },
      advance() {
        // Who regularly commands a controller is worth remembering for as long as there is room.
      },
    };
  },
});
