/** What falls if the link were gone: services with the users and the value that they would lose. */

import type { LinkDetail } from '@forewarn/model/api';
import { useQuery } from '@tanstack/react-query';
import { Panel, Waiting } from '../../frame/Page.tsx';
import { useTexts } from '../../session/language.tsx';
import { Falls } from '../topology/Falls.tsx';
import { fallsQuery } from '../topology/queries.ts';

export function WhatIf({ link }: { link: LinkDetail }) {
  const { t } = useTexts();
  const query = useQuery(fallsQuery('links', link.id));
  return (
    <Panel title={t('web.whatIf')} count={query.data?.count}>
      <Waiting query={query}>{(answer) => <Falls answer={answer} />}</Waiting>
    </Panel>
  );
}
