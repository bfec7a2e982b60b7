/** DHCP (RFC 2131) with the options that say who asks for what (RFC 2132). */

import { hexadecimal, named, type Layer } from '../dissection.ts';
import type { PayloadReader } from './payload.ts';

const messages: ReadonlyMap<number, string> = new Map([
  [1, 'Discover'],
  [2, 'Offer'],
  [3, 'Request'],
  [4, 'Decline'],
  [5, 'ACK'],
  [6, 'NAK'],
  [7, 'Release'],
  [8, 'Inform'],
]);

export const dhcp: PayloadReader = {
  services: ['dhcp'],
  transports: ['udp'],
  ports: [67, 68],
  recognises: (d) => d.left >= 240 && d.u32(236) === 0x6382_5363,
  read: (d) => {
    const layer = d.open('dhcp', 240);
    if (!layer) return undefined;
    layer.number('dhcp.type', 0, 1);
    layer.number('dhcp.id', 4, 4, hexadecimal(8));
    layer.address('dhcp.ip.client', 12, 4);
    layer.address('dhcp.ip.your', 16, 4);
    layer.address('dhcp.ip.server', 20, 4);
    const hardware = layer.hardware('dhcp.hw.mac_addr', 28);
    let kind = '';
    let at = 240;
    // Each option is a byte at least; the walk ends with the packet.
    while (layer.start + at < d.end) {
      const code = d.number(layer.start + at, 1);
      if (code === 255) break;
      if (code === 0) {
        at++;
        continue;
      }
      const length = d.number(layer.start + at + 1, 1);
      if (layer.start + at + 2 + length > d.end) break;
      if (code === 53 && length === 1) kind = messages.get(layer.number('dhcp.option.dhcp', at + 2, 1, named(messages))) ?? '';
      else option(layer, code, at, length);
      at += 2 + length;
    }
    const line = `${kind} ${hardware}`.trim();
    layer.line = line;
    d.say('DHCP', line);
    layer.close(d.end - layer.start);
    return undefined;
  },
};

function option(layer: Layer, code: number, at: number, length: number): void {
  const { d } = layer;
  const from = layer.start + at + 2;
  if (code === 12) layer.text('dhcp.option.hostname', at, 2 + length, d.letters(from, from + length));
  else if (code === 50 && length === 4) layer.address('dhcp.option.requested_ip_address', at + 2, 4);
  else if (code === 54 && length === 4) layer.address('dhcp.option.dhcp_server_id', at + 2, 4);
  else if (code === 51 && length === 4) layer.number('dhcp.option.ip_address_lease_time', at + 2, 4);
  else if (code === 60) layer.text('dhcp.option.vendor_class_id', at, 2 + length, d.letters(from, from + length));
  else layer.text('dhcp.option', at, 2 + length, `${code}: ${d.hex(from, Math.min(length, 32))}`);
}
