/**
 * What accepting or merging a proposal writes into the register, and why it is proposed. Pure: the same proposal and the same register give
 * the same steps.
 */

import { parseAddress } from '@forewarn/base/ip';
import type { Seconds } from '@forewarn/base/time';
import type { Asset, Estate, EstateItem, EstateKind } from '@forewarn/model/estate';
import type { hostRoles, proposalNeeds, ProposalChoice, ProposalKind, ProposalSaid } from '@forewarn/model/proposal';
import type { Words } from '@forewarn/model/text';
import type { KnownEstate } from './known.ts';

export type ProposalMatter = { kind: ProposalKind; host: string; said: ProposalSaid };

/** A new item; a value added to a list of an item; fields of an item set. */
export type Step =
  | { [Kind in EstateKind]: { do: 'write'; kind: Kind; item: EstateItem<Kind> } }[EstateKind]
  | {
      do: 'add';
      kind: EstateKind;
      id: string;
      field: 'addresses' | 'names' | 'assets' | 'surfaces';
      value: string | Estate['businesses'][number]['surfaces'][number];
    }
  | { do: 'set'; kind: EstateKind; id: string; fields: { [field: string]: string } };

export type Draft =
  | { needs: (typeof proposalNeeds)[number]; name: string }
  | { needs: null; steps: Step[]; item: { kind: EstateKind; id: string }; creates: boolean; name: string };

/** What a host is, by what it was seen doing. */
const assetKinds: { readonly [role in (typeof hostRoles)[number]]: Asset['kind'] } = {
  controller: 'controller',
  'network-device': 'network-device',
  server: 'server',
  controlling: 'system',
  client: 'workstation',
};

const idMax = 64;

/** Lower-case letters, digits and single hyphens, in the organisation's own name space; with a number where it is taken. */
export function idFor(known: Pick<KnownEstate, 'organisation' | 'isTaken'>, text: string): string {
  const slug = (from: string, most: number): string =>
    from
      .toLowerCase()
      .normalize('NFKD')
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, most)
      .replaceAll(/^-+|-+$/g, '');
  const first = slug(`${known.organisation}-${slug(text, idMax) || 'item'}`, idMax - 5);
  if (!known.isTaken(first)) return first;
  for (let number = 2; ; number++) if (!known.isTaken(`${first}-${number}`)) return `${first}-${number}`;
}

const both = (name: string) => ({ en: name, zh: name });

/** How a proposal is called in one line. */
export function titleOf({ kind, host, said }: ProposalMatter): string {
  if (kind === 'host') return said.name ?? host;
  if (kind === 'service') return `${said.service?.toUpperCase() ?? ''} ${said.port}/${said.proto}`.trim();
  if (kind === 'name') return said.name ?? host;
  if (kind === 'product') return `${said.product ?? ''}${said.version === undefined ? '' : ` ${said.version}`}`;
  return said.surface?.name ?? said.name ?? host;
}

type NewAsset = { needs: 'network' } | { needs: null; asset: Asset };

function newAsset({ host, said }: Pick<ProposalMatter, 'host' | 'said'>, known: KnownEstate, choice: ProposalChoice): NewAsset {
  const network = choice.network === undefined ? known.networkOf(host) : known.item('networks', choice.network);
  if (!network) return { needs: 'network' };
  const address = parseAddress(host) !== undefined;
  const called = said.name ?? (address ? host : (said.product ?? host));
  return {
    needs: null,
    asset: {
      id: choice.item ?? idFor(known, called),
      organisation: known.organisation,
      network: network.id,
      name: choice.name ?? both(called),
      kind: choice.kind ?? (said.role === undefined ? 'other' : assetKinds[said.role]),
      importance: choice.importance ?? 'general',
      addresses: address ? [host] : [],
      names: said.name === undefined ? [] : [said.name],
      businesses: choice.business === undefined ? [] : [choice.business],
    },
  };
}

