/** How far a partner's document may travel, by its own marking: the narrowest that stands in it. */

import { tlpOrder, type Tlp } from '@forewarn/model/markings';

/** Marking definitions that everybody refers to: TLP 2.0 (OASIS, 2022), TLP 1 (STIX 2.1 section 7.2.1.4), and OpenCTI's own for AMBER+STRICT. */
const stixMarkings: { readonly [id: string]: Tlp } = {
  'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487': 'TLP:CLEAR',
  'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb': 'TLP:GREEN',
  'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421': 'TLP:AMBER',
  'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003': 'TLP:AMBER+STRICT',
  'marking-definition--826578e1-40ad-459f-bc73-ede076f81f37': 'TLP:AMBER+STRICT',
  'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1': 'TLP:RED',
  'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9': 'TLP:CLEAR',
  'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da': 'TLP:GREEN',
  'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82': 'TLP:AMBER',
  'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed': 'TLP:RED',
};

/** `tlp:white` and `TLP:CLEAR` are the same. */
function tlpOfText(text: string): Tlp | undefined {
  const name = text.trim().toUpperCase();
  return tlpOrder.find((tlp) => tlp === (name === 'TLP:WHITE' ? 'TLP:CLEAR' : name));
}

export function narrowest(markings: Iterable<Tlp>): Tlp | undefined {
  const found = new Set(markings);
  return tlpOrder.find((tlp) => found.has(tlp));
}

/** Whether something marked `a` may travel further than something marked `b`. */
export const isWider = (a: Tlp, b: Tlp): boolean => tlpOrder.indexOf(a) > tlpOrder.indexOf(b);

/** Of a STIX bundle (object markings, granular ones too) or a MISP document (tags). Undefined: nothing is said. */
export function markingOf(document: unknown): Tlp | undefined {
  const found = new Set<Tlp>();
  // Documents are as deep as their authors like; a stack of our own is not the engine's.
  const open: unknown[] = [document];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value === 'string') {
      const tlp = Object.hasOwn(stixMarkings, value) ? stixMarkings[value] : undefined;
      if (tlp !== undefined) found.add(tlp);
    } else if (Array.isArray(value)) for (const one of value as unknown[]) open.push(one);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        if (name === 'object_marking_refs' || name === 'granular_markings' || name === 'marking_ref') open.push(inner);
        else if (name === 'Tag' && Array.isArray(inner)) {
          for (const tag of inner as { name?: unknown }[]) {
            const tlp = typeof tag?.name === 'string' ? tlpOfText(tag.name) : undefined;
            if (tlp !== undefined) found.add(tlp);
          }
        } else if (typeof inner === 'object') open.push(inner ?? undefined);
      }
    }
  }
  return narrowest(found);
}
