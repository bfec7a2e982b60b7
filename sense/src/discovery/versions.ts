/**
 * What a program says of itself, taken apart as Zeek's `Software::parse` does: name, up to four numbers, and what stands behind them.
 */

export type Version = { name?: string; numbers: number[]; addl?: string };

/** More is no version but a text; and a record must not carry what somebody may write at any length. */
export const saidMax = 256;

/** The browser that a Mozilla-like user agent is, by the token that only it has; the first that is there counts. */
const browsers: readonly [token: RegExp, name: string][] = [
  [/\bEdgA?\/([\d.]+)/, 'Edge'],
  [/\bOPR\/([\d.]+)/, 'Opera'],
  [/\bFirefox\/([\d.]+)/, 'Firefox'],
  [/\bThunderbird\/([\d.]+)/, 'Thunderbird'],
  [/\b(?:Chrome|CriOS)\/([\d.]+)/, 'Chrome'],
  [/\bVersion\/([\d.]+).*\bSafari\//, 'Safari'],
  [/\bMSIE ([\d.]+)/, 'MSIE'],
  [/\bTrident\/.*\brv:([\d.]+)/, 'MSIE'],
];

export function parseVersion(said: string): Version {
  const text = said.slice(0, saidMax);
  if (text.startsWith('Mozilla/')) {
    const system = /\(([^;)]+)(?:; ([^;)]+))?/.exec(text);
    const addl = system
      ? /^(?:X11|compatible|Macintosh|Linux)$/.test(system[1]!)
        ? (system[2] ?? system[1])
        : system[1]
      : undefined;
    for (const [token, name] of browsers) {
      const found = token.exec(text);
      if (found) return { name, numbers: numbersOf(found[1]!), ...(addl === undefined ? {} : { addl }) };
    }
  }
  // Name, what divides it from the version, numbers, and the rest: OpenSSH_9.7p1 Debian-5, Apache/2.4.58 (Unix), ProFTPD 1.2.5rc1, MSFT 5.0.
  const found = /[/ _-]v?(\d[\d.]*)/.exec(text);
  const name = (found ? text.slice(0, found.index) : text).replaceAll(/^[/ _-]+|[/ _-]+$/g, '');
  if (!found || name === '') return { numbers: [], ...(name === '' ? {} : { name }) };
  const rest = text.slice(found.index + found[0].length).trim();
  const addl = /^\(([^)]*)\)/.exec(rest)?.[1] ?? /^[-_+,; ]?([^-_+,; (]+)/.exec(rest)?.[1];
  return { name, numbers: numbersOf(found[1]!), ...(addl ? { addl } : {}) };
}

/** A number that no version has is none. */
const numberMax = 1e9;

const numbersOf = (text: string): number[] =>
  text
    .split('.')
    .filter((number) => number !== '')
    .slice(0, 4)
    .map(Number)
    .filter((number) => number < numberMax);
