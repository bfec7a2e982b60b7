/** The estate as a picture and by what hangs on what: topology, one service with all behind it, reliances. */

import { z } from 'zod';
import {
  Application,
  Asset,
  Business,
  Component,
  Link,
  Network,
  Node,
  OperatingData,
  Product,
  replaceabilities,
  System,
} from './estate.ts';
import { LocalText } from './text.ts';

const Span = z.object({ least: z.number(), most: z.number() });
const Count = z.number().int().nonnegative();

export const TopologyView = z.object({
  organisations: z.array(z.object({ id: z.string(), name: LocalText, region: z.string() })),
  networks: z.array(Network.pick({ id: true, organisation: true, name: true, type: true, region: true })),
  nodes: z.array(Node),
  links: z.array(
    Link.pick({
      id: true,
      organisation: true,
      name: true,
      tier: true,
      role: true,
      capacityMbps: true,
      from: true,
      to: true,
    }).extend({
      weight: z.number().nullable().describe('As it counts; null: not weighed yet.'),
    }),
  ),
  elsewhere: z.array(z.string()).describe('Ends of links that the asker does not see: others’ networks and nodes.'),
  left: z
    .object({ networks: Count, nodes: Count, links: Count })
    .describe('What is there and not told; the lightest links are left out first.'),
});
export type TopologyView = z.infer<typeof TopologyView>;

/** What a service rests on, and what it is for whom. */
export const BusinessPicture = z.object({
  business: Business,
  regions: z.array(z.string()).describe('Whom it serves: as stated, else the region of its organisation.'),
  dependsOn: z.array(z.object({ id: z.string(), name: LocalText.nullable() })),
  dependents: z.array(z.object({ id: z.string(), name: LocalText })),
  systems: z.array(System),
  data: z.array(OperatingData),
  applications: z.array(Application),
  assets: z.array(Asset),
  components: z.array(Component),
  products: z.array(Product),
  links: z.array(
    Link.extend({
      weight: z.number(),
      share: z.number().describe('Of what goes between the service and all others, how much passes it; 0 to 1.'),
      ways: Count.describe('Ways between its ends without a common link; 1: nothing stands in for it.'),
    }),
  ),
  others: Count.describe('Things of others behind it, that the asker does not see.'),
  left: Count.describe('Things behind it that are not told.'),
});
export type BusinessPicture = z.infer<typeof BusinessPicture>;

export const relianceKinds = ['makers', 'origins', 'suppliers', 'products', 'links', 'nodes'] as const;
export const RelianceView = z.object({
  kind: z.enum(relianceKinds),
  id: z.string(),
  name: LocalText.nullable().describe('Of a product, link or node.'),
  share: z.number().nullable().describe('Of the assets of which any product is told, those that have one of its.'),
  products: Count,
  assets: Count,
  falls: Count.describe('Services that fall in part or wholly without it.'),
  falling: Count.describe('Those that fall wholly in any case.'),
  users: Span,
  cnyPerHour: Span,
  lasts: z.enum(replaceabilities).nullable(),
});
export type RelianceView = z.infer<typeof RelianceView>;
