/**
 * S7 communication over TPKT and COTP (RFC 1006, RFC 905). Siemens has not published the protocol; layouts are those that Wireshark's packet-s7comm and
 * icsnpp-s7comm read.
 */

const two = (value: number): [number, number] => [(value >>> 8) & 0xff, value & 0xff];
const text = (value: string): number[] => [...Buffer.from(value, 'latin1')];

const tpkt = (cotp: readonly number[]): Uint8Array => Uint8Array.from([3, 0, ...two(4 + cotp.length), ...cotp]);

/** Connection request and confirm: references, size 1,024, and the two transport selectors; rack 0, slot 2. */
const selectors = [0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, 2];
export const connectRequest = (): Uint8Array => tpkt([17, 0xe0, 0, 0, 0, 1, 0, ...selectors]);
export const connectConfirm = (): Uint8Array => tpkt([17, 0xd0, 0, 1, 0, 2, 0, ...selectors]);

export type Message = { reference: number; parameters: readonly number[]; data?: readonly number[] };

const message = (rosctr: number, { reference, parameters, data = [] }: Message, error: readonly number[] = []): Uint8Array =>
  tpkt([
    2,
    0xf0,
    0x80,
    0x32,
    rosctr,
    0,
    0,
    ...two(reference),
    ...two(parameters.length),
    ...two(data.length),
    ...error,
    ...parameters,
    ...data,
  ]);

/** A job, and its answer: acknowledged with data. */
export const job = (of: Message): Uint8Array => message(1, of);
export const answer = (of: Message): Uint8Array => message(3, of, [0, 0]);

/** Setup Communication: one job at a time either way, units of 480 bytes; alike in the answer. */
export const setup = [0xf0, 0, 0, 1, 0, 1, 1, 0xe0];

/** Words of a data block, from a word on. */
export type Words = { block: number; from: number; count: number };

const item = ({ block, from, count }: Words): number[] => [
  0x12,
  10,
  0x10,
  4,
  ...two(count),
  ...two(block),
  0x84,
  0,
  ...two(from * 16),
];
export const readWords = (words: Words): number[] => [4, 1, ...item(words)];
export const writeWords = (words: Words): number[] => [5, 1, ...item(words)];
/** Data of a job that writes, and of an answer that reads: return code, transport size in bits, values. */
export const values = (code: number, of: readonly number[]): number[] => [code, 4, ...two(of.length * 16), ...of.flatMap(two)];

/** PLC Stop, and PLC Control that starts the program. */
export const stop = [0x29, 0, 0, 0, 0, 0, 9, ...text('P_PROGRAM')];
export const start = [0x28, 0, 0, 0, 0, 0, 0, 0xfd, 0, 0, 9, ...text('P_PROGRAM')];

/** Steps of a download: `_0800001P` is organisation block 1 in the passive file system. */
const file = (block: string): number[] => [9, ...text(`_${block}P`)];
const step = (code: number, block: string): number[] => [code, 0, 0, 0, 0, 0, 0, 0, ...file(block)];
export const requestDownload = (block: string, bytes: number): number[] => {
  const sizes = `1${String(bytes + 100).padStart(6, '0')}${String(bytes).padStart(6, '0')}`;
  return [0x1a, 0, 1, 0, 0, 0, 0, 0, ...file(block), sizes.length, ...text(sizes)];
};
export const downloadBlock = (block: string): number[] => step(0x1b, block);
export const downloadEnded = (block: string): number[] => step(0x1c, block);
/** A part of the block: its length, a constant, and its bytes. */
export const part = (bytes: readonly number[]): number[] => [...two(bytes.length), 0, 0xfb, ...bytes];
/** PLC Control `_INSE` puts the block into the program that runs. */
export const insert = (block: string): number[] => [
  0x28,
  0,
  0,
  0,
  0,
  0,
  0,
  0xfd,
  0,
  10,
  1,
  0,
  ...text(`${block}P`),
  5,
  ...text('_INSE'),
];
