/** Single packets taken apart for people: layers, fields and the bytes they stand in. */

import { packetFieldNames } from '@forewarn/model/packet-fields';
import { packetLayerNames } from '@forewarn/model/packet';
import { eachPacket } from '@forewarn/sense/decode/captured';
import { decodePacket } from '@forewarn/sense/decode/decode';
import { fieldsMax, layersMax, valueLettersMax } from '@forewarn/sense/decode/dissection';
import { builtSeeds } from '@forewarn/sense/testing/mutations';
import type { Family } from './family.ts';

const t0 = 1_700_000_000;

/** Link types that are read, each of which any bytes may claim; 147 nobody reads. */
const linkTypes = [1, 0, 9, 51, 101, 105, 107, 113, 127, 147, 192, 219, 239, 276, 281];

/** What `conn.service` may say of the flow, whatever the bytes are. */
const services = [undefined, 'ssl', 'http', 'dns', 'modbus', 'smtp', 'gssapi,smb'];

/** Frames as they stand in the built captures, and of which link type. */
const frames: { bytes: Uint8Array; linkType: number }[] = [];
const seen = new Set<string>();
for (const capture of builtSeeds()) {
  eachPacket(capture, ({ bytes, linkType }) => {
    const key = `${linkType} ${Buffer.from(bytes).toString('latin1')}`;
    if (!seen.has(key)) frames.push({ bytes: bytes.slice(), linkType });
    seen.add(key);
  });
}

const layerNames: ReadonlySet<string> = new Set(packetLayerNames);
const fieldNames: ReadonlySet<string> = new Set(packetFieldNames);

const decode: Family = {
  name: 'decode',
  starts: frames.map(({ bytes }, seed) => ({ seed, arrivals: [{ direction: 0, ts: t0, bytes }] })),
  inputsEach: 1_000,
  open: (witness) => {
    let linkType = 1;
    let service: string | undefined;
    return {
      begin: (input, n) => {
        // One in eight claims to be of another link.
        linkType = n % 8 === 0 ? linkTypes[(n >> 3) % linkTypes.length]! : (frames[input.seed]?.linkType ?? 1);
        service = services[n % services.length];
      },
      arrive: (arrival) => {
        if ('missing' in arrival) return;
        const { bytes } = arrival;
        const decoded = decodePacket({ bytes, wireBytes: bytes.length + (bytes.length % 3), ts: t0, linkType }, { service });
        if (decoded.layers.length > layersMax + 2) throw new Error(`${decoded.layers.length} layers`);
        if (decoded.info.length > valueLettersMax + 1) throw new Error(`info of ${decoded.info.length} letters`);
        for (const { name, line, start, end, fields } of decoded.layers) {
          if (!layerNames.has(name)) throw new Error(`layer "${name}" has no title`);
          if (!(start >= 0 && start <= end && end <= bytes.length)) throw new Error(`${name} at ${start} to ${end}`);
          if (line.length > valueLettersMax + 1 || fields.length > fieldsMax) throw new Error(`${name} is too long`);
          for (const field of fields) {
            if (!fieldNames.has(field.name)) throw new Error(`field "${field.name}" has no title`);
            if (!(field.start >= 0 && field.start <= field.end && field.end <= bytes.length))
              throw new Error(`${field.name} at ${field.start} to ${field.end} of ${bytes.length}`);
            if (field.value.length > valueLettersMax + 1) throw new Error(`${field.name} has ${field.value.length} letters`);
          }
          witness.trait(`${name} ${fields.length}`);
        }
        witness.trait(decoded.layers.map(({ name }) => name).join(' '));
      },
      finish: () => {},
      end: () => {},
    };
  },
};

export const decodeFamilies: readonly Family[] = [decode];
