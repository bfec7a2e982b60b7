/** What the Findings page has in its address beside what all pages have. */

export const findingFilters = [
  'level',
  'rule',
  'source',
  'target',
  'technique',
  'organisation',
  'link',
  'networkType',
  'verdict',
  'hidden',
  'hiddenBy',
] as const;

export type FindingsSearch = { by?: string } & { [name in (typeof findingFilters)[number]]?: string };
