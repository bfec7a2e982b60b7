/** The one list of reference sources. */

import { compareArkime } from './arkime.ts';
import { compareCommunityIds } from './community-id.ts';
import type { Comparison, Selection } from './comparison.ts';
import { compareIpfixprobe } from './ipfixprobe.ts';
import { compareJa4 } from './ja4.ts';
import { compareNdpi } from './ndpi.ts';
import { compareSuricata } from './suricata.ts';
import { compareTcpdump } from './tcpdump.ts';
import { compareTshark } from './tshark.ts';
import { compareWeird } from './weird.ts';
import { compareZeek } from './zeek.ts';

export const sources: { readonly [name: string]: (selection?: Selection) => Promise<Comparison[]> } = {
  zeek: async (selection) => [...(await compareZeek(selection)), ...(await compareWeird(selection))],
  ndpi: compareNdpi,
  suricata: compareSuricata,
  arkime: compareArkime,
  ipfixprobe: compareIpfixprobe,
  'community-id': compareCommunityIds,
  ja4: compareJa4,
  tcpdump: compareTcpdump,
  tshark: compareTshark,
};
