import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseNetwork } from '@forewarn/base/ip';
import { recordType } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createEngine } from '../engine.ts';
import { protocols } from '../protocols/index.ts';
import { ascii, conversation, ethernet, pcap, udp } from '../testing/packets.ts';
import { createDiscovery, limits } from './discovery.ts';
import { Once } from './once.ts';
import { readers } from './readers.ts';
import { pathTemplate } from './surface.ts';
import { parseVersion } from './versions.ts';

type Written = { log: string; record: AnyRecord };
const own = '10.0.0.0/8';
const limit = (name: string): number => limits.find((one) => one.name === `discovery.${name}`)!.value;

/** What is discovered from these records. */
function discover(...records: [log: string, record: AnyRecord][]): { told: Written[]; full: string[] } {
  const told: Written[] = [];
  const full: string[] = [];
  const discovery = createDiscovery({
    networks: [parseNetwork(own)!],
    record: (log, record) => void told.push({ log, record }),
    full: (log) => void full.push(log),
  });
  for (const [log, record] of records) discovery.see(log, record);
  return { told, full };
}
const head = (more: AnyRecord = {}): AnyRecord => ({
  ts: 1000,
  uid: 'C1',
  'id.orig_h': '10.0.0.5',
  'id.orig_p': 50_000,
  'id.resp_h': '10.0.0.9',
  'id.resp_p': 443,
  ...more,
});
const conn = (more: AnyRecord = {}): [string, AnyRecord] => [
  'conn',
  head({ proto: 'tcp', conn_state: 'SF', orig_bytes: 10, resp_bytes: 10, ...more }),
];
const of = (told: Written[], log: string) => told.filter((one) => one.log === log).map(({ record }) => record);

/** What an engine writes of packets, when the networks are its own. */
function read(packets: Parameters<typeof pcap>[0], networks: readonly string[] = [own]): Written[] {
  const written: Written[] = [];
  const sink = { record: (log: string, record: AnyRecord) => void written.push({ log, record }) };
  const engine = createEngine({ sink, protocols, networks, uidSeed: 'x' });
  engine.push(pcap(packets));
  engine.end();
  return written;
}
const discovered = new Set([
  'known_hosts',
  'known_services',
  'known_certs',
  'software',
  'known_devices',
  'known_modbus',
  'api_surface',
]);

