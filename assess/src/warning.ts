/**
 * Early warnings: their life, and whom they concern. The rules only check; that a warning is issued, adjusted or
 * lifted is always the deed of a person, whose event says who.
 *
 *     draft ──► issued ──► adjusted (any number of times) ──► lifted
 *                 each edition is acknowledged by each addressee
 */

import { parseNetwork, type Network } from '@forewarn/base/ip';
import { Refusal } from '@forewarn/base/refusal';
import type { Seconds } from '@forewarn/base/time';
import type { Concern, WarningContent, WarningEvent, WarningReceipt, WarningScope, WarningState } from '@forewarn/model/warning';

/** The state after the events, the first of which drafts. Refuses (`warning.…`) what the state does not allow. */
export function warningState(events: readonly WarningEvent[]): WarningState {
  const [first, ...rest] = events;
  if (first?.kind !== 'draft')
    throw new Refusal('warning.draft', 'The first event must draft the warning.', { advice: 'Begin with "draft".' });
  return rest.reduce(applyWarning, {
    state: 'draft',
    content: first.content,
    edition: 0,
    draftedAt: first.at,
    issuedAt: null,
    liftedAt: null,
    receipts: [],
    unacknowledged: [],
  });
}

/** One more event. */
export function applyWarning(warning: WarningState, event: WarningEvent): WarningState {
  if (warning.state === 'lifted') throw new Refusal('warning.lifted', 'The warning was lifted.', { advice: 'Draft a new one.' });
  const out = warning.state !== 'draft';
  switch (event.kind) {
    case 'draft':
      if (out)
        throw new Refusal('warning.state', 'The warning was issued; its text is changed by adjusting it.', {
          advice: 'Adjust it, with a reason.',
        });
      return { ...warning, content: event.content };
    case 'issue':
      if (out) throw new Refusal('warning.state', 'The warning was issued already.', { advice: 'Adjust it, with a reason.' });
      requireAudience(event.audience);
      return withReceipts({ ...warning, state: 'issued', edition: 1, issuedAt: event.at }, event.audience, event.at);
    case 'adjust':
      if (!out)
        throw new Refusal('warning.state', 'A draft is changed by drafting again, not by adjusting.', {
          advice: 'Draft it again, or issue it.',
        });
      requireAudience(event.audience);
      return withReceipts(
        { ...warning, state: 'adjusted', edition: warning.edition + 1, content: event.content },
        event.audience,
        event.at,
      );
    case 'acknowledge': {
      const receipt = requireReceipt(warning, event.organisation);
      const acknowledged: WarningReceipt = { ...receipt, acknowledgedAt: event.at, acknowledgedEdition: warning.edition };
      return withUnacknowledged({
        ...warning,
        receipts: warning.receipts.map((each) => (each === receipt ? acknowledged : each)),
      });
    }
    case 'measure-done': {
      const receipt = requireReceipt(warning, event.organisation);
      if (!warning.content.measures.some((measure) => measure.id === event.measure)) {
        throw new Refusal('warning.measure', `The warning asks for no measure "${event.measure}".`, {
          advice: `It asks for ${warning.content.measures.map((measure) => measure.id).join(', ') || 'none'}.`,
        });
      }
      if (receipt.measuresDone.some((done) => done.measure === event.measure))
        throw new Refusal('warning.measure', `"${event.organisation}" has done this already.`, {
          advice: 'Nothing needs to be recorded.',
        });
      const done: WarningReceipt = {
        ...receipt,
        measuresDone: [...receipt.measuresDone, { measure: event.measure, at: event.at }],
      };
      return { ...warning, receipts: warning.receipts.map((each) => (each === receipt ? done : each)) };
    }
    case 'lift':
      if (!out) throw new Refusal('warning.state', 'A draft cannot be lifted.', { advice: 'Issue it first.' });
      return { ...warning, state: 'lifted', liftedAt: event.at, unacknowledged: [] };
  }
}

function requireAudience(addressees: readonly string[]): void {
  if (addressees.length === 0)
    throw new Refusal('warning.audience', 'The warning reaches nobody.', { advice: 'Widen its scope, or name organisations.' });
}

function requireReceipt(warning: WarningState, organisation: string): WarningReceipt {
  const receipt = warning.receipts.find((each) => each.organisation === organisation);
  if (!receipt)
    throw new Refusal('warning.addressee', `The warning was not sent to "${organisation}".`, {
      advice: 'Only an addressee can answer it.',
    });
  return receipt;
}

/** Addressees of earlier editions stay: whoever was warned must learn what became of it. */
function withReceipts(warning: WarningState, addressees: readonly string[], at: Seconds): WarningState {
  const known = new Set(warning.receipts.map((receipt) => receipt.organisation));
  const added = [...new Set(addressees)].filter((organisation) => !known.has(organisation));
  const receipts = [
    ...warning.receipts,
    ...added.map((organisation) => ({
      organisation,
      sentAt: at,
      acknowledgedAt: null,
      acknowledgedEdition: null,
      measuresDone: [],
    })),
  ];
  return withUnacknowledged({ ...warning, receipts });
}

