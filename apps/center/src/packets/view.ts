/** Requests for packets as the API tells them. */

import { formatInstant } from '@forewarn/base/time';
import type { PacketRequestView } from '@forewarn/model/api';
import type { PacketRequest } from '@forewarn/store/resources/packet-requests';
import { safeAt } from '../sensors/list.ts';
import { partWords } from './why-not.ts';

export const requestView = (request: PacketRequest): PacketRequestView => ({
  id: request.id,
  organisation: request.organisation,
  sensor: request.sensor,
  link: request.link,
  flow: {
    log: request.log,
    uid: request.uid,
    from: safeAt(request.from, request.at),
    to: safeAt(request.to, request.at),
    ...request.flow,
  },
  finding: request.finding,
  incident: request.incident,
  purpose: request.purpose,
  at: formatInstant(request.at),
  by: request.by,
  state: request.state,
  reason: request.reason,
  advice: request.advice,
  packets: request.packets,
  bytes: request.bytes,
  partial: partWords(request.part),
  keptUntil: request.keptUntil === null ? null : formatInstant(request.keptUntil),
});
