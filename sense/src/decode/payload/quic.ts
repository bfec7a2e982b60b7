/** QUIC (RFC 9000 §17): the long header, which everybody on the path can read. */

import { versionName, versionOf } from '../../protocols/quic/versions.ts';
import { hexadecimal } from '../dissection.ts';
import type { PayloadReader } from './payload.ts';

const kinds = ['Initial', '0-RTT', 'Handshake', 'Retry'];

export const quic: PayloadReader = {
  services: ['quic'],
  transports: ['udp'],
  ports: [443, 853],
  recognises: (d) => d.left >= 7 && (d.u8(0) & 0xc0) === 0xc0 && versionOf(d.u32(1)) !== undefined && d.u8(5) <= 20,
  read: (d) => {
    const destination = d.u8(5);
    const source = Math.min(d.u8(6 + destination), 20);
    const layer = d.open('quic', 7 + destination + source);
    if (!layer) return undefined;
    const version = d.u32(1);
    // Version 2 numbers its kinds one further (RFC 9369 §3.2).
    const number = (d.u8(0) >> 4) & 3;
    const kind = kinds[version === 0x6b33_43cf ? (number + 3) & 3 : number]!;
    layer.text('quic.long.packet_type', 0, 1, kind);
    layer.text('quic.version', 1, 4, `${versionName(version)} (${hexadecimal(8)(version)})`);
    layer.text('quic.dcid', 6, destination, d.hex(layer.start + 6, destination));
    layer.text('quic.scid', 7 + destination, source, d.hex(layer.start + 7 + destination, source));
    const line = `${kind}, DCID=${d.hex(layer.start + 6, destination)}`;
    layer.line = line;
    d.say('QUIC', line);
    layer.close(7 + destination + source);
    return undefined;
  },
};
