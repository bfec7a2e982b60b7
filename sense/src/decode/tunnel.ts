/** What carries packets inside of packets. The engine's carriers say where the inner one begins; the fields that name the tunnel are read here. */

import type { PacketLayerName } from '@forewarn/model/packet';
import { Packet } from '../packet.ts';
import { innerEthernet, innerIp, innerMpls, innerPpp, type CarrierKind, type Inner } from '../tunnel/tunnel.ts';
import { hexadecimal, type Dissector, type Layer } from './dissection.ts';
import { ethernet, ethertypeName, mpls, ppp } from './link.ts';
import { ip } from './network.ts';

/** Fields of a carrier's header; answers the line. */
type Fields = (layer: Layer) => string;

const fields: { readonly [type: string]: { name: PacketLayerName; read: Fields } } = {
  'Tunnel::GRE': {
    name: 'gre',
    read: (layer) => {
      layer.number('gre.flags_and_version', 0, 2, hexadecimal(4));
      const type = layer.number('gre.proto', 2, 2, ethertypeName);
      const bits = layer.d.number(layer.start, 1);
      let at = 4;
      if (bits & 0xc0) at += 4;
      if (bits & 0x20) {
        layer.number('gre.key', at, 4, hexadecimal(8));
        at += 4;
      }
      if (bits & 0x10) layer.number('gre.sequence_number', at, 4);
      return ethertypeName(type);
    },
  },
  'Tunnel::VXLAN': {
    name: 'vxlan',
    read: (layer) => {
      layer.number('vxlan.flags', 0, 1, hexadecimal(2));
      return `VNI ${layer.number('vxlan.vni', 4, 3)}`;
    },
  },
  'Tunnel::GENEVE': {
    name: 'geneve',
    read: (layer) => {
      layer.number('geneve.proto_type', 2, 2, ethertypeName);
      return `VNI ${layer.number('geneve.vni', 4, 3)}`;
    },
  },
  'Tunnel::GTPv1': {
    name: 'gtp',
    read: (layer) => {
      layer.number('gtp.flags', 0, 1, hexadecimal(2));
      layer.number('gtp.message', 1, 1);
      layer.number('gtp.length', 2, 2);
      return `TEID ${hexadecimal(8)(layer.number('gtp.teid', 4, 4, hexadecimal(8)))}`;
    },
  },
  'Tunnel::L2TP': {
    name: 'l2tp',
    read: (layer) => {
      const at = layer.d.number(layer.start, 2) & 0x4000 ? 4 : 2;
      const tunnel = layer.number('l2tp.tunnel', at, 2);
      return `${tunnel}/${layer.number('l2tp.session', at + 2, 2)}`;
    },
  },
  'Tunnel::TEREDO': { name: 'teredo', read: () => '' },
  'Tunnel::AYIYA': { name: 'ayiya', read: () => '' },
};

function inside(inner: Inner): Dissector | undefined {
  if (inner === innerIp) return ip;
  if (inner === innerEthernet) return ethernet;
  if (inner === innerPpp) return ppp;
  return inner === innerMpls ? mpls : undefined;
}

/** Reads the carrier's header at `d.at`. */
export function carried(kind: CarrierKind): Dissector {
  return (d) => {
    const packet = new Packet();
    packet.bytes = d.bytes;
    packet.at = d.at;
    packet.end = d.end;
    packet.wireEnd = d.wireEnd;
    const next = inside(kind.read(packet));
    const length = next === undefined ? d.left : Math.min(packet.at - d.at, d.left);
    const known = fields[kind.type];
    // IP in IP, and Teredo without indications, have no header of their own.
    if (length === 0) return next;
    const layer = d.open(known?.name ?? 'tunnel', length);
    if (!layer) return undefined;
    const line = known?.read(layer) ?? '';
    layer.line = line;
    const name = known?.name ?? 'tunnel';
    d.say(name.toUpperCase(), line);
    layer.close(length);
    return next;
  };
}
