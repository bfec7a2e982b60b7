/** Writing XML 1.0: an element is a name, attributes, and text or elements. No text can break out of its place. */

export type XmlElement = {
  readonly name: string;
  readonly attributes?: { readonly [name: string]: string };
  readonly content?: string | readonly (XmlElement | undefined)[];
};

/** An element of text; undefined (left out) where there is none. */
export function textElement(
  name: string,
  text: string | null | undefined,
  attributes?: XmlElement['attributes'],
): XmlElement | undefined {
  if (text === null || text === undefined) return undefined;
  return { name, content: text, ...(attributes ? { attributes } : {}) };
}

/** XML 1.0 (fifth edition) §2.2: other characters cannot stand in a document, however they are written. */
// oxlint-disable-next-line no-control-regex -- These are the ones.
const impossible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(impossible, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');
}

export function writeXml(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${written(root, '')}\n`;
}

function written({ name, attributes = {}, content = [] }: XmlElement, indent: string): string {
  const inside = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value).replaceAll('\n', '&#10;')}"`);
  const start = `${indent}<${name}${inside.join('')}`;
  if (typeof content === 'string') return `${start}>${escaped(content)}</${name}>`;
  const children = content.flatMap((one) => (one === undefined ? [] : [written(one, `${indent}  `)]));
  return children.length === 0 ? `${start}/>` : `${start}>\n${children.join('\n')}\n${indent}</${name}>`;
}
