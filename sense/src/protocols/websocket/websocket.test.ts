import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HttpRecord } from '@forewarn/model/records/network';
import { type Arrival, cut, flowOf, hex, run, silent } from '../trial.ts';
import { Handshake } from './handshake.ts';
import { websocket } from './websocket.ts';

const flow = flowOf('tcp', 80);
const from = (text: string): Arrival => ({ direction: 1, ts: 1, bytes: hex(text) });
const weirds = (...arrivals: Arrival[]) => run(websocket, flow, arrivals).weirds.map(({ name, addl }) => `${name} ${addl}`);

describe('handshake', () => {
  const asked = { ...flow.head(1), trans_depth: 1, host: 'server.example.com', uri: '/chat', user_agent: 'x' } as HttpRecord;
  const agreed = (...headers: [0 | 1, string, string][]) => {
    const seen: string[] = [];
    const emit = { ...silent, weird: (name: string) => void seen.push(name) };
    const handshake = new Handshake();
    for (const [direction, name, value] of headers) handshake.header(direction, name, value, 1, emit);
    return { record: handshake.agreed(flow, emit, asked, 1), seen };
  };
  test('that of RFC 6455 §1.3', () => {
    expect(
      agreed(
        [0, 'sec-websocket-key', 'dGhlIHNhbXBsZSBub25jZQ=='],
        [0, 'sec-websocket-protocol', 'chat, superchat'],
        [0, 'sec-websocket-extensions', 'permessage-deflate; client_max_window_bits,x'],
        [1, 'sec-websocket-accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
        [1, 'sec-websocket-protocol', 'chat'],
        [1, 'sec-websocket-extensions', 'x'],
      ),
    ).toMatchObject({
      record: {
        host: 'server.example.com',
        uri: '/chat',
        subprotocol: 'chat',
        client_protocols: ['chat', 'superchat'],
        client_extensions: ['permessage-deflate; client_max_window_bits', 'x'],
        server_extensions: ['x'],
      },
      seen: [],
    });
  });
  test('what is wrong', () => {
    expect(agreed().seen).toEqual(['websocket_missing_key_header', 'websocket_missing_accept_header']);
    expect(
      agreed(
        [0, 'sec-websocket-key', 'a'],
        [0, 'sec-websocket-key', 'b'],
        [1, 'sec-websocket-accept', 'c'],
        [1, 'sec-websocket-accept', 'c'],
      ).seen,
    ).toEqual(['websocket_multiple_key_headers', 'websocket_multiple_accept_headers', 'websocket_wrong_accept_header']);
    expect(agreed([1, 'sec-websocket-protocol', 'a'], [1, 'sec-websocket-protocol', 'b']).seen[0]).toBe(
      'websocket_multiple_protocol_headers',
    );
  });
  test('lists do not grow without end', () => {
    expect(agreed([0, 'sec-websocket-protocol', 'a,'.repeat(10_000)]).record.client_protocols).toHaveLength(32);
  });
});

test('long frames are passed over, seen or missing', () => {
  expect(weirds(from('82 7f 0000000000010000 0102'), { direction: 1, ts: 1, missing: 65_534 }, from('83 00'))).toEqual([
    'websocket_bad_frame opcode 3',
  ]);
  expect(weirds(from('81 05 01'), { direction: 1, ts: 1, missing: 5 }, from('83 00'))).toEqual([]);
  expect(weirds(from('82 7f ffffffffffffffff'))).toEqual(['websocket_bad_frame length']);
});

test('any cutting tells the same', () => {
  const bytes = hex('81 85 37fa213d 7f9f4d5158 82 7e 0003 616263 8a 00 88 02 03e8 8b 00');
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 12 }), (places) => {
      const outcome = run(websocket, flow, cut({ direction: 0, ts: 1, bytes }, places));
      expect(outcome.weirds).toEqual([{ name: 'websocket_bad_frame', addl: 'opcode 11' }]);
      expect(outcome.services).toEqual(['websocket']);
    }),
  );
});

test('is never guessed from bytes', () => {
  expect(websocket.probe(hex('8100'), 0, 2, 0, true)).toBe('no');
});
