/** Who is asking, and the one question about it. */

import { Refusal } from '@forewarn/base/refusal';
import type { Permission, Role } from '@forewarn/model/permissions';

export type Principal = {
  /** `person`: a session in a browser; `token`: an API token of a person; `sensor`: a sensor's token. */
  readonly kind: 'person' | 'token' | 'sensor';
  readonly account: string;
  readonly name: string;
  readonly organisation: string;
  /** A member of the centre sees all organisations. */
  readonly centre: boolean;
  readonly role: Role;
  readonly permissions: ReadonlySet<Permission>;
  readonly demo: boolean;
  /** The sensor that the token is of. */
  readonly sensor: string | null;
};

/** Whether somebody may do something; nobody may do anything that is not named in their permissions. */
export function may(principal: Pick<Principal, 'permissions'> | undefined, permission: Permission): boolean {
  return principal?.permissions.has(permission) ?? false;
}

/** Refuses with `permission.denied` where `may` says no. */
export function demand(principal: Pick<Principal, 'permissions'> | undefined, permission: Permission): void {
  if (may(principal, permission)) return;
  throw new Refusal('permission.denied', `This needs the permission ${permission}.`, {
    advice: 'Ask somebody with that role, or your administrator.',
  });
}
