import { expect, test } from 'vitest';
import { isWider, markingOf } from './markings.ts';

test('the narrowest marking of a bundle or an event', () => {
  const refs = (...ids: string[]) => ({ type: 'indicator', object_marking_refs: ids.map((id) => `marking-definition--${id}`) });
  const [green, strict, red1] = [
    'bab4a63c-aed9-4cf5-a766-dfca5abac2bb',
    '939a9414-2ddd-4d32-a0cd-375ea402b003',
    '5e57c739-391a-4eb3-b6be-7d15ca92d5ed',
  ] as const;
  expect(markingOf({ objects: [refs(green), refs(strict), refs(green)] })).toBe('TLP:AMBER+STRICT');
  const granular = [{ marking_ref: `marking-definition--${red1}`, selectors: ['name'] }];
  expect(markingOf({ objects: [refs(green), { granular_markings: granular }] })).toBe('TLP:RED');
  expect(markingOf({ objects: [{ description: `marking-definition--${red1}` }] })).toBeUndefined();
  expect(markingOf({ Event: { Tag: [{ name: 'tlp:white' }], Attribute: [{ Tag: [{ name: 'tlp:amber+strict' }, null] }] } })).toBe(
    'TLP:AMBER+STRICT',
  );
  expect(markingOf({ Event: { Tag: [{ name: 'tlp:white' }] } })).toBe('TLP:CLEAR');
  expect(markingOf('x')).toBeUndefined();
});

test('wider and narrower', () => {
  expect(isWider('TLP:GREEN', 'TLP:AMBER')).toBe(true);
  expect(isWider('TLP:RED', 'TLP:AMBER')).toBe(false);
  expect(isWider('TLP:AMBER', 'TLP:AMBER')).toBe(false);
});
