/** Modbus over TCP (MODBUS Messaging on TCP/IP V1.0b §3.1.3; Application Protocol V1.1b3 §6). */

import { exceptionName, functionName, isKnownFunction } from '../../protocols/modbus/codes.ts';
import type { Dissection, Layer } from '../dissection.ts';
import type { PayloadReader } from './payload.ts';

/** Messages of one packet: masters send one at a time, and gateways a few. */
const messagesMax = 16;

const isMessage = (d: Dissection, at: number): boolean => {
  const length = d.number(at + 4, 2);
  return at + 8 <= d.end && d.number(at + 2, 2) === 0 && length >= 2 && length <= 254 && isKnownFunction(d.number(at + 7, 1));
};

export const modbus: PayloadReader = {
  services: ['modbus'],
  transports: ['tcp'],
  ports: [502],
  recognises: (d, _transport, usual) => usual && isMessage(d, d.at),
  read: (d) => {
    const layer = d.open('modbus', 8);
    if (!layer) return undefined;
    const said: string[] = [];
    const answers = d.hops.at(-1)?.sourcePort === 502;
    let at = d.at;
    for (let n = 0; n < messagesMax && isMessage(d, at); n++) {
      const offset = at - layer.start;
      const length = layer.number('mbtcp.len', offset + 4, 2);
      layer.number('mbtcp.trans_id', offset, 2);
      const unit = layer.number('mbtcp.unit_id', offset + 6, 1);
      const code = layer.number('modbus.func_code', offset + 7, 1, (value) => `${functionName(value)} (${value & 0x7f})`);
      const end = Math.min(at + 6 + length, d.end);
      said.push(`${functionName(code)}${body(d, layer, at + 8, end, code, answers)}, unit ${unit}`);
      at = end;
    }
    layer.line = said.join('; ');
    d.say('Modbus/TCP', said.join('; '));
    layer.close(at - layer.start);
    return undefined;
  },
};

/** What the functions that everybody uses say; the others keep their data as bytes. */
function body(d: Dissection, layer: Layer, at: number, end: number, code: number, answers: boolean): string {
  const offset = at - layer.start;
  const left = end - at;
  if (code & 0x80) return left < 1 ? '' : `: ${layerException(layer, offset)}`;
  const write = code === 5 || code === 6;
  if (write && left >= 4) {
    const place = layer.number('modbus.reference_num', offset, 2);
    const value = layer.number('modbus.data', offset + 2, 2);
    return ` ${place} = ${value}`;
  }
  if (!answers && ((code >= 1 && code <= 4) || code === 15 || code === 16) && left >= 4) {
    const place = layer.number('modbus.reference_num', offset, 2);
    const count = layer.number('modbus.quantity', offset + 2, 2);
    if (left > 5 && code > 4) layer.text('modbus.data', offset + 5, left - 5, d.hex(at + 5, left - 5));
    return ` ${place}, ${count}`;
  }
  if (answers && code >= 1 && code <= 4 && left >= 1) {
    layer.text('modbus.data', offset + 1, left - 1, d.hex(at + 1, left - 1));
    return `: ${d.hex(at + 1, Math.min(left - 1, 16))}${left > 17 ? '…' : ''}`;
  }
  if (left > 0) layer.text('modbus.data', offset, left, d.hex(at, left));
  return '';
}

function layerException(layer: Layer, offset: number): string {
  let name = '';
  layer.number('modbus.exception_code', offset, 1, (value) => {
    name = exceptionName(value);
    return `${name} (${value})`;
  });
  return name;
}
