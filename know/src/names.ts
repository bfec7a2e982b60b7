/** Domain and host names as they are compared: lower case, without the final dot (RFC 1035 §2.3.1, RFC 5890 for letters beyond ASCII). */

/** The name ready for comparison; `undefined` when it is none: an empty label, a label over 63 or a name over 253 characters, a space. */
export function domainOf(text: string): string | undefined {
  const name = text.toLowerCase().replace(/\.$/, '');
  if (name.length === 0 || name.length > 253) return undefined;
  for (const label of name.split('.')) {
    if (label.length === 0 || label.length > 63 || !/^[\p{L}\p{N}_-]+$/u.test(label)) return undefined;
  }
  return name;
}

/** The name and the names above it, itself first: `a.b.c`, `b.c`, `c`. */
export function* upwards(name: string): Generator<string> {
  for (let at = 0; ;) {
    yield name.slice(at);
    const dot = name.indexOf('.', at);
    if (dot < 0) return;
    at = dot + 1;
  }
}
