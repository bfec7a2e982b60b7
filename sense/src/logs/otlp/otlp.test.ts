import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readOtlpJson, readOtlpProtobuf } from './otlp.ts';

/** Protobuf by hand, after opentelemetry/proto/logs/v1/logs.proto. */
const encoder = new TextEncoder();
const varint = (value: number): number[] => (value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))]);
const message = (field: number, ...parts: number[][]): number[] => {
  const body = parts.flat();
  return [...varint(field * 8 + 2), ...varint(body.length), ...body];
};
const text = (field: number, value: string): number[] => message(field, [...encoder.encode(value)]);
const number = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];
const fixed64 = (field: number, value: bigint): number[] => [
  ...varint(field * 8 + 1),
  ...Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n)),
];
const attribute = (field: number, key: string, value: number[]): number[] => message(field, text(1, key), message(2, value));

const at = 1_700_000_000_250_000_000n;
const request = Uint8Array.from(
  message(
    1,
    message(1, attribute(1, 'service.name', text(1, 'portal')), attribute(1, 'host.name', text(1, 'web1'))),
    message(
      2,
      message(1, text(1, 'auth')),
      message(
        2,
        fixed64(1, at),
        number(2, 13),
        text(3, 'WARN'),
        message(5, text(1, 'sign-on failed')),
        attribute(6, 'user.name', text(1, 'ada')),
        attribute(6, 'tries', [...varint(3 * 8), ...varint(7)]),
        attribute(6, 'less', [...varint(3 * 8), 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]),
        attribute(6, 'addresses', message(5, message(1, text(1, '192.0.2.1')), message(1, text(1, '192.0.2.2')))),
        message(9, [1, 2, 3, 4]),
      ),
      message(2, fixed64(11, at), message(5, message(6, attribute(1, 'event', text(1, 'started'))))),
    ),
  ),
);
const records = [
  {
    text: 'sign-on failed',
    event: {
      'service.name': 'portal',
      'host.name': 'web1',
      'user.name': 'ada',
      tries: 7,
      less: -1,
      addresses: ['192.0.2.1', '192.0.2.2'],
      Body: 'sign-on failed',
      ts: 1_700_000_000.25,
      SeverityNumber: 13,
      SeverityText: 'WARN',
      TraceId: '01020304',
      'InstrumentationScope.name': 'auth',
    },
  },
  {
    text: undefined,
    event: {
      'service.name': 'portal',
      'host.name': 'web1',
      event: 'started',
      ts: 1_700_000_000.25,
      'InstrumentationScope.name': 'auth',
    },
  },
];

test('records with their resource, their scope and values of all kinds', () => {
  expect(readOtlpProtobuf(request)).toEqual({ kind: 'records', records, beyond: 0 });
});

test('the same in JSON', () => {
  const value = (stringValue: string) => ({ stringValue });
  const json = {
    resourceLogs: [
      {
        resource: {
          attributes: [
            { key: 'service.name', value: value('portal') },
            { key: 'host.name', value: value('web1') },
          ],
        },
        scopeLogs: [
          {
            scope: { name: 'auth' },
            logRecords: [
              {
                timeUnixNano: String(at),
                severityNumber: 13,
                severityText: 'WARN',
                body: value('sign-on failed'),
                attributes: [
                  { key: 'user.name', value: value('ada') },
                  { key: 'tries', value: { intValue: '7' } },
                  { key: 'less', value: { intValue: -1 } },
                  { key: 'addresses', value: { arrayValue: { values: [value('192.0.2.1'), value('192.0.2.2')] } } },
                ],
                traceId: '01020304',
              },
              {
                observedTimeUnixNano: String(at),
                body: { kvlistValue: { values: [{ key: 'event', value: value('started') }] } },
              },
            ],
          },
        ],
      },
    ],
  };
  expect(readOtlpJson(json)).toEqual({ kind: 'records', records, beyond: 0 });
});

test('nested without end, more records than a batch holds, a large resource before many records', () => {
  let deep = text(1, 'x');
  for (let n = 0; n < 200; n++) deep = message(5, message(1, deep));
  expect(readOtlpProtobuf(Uint8Array.from(message(1, message(2, message(2, message(5, deep))))))).toMatchObject({
    kind: 'malformed',
  });
  const many = message(1, message(2, ...Array.from({ length: 20_005 }, () => message(2))));
  expect(readOtlpProtobuf(Uint8Array.from(many))).toMatchObject({ kind: 'records', beyond: 5 });
  const large = message(1, ...Array.from({ length: 1_000 }, (_, n) => attribute(1, `a${n}`, text(1, 'x'))));
  const each = message(2, ...Array.from({ length: 5_000 }, () => message(2)));
  expect(readOtlpProtobuf(Uint8Array.from(message(1, large, each)))).toMatchObject({ kind: 'malformed', why: 'too many values' });
});

test('any bytes and any JSON: nothing throws', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(request.length - 1), fc.nat(255)), { maxLength: 6 }),
      fc.nat(request.length),
      (changes, cut) => {
        const bytes = request.slice(0, request.length - (cut % 3 === 0 ? cut : 0));
        for (const [place, value] of changes) if (place < bytes.length) bytes[place] = value;
        readOtlpProtobuf(bytes);
      },
    ),
    { numRuns: 3_000, seed: 4 },
  );
  fc.assert(
    fc.property(fc.jsonValue(), (value) => void readOtlpJson(value)),
    { numRuns: 1_000, seed: 4 },
  );
});
