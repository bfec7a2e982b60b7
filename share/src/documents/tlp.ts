/**
 * The marking on a document, after FIRST's Traffic Light Protocol 2.0: in the header and footer of every page, in capitals, to the right, 12 points or more, in the
 * protocol's colours on black.
 */

import type { Tlp } from '@forewarn/model/markings';

export const tlpInk: { readonly [marking in Tlp]: string } = {
  'TLP:RED': '#FF2B2B',
  'TLP:AMBER+STRICT': '#FFC000',
  'TLP:AMBER': '#FFC000',
  'TLP:GREEN': '#33FF00',
  'TLP:CLEAR': '#FFFFFF',
};

export const tlpGround = '#000000';

/** Points. */
export const tlpSize = 12;