describe('from packets', () => {
  const ends = { from: '10.0.0.5', to: '10.0.0.9' };
  const web = (from: string, to: string, target: string, status = '200 OK', port = 40_000) =>
    conversation({ from, to }, { source: port, destination: 80 }, [
      { from: 'client', payload: ascii(`GET ${target} HTTP/1.1\r\nHost: App.example\r\nUser-Agent: curl/8.5.0\r\n\r\n`) },
      { from: 'server', payload: ascii(`HTTP/1.1 ${status}\r\nContent-Length: 2\r\n\r\nok`) },
    ]);

  test('a web server: hosts, service, program of the client, and what can be asked for without its query', () => {
    const written = read(web(ends.from, ends.to, '/api/v2/orders/4711?token=geheim'));
    expect(of(written, 'known_hosts').map(({ host }) => host)).toEqual(['10.0.0.5', '10.0.0.9']);
    expect(of(written, 'known_services')).toMatchObject([
      { host: '10.0.0.9', port_num: 80, port_proto: 'tcp', service: ['HTTP'] },
    ]);
    expect(of(written, 'software')).toMatchObject([
      {
        host: '10.0.0.5',
        software_type: 'HTTP::BROWSER',
        name: 'curl',
        'version.major': 8,
        'version.minor': 5,
        'version.minor2': 0,
      },
    ]);
    expect(of(written, 'api_surface')).toMatchObject([
      {
        host: '10.0.0.9',
        port_num: 80,
        service: 'http',
        name: 'app.example',
        method: 'GET',
        path: '/api/v2/orders/{id}',
        status_code: 200,
      },
    ]);
    expect(JSON.stringify(written.filter(({ log }) => discovered.has(log)))).not.toMatch(/geheim|4711/);
  });

  test('nothing is told twice, nothing of others, and nothing at all without own networks', () => {
    const twice = [
      ...web(ends.from, ends.to, '/a'),
      ...web(ends.from, ends.to, '/a', '200 OK', 40_001).map((one) => ({ ...one, ts: one.ts + 5 })),
    ];
    const written = read(twice);
    const keys = written
      .filter(({ log }) => discovered.has(log))
      .map(({ log, record }) => `${log} ${JSON.stringify({ ...record, ts: 0 })}`);
    expect(new Set(keys).size).toBe(keys.length);
    const outside = read(web('192.0.2.1', '198.51.100.7', '/a')).filter(({ log }) => discovered.has(log));
    expect(outside).toEqual([]);
    expect(read(twice, []).some(({ log }) => discovered.has(log))).toBe(false);
    // Of a conversation with the outside, only the own side.
    const out = read(web('10.0.0.5', '198.51.100.7', '/a')).filter(({ log }) => discovered.has(log));
    expect(new Set(out.map(({ record }) => record['host']))).toEqual(new Set(['10.0.0.5']));
  });

  test('a place that is not there is no surface, and a scan discovers no service', () => {
    expect(of(read(web(ends.from, ends.to, '/wp-login.php', '404 Not Found')), 'api_surface')).toEqual([]);
    const probe = ethernet(udp(ends, { source: 40_000, destination: 161 }, ascii('?')));
    expect(read([{ ts: 1, bytes: probe }]).filter(({ log }) => discovered.has(log))).toEqual([]);
  });

  test('two versions of SSH, each of its own side', () => {
    const talk = conversation(ends, { source: 40_000, destination: 22 }, [
      { from: 'server', payload: ascii('SSH-2.0-OpenSSH_9.7p1 Debian-5\r\n') },
      { from: 'client', payload: ascii('SSH-2.0-PuTTY_Release_0.81\r\n') },
    ]);
    expect(of(read(talk), 'software')).toMatchObject([
      {
        host: '10.0.0.9',
        host_p: 22,
        software_type: 'SSH::SERVER',
        name: 'OpenSSH',
        'version.major': 9,
        'version.minor': 7,
        'version.addl': 'p1',
      },
      { host: '10.0.0.5', software_type: 'SSH::CLIENT', name: 'PuTTY_Release', 'version.major': 0, 'version.minor': 81 },
    ]);
  });

  test('a controller that answers Modbus, before its connection ends', () => {
    const talk = conversation(ends, { source: 40_000, destination: 502 }, [
      { from: 'client', payload: Uint8Array.of(0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1) },
      { from: 'server', payload: Uint8Array.of(0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 7) },
    ]);
    const written = read(talk);
    expect(of(written, 'known_modbus').map(({ host, device_type }) => [host, device_type])).toEqual([
      ['10.0.0.5', 'Known::MODBUS_MASTER'],
      ['10.0.0.9', 'Known::MODBUS_SLAVE'],
    ]);
    const logs = written.map(({ log }) => log);
    expect(logs.indexOf('known_services')).toBeLessThan(logs.indexOf('conn'));
    expect(of(written, 'known_services')).toMatchObject([{ port_num: 502, service: ['MODBUS'] }]);
  });
});

