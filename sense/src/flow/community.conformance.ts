/** Community IDs against corelight/zeek-community-id: each capture's flows hash to the ids that it expects, and no others. */

import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCapture } from '../read.ts';
import { dataRoot, hasData } from '../testing/dataset.ts';

const folder = join(dataRoot, 'net/community-id');

describe.skipIf(!hasData)('community ids', () => {
  test.each(['icmp.pcap', 'icmp6.pcap', 'ipv6.pcap', 'tcp.pcap', 'udp.pcap'])('%s', async (name) => {
    const expected = new Set(
      [...readFileSync(join(folder, 'expected', `${name}.out`), 'utf8').matchAll(/-> (1:\S+)/g)].map((match) => match[1]),
    );
    const ours = new Set<unknown>();
    await readCapture(createReadStream(join(folder, name)), {
      sink: { record: (log, record) => (log === 'conn' ? ours.add(record['community_id']) : undefined) },
    });
    expect(expected.size).toBeGreaterThan(0);
    expect(ours).toEqual(expected);
  });
});

test.skipIf(hasData)('not run: the data set is absent', () => {});
