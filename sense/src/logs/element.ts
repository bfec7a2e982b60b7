/** A tree of elements with values, whatever it was written in: XML, or the binary XML of Windows. */

/** A value with the type its source gave it; all that XML has is text. */
export type Scalar = string | number | boolean | readonly string[] | readonly number[];

export type Element = {
  readonly name: string;
  readonly attributes: readonly (readonly [name: string, value: Scalar])[];
  readonly children: readonly (Element | Scalar)[];
};

export const isElement = (child: Element | Scalar): child is Element => typeof child === 'object' && !Array.isArray(child);

/** What stands in an element beside other elements; of one value its own type, of several their text. */
export function valueOf(element: Element): Scalar | undefined {
  let value: Scalar | undefined;
  for (const child of element.children) {
    if (isElement(child)) continue;
    value = value === undefined ? child : textOf(value) + textOf(child);
  }
  return value;
}

export const textOf = (value: Scalar): string =>
  Array.isArray(value) ? (value as readonly (string | number)[]).join(', ') : String(value as string | number | boolean);

export const childOf = (element: Element, name: string): Element | undefined =>
  element.children.find((child): child is Element => isElement(child) && child.name === name);
