import { describe, expect, test } from 'vitest';
import { packetFieldNames } from '@forewarn/model/packet-fields';
import { packetLayerNames, type PacketLayer } from '@forewarn/model/packet';
import { ascii, concat, conversation, ethernet, icmp, ip, pcap, pcapng, tcp, udp, type Timed } from '../testing/packets.ts';
import { builtSeeds, mutate, random } from '../testing/mutations.ts';
import { eachPacket } from './captured.ts';
import { decodePacket, type Decoded } from './decode.ts';
import { fieldsMax, layersMax, valueLettersMax } from './dissection.ts';
import { flowStream, streamBytesMax } from './stream.ts';
import { packetList, packetView } from './view.ts';

const ends = { from: '10.0.0.1', to: '10.0.0.2' };
const back = { from: '10.0.0.2', to: '10.0.0.1' };
const six = { from: '2001:db8::1', to: '2001:db8::2' };
const ports = { source: 50_000, destination: 9000 };
const backPorts = { source: 9000, destination: 50_000 };
const flow = { originator: '10.0.0.1', originatorPort: 50_000, responder: '10.0.0.2', responderPort: 9000 };

const decode = (bytes: Uint8Array, linkType = 1, wireBytes = bytes.length): Decoded =>
  decodePacket({ bytes, wireBytes, ts: 1_700_000_000.25, linkType });
const names = ({ layers }: Decoded): string[] => layers.map(({ name }) => name);
const layer = ({ layers }: Decoded, name: string): PacketLayer => layers.find((each) => each.name === name)!;
const value = (decoded: Decoded, name: string): string | undefined =>
  decoded.layers.flatMap(({ fields }) => fields).find((field) => field.name === name)?.value;
/** The bytes a field says it stands in. */
const bytesOf = (decoded: Decoded, bytes: Uint8Array, name: string): string => {
  const field = decoded.layers.flatMap(({ fields }) => fields).find((each) => each.name === name)!;
  return Buffer.from(bytes.subarray(field.start, field.end)).toString('hex');
};

