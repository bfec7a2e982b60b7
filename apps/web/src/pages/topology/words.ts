/** How what can be taken away is called. */

import { takenKinds, type TakenKind } from '@forewarn/model/estate';

export const isTakenKind = (text: string | undefined): text is TakenKind =>
  text !== undefined && (takenKinds as readonly string[]).includes(text);

export const takenKeys: { readonly [kind in TakenKind]: string } = {
  links: 'topology.link',
  nodes: 'topology.node',
  networks: 'topology.network',
  organisations: 'topology.organisation',
  assets: 'topology.asset',
  businesses: 'topology.service',
  products: 'topology.product',
  makers: 'topology.maker',
  suppliers: 'topology.supplier',
  origins: 'topology.origin',
};

/** What no register lists by itself: it is written in products. */
const writtenKinds = ['makers', 'suppliers', 'origins'] as const;
export const isWritten = (kind: TakenKind): kind is (typeof writtenKinds)[number] =>
  (writtenKinds as readonly string[]).includes(kind);
