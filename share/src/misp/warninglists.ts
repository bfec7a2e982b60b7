/** MISP's warning lists (https://github.com/MISP/misp-warninglists): which values each warns of, in our words. */

import { Refusal } from '@forewarn/base/refusal';

export type WarnedList = {
  reason: string;
  networks: string[];
  domains: string[];
  below: string[];
  hashes: string[];
  urls: string[];
};

/** Values of one list; the longest public one has a million. */
const valuesMax = 2_000_000;

/**
 * Reads a list. `string` and `hostname` name values, with those below a name when it begins with a dot; `cidr` networks; `substring` and `regex`
 * are about texts that are no indicators here (mail addresses), and `substring` is taken as the name and all below it.
 * Refusals: `misp.warninglist`.
 */
export function readMispWarningList(text: string, file: string): WarnedList {
  const wrong = (message: string): Refusal =>
    new Refusal('misp.warninglist', message, { place: { file }, advice: 'Give a list.json of the project misp-warninglists.' });
  let document: { name?: unknown; type?: unknown; list?: unknown };
  try {
    document = JSON.parse(text) as typeof document;
  } catch {
    throw wrong('The text is not JSON.');
  }
  const { name, type, list } = document ?? {};
  if (!Array.isArray(list) || typeof type !== 'string') throw wrong('The document has no list and type.');
  if (list.length > valuesMax) throw wrong(`The list has more than ${valuesMax} values.`);
  const warned: WarnedList = {
    reason: `It stands on the warning list “${typeof name === 'string' ? name.slice(0, 200) : file}”.`,
    networks: [],
    domains: [],
    below: [],
    hashes: [],
    urls: [],
  };
  // Now and then two names stand in one entry.
  for (const entry of (list as unknown[]).flatMap((one) => (typeof one === 'string' && type !== 'regex' ? one.split(',') : []))) {
    const value = entry.trim().toLowerCase();
    if (type === 'cidr') warned.networks.push(value);
    else if (/^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/.test(value))
      warned.hashes.push(value);
    else if (/^[a-z]+:\/\//.test(value)) warned.urls.push(value);
    else if (/^[\d.]+$|:/.test(value)) warned.networks.push(value);
    else if (value.startsWith('.')) warned.below.push(value.slice(1));
    else if (type === 'substring') warned.below.push(value);
    else warned.domains.push(value);
  }
  return warned;
}
