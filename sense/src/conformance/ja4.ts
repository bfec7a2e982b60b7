/** JA4 of TLS clients against FoxIO's own expectations (the part of JA4+ under a permissive licence). */

import { readFileSync } from 'node:fs';
import { basename, join as path } from 'node:path';
import { dataRoot, filesBelow } from '../testing/dataset.ts';
import { emptyComparison, note, type Comparison, type Selection } from './comparison.ts';
import { address } from './expected.ts';
import { recordsOf } from './records.ts';

const root = path(dataRoot, 'net/ja4');

type Hello = { [name: string]: string };

export async function compareJa4(selection: Selection = {}): Promise<Comparison[]> {
  const comparison = emptyComparison('ja4', 'ssl');
  for (const file of filesBelow(path(root, 'expected'), (name) => name.endsWith('.json'))) {
    const test = basename(file, '.json');
    if (selection.test !== undefined && !test.includes(selection.test)) continue;
    comparison.tests++;
    const records = await recordsOf(path(root, 'pcap', test));
    const hellos = [...(records.get('ssl') ?? []), ...(records.get('quic') ?? [])];
    for (const hello of JSON.parse(readFileSync(file, 'utf8')) as Hello[]) {
      comparison.records++;
      const place = `stream ${hello['stream']} ${hello['src']} ${hello['srcport']} ${hello['dst']} ${hello['dstport']}`;
      const own = hellos.filter(
        (record) =>
          record['id.orig_h'] === address(hello['src']!) &&
          String(record['id.orig_p']) === hello['srcport'] &&
          record['id.resp_h'] === address(hello['dst']!) &&
          String(record['id.resp_p']) === hello['dstport'],
      );
      if (own.length === 0) comparison.missing++;
      // FoxIO prints one for each hello: a second answers a HelloRetryRequest.
      const prints = (name: string): string[] =>
        own.map((record) => String(record[name === 'JA4.1' ? 'ja4' : 'ja4_retry'] ?? '-'));
      for (const [name, print] of Object.entries(hello)) {
        if (/^JA4\.\d+$/.test(name)) {
          note(
            comparison,
            test,
            place,
            name,
            print,
            own.length === 0 ? undefined : prints(name).includes(print) ? print : prints(name).join(' '),
          );
        }
      }
    }
  }
  return selection.name === undefined || selection.name === 'ssl' ? [comparison] : [];
}
