/** The owner's channels: one endpoint with what is on its way there, a reader of its feed, and the centre's settings. */

import { NoticeKind } from '@forewarn/model/notice';
import type { Pace } from '@forewarn/model/channel';
import type { Transaction } from '../../postgres/database.ts';
import { addEndpoint, addFeedToken, putChannelSettings } from '../channels.ts';
import { addDeliveries } from '../deliveries.ts';
import type { AddedNotice } from '../notices.ts';

export async function fillChannels(tx: Transaction, notice: AddedNotice): Promise<void> {
  const paces = Object.fromEntries(NoticeKind.options.map((kind) => [kind, 'at-once'])) as { [kind in NoticeKind]: Pace };
  await addEndpoint(tx, {
    id: 'endpoint-owner',
    organisation: 'owner',
    kind: 'mail',
    name: 'Desk of owner',
    address: 'desk@owner.example',
    secret: null,
    terms: { language: 'en', paces, whole: 'TLP:AMBER', digestHour: 8 },
    state: 'active',
    madeAt: 30,
    madeBy: 'o',
    lastSentAt: null,
    guesses: 0,
    trouble: null,
  });
  await addDeliveries(tx, [notice]);
  const token = { id: 'feed-owner', organisation: 'owner', name: 'Reader of owner', madeAt: 30, madeBy: 'o', lastUsedAt: null };
  await addFeedToken(tx, { ...token, hash: 'h' });
  await putChannelSettings(tx, {
    relay: null,
    privateNetworks: [],
    publicUrl: 'https://owner.example',
    publicFeed: false,
  });
}
