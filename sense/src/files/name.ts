/** File names out of `Content-Disposition` (RFC 6266, RFC 2183) and `Content-Type` (RFC 2045): what the sender calls it. */

const parameters = { filename: /filename[ \t]*\*?=[ \t]*/gi, name: /name[ \t]*\*?=[ \t]*/gi } as const;
const extended = /^[\w!#$%&+^`{}~.-]+'[\w!#$%&+^`{}~.-]*'/;

/** Longer names are cut; file systems stop at 255 bytes, attackers do not. */
export const nameCharactersMax = 1_024;

/** Sections of one name; mail programs make them of some 70 characters. */
const sectionsMax = 16;

/** The name in a header's value, `undefined` where there is none. Escapes (RFC 8187) are taken out, as in Zeek. */
export function fileNameOf(value: string, parameterName: 'filename' | 'name'): string | undefined {
  const text = value.length > 4 * nameCharactersMax ? value.slice(0, 4 * nameCharactersMax) : value;
  let from = -1;
  // The last one wins: where a plain and an extended name stand side by side, the extended one comes last.
  for (const match of text.matchAll(parameters[parameterName])) from = match.index + match[0].length;
  if (from < 0) {
    const whole = text.includes('*0') ? sectionsOf(text, parameterName) : undefined;
    return whole === undefined ? undefined : cleared(whole).slice(0, nameCharactersMax);
  }
  return cleared(valueAt(text, from)).slice(0, nameCharactersMax);
}

/** What stands behind the equals sign: within quotes, or up to the next parameter. */
function valueAt(text: string, from: number): string {
  if (text[from] === '"') {
    const end = text.indexOf('"', from + 1);
    return text.slice(from + 1, end < 0 ? undefined : end);
  }
  const end = text.indexOf(';', from);
  return text.slice(from, end < 0 ? undefined : end).trimEnd();
}

/** A name in sections, `name*0="long "; name*1="name"` (RFC 2231 §3). */
function sectionsOf(text: string, parameterName: string): string | undefined {
  let name: string | undefined;
  for (let section = 0; section < sectionsMax; section++) {
    const match = new RegExp(`${parameterName}\\*${section}\\*?=[ \\t]*`, 'i').exec(text);
    if (!match) break;
    name = (name ?? '') + valueAt(text, match.index + match[0].length);
  }
  return name;
}

/** Without the character set and language before it (RFC 8187 §3.2), and without its escapes. */
function cleared(name: string): string {
  const language = extended.exec(name);
  return unescaped(language ? name.slice(language[0].length) : name);
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
