/** Screens from afar, with the names of Zeek 8's `rdp` and `rfb` logs. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const rdp = {
  log: 'rdp',
  means: 'One connection of the Remote Desktop Protocol, as far as it was set up in clear.',
  source: 'Zeek base/protocols/rdp; MS-RDPBCGR, ITU-T T.123, T.124, T.125',
  columns: {
    ...connectionColumns,
    cookie: {
      type: 'string',
      class: 'personal',
      means: 'The account that the client named to a load balancer, often cut after nine characters.',
    },
    result: { type: 'string', class: 'technical', means: 'How the setting up ended: encrypted, Success, or why it failed.' },
    security_protocol: { type: 'string', class: 'technical', means: 'What the server chose: RDP, SSL, HYBRID, HYBRID_EX.' },
    client_channels: {
      type: 'vector[string]',
      class: 'technical',
      means: 'Channels that the client asked for: drives, clipboard, sound.',
    },
    keyboard_layout: { type: 'string', class: 'technical', means: 'Language of the keyboard.' },
    client_build: { type: 'string', class: 'technical', means: 'Version of the client program.' },
    client_name: { type: 'string', class: 'technical', means: 'Name of the client machine.' },
    client_dig_product_id: { type: 'string', class: 'technical', means: 'Product identifier of the client machine.' },
    desktop_width: { type: 'count', class: 'technical', unit: 'pixels', means: 'Width of the screen.' },
    desktop_height: { type: 'count', class: 'technical', unit: 'pixels', means: 'Height of the screen.' },
    requested_color_depth: { type: 'string', class: 'technical', means: 'Depth of colours that the client asked for.' },
    cert_type: {
      type: 'string',
      class: 'technical',
      means: "Kind of the server's certificate under RDP's own encryption: RSA or X.509.",
    },
    cert_count: { type: 'count', class: 'technical', always: true, means: 'How many certificates it sent.' },
    cert_permanent: { type: 'bool', class: 'technical', means: 'The certificate is no temporary one.' },
    encryption_level: { type: 'string', class: 'technical', means: "Level of RDP's own encryption." },
    encryption_method: { type: 'string', class: 'technical', means: "Method of RDP's own encryption." },
  },
} as const satisfies RecordType;

export const rfb = {
  log: 'rfb',
  means: 'One connection of the remote framebuffer protocol (VNC).',
  source: 'Zeek base/protocols/rfb; RFC 6143',
  columns: {
    ...connectionColumns,
    client_major_version: { type: 'string', class: 'technical', means: 'Major version of the client.' },
    client_minor_version: { type: 'string', class: 'technical', means: 'Minor version of the client.' },
    server_major_version: { type: 'string', class: 'technical', means: 'Major version of the server.' },
    server_minor_version: { type: 'string', class: 'technical', means: 'Minor version of the server.' },
    authentication_method: { type: 'string', class: 'technical', means: 'How the client proves itself: None, VNC, TLS.' },
    auth: { type: 'bool', class: 'technical', means: 'The server let the client in.' },
    share_flag: { type: 'bool', class: 'technical', means: 'Others may keep their connections.' },
    desktop_name: { type: 'string', class: 'personal', means: 'Name of the screen, often of its user.' },
    width: { type: 'count', class: 'technical', unit: 'pixels', means: 'Width of the screen.' },
    height: { type: 'count', class: 'technical', unit: 'pixels', means: 'Height of the screen.' },
  },
} as const satisfies RecordType;

export type RdpRecord = RecordOf<typeof rdp>;
export type RfbRecord = RecordOf<typeof rfb>;