describe('layers', () => {
  test('Ethernet, two tags, IPv4 and TCP, each with the bytes it stands in', () => {
    const bytes = ethernet(tcp(ends, ports, { flags: 'SA', sequence: 7, acknowledgement: 9, payload: ascii('hi') }), {
      tags: [5, 6],
    });
    const decoded = decode(bytes);
    expect(names(decoded)).toEqual(['frame', 'eth', 'vlan', 'vlan', 'ip', 'tcp', 'data']);
    expect(decoded).toMatchObject({ source: '10.0.0.1', destination: '10.0.0.2', protocol: 'TCP' });
    expect(decoded.info).toBe('50000 → 9000 [SYN, ACK] Seq=7 Ack=9 Win=64240 Len=2');
    expect(layer(decoded, 'eth')).toMatchObject({ start: 0, end: 14 });
    expect(layer(decoded, 'ip')).toMatchObject({ start: 22, end: 42 });
    expect(layer(decoded, 'tcp')).toMatchObject({ start: 42, end: 62 });
    expect(layer(decoded, 'data')).toMatchObject({ start: 62, end: 64 });
    expect(value(decoded, 'vlan.id')).toBe('5');
    expect(value(decoded, 'ip.proto')).toBe('TCP (6)');
    expect(bytesOf(decoded, bytes, 'ip.src')).toBe('0a000001');
    expect(bytesOf(decoded, bytes, 'tcp.dstport')).toBe('2328');
    expect(value(decoded, 'frame.time')).toBe('2023-11-14T22:13:20.250000Z');
  });

  test('the padding of a short frame is no payload', () => {
    const bytes = concat(ethernet(tcp(ends, ports, { flags: 'A', sequence: 1 })), new Uint8Array(6));
    const decoded = decode(bytes);
    expect(decoded.info).toMatch(/Len=0$/);
    expect(names(decoded)).toEqual(['frame', 'eth', 'ip', 'tcp']);
  });

  test('a snap length leaves the length on the wire', () => {
    const whole = ethernet(tcp(ends, ports, { flags: 'A', sequence: 1, payload: new Uint8Array(500) }));
    expect(decode(whole.subarray(0, 70), 1, whole.length).info).toMatch(/Len=500$/);
  });

  test('a cut header says what it lacks, and nothing follows', () => {
    const decoded = decode(ethernet(tcp(ends, ports, { flags: 'A', sequence: 1 })).subarray(0, 40));
    expect(names(decoded)).toEqual(['frame', 'eth', 'ip', 'tcp']);
    expect(layer(decoded, 'tcp').fields).toEqual([{ name: 'frame.missing', value: '14', start: 34, end: 40 }]);
  });

  test('IPv6 with an extension header and a fragment', () => {
    const bytes = ethernet(ip(six, 17, new Uint8Array(16), { id: 77, fragment: { offset: 100, more: true } }));
    const decoded = decode(bytes);
    expect(names(decoded)).toEqual(['frame', 'eth', 'ipv6', 'data']);
    expect(value(decoded, 'ipv6.fragment')).toBe('800, more, ID 0x0000004d');
    expect(decoded.info).toBe('Fragment, offset 800, more fragments');
  });

  test('an ICMP error shows the packet it is about, and speaks for itself', () => {
    const quoted = tcp(back, backPorts, { flags: 'S', sequence: 3 }).subarray(0, 28);
    const decoded = decode(ethernet(icmp(ends, 3, 1, quoted)));
    expect(names(decoded)).toEqual(['frame', 'eth', 'ip', 'icmp', 'ip', 'tcp']);
    expect(decoded).toMatchObject({ source: '10.0.0.1', protocol: 'ICMP', info: 'Destination unreachable (host)' });
    expect(decoded.hops).toHaveLength(1);
  });

  test('ARP', () => {
    const body = Buffer.from('00010800060400010000000000aac000020100000000000cc0000202'.slice(0, 56), 'hex');
    const decoded = decode(ethernet(body, { type: 0x0806 }));
    expect(decoded).toMatchObject({ protocol: 'ARP', info: 'Who has 192.0.2.2? Tell 192.0.2.1' });
  });

  test.each([
    ['raw', 101, ip(ends, 17, new Uint8Array(8)), ['frame', 'ip', 'udp']],
    [
      'Linux cooked',
      113,
      concat(Buffer.from('00000001000600000000000000000800', 'hex'), udp(ends, ports, ascii('x'))),
      ['frame', 'sll', 'ip', 'udp', 'data'],
    ],
    ['PPP', 9, concat(Buffer.from('ff030021', 'hex'), udp(ends, ports, ascii('x'))), ['frame', 'ppp', 'ip', 'udp', 'data']],
    [
      'MPLS',
      219,
      concat(Buffer.from('0001004000011140', 'hex'), udp(ends, ports, ascii('x'))),
      ['frame', 'mpls', 'mpls', 'ip', 'udp', 'data'],
    ],
    [
      'a link type that is found by the engine',
      107,
      concat(Buffer.from('184100000800', 'hex'), udp(ends, ports, ascii('x'))),
      ['frame', 'link'],
    ],
    ['one that nobody reads', 147, ascii('unknown'), ['frame', 'link']],
  ] as const)('%s', (_name, linkType, bytes, expected) => {
    expect(names(decode(bytes, linkType)).slice(0, expected.length)).toEqual(expected);
  });

  test('tunnels are followed, and the innermost flow has the word', () => {
    const inner = ethernet(udp(six, { source: 1, destination: 2 }, ascii('x')));
    const bytes = ethernet(
      udp(ends, { source: 5555, destination: 4789 }, concat(Uint8Array.from([8, 0, 0, 0, 0, 1, 2, 0]), inner)),
    );
    const decoded = decode(bytes);
    expect(names(decoded)).toEqual(['frame', 'eth', 'ip', 'udp', 'vxlan', 'eth', 'ipv6', 'udp', 'data']);
    expect(value(decoded, 'vxlan.vni')).toBe('258');
    expect(decoded).toMatchObject({ source: '2001:db8::1', protocol: 'UDP' });
    expect(decoded.hops.map(({ sourcePort }) => sourcePort)).toEqual([5555, 1]);
  });

  test('IP in IP in IP ends at the ceiling', () => {
    let bytes = ip(ends, 59, new Uint8Array(0));
    for (let i = 0; i < 100; i++) bytes = ip(ends, 4, bytes);
    expect(decode(bytes, 101).layers.length).toBeLessThanOrEqual(layersMax + 1);
  });
});

