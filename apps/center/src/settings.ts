/** What a start of the centre is told, from the command line and the environment, checked once. */

import { Refusal } from '@forewarn/base/refusal';
import { keepHoursMax } from '@forewarn/model/link';

export type Settings = {
  dataDir: string;
  port: number;
  demo: boolean;
  /** The address to listen on; loopback unless told otherwise. */
  listen: string;
  /** PEM files. With `clientAuthority` a sensor may show a certificate of it instead of a token; `clientRevoked` is its revocation list. */
  tls: { certificate: string; key: string; clientAuthority?: string; clientRevoked?: string } | undefined;
  behindProxy: boolean;
  /** How long packets that a sensor brought for somebody stay at the centre; a day unless told otherwise. */
  packetHours?: number;
};

export const defaultPort = 4180;

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

export const isLoopback = (address: string): boolean => loopback.has(address);

/** A port from text; 0 lets the machine choose. */
export function readPort(text: string, field: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new Refusal('settings.port', `"${text}" is not a port.`, {
    place: { field },
    advice: 'Give a number from 1 to 65535, or 0 for any that is free.',
  });
}

/** Hours from text: a month at most, as long as a sensor keeps packets. */
export function readPacketHours(text: string): number {
  const hours = Number(text);
  if (/^\d{1,3}$/.test(text) && hours >= 1 && hours <= keepHoursMax) return hours;
  throw new Refusal('settings.packet-hours', `"${text}" is not a number of hours.`, {
    place: { field: '--packet-hours' },
    advice: `Give a whole number from 1 to ${keepHoursMax}.`,
  });
}

/** Refuses to be reachable from elsewhere in clear. */
export function checkSettings(settings: Settings): void {
  if (isLoopback(settings.listen) || settings.tls || settings.behindProxy) return;
  throw new Refusal('settings.listen', `Listening on ${settings.listen} without TLS would send passwords in clear.`, {
    place: { field: '--listen' },
    advice: 'Give --tls-cert and --tls-key, or --behind-proxy when a proxy ends TLS before the centre.',
  });
}
