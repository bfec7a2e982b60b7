/** The stages and counts of the hunt language, and those of Kusto that it does not take. */

export const aggregates = {
  count: 'count',
  dcount: 'distinct',
  count_distinct: 'distinct',
  sum: 'sum',
  avg: 'avg',
  min: 'min',
  max: 'max',
} as const;
export const aggregateNames: readonly string[] = Object.keys(aggregates);
export const stageNames = [
  'where',
  'summarize',
  'project',
  'project-away',
  'sort by',
  'top',
  'take',
  'distinct',
  'count',
  'search',
] as const;

/** Stages of Kusto that are not taken, with what to do. */
export const notTaken: ReadonlyMap<string, string> = new Map(
  Object.entries({
    extend: 'Columns are not computed; compare them in where, or count in summarize.',
    join: 'Open a value of the result and hunt it in the other log; flows are joined by their uid.',
    lookup: 'Open a value of the result and hunt it in the other log.',
    render: 'Leave it out: where there is bin(ts, …) the chart is drawn by itself.',
    union: 'union stands at the beginning: union conn, dns | where …',
    'mv-expand': 'Lists are compared element by element already.',
    parse: 'Match the text with matches regex.',
    evaluate: 'Plug-ins are not taken.',
    'make-series': 'Write summarize … by bin(ts, 1h).',
    'top-nested': 'Write summarize … by a, b and top.',
    sample: 'Write take.',
    filter: 'Write where.',
  }),
);