describe('payload', () => {
  const over = (payload: Uint8Array, to: number): Decoded =>
    decode(ethernet(tcp(ends, { source: 50_000, destination: to }, { flags: 'PA', sequence: 1, payload })));

  test('HTTP: its first line and its header', () => {
    const decoded = over(ascii('GET /a HTTP/1.1\r\nHost: example.org\r\n\r\nbody'), 8081);
    expect(decoded).toMatchObject({ protocol: 'HTTP', info: 'GET /a HTTP/1.1' });
    expect(layer(decoded, 'http').fields.map((field) => field.value)).toEqual(['GET /a HTTP/1.1', 'Host: example.org']);
    expect(layer(decoded, 'data').fields[0]!.value).toBe('4');
  });

  test('TLS: the name in the client hello', () => {
    const name = ascii('example.org');
    const extension = Uint8Array.from([0, 0, 0, name.length + 5, 0, name.length + 3, 0, 0, name.length, ...name]);
    const body = concat(
      Uint8Array.from([3, 3, ...Array.from({ length: 32 }, () => 7), 0, 0, 2, 0x13, 0x01, 1, 0, 0, extension.length]),
      extension,
    );
    const message = concat(Uint8Array.from([1, 0, 0, body.length]), body);
    const decoded = over(concat(Uint8Array.from([22, 3, 1, 0, message.length]), message), 443);
    expect(decoded.info).toBe('Client hello (SNI=example.org)');
    expect(value(decoded, 'tls.handshake.ciphersuites')).toBe('TLS_AES_128_GCM_SHA256');
  });

  test('DNS: question and answer', () => {
    const question = Buffer.from('12348180000100010000000003777777076578616d706c65036f72670000010001', 'hex');
    const answer = Buffer.from('c00c000100010000003c00045db8d822', 'hex');
    const decoded = decode(ethernet(udp(back, { source: 53, destination: 40_000 }, concat(question, answer))));
    expect(decoded.info).toBe('Response 0x1234 A www.example.org → A 93.184.216.34');
    expect(value(decoded, 'dns.resp')).toBe('www.example.org A 93.184.216.34, TTL 60');
  });

  test('Modbus: what is written where', () => {
    const decoded = over(Uint8Array.from([0, 2, 0, 0, 0, 6, 1, 5, 0, 1, 0xff, 0]), 502);
    expect(decoded).toMatchObject({ protocol: 'Modbus/TCP', info: 'WRITE_SINGLE_COIL 1 = 65280, unit 1' });
  });

  test('lines of mail, and not what is encrypted on the same port', () => {
    expect(over(ascii('220 mail.example.org ready\r\n'), 25).info).toBe('220 mail.example.org ready');
    expect(names(over(Uint8Array.from([0x90, 0, 1, 2, 3, 4, 5, 6]), 25))).not.toContain('lines');
  });

  test('the middle of a message is named after what the flow speaks', () => {
    const bytes = ethernet(tcp(ends, ports, { flags: 'A', sequence: 1, payload: Uint8Array.from([9, 9, 9, 9, 9, 9]) }));
    const packet = { bytes, wireBytes: bytes.length, ts: 1, linkType: 1 };
    expect(decodePacket(packet, { service: 'gssapi,smb' }).protocol).toBe('SMB');
    expect(decodePacket(packet).protocol).toBe('TCP');
  });
});

