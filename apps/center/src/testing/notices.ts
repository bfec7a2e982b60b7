/** Channels of the hospital, and a notice to it. */

import { NoticeKind } from '@forewarn/model/notice';
import { addNoticeContent, addNotices } from '@forewarn/store/resources/notices';
import { addDeliveries, markEndpoint } from '@forewarn/store/resources/deliveries';
import { addEndpoint, addFeedToken, type Endpoint } from '@forewarn/store/resources/channels';
import type { Trial } from './center.ts';

/** The ids of what was made. */
export async function fillNotices({ center, clock }: Trial): Promise<{ [name: string]: string }> {
  const paces = Object.fromEntries(NoticeKind.options.map((kind) => [kind, 'at-once'])) as Endpoint['terms']['paces'];
  const mailbox: Endpoint = {
    id: 'hospital-mailbox',
    organisation: 'hospital',
    kind: 'mail',
    name: 'Desk of the hospital',
    address: 'desk@hospital.example',
    secret: null,
    terms: { language: 'en', paces, whole: 'TLP:AMBER', digestHour: 8 },
    state: 'active',
    madeAt: 1,
    madeBy: 'hospital-administrator',
    lastSentAt: null,
    guesses: 0,
    trouble: null,
  };
  const title = { en: 'Notice of the hospital', zh: '医院的通知' };
  const body = {
    incidentType: 'x',
    startAt: clock.at,
    possibleScope: 'hospital',
    mattersToNote: 'Of the hospital',
    measures: [],
  };
  return center.database.system(async (tx) => {
    await addEndpoint(tx, mailbox);
    await addEndpoint(tx, { ...mailbox, id: 'hospital-spare', name: 'Spare of the hospital' });
    const hook = { kind: 'webhook', address: 'https://hook.hospital.example/x', secret: center.notices.seal('hospital-hook', 'whsec_eA==') } as const; // oxfmt-ignore
    await addEndpoint(tx, { ...mailbox, ...hook, id: 'hospital-hook', state: 'unproven' });
    const content = await addNoticeContent(tx, { owner: 'centre', colour: 'red', edition: 1, validUntil: null, body }, clock.at);
    const [notice] = await addNotices(
      tx,
      [
        {
          kind: 'warning-issued',
          subject: { kind: 'warning', id: 'told-to-hospital' },
          number: 'EW-2025-0042',
          recipient: 'hospital',
          marking: 'TLP:AMBER',
          urgency: 'exposure',
          colour: 'red',
          title,
          lines: [],
          dueAt: null,
          at: clock.at,
        },
      ],
      new Map([['told-to-hospital', content]]),
    );
    await addDeliveries(tx, [notice!]);
    const trouble = { code: 'status', text: { text: 'channels.trouble.status' }, at: clock.at, givenUp: 1 };
    await markEndpoint(tx, mailbox.id, { sentAt: null, quietUntil: 0, trouble });
    const reader = { organisation: 'hospital', name: 'Reader of the hospital', madeAt: 1, madeBy: 'o', lastUsedAt: null };
    await addFeedToken(tx, { id: 'hospital-reader', ...reader, hash: 'h' });
    return {
      endpoint: mailbox.id,
      spareEndpoint: 'hospital-spare',
      webhook: 'hospital-hook',
      notice: notice!.id,
      feedToken: 'hospital-reader',
    };
  });
}
