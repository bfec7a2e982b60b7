/** What a parser may ask of the engine about flows: to give way to another protocol, and to have a flow read that it announced. */

import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createEngine } from '../engine.ts';
import type { Limits } from '../limits.ts';
import { ascii, conversation, ethernet, pcap, type Timed, udp } from '../testing/packets.ts';
import type { Emit, Protocol, ProtocolParser } from './protocol.ts';

const ends = { from: '192.0.2.1', to: '198.51.100.1' };
const ports = { source: 40_000, destination: 2100 };

/** A protocol that is known by the first word of each line it says, and that does what the test wants with what it hears. */
function spoken(service: string, word: string, heard: (text: string, emit: Emit, start: number) => void): Protocol {
  return {
    service,
    logs: [],
    transports: ['tcp'],
    ports: [2100],
    probe: (bytes, start, end) => (Buffer.from(bytes.subarray(start, end)).toString('latin1').startsWith(word) ? 'yes' : 'no'),
    open: (_flow, emit): ProtocolParser => ({
      data: (direction, bytes, start, end) => {
        emit.confirm();
        heard(`${direction} ${Buffer.from(bytes.subarray(start, end)).toString('latin1')}`, emit, start);
      },
      gap: () => {},
      finish: () => {},
    }),
  };
}

function read(packets: readonly Timed[], protocols: readonly Protocol[], limits: Partial<Limits> = {}): AnyRecord[] {
  const flows: AnyRecord[] = [];
  const engine = createEngine({
    sink: { record: (log, record) => (log === 'conn' ? void flows.push(record) : undefined) },
    protocols,
    limits,
    fault: (_service, error) => {
      throw error;
    },
  });
  engine.push(pcap(packets));
  engine.end();
  return flows;
}

const client = (text: string) => ({ from: 'client' as const, payload: ascii(text) });
const server = (text: string) => ({ from: 'server' as const, payload: ascii(text) });

describe('a parser that gives way', () => {
  /** Gives way behind the first `|` that it hears. */
  const first = (to: string | undefined, heard: string[]): Protocol =>
    spoken('first', 'HELLO', (text, emit, start) => {
      const bar = text.indexOf('|');
      heard.push(`first ${bar < 0 ? text : text.slice(0, bar + 1)}`);
      if (bar >= 0) emit.giveWay(start + bar + 1 - 2, to);
    });

  test('leaves the rest of the piece and both directions to whoever knows their first bytes', () => {
    const heard: string[] = [];
    const second = spoken('second', 'SECRET', (text) => void heard.push(`second ${text}`));
    const turns = [client('HELLO'), server('go|SECRET a'), client('b'), server('c')];
    const [flow] = read(conversation(ends, ports, turns), [first(undefined, heard), second]);
    expect(heard).toEqual(['first 0 HELLO', 'first 1 go|', 'second 1 SECRET a', 'second 0 b', 'second 1 c']);
    expect(flow!['service']).toBe('first,second');
  });

  test('to a named protocol leaves what follows to it, whatever its bytes are', () => {
    const heard: string[] = [];
    const second = spoken('second', 'SECRET', (text) => void heard.push(`second ${text}`));
    read(conversation(ends, ports, [client('HELLO|'), server('anything')]), [first('second', heard), second]);
    expect(heard).toEqual(['first 0 HELLO|', 'second 1 anything']);
  });

  test('to nobody who is known ends the reading of the flow', () => {
    const heard: string[] = [];
    read(conversation(ends, ports, [client('HELLO|'), server('HELLO')]), [first('unheard-of', heard)]);
    expect(heard).toEqual(['first 0 HELLO|']);
  });

  test('again and again is followed as often as the ceiling says', () => {
    let opened = 0;
    const again = spoken('again', 'A', (_text, emit, start) => {
      opened++;
      emit.giveWay(start + 1);
    });
    read(conversation(ends, ports, [client('A'.repeat(100))]), [again], { protocolChangesMax: 5 });
    expect(opened).toBe(6);
  });
});