describe('from records', () => {
  test('each record is of a declared type and has only declared columns', () => {
    const { told } = discover(
      conn({ service: 'ssl' }),
      ['ssl', head({ established: true, server_name: 'App.example', cert_chain_fps: ['ab'] })],
      [
        'x509',
        {
          ts: 1000,
          fingerprint: 'ab',
          'certificate.subject': 'CN=app',
          'certificate.issuer': 'CN=ca',
          'certificate.serial': '01',
        },
      ],
      [
        'dhcp',
        {
          ts: 1000,
          uids: [],
          mac: '02:00:00:00:00:01',
          assigned_addr: '10.0.0.77',
          host_name: 'printer',
          vendor_class: 'MSFT 5.0',
        },
      ],
      [
        'lldp',
        {
          ts: 1000,
          mac_src: '02:00:00:00:00:02',
          chassis_id: 'x',
          chassis_id_type: 'local',
          port_id: '1',
          port_id_type: 'local',
          ttl: 120,
          system_name: 'switch',
          system_description: 'Switch 5.1',
          management_addresses: ['192.0.2.1', '10.0.0.2'],
        },
      ],
      ['snmp', head({ get_responses: 2, display_string: 'Terminal 4.2', duration: 0, version: '2c', 'id.resp_p': 161 })],
      [
        'cip_identity',
        head({ is_orig: false, vendor_name: 'Maker', product_name: 'PLC', revision: '20.11', serial_number: '0x01' }),
      ],
      ['bacnet_discovery', head({ is_orig: true, pdu_service: 'i-am', vendor: 'Maker', instance_number: 7 })],
      [
        'profinet_dcp',
        {
          ts: 1000,
          mac_src: '02:00:00:00:00:03',
          service: 'Identify',
          service_type: 'response',
          xid: 1,
          options: [],
          name_of_station: 'pump',
          vendor_id: 42,
          ip: '10.0.0.31',
        },
      ],
      ['ntlm', head({ hostname: 'PC7', server_dns_computer_name: 'dc1.corp.example', username: 'ada' })],
      ['ssdp', head({ is_orig: true, kind: 'notify', server: 'Linux/5.4 UPnP/1.1 TV/2.0', payload_len: 1 })],
      ['dns', head({ 'id.resp_p': 5353, proto: 'udp', query: 'camera.local', qtype_name: 'A', answers: ['10.0.0.60'] })],
      ['grpc', head({ host: 'api.example', service: 'shop.v1.Orders', method: 'List', status: 0 })],
      ['coap', head({ is_orig: true, method: 'GET', code: '2.05', uri_path: 'sensors/4711', 'id.resp_p': 5683 })],
      [
        'rtsp',
        head({
          is_orig: true,
          method: 'PLAY',
          uri: 'rtsp://10.0.0.9/live/1',
          status_code: 200,
          server: 'Streamer/3.1',
          'id.resp_p': 554,
        }),
      ],
      ['smtp', head({ user_agent: 'Thunderbird 128.2', last_reply: '250 ok', 'id.resp_p': 25 })],
    );
    for (const { log, record } of told) {
      const { columns } = recordType(log)!;
      expect(Object.keys(record).filter((name) => !Object.hasOwn(columns, name))).toEqual([]);
      const always = Object.entries(columns)
        .filter(([, column]) => column.always)
        .map(([name]) => name);
      expect([log, always.filter((name) => record[name] === undefined)]).toEqual([log, []]);
    }
    expect(new Set(told.map(({ log }) => log))).toEqual(new Set([...discovered].filter((log) => log !== 'known_modbus')));
    expect(of(told, 'known_certs')).toMatchObject([
      { host: '10.0.0.9', port_num: 443, subject: 'CN=app', issuer_subject: 'CN=ca', serial: '01' },
    ]);
    const devices = of(told, 'known_devices').map(({ by, host, mac, name, product }) => [by, host, mac, name, product]);
    expect(devices).toEqual([
      ['dhcp', '10.0.0.77', '02:00:00:00:00:01', 'printer', 'MSFT 5.0'],
      ['lldp', '10.0.0.2', '02:00:00:00:00:02', 'switch', 'Switch 5.1'],
      ['snmp', '10.0.0.9', undefined, undefined, 'Terminal 4.2'],
      ['cip_identity', '10.0.0.9', undefined, undefined, 'PLC'],
      ['bacnet_discovery', '10.0.0.5', undefined, 'device 7', undefined],
      ['profinet_dcp', '10.0.0.31', '02:00:00:00:00:03', 'pump', undefined],
      ['ntlm', '10.0.0.9', undefined, 'dc1.corp.example', undefined],
      ['ntlm', '10.0.0.5', undefined, 'PC7', undefined],
      ['dns', '10.0.0.60', undefined, 'camera.local', undefined],
    ]);
    expect(of(told, 'api_surface').map(({ service, name, method, path }) => [service, name, method, path])).toEqual([
      ['ssl', 'app.example', undefined, undefined],
      ['grpc', 'api.example', 'POST', '/shop.v1.Orders/List'],
      ['coap', undefined, 'GET', '/sensors/{id}'],
      ['rtsp', undefined, 'PLAY', '/live/{id}'],
    ]);
    // No account, and nothing of who uses a host.
    expect(JSON.stringify(told)).not.toContain('ada');
  });

  test('a certificate whose record comes before its handshake, and one that never comes', () => {
    const cert = { ts: 1, fingerprint: 'cd', 'certificate.subject': 'CN=a' };
    const shown: [string, AnyRecord] = ['ssl', head({ established: true, cert_chain_fps: ['cd'] })];
    expect(of(discover(['x509', cert], shown).told, 'known_certs')).toMatchObject([{ subject: 'CN=a' }]);
    expect(of(discover(shown).told, 'known_certs')).toEqual([]);
    expect(of(discover(['x509', { ...cert, client_cert: true }], shown).told, 'known_certs')).toEqual([]);
  });

  test('only conversations that both sides took part in', () => {
    const silent = ['S0', 'REJ', 'SH', 'SHR', 'RSTOS0', 'RSTRH', 'OTH'].map((conn_state) => conn({ conn_state, service: 'ssl' }));
    expect(discover(...silent, conn({ proto: 'udp', resp_bytes: 0, service: 'dns' }), conn({ proto: 'icmp' })).told).toEqual([]);
    const two = discover(conn({ proto: 'udp', service: 'dns', 'id.resp_p': 53 })).told;
    expect(of(two, 'known_services')).toMatchObject([{ port_proto: 'udp', service: ['DNS'] }]);
    expect(of(discover(conn({ service: 'ftp-data' })).told, 'known_services')).toEqual([]);
    expect(of(discover(conn()).told, 'known_services')).toMatchObject([{ service: [] }]);
  });

  test('again after a day, not before', () => {
    const at = (ts: number) => conn({ ts });
    const day = limit('intervalSeconds');
    expect(of(discover(at(0), at(day - 1)).told, 'known_hosts')).toHaveLength(2);
    expect(of(discover(at(0), at(day)).told, 'known_hosts')).toHaveLength(4);
  });
});