describe('views', () => {
  const packets = conversation(ends, ports, [
    { from: 'client', payload: ascii('hello') },
    { from: 'server', payload: ascii('world') },
    { from: 'client', payload: ascii('bye') },
  ]);
  const capture = pcap(packets, { nano: true });

  test('the list: numbers from 1, directions, and TCP counted from each side’s first', () => {
    const list = packetList(capture, flow, { from: 0, limit: 4 });
    expect(list).toMatchObject({ total: packets.length, next: '4' });
    expect(list.items.map(({ number, direction }) => [number, direction])).toEqual([
      [1, 0],
      [2, 1],
      [3, 0],
      [4, 0],
    ]);
    expect(list.items[3]!.info).toBe('50000 → 9000 [PSH, ACK] Seq=1 Ack=1 Win=64240 Len=5');
    expect(packetList(capture, flow, { from: 4, limit: 1000 }).next).toBeNull();
    expect(packetList(capture, flow, { from: 4000, limit: 10 })).toEqual({ items: [], total: packets.length, next: null });
  });

  test('one packet has its bytes; one that is not there is none', () => {
    const view = packetView(capture, flow, 4)!;
    expect(Buffer.from(view.bytes, 'base64')).toEqual(Buffer.from(packets[3]!.bytes));
    expect(view.layers.at(-1)).toMatchObject({ name: 'data', start: 54, end: 59 });
    expect(packetView(capture, flow, packets.length + 1)).toBeUndefined();
    expect(packetView(capture, flow, 0)).toBeUndefined();
  });

  test('a capture in pcapng is read alike, and bytes that are none are refused', () => {
    expect(packetList(pcapng(packets), flow, { from: 0, limit: 100 }).items).toEqual(
      packetList(pcap(packets), flow, { from: 0, limit: 100 }).items,
    );
    expect(() => packetList(ascii('nothing of the kind'), flow, { from: 0, limit: 1 })).toThrow(/not a pcap/);
  });
});

describe('stream', () => {
  const said = (pieces: { direction: number; bytes: string; missing: number }[]): [number, string | number][] =>
    pieces.map(({ direction, bytes, missing }) => [
      direction,
      missing > 0 ? missing : Buffer.from(bytes, 'base64').toString('latin1'),
    ]);
  const turns = [
    { from: 'client', payload: ascii('hello ') },
    { from: 'client', payload: ascii('you') },
    { from: 'server', payload: ascii('world') },
  ] as const;

  test('both directions in their order, neighbours of one side joined', () => {
    const view = flowStream(pcap(conversation(ends, ports, turns)), flow, { from: 0, limit: 1000 });
    expect(view).toMatchObject({ transport: 'tcp', originator: '10.0.0.1:50000', responder: '10.0.0.2:9000', next: null });
    expect(said(view.pieces)).toEqual([
      [0, 'hello you'],
      [1, 'world'],
    ]);
  });

  test('packets out of order and twice are put right; a hole is told', () => {
    const packets = conversation(ends, ports, turns);
    const data = packets.filter(({ bytes }) => bytes.length > 54);
    const mixed = [...packets.slice(0, 3), data[1]!, data[0]!, data[0]!, ...packets.slice(7)];
    expect(said(flowStream(pcap(mixed), flow, { from: 0, limit: 1000 }).pieces)).toEqual([
      [0, 'hello you'],
      [1, 'world'],
    ]);
    const holed = packets.filter((packet) => packet !== data[0]);
    expect(said(flowStream(pcap(holed), flow, { from: 0, limit: 1000 }).pieces)).toEqual([
      [0, 6],
      [0, 'you'],
      [1, 'world'],
    ]);
  });

  test('the ring began in the middle of the flow: the sides are those of the record', () => {
    const packets = conversation(ends, ports, turns).slice(-6);
    const { pieces } = flowStream(pcap(packets), flow, { from: 0, limit: 1000 });
    expect(said(pieces)).toEqual([[1, 'world']]);
  });

  test('only the flow that was asked for', () => {
    const other = conversation({ from: '10.0.0.9', to: '10.0.0.2' }, ports, [{ from: 'client', payload: ascii('other') }]);
    const all = [...conversation(ends, ports, turns), ...other].sort((a, b) => a.ts - b.ts);
    expect(said(flowStream(pcap(all), flow, { from: 0, limit: 1000 }).pieces)).toEqual([
      [0, 'hello you'],
      [1, 'world'],
    ]);
  });

  test('UDP is told datagram by datagram', () => {
    const packets: Timed[] = ['one', 'two'].map((text, i) => ({ ts: 1000 + i, bytes: ethernet(udp(ends, ports, ascii(text))) }));
    packets.push({ ts: 1003, bytes: ethernet(udp(back, backPorts, ascii('three'))) });
    const view = flowStream(pcap(packets), flow, { from: 0, limit: 1000 });
    expect(view.transport).toBe('udp');
    expect(said(view.pieces)).toEqual([
      [0, 'one'],
      [0, 'two'],
      [1, 'three'],
    ]);
  });

  test('ICMP has no stream', () => {
    const bytes = ethernet(icmp(ends, 8, 0, ascii('ping')));
    expect(flowStream(pcap([{ ts: 1, bytes }]), flow, { from: 0, limit: 10 })).toMatchObject({ transport: 'other', pieces: [] });
  });

  test('more datagrams than an answer has room for go on where it ended', () => {
    const many = Array.from({ length: 5000 }, (_, i): Timed => ({
      ts: 1000 + i * 0.001,
      bytes: ethernet(udp(ends, ports, ascii(`${i} `))),
    }));
    const parts: string[] = [];
    let from: string | null = '0';
    while (from !== null) {
      const view = flowStream(pcap(many), flow, { from: Number(from), limit: streamBytesMax });
      parts.push(...view.pieces.map(({ bytes }) => Buffer.from(bytes, 'base64').toString('latin1')));
      from = view.next;
    }
    expect(parts).toEqual(many.map((_, i) => `${i} `));
  });

  test('pages of any size put together are the whole', () => {
    const long = new Uint8Array(40_000).map((_, i) => i % 251);
    const capture = pcap(
      conversation(ends, ports, [
        ...Array.from({ length: 40 }, (_, i) => ({ from: 'client' as const, payload: long.subarray(i * 1000, i * 1000 + 1000) })),
        { from: 'server', payload: ascii('end') },
      ]),
    );
    const all = Buffer.concat([long, ascii('end')]);
    for (const limit of [1000, 7777, streamBytesMax * 10]) {
      const parts: Buffer[] = [];
      let from: string | null = '0';
      while (from !== null) {
        const view = flowStream(capture, flow, { from: Number(from), limit });
        parts.push(...view.pieces.map(({ bytes }) => Buffer.from(bytes, 'base64')));
        from = view.next;
      }
      expect(Buffer.concat(parts).equals(all)).toBe(true);
    }
  });
});