/** What accepting writes, with what the person chose; or what is still to be chosen. */
export function draft(proposal: ProposalMatter, known: KnownEstate, choice: ProposalChoice = {}): Draft {
  const { kind, host, said } = proposal;
  const name = titleOf(proposal);
  if (kind === 'host') {
    const made = newAsset(proposal, known, choice);
    if (made.needs !== null) return { needs: made.needs, name };
    return created(name, [{ do: 'write', kind: 'assets', item: made.asset }]);
  }
  if (kind === 'surface') {
    const asset = known.assetOf(host, said.name);
    const businesses = asset === undefined ? [] : known.businessesOf(asset);
    const business =
      choice.business === undefined
        ? businesses.length === 1
          ? businesses[0]
          : undefined
        : known.item('businesses', choice.business);
    if (!business || !said.surface) return { needs: 'business', name };
    return into(name, { do: 'add', kind: 'businesses', id: business.id, field: 'surfaces', value: said.surface });
  }
  const chosen = choice.asset === undefined ? known.assetOf(host, said.name) : known.item('assets', choice.asset);
  if (choice.asset !== undefined && !chosen) return { needs: 'asset', name };
  if (kind === 'name' && chosen)
    return into(name, { do: 'add', kind: 'assets', id: chosen.id, field: 'names', value: said.name ?? host });
  // A host that nobody registered becomes an asset with the first thing that is accepted of it.
  const before: Step[] = [];
  let asset = chosen;
  if (!asset) {
    const made = newAsset(
      { host, said: kind === 'name' ? said : hostOf(proposal) },
      known,
      kind === 'name' ? choice : choice.network === undefined ? {} : { network: choice.network },
    );
    if (made.needs !== null) return { needs: made.needs, name };
    asset = made.asset;
    before.push({ do: 'write', kind: 'assets', item: asset });
    if (kind === 'name') return created(name, before);
  }
  if (kind === 'service') {
    const called = `${name} – ${asset.name.en}`;
    const item: EstateItem<'applications'> = {
      id:
        choice.item ??
        idFor(known, `${asset.id.replace(`${known.organisation}-`, '')}-${said.service ?? said.proto ?? ''}-${said.port ?? ''}`),
      organisation: known.organisation,
      name: choice.name ?? { en: called, zh: `${name} – ${asset.name.zh}` },
      assets: [asset.id],
      businesses: asset.businesses,
      importance: choice.importance ?? asset.importance,
    };
    return created(name, [...before, { do: 'write', kind: 'applications', item }]);
  }
  const product = said.product ?? name;
  // Machines of a range run one beside another; a single machine has put the newer version in the place of the older.
  const older = chosen && known.placeOf(host) === host ? known.componentOf(asset.id, product) : undefined;
  if (older && said.version !== undefined)
    return into(name, { do: 'set', kind: 'components', id: older.id, fields: { version: said.version } });
  const component: EstateItem<'components'> = {
    id: choice.item ?? idFor(known, `${asset.id.replace(`${known.organisation}-`, '')}-${product}`),
    organisation: known.organisation,
    name: choice.name ?? both(product),
    asset: asset.id,
    ...(said.vendor === undefined ? {} : { vendor: said.vendor }),
    ...(said.version === undefined ? {} : { version: said.version }),
  };
  return created(name, [...before, { do: 'write', kind: 'components', item: component }]);
}

/** What a service or a program says of the machine that runs it. */
const hostOf = ({ kind, host, said }: ProposalMatter): ProposalSaid => ({
  ...(parseAddress(host) || said.name === undefined ? {} : { name: said.name }),
  ...(kind === 'service' || (said.type ?? '').endsWith('SERVER')
    ? { role: 'server' }
    : said.type === undefined
      ? {}
      : { role: 'client' }),
});

function created(name: string, steps: Step[]): Draft {
  const last = steps.at(-1) as Extract<Step, { do: 'write' }>;
  return { needs: null, steps, item: { kind: last.kind, id: last.item.id }, creates: true, name };
}

const into = (name: string, step: Exclude<Step, { do: 'write' }>): Draft => ({
  needs: null,
  steps: [step],
  item: { kind: step.kind, id: step.id },
  creates: false,
  name,
});

/** The kind of item that a proposal of each kind can be merged into. */
export const mergeKinds: { readonly [kind in ProposalKind]: EstateKind } = {
  host: 'assets',
  name: 'assets',
  service: 'applications',
  product: 'components',
  surface: 'businesses',
};