describe('bounded', () => {
  test('a full table tells so once, and goes on when its oldest are a day old', () => {
    const max = limit('hostsMax');
    const records = Array.from({ length: max + 50 }, (_, i) =>
      conn({ 'id.orig_h': '192.0.2.1', 'id.resp_h': `10.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`, ts: 1000 }),
    );
    const later = conn({ 'id.orig_h': '192.0.2.1', 'id.resp_h': '10.200.0.1', ts: 1000 + limit('intervalSeconds') });
    const { told, full } = discover(...records, later);
    expect(of(told, 'known_hosts')).toHaveLength(max + 1);
    expect(full.toSorted()).toEqual(['known_hosts', 'known_services']);
  });

  test('one service cannot fill the table of all surfaces', () => {
    const max = limit('surfacesPerServiceMax');
    const word = (i: number) => [...String(i)].map((digit) => String.fromCharCode(97 + Number(digit))).join('');
    const records = Array.from({ length: max + 100 }, (_, i): [string, AnyRecord] => [
      'http',
      head({ method: 'GET', uri: `/page/${word(i)}`, host: 'a.example', status_code: 200 }),
    ]);
    const paths = of(discover(...records).told, 'api_surface').map(({ path }) => path);
    expect(paths).toHaveLength(max + 1);
    expect(paths.at(-1)).toBe('/{…}');
  });

  test('the table forgets in order and never exceeds its ceiling', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 30 }))), (steps) => {
        const once = new Once(8, 10);
        const until = new Map<number, number>();
        let now = 0;
        for (const [key, wait] of steps) {
          now += wait / 10;
          const told = once.see(String(key), now);
          const known = (until.get(key) ?? -1) > now;
          expect(told === 'known').toBe(known);
          if (told === 'new') until.set(key, now + 10);
          const others = [...until.values()].filter((end) => end > now).length;
          expect(told === 'full' ? others : 8).toBe(8);
          expect(once.size).toBeLessThanOrEqual(8);
        }
      }),
    );
  });

  test('any record of any shape is survived', () => {
    const names = ['ts', 'uid', 'id.orig_h', 'id.resp_h', 'id.resp_p', 'proto', 'conn_state', 'service', 'uri', 'host', 'status_code', 'user_agent', 'answers', 'qtype_name', 'fingerprint', 'cert_chain_fps', 'established', 'server', 'client', 'pdu_type', 'code', 'uri_path', 'is_orig', 'management_addresses', 'ttl', 'vendor_id']; // oxfmt-ignore
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.array(fc.string(), { maxLength: 3 }),
      fc.constantFrom('10.0.0.1', 'SF', 'tcp', 'RESP', '2.05', 'A', '/a/b?c', 5353, 200),
    );
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(readers)), fc.dictionary(fc.constantFrom(...names), value), (log, record) => {
        const { told } = discover([log, { ts: 1, ...record } as AnyRecord]);
        for (const one of told)
          for (const text of Object.values(one.record)) expect(String(text).length).toBeLessThanOrEqual(512);
      }),
    );
  });
});

