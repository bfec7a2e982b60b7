/** Who is signed in and what they may do. */

import type { Me } from '@forewarn/model/api';
import type { Permission } from '@forewarn/model/permissions';
import { createContext, use } from 'react';

export const MeContext = createContext<Me | null>(null);

export function useMe(): Me {
  const me = use(MeContext);
  if (me === null) throw new Error('The signed-in person is asked for outside the frame.');
  return me;
}

export function useMay(): (permission: Permission) => boolean {
  const { permissions } = useMe();
  return (permission) => permissions.includes(permission);
}
