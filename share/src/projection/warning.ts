/**
 * What an organisation sees of a warning that is not its own: the warning, itself in the audience, and of the scope what is
 * its own or nobody's. The scope of one warning can list the addresses of many victims; none of them is another's to read.
 */

import type { WarningView } from '@forewarn/model/api';
import type { WarningScope } from '@forewarn/model/warning';
import type { Viewer } from './incident.ts';

export type ScopeShown = {
  readonly address: (address: string) => boolean;
  readonly name: (name: string) => boolean;
  readonly business: (id: string) => boolean;
  readonly asn: (asn: string) => boolean;
  /** Itself, and those it oversees: of them it learns when they do not answer. */
  readonly organisation: (id: string) => boolean;
};

/** `incidentSeen`: whether the viewer takes part in the incident behind it; an id alone would tell that there is one. */
export function projectWarning(
  warning: WarningView,
  viewer: Viewer & { readonly owns: boolean },
  shown: ScopeShown,
  incidentSeen: boolean,
): WarningView {
  if (viewer.centre || viewer.owns) return warning;
  return {
    ...warning,
    scope: projectScope(warning.scope, shown),
    incident: incidentSeen ? warning.incident : null,
    // Who wrote it, who read it and what is planned of it is their people's.
    author: null,
    approvedBy: null,
    alone: null,
    proposed: null,
    audience: warning.audience.filter(
      ({ organisation }) => organisation === viewer.organisation || shown.organisation(organisation),
    ),
  };
}

export function projectScope(scope: WarningScope, shown: ScopeShown): WarningScope {
  return {
    addresses: scope.addresses.filter(shown.address),
    names: scope.names.filter(shown.name),
    businesses: scope.businesses.filter(shown.business),
    sectors: scope.sectors,
    // Published, and no word of whose components they are in.
    ...(scope.vulnerabilities === undefined ? {} : { vulnerabilities: scope.vulnerabilities }),
    ...(scope.products === undefined ? {} : { products: scope.products }),
    ...(scope.asns === undefined ? {} : { asns: scope.asns.filter(shown.asn) }),
    ...(scope.regions === undefined ? {} : { regions: scope.regions }),
    ...(scope.dependents === undefined ? {} : { dependents: scope.dependents }),
  };
}