test.each([
  ['/', '/'],
  ['/api/v1/users/42/posts', '/api/v1/users/{id}/posts'],
  ['/a?q=1', '/a'],
  ['/a#b', '/a'],
  ['/a;jsessionid=1/b', '/a'],
  ['http://app.example/x/y?z', '/x/y'],
  ['/login.php', '/login.php'],
  ['/users/ada@example.org', '/users/{id}'],
  ['/d/3f2504e0-4f89-11d3-9a0c-0305e82c3301/edit', '/d/{id}/edit'],
  ['/%E5%8C%BB/x', '/{id}/x'],
  ['/a/b/c/d/e/f/g/h/i/j', '/a/b/c/d/e/f/g/h/…'],
  ['/averyveryveryveryverylongsegmentofletters', '/{id}'],
  ['/a//b/', '/a//b/'],
  ['*', undefined],
  ['app.example:443', undefined],
])('%s is the surface %s', (target, template) => {
  expect(pathTemplate(target)).toBe(template);
});

test.each([
  ['OpenSSH_9.7p1 Debian-5', { name: 'OpenSSH', numbers: [9, 7], addl: 'p1' }],
  ['Apache/2.0.63 (Unix) mod_auth_kerb/5.3', { name: 'Apache', numbers: [2, 0, 63], addl: 'Unix' }],
  ['ProFTPD 1.2.5rc1', { name: 'ProFTPD', numbers: [1, 2, 5], addl: 'rc1' }],
  [
    'curl/7.16.3 (powerpc-apple-darwin9.0) libcurl/7.16.3',
    { name: 'curl', numbers: [7, 16, 3], addl: 'powerpc-apple-darwin9.0' },
  ],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Safari/537.36', { name: 'Chrome', numbers: [134, 0, 0, 0], addl: 'Windows NT 10.0' }], // oxfmt-ignore
  [
    'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/134.0.0.0 Safari/537.36 Edg/134.0.3',
    { name: 'Edge', numbers: [134, 0, 3] },
  ],
  [
    'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    { name: 'Firefox', numbers: [128, 0], addl: 'Linux x86_64' },
  ],
  ['Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)', { name: 'MSIE', numbers: [8, 0] }],
  ['Microsoft-CryptoAPI/10.0', { name: 'Microsoft-CryptoAPI', numbers: [10, 0] }],
  ['MSFT 5.0', { name: 'MSFT', numbers: [5, 0] }],
  ['dropbear', { name: 'dropbear', numbers: [] }],
  ['a/1.2.3.4.5', { name: 'a', numbers: [1, 2, 3, 4] }],
  ['x/99999999999999', { name: 'x', numbers: [] }],
])('%s', (said, version) => {
  expect(parseVersion(said)).toMatchObject(version);
});

test('what a program says at any length is read quickly', () => {
  for (const said of [
    'a'.repeat(1e6),
    'a 1'.repeat(1e5),
    '-_ '.repeat(1e5),
    `Mozilla/5.0 (${';'.repeat(1e5)}`,
    'a1'.repeat(1e5),
  ]) {
    expect(parseVersion(said).name?.length ?? 0).toBeLessThanOrEqual(256);
  }
});
