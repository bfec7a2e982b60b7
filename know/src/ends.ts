/** Where links end: a network, or a node of one. */

import type { Estate } from '@forewarn/model/estate';

/** The network of an end: a node's network; what is no known node is itself one. */
export function networkOfEnd({ nodes }: Pick<Estate, 'nodes'>): (end: string) => string {
  const network = new Map(nodes.map((node) => [node.id, node.network]));
  return (end) => network.get(end) ?? end;
}
