/** How places of the index are called. */

import { sectorName } from '@forewarn/model/estate';
import type { SituationPlace } from '@forewarn/model/situation';
import type { LocalText, Words } from '@forewarn/model/text';

export function placeName(
  { dimension, key }: SituationPlace,
  organisations: ReadonlyMap<string, LocalText>,
): Words | LocalText | string {
  switch (dimension) {
    case 'whole':
      return { text: 'situation.place.whole' };
    case 'network-type':
    case 'tier':
      return { text: `situation.place.${dimension}.${key}` };
    case 'sector':
      return sectorName(key);
    case 'region':
      return key;
    case 'organisation':
      return organisations.get(key) ?? key;
  }
}
