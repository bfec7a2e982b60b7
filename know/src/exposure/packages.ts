/** What a product is called: package URLs (github.com/package-url/purl-spec) and CPE names (NIST IR 7695, 7696). */

/** Longer names are refused; CPE 2.3 has thirteen parts, and the longest of the official dictionary some two hundred characters. */
export const nameMax = 1_000;

export type PackageUrl = {
  type: string;
  namespace: string;
  name: string;
  version: string;
  qualifiers: { readonly [key: string]: string };
  subpath: string;
};

/** Types whose names are the same in any case. */
const caseless = new Set(['github', 'bitbucket', 'composer', 'pypi', 'deb', 'hex', 'apk', 'alpm', 'gitlab']);

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

/** Reads a package URL, brought to the one form that its type has; undefined when it is none. */
export function parsePackageUrl(text: string): PackageUrl | undefined {
  if (text.length > nameMax) return undefined;
  const [beforeHash, subpathText = ''] = splitOnce(text.trim(), '#');
  const [beforeQuestion, qualifiersText = ''] = splitOnce(beforeHash, '?');
  const scheme = /^pkg:\/*([A-Za-z][A-Za-z0-9.+-]*)\/(.+)$/.exec(beforeQuestion);
  if (!scheme) return undefined;
  const type = scheme[1]!.toLowerCase();
  const path = scheme[2]!.replace(/^\/+|\/+$/g, '');
  const slash = path.lastIndexOf('/');
  // A namespace may begin with an at sign; that of the version stands in the last part.
  const at = path.lastIndexOf('@');
  const [wholeName, versionText] = at > slash + 1 ? [path.slice(0, at), path.slice(at + 1)] : [path, ''];
  const parts = wholeName.split('/').filter((part) => part !== '').map(decoded); // oxfmt-ignore
  const version = decoded(versionText);
  if (version === undefined || parts.length === 0 || parts.includes(undefined)) return undefined;
  const fold = (value: string): string => (caseless.has(type) ? value.toLowerCase() : value);
  const name = fold(parts.at(-1)!);
  const qualifiers: { [key: string]: string } = {};
  for (const pair of qualifiersText.split('&')) {
    const [key, valueText = ''] = splitOnce(pair, '=');
    const value = decoded(valueText);
    if (value === undefined || (key !== '' && !/^[A-Za-z.\-_][A-Za-z0-9.\-_]*$/.test(key))) return undefined;
    if (key !== '' && value !== '') qualifiers[key.toLowerCase()] = value;
  }
  const subpath = decoded(subpathText.split('/').filter((part) => !['', '.', '..'].includes(part)).join('/')); // oxfmt-ignore
  if (subpath === undefined) return undefined;
  return {
    type,
    namespace: fold(parts.slice(0, -1).join('/')),
    name: type === 'pypi' ? name.replaceAll('_', '-') : name,
    version,
    qualifiers,
    subpath,
  };
}

function splitOnce(text: string, sign: string): [string, string?] {
  const at = text.indexOf(sign);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** The package whatever its version, to look it up by: `npm/%40scope/name`. */
export const packageKey = ({ type, namespace, name }: PackageUrl): string =>
  [type, ...namespace.split('/'), name].filter((part) => part !== '').map(encodeURIComponent).join('/'); // oxfmt-ignore

export const cpeParts = [
  'part',
  'vendor',
  'product',
  'version',
  'update',
  'edition',
  'language',
  'sw_edition',
  'target_sw',
  'target_hw',
  'other',
] as const;
/** Each part as it is bound, in small letters: `*` any, `-` none, or a value with its backslashes. */
export type Cpe = { readonly [part in (typeof cpeParts)[number]]: string };

/** Reads a name in either binding, `cpe:2.3:a:vendor:…` or `cpe:/a:vendor:…`; undefined when it is none. */
export function parseCpe(text: string): Cpe | undefined {
  if (text.length > nameMax) return undefined;
  const values = text.startsWith('cpe:2.3:') ? formatted(text.slice(8)) : /^cpe:\//i.test(text) ? bound(text.slice(5)) : undefined; // oxfmt-ignore
  if (!values || !/^[aoh*-]$/.test(values[0]!)) return undefined;
  return Object.fromEntries(cpeParts.map((part, i) => [part, values[i]!])) as Cpe;
}

/** Of a formatted string: eleven parts between colons that have no backslash. */
function formatted(text: string): string[] | undefined {
  const parts = (text.toLowerCase().match(/(?:\\.|[^:\\])*(?::|$)/g) ?? []).map((part) => part.replace(/:$/, ''));
  // The expression finds an empty part at the very end.
  const values = parts.slice(0, -1);
  if (values.length !== cpeParts.length || values.includes('')) return undefined;
  // Unquoted marks of a pattern stand at the ends only.
  return values.every((value) => /^(?:[*-]|(?:\*|\?+)?(?:\\.|[^*?\\])+(?:\*|\?+)?)$/.test(value)) ? values : undefined;
}

/** Of a URI: up to seven parts, percent-encoded; what is left out is any; the sixth may hold five, packed with tildes. */
function bound(text: string): string[] | undefined {
  const parts = text.toLowerCase().split(':');
  if (parts.length > 7) return undefined;
  const read = (part: string | undefined): string | undefined => {
    if (part === undefined || part === '') return '*';
    if (part === '-') return '-';
    // `%01` and `%02` are the binding's marks for one character and for any run.
    const pieces = part.split(/(%0[12])/).map((piece) => {
      if (piece === '%01') return '?';
      if (piece === '%02') return '*';
      return decoded(piece)?.replaceAll(/[^a-z0-9_]/g, '\\$&');
    });
    return pieces.includes(undefined) ? undefined : pieces.join('');
  };
  const packed = parts[5]?.startsWith('~') ? parts[5].slice(1).split('~') : [parts[5]];
  const values = [...parts.slice(0, 5), ...Array.from({ length: 5 - Math.min(5, parts.length) }, () => '')].map(read);
  const whole = [...values, read(packed[0]), read(parts[6]), ...[1, 2, 3, 4].map((i) => read(packed[i]))];
  return whole.includes(undefined) ? undefined : (whole as string[]);
}

/**
 * How a pattern's part stands to a name's (NIST IR 7696, table 6-2): equal, wider, narrower, apart, or not to be said, where the name itself is a
 * pattern.
 */
export type CpeRelation = 'equal' | 'superset' | 'subset' | 'disjoint' | 'undefined';

export function compareCpePart(source: string, target: string): CpeRelation {
  const isPattern = (value: string): boolean => value !== '*' && value !== '-' && /^(?:[*?])|(?<!\\)(?:\\\\)*[*?]$/.test(value);
  if (source === target) return isPattern(target) ? 'undefined' : 'equal';
  if (isPattern(target)) return 'undefined';
  if (source === '*') return 'superset';
  if (target === '*') return 'subset';
  if (source === '-' || target === '-') return 'disjoint';
  if (isPattern(source)) return matchesPattern(source, target) ? 'superset' : 'disjoint';
  return 'disjoint';
}

function matchesPattern(pattern: string, value: string): boolean {
  const lead = /^(\*|\?+)/.exec(pattern)?.[0] ?? '';
  const rest = pattern.slice(lead.length);
  const trail = /(?<!\\)(?:\\\\)*(\*|\?+)$/.exec(rest)?.[1] ?? '';
  const body = rest.slice(0, rest.length - trail.length);
  // A quoted sign is one character of the value.
  const length = (text: string): number => text.replaceAll(/\\./g, 'x').length;
  const room = (mark: string, count: number): boolean => mark === '*' || (mark === '' ? count === 0 : count <= mark.length);
  for (let at = value.indexOf(body); at >= 0; at = value.indexOf(body, at + 1)) {
    if (room(lead, length(value.slice(0, at))) && room(trail, length(value.slice(at + body.length)))) return true;
  }
  return false;
}

/** Whether all that the target stands for is meant by the source: every part equal or wider. */
export const cpeMeans = (source: Cpe, target: Cpe): boolean =>
  cpeParts.every((part) => ['equal', 'superset'].includes(compareCpePart(source[part], target[part])));

/** A part's value as a person reads it, without backslashes. */
export const cpeValue = (value: string): string => value.replaceAll(/\\(.)/g, '$1');