function withUnacknowledged(warning: WarningState): WarningState {
  const open = warning.receipts.filter((receipt) => receipt.acknowledgedEdition !== warning.edition);
  return { ...warning, unacknowledged: open.map((receipt) => receipt.organisation) };
}

/** Per measure: the time given, the time it needs, the time left, and whether what was given is enough. Seconds; null where not stated. */
export function reactionTimes(
  warning: Pick<WarningState, 'content' | 'issuedAt'>,
  at: Seconds,
): { measure: string; given: Seconds | null; needs: Seconds | null; left: Seconds | null; enough: boolean | null }[] {
  return warning.content.measures.map((measure) => {
    const given = measure.dueAt === null || warning.issuedAt === null ? null : measure.dueAt - warning.issuedAt;
    return {
      measure: measure.id,
      given,
      needs: measure.needs,
      left: measure.dueAt === null ? null : measure.dueAt - at,
      enough: given === null || measure.needs === null ? null : given >= measure.needs,
    };
  });
}

/** Whether the warning is valid at a moment: issued, not lifted, not run out. */
export function isValid(warning: WarningState, at: Seconds): boolean {
  const { issuedAt, liftedAt, content } = warning;
  return (
    issuedAt !== null &&
    issuedAt <= at &&
    (liftedAt === null || at < liftedAt) &&
    (content.validUntil === null || at <= content.validUntil)
  );
}

/** What of the estate decides whom a warning concerns. */
export type WarnedEstate = {
  organisations: readonly { id: string; sector?: string }[];
  networks: readonly { organisation: string; addresses: readonly string[]; domains: readonly string[] }[];
  assets: readonly {
    organisation: string;
    addresses: readonly string[];
    names: readonly string[];
    businesses: readonly string[];
  }[];
  businesses: readonly { id: string; organisation: string; surfaces: readonly { name: string }[] }[];
};

type Reason = Concern['reasons'][number];

/** Reasons shown per organisation; a scanned address range would otherwise list thousands. */
const reasonsMax = 50;

export const limits = [
  {
    name: 'warning: reasons of one addressee',
    value: reasonsMax,
    unit: 'reasons',
    why: 'A warned address range would otherwise list thousands.',
  },
];

/**
 * The organisations that a scope concerns, each with its reasons; nobody else. Addresses match when either network
 * contains the other; a name matches the domains above it and the names below it; a business matches its owner and
 * whoever runs an asset that carries it. Refuses (`warning.scope`) an address or name that is none.
 *
 * Both sides are looked up in hash tables by prefix and by suffix, so the cost grows with the sum of scope and estate,
 * not with their product.
 */
export function audience(scope: WarningScope, estate: WarnedEstate): Concern[] {
  const concerns = new Map<string, Reason[]>();
  const known = new Set(estate.organisations.map((organisation) => organisation.id));
  const add = (organisation: string, reason: Reason): void => {
    if (!known.has(organisation)) return;
    const reasons = concerns.get(organisation) ?? [];
    const repeated = reasons.some(
      (each) => each.kind === reason.kind && each.scope === reason.scope && each.registered === reason.registered,
    );
    if (!repeated && reasons.length < reasonsMax) reasons.push(reason);
    concerns.set(organisation, reasons);
  };
  matchAddresses(scope, estate, add);
  matchNames(scope, estate, add);
  const businesses = new Set(scope.businesses);
  for (const business of estate.businesses) {
    if (businesses.has(business.id))
      add(business.organisation, { kind: 'business', scope: business.id, registered: business.id });
  }
  for (const asset of estate.assets) {
    for (const business of asset.businesses)
      if (businesses.has(business))
        add(asset.organisation, {
          kind: 'business',
          scope: business,
          registered: asset.names[0] ?? asset.addresses[0] ?? business,
        });
  }
  const sectors = new Set(scope.sectors);
  for (const { id, sector } of estate.organisations) {
    if (sector !== undefined && sectors.has(sector)) add(id, { kind: 'sector', scope: sector, registered: sector });
  }
  scope.organisations.forEach((organisation, i) => {
    if (!known.has(organisation))
      throw new Refusal('warning.scope', `There is no organisation "${organisation}".`, {
        advice: 'Name a registered organisation.',
        place: { field: `scope.organisations[${i}]` },
      });
    add(organisation, { kind: 'named', scope: organisation, registered: organisation });
  });
  return estate.organisations.flatMap(({ id }) => (concerns.has(id) ? [{ organisation: id, reasons: concerns.get(id)! }] : []));
}

type Add = (organisation: string, reason: Reason) => void;
type Registered = { organisation: string; text: string };

/** Networks by family, prefix length and leading bits. */
class NetworkTable<T> {
  readonly #byPrefix = new Map<string, { length: number; prefix: number; entries: Map<string, T[]> }>();

