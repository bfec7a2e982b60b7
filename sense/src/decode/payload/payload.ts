/**
 * What TCP and UDP carry: the one list of readers, asked in order. Each packet is read by itself, so only those recognise their bytes
 * whose message begins in it; the rest of a longer message is named after what the flow speaks.
 */

import type { PacketLayerName } from '@forewarn/model/packet';
import { protocols } from '../../protocols/index.ts';
import type { Transport } from '../../protocols/protocol.ts';
import type { Dissection, Dissector } from '../dissection.ts';
import { dhcp } from './dhcp.ts';
import { dns } from './dns.ts';
import { http } from './http.ts';
import { lines } from './lines.ts';
import { modbus } from './modbus.ts';
import { ntp } from './ntp.ts';
import { quic } from './quic.ts';
import { ssh } from './ssh.ts';
import { tls } from './tls.ts';

/** Reads one kind of payload. */
export type PayloadReader = {
  /** The names of `conn.service` for which it speaks. */
  readonly services: readonly string[];
  readonly transports: readonly Transport[];
  /** Whether a message of it begins at `d.at`; `usual` when one of the ports is its own or the flow speaks it. */
  recognises(d: Dissection, transport: Transport, usual: boolean): boolean;
  readonly ports: readonly number[];
  read(d: Dissection, transport: Transport): Dissector | undefined;
};

const readers: readonly PayloadReader[] = [tls, http, dns, modbus, ssh, quic, dhcp, ntp, lines];

/** Names as people write them, where capitals are not enough. */
const written: { readonly [service: string]: string } = {
  ssl: 'TLS',
  krb: 'Kerberos',
  krb_tcp: 'Kerberos',
  gssapi: 'GSS-API',
  netbiosssn: 'NetBIOS',
  postgresql: 'PostgreSQL',
  mysql: 'MySQL',
  redis: 'Redis',
  telnet: 'Telnet',
  syslog: 'Syslog',
  websocket: 'WebSocket',
  http2: 'HTTP/2',
  dhcpv6: 'DHCPv6',
  modbus: 'Modbus/TCP',
  'ftp-data': 'FTP-DATA',
};

/** `ssl` as `TLS`; a list as Zeek writes it (`gssapi,smb`) by its last, which is the innermost. */
export function serviceName(service: string): string {
  const last = service.split(',').at(-1)!;
  return written[last] ?? last.toUpperCase();
}

/** Who reads the payload between the two ports. */
export function payload(transport: Transport, source: number, destination: number): Dissector {
  return (d) => {
    const services = d.service?.split(',') ?? [];
    for (const reader of readers) {
      if (!reader.transports.includes(transport)) continue;
      const usual =
        reader.ports.includes(source) ||
        reader.ports.includes(destination) ||
        reader.services.some((service) => services.includes(service));
      if (reader.recognises(d, transport, usual)) return reader.read(d, transport);
    }
    const name = recognised(d, transport, source, destination);
    if (name !== undefined) d.say(name, d.info);
    return undefined;
  };
}

/** The name of what has no reader here: by the engine's probes where nothing else says it, else what the flow speaks. */
function recognised(d: Dissection, transport: Transport, source: number, destination: number): string | undefined {
  if (d.service) return serviceName(d.service);
  for (const protocol of protocols) {
    if (!protocol.transports.includes(transport)) continue;
    const usual = protocol.ports.includes(source) || protocol.ports.includes(destination);
    // In the middle of a stream weak signs deceive: there only a usual port makes them count.
    if (transport === 'tcp' && !usual) continue;
    const direction = protocol.ports.includes(source) ? 1 : 0;
    if (protocol.probe(d.bytes, d.at, d.end, direction, usual) === 'yes') return serviceName(protocol.service);
  }
  return undefined;
}

/** Whatever nobody reads: shown as bytes. */
export const rest = (d: Dissection, name: PacketLayerName = 'data'): undefined => {
  const length = d.left;
  const layer = d.open(name, length);
  if (!layer) return undefined;
  layer.text('data.len', 0, length, String(length));
  layer.line = `${length} B`;
  layer.close(length);
  return undefined;
};
