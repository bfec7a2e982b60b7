/** The parsers of protocols, a family a folder: what a flow carried, damaged, as the engine would hand it over. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Files } from '@forewarn/sense/files/files';
import { defaultLimits } from '@forewarn/sense/limits';
import { oddities } from '@forewarn/sense/oddities';
import { protocols } from '@forewarn/sense/protocols/index';
import type { Direction, Emit, FlowView, Protocol, ProtocolParser, Transport } from '@forewarn/sense/protocols/protocol';
import { type Arrival, flowOf, readCase } from '@forewarn/sense/protocols/trial';
import { inputBytesMax } from './mutation.ts';
import type { Family, Input, Subject, Witness } from './family.ts';

const folder = resolve(import.meta.dirname, '../../sense/src/protocols');

export type Case = { readonly transport: Transport; readonly port: number; readonly arrivals: readonly Arrival[] };

/** What the cases of a protocol's folder say was sent. */
export function casesOf(name: string): Case[] {
  const cases = join(folder, name, 'cases');
  if (!existsSync(cases)) return [];
  return readdirSync(cases)
    .sort()
    .map((each) => join(cases, each, 'bytes.txt'))
    .filter((path) => existsSync(path))
    .map((path) => readCase(readFileSync(path, 'utf8')));
}

/** Names of all folders that have cases. */
export const foldersWithCases: readonly string[] = readdirSync(folder)
  .filter((name) => existsSync(join(folder, name, 'cases')))
  .sort();

/** Flows of one subject are of one engine: what a protocol keeps between flows is between these. */
const flowsEach = 500;

/** A service that is read over two transports by two parsers is two families. */
const nameOf = (protocol: Protocol): string =>
  protocols.find(({ service }) => service === protocol.service) === protocol
    ? protocol.service
    : `${protocol.service}-${protocol.transports.join('-')}`;

export const parserFamilies: readonly Family[] = protocols.map(familyOf);

function familyOf(protocol: Protocol): Family {
  let own = casesOf(protocol.service);
  // What has no cases of its own begins with those of others: the data of FTP is whatever somebody sends.
  if (own.length === 0) own = foldersWithCases.flatMap((name) => casesOf(name).slice(0, 1));
  // A protocol of one transport is given nothing of the other.
  const cases = own.map((each) =>
    protocol.transports.includes(each.transport) ? each : { ...each, transport: protocol.transports[0]! },
  );
  return {
    name: nameOf(protocol),
    starts: cases.map(({ arrivals }, seed) => ({ seed, arrivals })),
    inputsEach: flowsEach,
    open: (witness) => new ParserSubject(protocol, cases, witness),
  };
}

/** Room for one piece, with a few bytes around it that are not the parser's. */
const room = new Uint8Array(inputBytesMax + 16);
const margin = 8;

/** Hands a piece to a reader at a place of its own that is destroyed afterwards: nothing of it may be kept or read beyond. */
export function shown(bytes: Uint8Array, take: (bytes: Uint8Array, start: number, end: number) => void): void {
  const end = margin + bytes.length;
  room.set(bytes, margin);
  take(room, margin, end);
  room.fill(0x5a, 0, end + margin);
}

class ParserSubject implements Subject, Emit {
  readonly #protocol: Protocol;
  readonly #cases: readonly Case[];
  readonly #witness: Witness;
  readonly #files: Files;
  #case: Case;
  #flow: FlowView;
  #parser: ProtocolParser | undefined;
  #last = 0;
  #opened = 0;

  constructor(protocol: Protocol, cases: readonly Case[], witness: Witness) {
    this.#protocol = protocol.anew?.() ?? protocol;
    this.#cases = cases;
    this.#witness = witness;
    this.#files = new Files(defaultLimits, 0, (log, record) => this.record(log, record));
    this.#case = cases[0]!;
    this.#flow = flowOf(this.#case.transport, this.#case.port);
  }

  begin(input: Input, n: number): void {
    this.#case = this.#cases[input.seed]!;
    const { transport, port } = this.#case;
    // Clients with ports of their own, so that what is kept by flow is kept for many.
    this.#flow = flowOf(transport, port, 1024 + (n % 60_000), {
      transport,
      host: '198.51.100.1',
      port,
      service: this.#protocol.service,
      until: 4e9,
    });
    this.#last = input.arrivals[0]?.ts ?? 0;
    const first = input.arrivals[0];
    if (first && 'bytes' in first) {
      for (const usual of [true, false]) {
        shown(first.bytes, (bytes, start, end) => {
          this.#witness.trait(`probe ${usual} ${this.#protocol.probe(bytes, start, end, first.direction, usual)}`);
        });
      }
    }
    this.#parser = this.#protocol.open(this.#flow, this);
  }

  arrive(arrival: Arrival): void {
    const parser = this.#parser;
    if (!parser) return;
    this.#last = arrival.ts;
    const { direction, ts } = arrival;
    if ('missing' in arrival) {
      // Of UDP nobody knows what is missing.
      if (this.#case.transport === 'tcp') parser.gap(direction, arrival.missing, ts);
    } else if (arrival.bytes.length > 0)
      shown(arrival.bytes, (bytes, start, end) => parser.data(direction as Direction, bytes, start, end, ts));
  }

  finish(): void {
    this.#parser?.finish(this.#last + 1);
    this.#parser = undefined;
    if (this.#files.open !== 0) throw new Error(`${this.#files.open} files are still open after the flow`);
  }

  end(): void {}

  // ---- what the parser says -------------------------------------------------------------------------------------

  record(log: string, record: { readonly [name: string]: unknown }): void {
    if (!this.#protocol.logs.includes(log)) throw new Error(`"${log}" is not among the logs of ${this.#protocol.service}`);
    this.#witness.record(log, record);
  }

  weird(name: string): void {
    if (!(name in oddities)) throw new Error(`weird "${name}" is not in the catalogue`);
    this.#witness.weird(name);
  }

  confirm(service = this.#protocol.service): void {
    this.#witness.trait(`confirmed ${service}`);
  }

  giveWay(from: number, service?: string): void {
    if (from < margin || from > room.length) throw new Error(`gave way at ${from}, outside of the piece`);
    this.#witness.trait(`gave way to ${service}`);
    // The engine finishes it after the call, and shows it nothing more.
    const parser = this.#parser;
    this.#parser = parser && { data: () => {}, gap: () => {}, finish: (ts) => parser.finish(ts) };
  }

  expect(): void {
    this.#witness.trait('announced');
  }

  file: Emit['file'] = (origin) => {
    const { 'id.orig_h': originator, 'id.resp_h': responder, uid } = this.#flow.head(0);
    const { originatorPort, responderPort } = this.#flow;
    return this.#files.begin({ uid, originator, originatorPort, responder, responderPort }, origin, 0, ++this.#opened);
  };
}
