/** The first organisation of a new centre: the centre itself, under a name that its administrator changes by importing the estate. */

import type { Organisation } from '@forewarn/model/estate';
import { readEstate, writeEstate } from '@forewarn/store/resources/estate';
import type { Center } from '../center-parts.ts';

const centre: Organisation = {
  id: 'centre',
  name: { en: 'Emergency centre', zh: '应急中心' },
  kind: 'centre',
  sector: 'government',
  region: 'unstated',
  reporter: 'national-cac',
  overseenBy: null,
  contact: '',
};

export async function firstOrganisation(center: Pick<Center, 'database' | 'estate'>): Promise<void> {
  await center.database.system(async (tx) => {
    const { organisations } = await readEstate(tx);
    if (organisations.some(({ kind }) => kind === 'centre')) return;
    await writeEstate(tx, { organisations: [centre] });
  });
  center.estate.forget();
}
