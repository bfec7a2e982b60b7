import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvOf } from '@forewarn/model/estate-sheet';
import { readEstateFile } from '../import.ts';
import { readCycloneDx } from './cyclonedx.ts';
import { Ids } from './draft.ts';
import { readNmap } from './nmap.ts';
import { xmlEvents } from './xml.ts';

const report = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<?xml-stylesheet href="file:///usr/share/nmap/nmap.xsl" type="text/xsl"?>
<!-- Nmap 7.94 scan initiated as: nmap -sV -O -oX own.xml 10.20.1.0/24 -->
<nmaprun scanner="nmap" args="nmap -sV -O -oX own.xml 10.20.1.0/24" start="1700000000" version="7.94" xmloutputversion="1.05">
<host starttime="1700000001"><status state="up" reason="arp-response"/>
<address addr="10.20.1.21" addrtype="ipv4"/><address addr="52:54:00:12:34:56" addrtype="mac" vendor="QEMU &amp; others"/>
<hostnames><hostname name="records.hospital.example" type="PTR"/></hostnames>
<ports><extraports state="closed" count="997"/>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack"/><service name="ssh" product="OpenSSH" version="9.6p1 Ubuntu 3ubuntu13" ostype="Linux" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.6p1</cpe><cpe>cpe:/o:linux:linux_kernel</cpe></service></port>
<port protocol="tcp" portid="443"><state state="open" reason="syn-ack"/><service name="http" product="nginx" method="probed" conf="10"><cpe>cpe:/a:igor_sysoev:nginx</cpe></service></port>
<port protocol="tcp" portid="8443"><state state="open" reason="syn-ack"/><service name="http" product="nginx" method="probed" conf="10"><cpe>cpe:/a:igor_sysoev:nginx</cpe></service></port>
<port protocol="tcp" portid="3389"><state state="closed" reason="reset"/><service name="ms-wbt-server" product="xrdp" method="table" conf="3"/></port>
</ports><os><osmatch name="Linux 5.0" accuracy="98"><osclass type="general purpose" vendor="Linux" osfamily="Linux" accuracy="98"/></osmatch></os></host>
<host><status state="up"/><address addr="192.0.2.1" addrtype="ipv4"/><os><osmatch name="x"><osclass type="router" vendor="Cisco"/></osmatch></os></host>
<host><status state="down"/><address addr="10.20.1.99" addrtype="ipv4"/></host>
<runstats><finished time="1700000100"/></runstats></nmaprun>`;

test('a report of nmap: hosts that were up, programs that named themselves, each once', () => {
  const { items, notes } = readNmap(report, {
    organisation: 'hospital',
    networks: [
      { id: 'hospital-all', addresses: ['10.20.0.0/16'] },
      { id: 'hospital-servers', addresses: ['10.20.1.0/24'] },
    ],
  });
  expect(notes).toEqual([]);
  expect(items.assets).toMatchObject([
    {
      id: 'hospital-records',
      network: 'hospital-servers',
      name: { en: 'records.hospital.example' },
      kind: 'server',
      addresses: ['10.20.1.21'],
      names: ['records.hospital.example'],
    },
    { id: 'hospital-192-0-2-1', network: '', kind: 'network-device' },
  ]);
  expect(items.components).toMatchObject([
    {
      id: 'hospital-records-openssh',
      asset: 'hospital-records',
      name: { en: 'OpenSSH' },
      vendor: 'openbsd',
      version: '9.6p1 Ubuntu 3ubuntu13',
      cpe: 'cpe:2.3:a:openbsd:openssh:9.6p1:*:*:*:*:*:*:*',
    },
    { id: 'hospital-records-nginx', name: { en: 'nginx' } },
  ]);
  // The rows can be imported as soon as the second host has its network.
  expect(readEstateFile('components', 'csv', csvOf('components', items.components!)).faults).toEqual([]);
  expect(readEstateFile('assets', 'csv', csvOf('assets', items.assets!)).faults.map(({ line, field }) => [line, field])).toEqual([
    [3, 'network'],
  ]);
});

test('no entity of a document type is expanded, and what is cut is told by its line', () => {
  const laughs = `<!DOCTYPE nmaprun [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>
<nmaprun><host><status state="up"/><address addr="192.0.2.9" addrtype="ipv4"/><hostnames><hostname name="&b;"/></hostnames>
<ports><port portid="1"><state state="open"/><service product="&c;"/></port></ports></host>`;
  const { items, notes } = readNmap(laughs, { organisation: 'x', networks: [] });
  expect(items.assets).toMatchObject([{ id: 'x-192-0-2-9', names: [] }]);
  expect(items.components).toMatchObject([{ name: { en: '&c;' } }]);
  expect(notes).toEqual([{ text: 'know.foreign.xml', values: { line: 3 } }]);
  expect(readNmap('{}', { organisation: 'x', networks: [] }).notes).toEqual([{ text: 'know.foreign.nmap' }]);
});

test('a bill of materials: nested components, each once; what is excluded or no program is counted', () => {
  const { items, notes } = readCycloneDx(
    {
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      metadata: { component: { type: 'firmware', name: 'pump-firmware', version: '4.2', supplier: { name: 'Acme' } } },
      components: [
        {
          type: 'library',
          group: 'org.apache.logging.log4j',
          name: 'log4j-core',
          version: '2.14.1',
          purl: 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1',
          components: [{ type: 'library', name: 'inner', cpe: 'cpe:2.3:a:x:inner:1.0:*:*:*:*:*:*:*' }],
        },
        { type: 'library', name: 'inner', cpe: 'cpe:2.3:a:x:inner:1.0:*:*:*:*:*:*:*' },
        { type: 'file', name: 'README' },
        { type: 'library', name: 'tests-only', scope: 'excluded' },
        { type: 'library', name: 'odd', purl: 'not a purl', cpe: 7 },
      ],
    },
    { organisation: 'water', asset: 'water-pump' },
  );
  expect(items.components!.map(({ id }) => id).sort()).toEqual([
    'water-pump-inner',
    'water-pump-log4j-core-2-14-1',
    'water-pump-odd',
    'water-pump-pump-firmware-4-2',
  ]);
  expect(items.components!.find(({ id }) => id === 'water-pump-odd')).not.toHaveProperty('purl');
  expect(notes).toEqual([{ text: 'know.foreign.passed', values: { count: 2 } }]);
  expect(readEstateFile('components', 'json', JSON.stringify(items.components)).faults).toEqual([]);
});

test('a bill of another format or an earlier edition is told so; a deep one ends', () => {
  const into = { organisation: 'water', asset: 'a' };
  for (const bill of [null, [], { bomFormat: 'SPDX' }, { bomFormat: 'CycloneDX', specVersion: '1.1' }]) {
    expect(readCycloneDx(bill, into).notes).toEqual([{ text: 'know.foreign.cyclonedx' }]);
  }
  let deep: unknown = [];
  for (let i = 0; i < 100_000; i++) deep = [{ components: deep }];
  expect(readCycloneDx({ bomFormat: 'CycloneDX', specVersion: '1.6', components: deep }, into).items.components).toEqual([]);
});

test('ids are made of words, each once, and fit', () => {
  const ids = new Ids();
  const given = Array.from({ length: 2000 }, () =>
    ids.next('hospital', 'a very long name of a thing that nobody would choose '.repeat(3)),
  );
  expect(new Set(given).size).toBe(2000);
  expect(given.every((id) => id.length <= 64 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toBe(true);
  expect(ids.next('水厂')).toBe('item');
  expect(ids.next('Zürich', 'R&D')).toBe('zu-rich-r-d');
});

test('any text ends, without a throw', () => {
  const piece = fc.constantFrom('<', '>', '/', '"', "'", '&', '<!--', '-->', '<![CDATA[', ']]>', '<!', '[', ']', '<a b="c">', '</a>', '&#x0;', 'x '); // oxfmt-ignore
  fc.assert(
    fc.property(
      fc.array(piece).map((all) => all.join('')),
      (text) => {
        for (const event of xmlEvents(text)) void event;
        readNmap(`<nmaprun><host>${text}`, { organisation: 'x', networks: [] });
      },
    ),
  );
  fc.assert(fc.property(fc.jsonValue(), (json) => void readCycloneDx({ bomFormat: 'CycloneDX', specVersion: '1.4', components: json }, { organisation: 'x', asset: '' }))); // oxfmt-ignore
});
