/**
 * Every reference as a suite: each comparison stays above the percent of equal fields that it has reached, accepted
 * differences are few and in use. The floors of Zeek's logs stand with the logs in `zeek.ts`.
 */

import { describe, expect, test } from 'vitest';
import { hasData } from '../testing/dataset.ts';
import { accepted } from './accepted.ts';
import { acceptedFields, agreement, type Comparison } from './comparison.ts';
import { acceptedList, details, table } from './report.ts';
import { sources } from './sources.ts';
import { logs } from './zeek.ts';

/** Percent of equal fields, by source and comparison. A comparison that is not named here may not be empty. */
const floors: { readonly [source: string]: { readonly [name: string]: number } } = {
  zeek: { ...Object.fromEntries(logs.map(({ log, floor }) => [log, floor])), weird: 62 },
  ndpi: { flows: 99.9, services: 99 },
  suricata: {
    flow: 97,
    dcerpc: 100,
    dns: 99,
    smtp: 100,
    smb: 95,
    http: 96,
    tls: 96,
    fileinfo: 86,
    pgsql: 100,
    ftp: 80,
    quic: 100,
    dhcp: 100,
    snmp: 100,
    ldap: 100,
    arp: 68,
    rdp: 90,
    ike: 100,
    rfb: 100,
    tftp: 100,
    ssh: 100,
    dnp3: 100,
  },
  arkime: {
    sessions: 98,
    services: 96,
    ssl: 94,
    dns: 95,
    http: 95,
    smtp: 100,
    ssh: 100,
    kerberos: 100,
    radius: 100,
    dhcp: 100,
    bacnet: 100,
    bacnet_discovery: 100,
    opcua_binary: 100,
    sip: 100,
    ipsec: 100,
    diameter: 100,
    sctp: 100,
    m3ua: 93,
    sccp: 90,
  },
  ipfixprobe: { flows: 97, dns: 100, http: 100, ssl: 73, ntp: 100, smtp: 100, quic: 100 },
  'community-id': { conn: 100 },
  ja4: { ssl: 100 },
  tcpdump: { read: 100 },
  tshark: {
    modbus: 99.6,
    s7comm: 100,
    dnp3: 96.8,
    enip: 100,
    cip: 100,
    cip_io: 100,
    iec104: 100,
    'iec104 asdu': 100,
    'iec104 objects': 100,
    bacnet: 100,
    opcua: 100,
    mms: 100,
    hart_ip: 98.9,
    synchrophasor: 100,
    sip: 99,
    rtsp: 100,
    diameter: 99,
    'gtp version 2': 99,
    pfcp: 99,
    smpp: 79,
  },
};

describe.skipIf(!hasData)('references', async () => {
  const comparisons: Comparison[] = [];
  if (hasData) for (const compare of Object.values(sources)) comparisons.push(...(await compare()));
  const names = comparisons.map((one) => ({ label: `${one.source} ${one.name}`, floor: floors[one.source]?.[one.name] ?? 0 }));

  test.each(names)('$label: at least $floor % of fields equal', ({ label, floor }) => {
    const comparison = comparisons.find((one) => `${one.source} ${one.name}` === label)!;
    console.log(details(comparison));
    expect(comparison.records).toBeGreaterThanOrEqual(floor > 0 ? 1 : 0);
    expect(agreement(comparison)).toBeGreaterThanOrEqual(floor);
  });

  test('packets and bytes each way are equal in 99.8 % of the flows of nDPI', () => {
    const flows = comparisons.find((one) => one.source === 'ndpi' && one.name === 'flows')!;
    const unequal = new Set(flows.differences.map((each) => `${each.test} ${each.place}`));
    expect(flows.records).toBe(6086);
    expect(100 * (1 - unequal.size / flows.records)).toBeGreaterThanOrEqual(99.8);
  });

  test('accepted differences are at most 2 % of the fields, and each entry explains one', () => {
    console.log(`${table(comparisons)}\n${acceptedList(comparisons)}`);
    const fields = comparisons.reduce((sum, one) => sum + one.fields, 0);
    const explained = comparisons.reduce((sum, one) => sum + acceptedFields(one), 0);
    expect(fields).toBeGreaterThan(30_000);
    expect((100 * explained) / fields).toBeLessThanOrEqual(2);
    const used = new Set(comparisons.flatMap((one) => one.differences.map((each) => each.accepted)));
    expect(accepted.filter((entry) => !used.has(entry))).toEqual([]);
  });
});

test.skipIf(hasData)('not run: the data set is absent', () => {});
