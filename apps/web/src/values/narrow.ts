/** What the page does with a value beyond the query bar: the hunt's text is changed, a list is filtered. */

import { createContext } from 'react';

export type Narrow = {
  include: (field: string, value: string) => void;
  exclude: (field: string, value: string) => void;
  only: (field: string, value: string) => void;
  groupBy: (field: string) => void;
  /** Whether things can be counted by the field. */
  groups: (field: string) => boolean;
};

export const NarrowContext = createContext<Narrow | null>(null);