test('Damaged captures: no throw, every range inside its packet, every name in the lists, everything bounded', () => {
  const seeds = builtSeeds();
  const fields: ReadonlySet<string> = new Set(packetFieldNames);
  const layers: ReadonlySet<string> = new Set(packetLayerNames);
  let packets = 0;
  const cases = Number(process.env['FOREWARN_FUZZ_CASES'] ?? 2500);
  for (let n = 0; n < cases; n++) {
    const capture = mutate(seeds, random(11, n), 65_536);
    try {
      eachPacket(capture, (packet, ordinal) => {
        packets++;
        const decoded = decodePacket(packet);
        const { length } = packet.bytes;
        let wrong = decoded.layers.length > layersMax + 2 ? 'layers' : '';
        for (const { name, start, end, fields: list, line } of decoded.layers) {
          if (!layers.has(name) || !(start >= 0 && start <= end && end <= length) || list.length > fieldsMax) wrong = name;
          if (line.length > valueLettersMax + 1) wrong = line;
          for (const field of list) {
            if (!fields.has(field.name) || field.value.length > valueLettersMax + 1) wrong = field.name;
            if (!(field.start >= 0 && field.start <= field.end && field.end <= length)) wrong = field.name;
          }
        }
        if (wrong !== '') throw new Error(`case ${n}, packet ${ordinal}: ${wrong}`);
        return ordinal < 200;
      });
      if (n % 50 === 0) flowStream(capture, flow, { from: 0, limit: 1000 });
    } catch (error) {
      if (!(error instanceof Error && error.name === 'Refusal')) throw error;
    }
  }
  expect(packets).toBeGreaterThan(cases);
}, 60_000);
