/** The structured data of a syslog message (RFC 5424 §6.3): elements `[id name="value" …]`, one behind the other, or a dash. */

/** Hands each element's name and its parameters as they stand to `take`; answers where the message begins. */
export function structuredData(text: string, from: number, take: (name: string, parameters: string) => void): number {
  let at = from;
  if (text[at] === '-') at++;
  // A bracket in a value has a backslash before it.
  while (text[at] === '[') {
    let end = at + 1;
    let quoted = false;
    for (; end < text.length && (quoted || text[end] !== ']'); end++) {
      if (text[end] === '\\') end++;
      else if (text[end] === '"') quoted = !quoted;
    }
    const element = text.slice(at + 1, end);
    const space = element.indexOf(' ');
    const name = space < 0 ? element : element.slice(0, space);
    take(name, space < 0 ? '' : element.slice(space + 1).replaceAll('\\]', ']'));
    at = end + 1;
  }
  return at;
}
