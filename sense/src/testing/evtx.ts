/** Chunks of event log files, made by hand for tests: a template once, then records that fill its gaps. */

/** A value in a record, by its type number in binary XML. */
export type MadeValue = { readonly type: number; readonly bytes: Uint8Array };
/** A part of a template: text, the number of a gap and its type, or an element. */
export type MadePart = string | { readonly gap: number; readonly type: number; readonly optional?: boolean } | MadeElement;
export type MadeElement = {
  readonly name: string;
  readonly attributes?: readonly (readonly [name: string, value: Exclude<MadePart, MadeElement>])[];
  readonly parts?: readonly MadePart[];
};
export type MadeRecord = { readonly number: number; readonly seconds: number; readonly values: readonly MadeValue[] };

export const utf16 = (text: string): Uint8Array =>
  Uint8Array.from([...Array(text.length).keys()].flatMap((i) => [text.charCodeAt(i) & 255, text.charCodeAt(i) >> 8]));
export const little = (value: number | bigint, bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 255n));

export const texts = (text: string): MadeValue => ({ type: 1, bytes: utf16(text) });
export const number = (value: number, type: number, bytes: number): MadeValue => ({ type, bytes: little(value, bytes) });
export const time = (seconds: number): bigint => BigInt(Math.round(seconds * 1e6)) * 10n + 116_444_736_000_000_000n;

class Chunk {
  readonly bytes: number[] = Array.from({ length: 512 }, () => 0);
  readonly #names = new Map<string, number>();

  put(...parts: (Uint8Array | number)[]): void {
    for (const part of parts) {
      if (typeof part === 'number') this.bytes.push(part);
      else this.bytes.push(...part);
    }
  }

  name(name: string): void {
    const known = this.#names.get(name);
    if (known !== undefined) return this.put(little(known, 4));
    const at = this.bytes.length + 4;
    this.#names.set(name, at);
    this.put(little(at, 4), little(0, 4), little(0, 2), little(name.length, 2), utf16(name), 0, 0);
  }

  part(part: MadePart): void {
    if (typeof part === 'string') this.put(0x05, 0x01, little(part.length, 2), utf16(part));
    else if ('gap' in part) this.put(part.optional ? 0x0e : 0x0d, little(part.gap, 2), part.type);
    else this.element(part);
  }

  element({ name, attributes = [], parts = [] }: MadeElement): void {
    this.put(attributes.length > 0 ? 0x41 : 0x01, 0xff, 0xff, little(0, 4));
    this.name(name);
    if (attributes.length > 0) this.put(little(0, 4));
    for (const [i, [attribute, value]] of attributes.entries()) {
      this.put(i + 1 < attributes.length ? 0x46 : 0x06);
      this.name(attribute);
      this.part(value);
    }
    if (parts.length === 0) return this.put(0x03);
    this.put(0x02);
    for (const part of parts) this.part(part);
    this.put(0x04);
  }

  set(at: number, bytes: Uint8Array): void {
    for (const [i, byte] of bytes.entries()) this.bytes[at + i] = byte;
  }
}

/** One chunk, as long as its records; a file has it filled up to 64 KB. */
export function makeChunk(template: MadeElement, records: readonly MadeRecord[]): Uint8Array {
  const chunk = new Chunk();
  let definition: number | undefined;
  for (const { number: own, seconds, values } of records) {
    const from = chunk.bytes.length;
    chunk.put(little(0x2a2a, 4), little(0, 4), little(own, 8), little(time(seconds), 8));
    chunk.put(0x0f, 1, 1, 0, 0x0c, 1, little(1, 4));
    if (definition === undefined) {
      definition = chunk.bytes.length + 4;
      chunk.put(little(definition, 4), little(0, 4), new Uint8Array(16), little(0, 4));
      const start = chunk.bytes.length;
      chunk.put(0x0f, 1, 1, 0);
      chunk.element(template);
      chunk.put(0);
      chunk.set(start - 4, little(chunk.bytes.length - start, 4));
    } else chunk.put(little(definition, 4));
    chunk.put(little(values.length, 4));
    for (const { type, bytes } of values) chunk.put(little(bytes.length, 2), type, 0);
    for (const { bytes } of values) chunk.put(bytes);
    chunk.put(0);
    while ((chunk.bytes.length - from + 4) % 8 !== 0) chunk.put(0);
    chunk.put(little(chunk.bytes.length - from + 4, 4));
    chunk.set(from + 4, little(chunk.bytes.length - from, 4));
  }
  chunk.set(0, new TextEncoder().encode('ElfChnk\0'));
  chunk.set(48, little(chunk.bytes.length, 4));
  return Uint8Array.from(chunk.bytes);
}

/** A file of chunks. */
export function makeFile(...chunks: readonly Uint8Array[]): Uint8Array {
  const file = new Uint8Array(4_096 + chunks.length * 65_536);
  file.set(new TextEncoder().encode('ElfFile\0'));
  for (const [i, chunk] of chunks.entries()) file.set(chunk, 4_096 + i * 65_536);
  return file;
}

/** The template of an event as Sysmon writes them: number, time and computer in `System`, and two data. */
export const eventTemplate: MadeElement = {
  name: 'Event',
  attributes: [['xmlns', 'http://schemas.microsoft.com/win/2004/08/events/event']],
  parts: [
    {
      name: 'System',
      parts: [
        { name: 'Provider', attributes: [['Name', 'Maker']] },
        { name: 'EventID', attributes: [['Qualifiers', { gap: 5, type: 6, optional: true }]], parts: [{ gap: 0, type: 6 }] },
        { name: 'TimeCreated', attributes: [['SystemTime', { gap: 1, type: 0x11 }]] },
        { name: 'Channel', parts: ['Made/Operational'] },
        { name: 'Computer', parts: [{ gap: 2, type: 1 }] },
      ],
    },
    {
      name: 'EventData',
      parts: [
        { name: 'Data', attributes: [['Name', 'CommandLine']], parts: [{ gap: 3, type: 1 }] },
        { name: 'Data', attributes: [['Name', 'ProcessId']], parts: [{ gap: 4, type: 8 }] },
      ],
    },
  ],
};

export const eventRecord = (own: number, seconds: number, command: string): MadeRecord => ({
  number: own,
  seconds,
  values: [
    number(1, 6, 2),
    { type: 0x11, bytes: little(time(seconds), 8) },
    texts('pc.example'),
    texts(command),
    number(7, 8, 4),
    { type: 0, bytes: new Uint8Array(0) },
  ],
});
