/** What narrows the page of exposure, as its address says it. */

export type ExposureSearch = {
  by?: string;
  decision?: string;
  certainty?: string;
  state?: string;
  due?: string;
  organisation?: string;
};
export const exposureSearch = ['by', 'decision', 'certainty', 'state', 'due', 'organisation'] as const;
