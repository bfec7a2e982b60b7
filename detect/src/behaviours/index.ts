/** The one list of behaviours. */

import type { Behaviour } from './behaviour.ts';
import { arpClaims } from './arp-claims/arp-claims.ts';
import { beacon } from './beacon/beacon.ts';
import { bruteForce } from './brute-force/brute-force.ts';
import { certificates } from './certificates/certificates.ts';
import { dnsTunnel } from './dns-tunnel/dns-tunnel.ts';
import { flood } from './flood/flood.ts';
import { generatedNames } from './generated-names/generated-names.ts';
import { gtpAbuse } from './gtp-abuse/gtp-abuse.ts';
import { innerSignalling } from './inner-signalling/inner-signalling.ts';
import { lateralMovement } from './lateral-movement/lateral-movement.ts';
import { longConnection } from './long-connection/long-connection.ts';
import { massCommand } from './mass-command/mass-command.ts';
import { newDestination } from './new-destination/new-destination.ts';
import { newFunction } from './new-function/new-function.ts';
import { newWriter } from './new-writer/new-writer.ts';
import { outboundAbuse } from './outbound-abuse/outbound-abuse.ts';
import { outboundTransfer } from './outbound-transfer/outbound-transfer.ts';
import { platformBurst } from './platform-burst/platform-burst.ts';
import { programChange } from './program-change/program-change.ts';
import { reconnecting } from './reconnecting/reconnecting.ts';
import { reflection } from './reflection/reflection.ts';
import { refusedSignalling } from './refused-signalling/refused-signalling.ts';
import { routeOrigin } from './route-origin/route-origin.ts';
import { scan } from './scan/scan.ts';
import { setPoint } from './set-point/set-point.ts';
import { silentSource } from './silent-source/silent-source.ts';
import { sipEnumeration } from './sip-enumeration/sip-enumeration.ts';
import { slowScan } from './slow-scan/slow-scan.ts';
import { spraying } from './spraying/spraying.ts';
import { strangeAlert } from './strange-alert/strange-alert.ts';
import { streamReplaced } from './stream-replaced/stream-replaced.ts';
import { tollFraud } from './toll-fraud/toll-fraud.ts';
import { wrongPort } from './wrong-port/wrong-port.ts';

export const behaviours: readonly Behaviour[] = [
  scan,
  beacon,
  bruteForce,
  outboundTransfer,
  newWriter,
  newFunction,
  programChange,
  setPoint,
  flood,
  reflection,
  routeOrigin,
  innerSignalling,
  refusedSignalling,
  tollFraud,
  sipEnumeration,
  gtpAbuse,
  massCommand,
  streamReplaced,
  strangeAlert,
  silentSource,
  platformBurst,
  dnsTunnel,
  generatedNames,
  spraying,
  slowScan,
  longConnection,
  newDestination,
  lateralMovement,
  wrongPort,
  certificates,
  outboundAbuse,
  reconnecting,
  arpClaims,
];
