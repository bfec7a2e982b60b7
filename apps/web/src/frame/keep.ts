/** What of an address goes with the person from page to page. */

/** The router asks that the search of a link fit its page; range and zone fit every page, which its types cannot know. */
type Search = (previous: Record<string, unknown>) => Record<string, unknown>;
const fitting = (search: Search): never => search as never;

const kept: Search = ({ range, zone }) => ({
  ...(range === undefined ? {} : { range }),
  ...(zone === undefined ? {} : { zone }),
});

/** The range and zone go with the person from page to page; the query belongs to the page. */
export const keepView = fitting(kept);

/** The same, and the finding that is followed: who follows one looks at flows and accounts because of it. */
export const keepFinding = fitting((previous) => ({
  ...kept(previous),
  ...(typeof previous['finding'] === 'string' ? { finding: previous['finding'] } : {}),
}));

/** The range and zone, and what is asked for on the page that it leads to. */
export const keepAnd = (more: Record<string, string | undefined>) => fitting((previous) => ({ ...kept(previous), ...more }));