/** What merging into an item that is there writes: its further address, name, place, version or surface. Undefined when there is no such item. */
export function merged(proposal: ProposalMatter, known: KnownEstate, id: string): Draft | undefined {
  const { kind, host, said } = proposal;
  const target = mergeKinds[kind];
  const name = titleOf(proposal);
  if (!known.item(target, id)) return undefined;
  const at = { kind: target, id } as const;
  if (kind === 'host') {
    const address = parseAddress(host) !== undefined;
    if (!address && said.name === undefined) return undefined;
    return into(name, { do: 'add', ...at, field: address ? 'addresses' : 'names', value: address ? host : said.name! });
  }
  if (kind === 'name') return into(name, { do: 'add', ...at, field: 'names', value: said.name ?? host });
  if (kind === 'surface') return said.surface && into(name, { do: 'add', ...at, field: 'surfaces', value: said.surface });
  if (kind === 'product') {
    const fields = {
      ...(said.version === undefined ? {} : { version: said.version }),
      ...(said.vendor === undefined ? {} : { vendor: said.vendor }),
    };
    return into(name, { do: 'set', ...at, fields });
  }
  const asset = known.assetOf(host, said.name);
  return asset ? into(name, { do: 'add', ...at, field: 'assets', value: asset.id }) : { needs: 'asset', name };
}

/** An item with a step done to it; a value that is there already is not added twice. */
export function changed<Item extends object>(item: Item, step: Exclude<Step, { do: 'write' }>): Item {
  if (step.do === 'set') return { ...item, ...step.fields };
  const list = ((item as { [field: string]: unknown })[step.field] ?? []) as unknown[];
  const same = JSON.stringify(step.value);
  return list.some((one) => JSON.stringify(one) === same) ? item : { ...item, [step.field]: [...list, step.value] };
}

const daySeconds = 86_400;

/**
 * How surely the thing is there: each further day on which it may have been seen takes a tenth of the doubt away, as far as there are records. What was
 * seen once can be forged or be a guest's; what shows itself for weeks is at home.
 */
export function confidenceOf(
  base: number,
  { firstSeen, lastSeen, count }: { firstSeen: Seconds; lastSeen: Seconds; count: number },
): number {
  const days = Math.min(count, 1 + Math.floor(Math.max(0, lastSeen - firstSeen) / daySeconds));
  const doubt = (1 - base) * 0.9 ** Math.min(days - 1, 20);
  return Math.round((1 - doubt) * 1000) / 1000;
}

/** Why it is proposed: what was seen, and what the register lacks. */
export function whyOf({ kind, host, said }: ProposalMatter, known: KnownEstate): Words[] {
  const asset = known.assetOf(host, said.name);
  const place = known.placeOf(host);
  const why: Words[] = [];
  const add = (text: string, values: Words['values'] = {}): void => void why.push({ text: `know.proposal.why.${text}`, values });
  if (kind === 'host') {
    add(said.by === undefined ? 'host' : 'host-said', { host, by: said.by ?? '' });
    if (said.role !== undefined) add(`role.${said.role}`);
    const about = [said.vendor, said.product].filter((part) => part !== undefined).join(' ');
    if (about !== '') add('host-about', { about });
  } else if (kind === 'service')
    add(said.service === undefined ? 'service-unnamed' : 'service', {
      host,
      port: String(said.port),
      proto: said.proto ?? '',
      service: said.service?.toUpperCase() ?? '',
    });
  else if (kind === 'name')
    add(said.by === 'certificate' ? 'name-certificate' : 'name', { host, name: said.name ?? '', by: said.by ?? '' });
  else if (kind === 'product') {
    add(said.quote === undefined ? 'product-said' : 'product', { host, by: said.by ?? '', quote: said.quote ?? '' });
    if (said.version === undefined) add('no-version');
  } else add(`surface-${said.surface?.kind ?? 'web'}`, { host, name: said.surface?.name ?? '' });
  if (kind === 'surface') add('no-business', { name: said.surface?.name ?? '' });
  else if (!asset) add('no-asset', { host: place });
  else if (kind === 'product' && said.product !== undefined) {
    const other = known.componentOf(asset.id, said.product);
    if (other) add('other-version', { component: other.id, version: other.version ?? '?' });
    else add('no-component', { asset: asset.id });
  } else if (kind === 'service') add('no-application', { asset: asset.id });
  else if (kind === 'name') add('no-name', { asset: asset.id });
  if (!asset && parseAddress(host) && !known.networkOf(host)) add('no-network', { host });
  return why;
}
