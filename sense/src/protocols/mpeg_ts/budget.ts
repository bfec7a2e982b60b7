/** What all streams of one engine may hold together: hostile ones are many, and each would fill its own ceilings. */

export const entriesTotalMax = 524_288;
export const sectionBytesTotalMax = 16_777_216;

export class Budget {
  /** PIDs that are followed, and what tables name: PIDs, programmes, services. */
  entries = 0;
  /** Bytes of sections that packets have cut. */
  bytes = 0;

  get hasEntries(): boolean {
    return this.entries < entriesTotalMax;
  }

  hasBytes(more: number): boolean {
    return this.bytes + more <= sectionBytesTotalMax;
  }
}
