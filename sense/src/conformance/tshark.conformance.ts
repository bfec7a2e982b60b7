/** Modbus functions, transactions, units, exceptions and addresses against tshark's dissection, message by message. */

import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { protocols } from '../protocols/index.ts';
import { exceptionName, functionName } from '../protocols/modbus/codes.ts';
import { readCapture } from '../read.ts';
import { dataRoot, hasData } from '../testing/dataset.ts';

async function recordsOf(path: string, log: string, checksums: 'ignore' | 'verify'): Promise<AnyRecord[]> {
  const records: AnyRecord[] = [];
  await readCapture(createReadStream(path), {
    sink: { record: (name, record) => (name === log ? void records.push(record) : undefined) },
    protocols,
    checksums,
    file: path,
    fault: (service, error) => {
      throw new Error(`${service} threw`, { cause: error });
    },
  });
  return records;
}

describe.skipIf(!hasData)('tshark', () => {
  const captures: [string, string][] = [
    ['net/zeek/traces/modbus/fuzz-1011.pcap', 'net/tshark-fields/zeek/traces/modbus/fuzz-1011.pcap.json'],
    ['net/zeek/traces/modbus/fuzz-72.pcap', 'net/tshark-fields/zeek/traces/modbus/fuzz-72.pcap.json'],
    [
      'net/zeek/traces/modbus/modbus-and-non-modbus-p502.pcap',
      'net/tshark-fields/zeek/traces/modbus/modbus-and-non-modbus-p502.pcap.json',
    ],
    ['net/ndpi/pcap/modbus.pcap', 'net/tshark-fields/ndpi/pcap/modbus.pcap.json'],
    [
      'net/iti-ics/pcaps/ModbusTCP/Modbus/modbus_test_2.pcap',
      'net/iti-ics/tshark-fields/ModbusTCP/Modbus/modbus_test_2.pcap.json',
    ],
  ];
  /** Messages that tshark shows and we do not, by capture: it dissects every packet by itself, where we follow a stream whose numbers were fuzzed. */
  const missingMax: { readonly [capture: string]: number } = { 'net/zeek/traces/modbus/fuzz-72.pcap': 17 };
  test('sees the same Modbus messages', async () => {
    for (const [capture, truth] of captures) {
      if (!existsSync(join(dataRoot, truth))) continue;
      const { columns, rows } = (
        JSON.parse(readFileSync(join(dataRoot, truth), 'utf8')) as { modbus: { columns: string[]; rows: (string | number)[][] } }
      ).modbus;
      const ours = await recordsOf(join(dataRoot, capture), 'modbus', 'ignore');
      const left = new Map<string, number>();
      for (const record of ours) {
        const request = record['pdu_type'] === 'REQ';
        const ends = [`${record['id.orig_h']} ${record['id.orig_p']}`, `${record['id.resp_h']} ${record['id.resp_p']}`];
        const forward = request === (record['id.resp_p'] === 502);
        const key = [
          forward ? ends[0] : ends[1],
          record['tid'],
          record['unit'],
          record['func'],
          record['exception'] ?? '',
          record['address'] ?? '',
          /COILS$|DISCRETE/.test(String(record['func'])) && request ? 'coils' : (record['quantity'] ?? ''),
        ].join(' ');
        left.set(key, (left.get(key) ?? 0) + 1);
      }
      const missing: string[] = [];
      for (const row of rows) {
        const at = (column: string): string => String(row[columns.indexOf(column)] ?? '');
        const exception = at('modbus.exception_code');
        const code = Number(at('modbus.func_code')) | (exception === '' ? 0 : 0x80);
        // tshark shows the address in responses to writes too, and the value of a single write as no quantity.
        const request = at('dport') === '502';
        const single = code === 5 || code === 6;
        // The data set holds the count of registers (`word_cnt`), not that of coils (`bit_cnt`).
        const coils = code === 1 || code === 2 || code === 15;
        const key = [
          `${at('src')} ${at('sport')}`,
          at('mbtcp.trans_id'),
          at('mbtcp.unit_id'),
          functionName(code),
          exception === '' ? '' : exceptionName(Number(exception)),
          request ? at('modbus.reference_num') : '',
          request ? (single ? '1' : coils ? 'coils' : at('modbus.word_cnt')) : '',
        ].join(' ');
        const count = left.get(key) ?? 0;
        if (count === 0) missing.push(key);
        else left.set(key, count - 1);
      }
      const more = [...left].filter(([, count]) => count > 0);
      console.log(
        [
          `modbus ${capture}: ${rows.length - missing.length} of ${rows.length} messages of tshark, ${more.length} kinds more of ours`,
          ...missing.slice(0, 20).map((key) => `  only tshark: ${key}`),
          ...more.slice(0, 20).map(([key]) => `  only ours: ${key}`),
        ].join('\n'),
      );
      expect(missing.length).toBeLessThanOrEqual(missingMax[capture] ?? 0);
    }
  });
});