describe('a parser of datagrams that gives way', () => {
  const datagrams = (texts: readonly string[]): Timed[] =>
    texts.map((text, i) => ({ ts: 1_700_000_000 + i, bytes: ethernet(udp(ends, ports, ascii(text))) }));
  const overUdp = (protocol: Protocol): Protocol => ({ ...protocol, transports: ['udp'] });
  const first = (to: string | undefined, heard: string[]): Protocol =>
    overUdp(
      spoken('first', 'HELLO', (text, emit, start) => {
        heard.push(`first ${text}`);
        if (!text.startsWith('0 HELLO')) emit.giveWay(start, to);
      }),
    );

  test('leaves the datagram at hand and all that follow to whoever knows them, or to the one it names', () => {
    for (const to of [undefined, 'second']) {
      const heard: string[] = [];
      const second = overUdp(spoken('second', 'SECRET', (text) => void heard.push(`second ${text}`)));
      const [flow] = read(datagrams(['HELLO 1', 'HELLO 2', 'SECRET', 'anything']), [first(to, heard), second]);
      expect(heard).toEqual(['first 0 HELLO 1', 'first 0 HELLO 2', 'first 0 SECRET', 'second 0 SECRET', 'second 0 anything']);
      expect(flow!['service']).toBe('first,second');
    }
  });

  test('to itself for ever is ended at the ceiling', () => {
    let opened = 0;
    const again = overUdp(
      spoken('again', 'A', (_text, emit, start) => {
        opened++;
        emit.giveWay(start);
      }),
    );
    read(datagrams(['A', 'A']), [again], { protocolChangesMax: 5 });
    expect(opened).toBe(6);
  });
});

describe('bytes that are missing before the protocol is known', () => {
  /** A conversation with the n-th packet that carries something left out. */
  const without = (turns: Parameters<typeof conversation>[2], index: number): Timed[] => {
    const packets = conversation(ends, ports, turns);
    const carrying = packets.filter(({ bytes }) => bytes.length > 60);
    return packets.filter((packet) => packet !== carrying[index]);
  };
  const said = (text: string): string => text.padEnd(40, '.');

  test('on one side leave the other to tell it', () => {
    const heard: string[] = [];
    const first = spoken('first', 'HELLO', (text) => void heard.push(text.replace(/\.+$/, '')));
    const turns = [server(said('greeting')), client(said('HELLO')), server(said('more'))];
    const [flow] = read(without(turns, 0), [first]);
    expect(heard).toEqual(['0 HELLO', '1 more']);
    expect(flow!['service']).toBe('first');
  });

  test('make what follows them on their own side no beginning', () => {
    const heard: string[] = [];
    const first = spoken('first', 'HELLO', (text) => void heard.push(text));
    const turns = [client(said('lost')), client(said('HELLO')), server(said('unknown')), client(said('HELLO'))];
    const [flow] = read(without(turns, 0), [first]);
    expect(heard).toEqual([]);
    expect(flow!['service']).toBeUndefined();
  });
});

describe('an announced flow', () => {
  const data = (heard: string[]): Protocol => ({
    ...spoken('data', 'never', (text) => void heard.push(text)),
    probe: () => 'no',
  });
  const control = (until: number): Protocol =>
    spoken('control', 'PORT', (_text, emit) =>
      emit.expect({ transport: 'tcp', host: '192.0.2.1', port: 5001, service: 'data', until }),
    );
  const transfer = (from: number, to: number, ts: number): Timed[] =>
    conversation({ from: ends.to, to: ends.from }, { source: from, destination: to }, [client('bytes of a file')], { ts });
  const announce = conversation(ends, ports, [client('PORT')], { ts: 1_700_000_000 });

  test('is read by the protocol it was announced for, once', () => {
    const heard: string[] = [];
    const flows = read(
      [...announce, ...transfer(20, 5001, 1_700_000_010), ...transfer(21, 5001, 1_700_000_020)],
      [control(1_700_000_300), data(heard)],
    );
    expect(heard).toEqual(['0 bytes of a file']);
    expect(flows.map((flow) => flow['service'])).toEqual(['control', 'data', undefined]);
  });

  test('that comes too late, or elsewhere, is not', () => {
    const heard: string[] = [];
    read(
      [...announce, ...transfer(20, 5002, 1_700_000_010), ...transfer(20, 5001, 1_700_000_301)],
      [control(1_700_000_300), data(heard)],
    );
    expect(heard).toEqual([]);
  });

  test('is forgotten when too many others were announced after it', () => {
    const many = spoken('control', 'PORT', (_text, emit) => {
      for (let port = 5001; port < 5011; port++)
        emit.expect({ transport: 'tcp', host: '192.0.2.1', port, service: 'data', until: 1_700_000_300 });
    });
    const heard: string[] = [];
    read([...announce, ...transfer(20, 5001, 1_700_000_010), ...transfer(20, 5010, 1_700_000_020)], [many, data(heard)], {
      expectedFlowsMax: 9,
    });
    expect(heard.length).toBe(1);
  });
});