  add(network: Network, value: T): void {
    const id = `${network.bytes.length}/${network.prefix}`;
    const slot = this.#byPrefix.get(id) ?? {
      length: network.bytes.length,
      prefix: network.prefix,
      entries: new Map<string, T[]>(),
    };
    const key = leadingBits(network.bytes, network.prefix);
    const values = slot.entries.get(key);
    if (values) values.push(value);
    else slot.entries.set(key, [value]);
    this.#byPrefix.set(id, slot);
  }

  /** Values of the networks that contain the whole of this one; at most 128 look-ups, one a prefix length. */
  *around(network: Network): Iterable<T> {
    for (const { length, prefix, entries } of this.#byPrefix.values()) {
      if (length !== network.bytes.length || prefix > network.prefix) continue;
      yield* entries.get(leadingBits(network.bytes, prefix)) ?? [];
    }
  }
}

function leadingBits(bytes: Uint8Array, prefix: number): string {
  let key = '';
  for (let i = 0; i < prefix >> 3; i++) key += String.fromCharCode(bytes[i]!);
  const rest = prefix & 7;
  return rest === 0 ? key : key + String.fromCharCode(0x100 | (bytes[prefix >> 3]! & (0xff << (8 - rest)) & 0xff));
}

function matchAddresses(scope: WarningScope, estate: WarnedEstate, add: Add): void {
  if (scope.addresses.length === 0) return;
  const warned = new NetworkTable<string>();
  const scopeNetworks = scope.addresses.map((text, i) => {
    const network = parseNetwork(text.trim());
    if (!network)
      throw new Refusal('warning.scope', `"${text}" is no address and no network.`, {
        advice: 'Write 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32.',
        place: { field: `scope.addresses[${i}]` },
      });
    warned.add(network, text);
    return { network, text };
  });
  const registered = new NetworkTable<Registered>();
  for (const { organisation, addresses } of [...estate.networks, ...estate.assets]) {
    for (const text of addresses) {
      // What the register could not read concerns nobody; the register itself complains about it.
      const network = parseNetwork(text);
      if (!network) continue;
      registered.add(network, { organisation, text });
      for (const scopeText of warned.around(network)) add(organisation, { kind: 'address', scope: scopeText, registered: text });
    }
  }
  for (const { network, text } of scopeNetworks) {
    for (const entry of registered.around(network))
      add(entry.organisation, { kind: 'address', scope: text, registered: entry.text });
  }
}

function matchNames(scope: WarningScope, estate: WarnedEstate, add: Add): void {
  if (scope.names.length === 0) return;
  const warned = new Map<string, string>();
  scope.names.forEach((text, i) => {
    const name = normalName(text);
    if (!/^[^\s.]+(\.[^\s.]+)*$/.test(name))
      throw new Refusal('warning.scope', `"${text}" is no host or domain name.`, {
        advice: 'Write www.example.org.',
        place: { field: `scope.names[${i}]` },
      });
    warned.set(name, text);
  });
  const domains = new Map<string, Registered[]>();
  const check = (organisation: string, text: string, isDomain: boolean): void => {
    const name = normalName(text);
    // At or below a warned name.
    for (const suffix of suffixes(name)) {
      const scopeText = warned.get(suffix);
      if (scopeText !== undefined) add(organisation, { kind: 'name', scope: scopeText, registered: text });
    }
    if (!isDomain) return;
    const entries = domains.get(name);
    if (entries) entries.push({ organisation, text });
    else domains.set(name, [{ organisation, text }]);
  };
  for (const network of estate.networks) for (const domain of network.domains) check(network.organisation, domain, true);
  for (const asset of estate.assets) for (const name of asset.names) check(asset.organisation, name, false);
  for (const business of estate.businesses)
    for (const surface of business.surfaces) check(business.organisation, surface.name, false);
  // A warned host below a domain that somebody owns.
  for (const [name, text] of warned) {
    for (const suffix of suffixes(name))
      for (const entry of domains.get(suffix) ?? [])
        add(entry.organisation, { kind: 'name', scope: text, registered: entry.text });
  }
}

function normalName(text: string): string {
  return text.trim().toLowerCase().replace(/\.$/, '');
}

/** `a.b.c`, `b.c`, `c`. A name has at most 127 labels (RFC 1035 §2.3.4), longer ones are cut. */
function* suffixes(name: string): Iterable<string> {
  let at = 0;
  for (let labels = 0; labels < 127; labels++) {
    yield name.slice(at);
    const dot = name.indexOf('.', at);
    if (dot < 0) return;
    at = dot + 1;
  }
}

/** How long before the harm the warning was out, in seconds; negative when it came too late. */
export function leadTime(warning: Pick<WarningState, 'issuedAt'>, harmFrom: Seconds): Seconds | null {
  return warning.issuedAt === null ? null : harmFrom - warning.issuedAt;
}

/** The eight fields of the 2017 plan under its own names, for forms and exchange. */
export function planFields(content: WarningContent): { [field: string]: unknown } {
  return {
    incident_type: content.incidentType,
    colour: content.colour,
    start_time: content.startAt,
    possible_scope: content.scope,
    matters_to_note: content.mattersToNote,
    measures_to_take: content.measures.map((measure) => measure.text),
    deadline_for_measures: content.measures.map((measure) => measure.dueAt),
    issuing_authority: content.issuingAuthority,
  };
}
