/** File names out of `Content-Disposition` (RFC 6266, RFC 2183) and `Content-Type` (RFC 2045): what the sender calls it. */

const parameters = { filename: /filename[ \t]*\*?=[ \t]*/gi, name: /name[ \t]*\*?=[ \t]*/gi } as const;
const extended = /^[\w!#$%&+^`{}~.-]+'[\w!#$%&+^`{}~.-]*'/;

/** Longer names are cut; file systems stop at 255 bytes, attackers do not. */
export const nameCharactersMax = 1_024;

/** The name in a header's value, `undefined` where there is none. Escapes (RFC 8187) are taken out, as in Zeek. */
export function fileNameOf(value: string, parameterName: 'filename' | 'name'): string | undefined {
  const text = value.length > 4 * nameCharactersMax ? value.slice(0, 4 * nameCharactersMax) : value;
  let from = -1;
  // The last one wins: where a plain and an extended name stand side by side, the extended one comes last.
  for (const match of text.matchAll(parameters[parameterName])) from = match.index + match[0].length;
  if (from < 0) return undefined;
  let name = text.slice(from);
  if (name.startsWith('"')) {
    const end = name.indexOf('"', 1);
    name = end < 0 ? name.slice(1) : name.slice(1, end);
  } else {
    const end = name.indexOf(';');
    if (end >= 0) name = name.slice(0, end);
    name = name.trimEnd();
  }
  const language = extended.exec(name);
  if (language) name = name.slice(language[0].length);
  return unescaped(name).slice(0, nameCharactersMax);
}

/** `%41` as `A`; what does not come out as text stays as it was sent. */
function unescaped(name: string): string {
  if (!name.includes('%')) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
