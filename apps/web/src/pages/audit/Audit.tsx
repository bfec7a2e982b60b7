/** The chain: who did what, when; and whether it is whole. */

import type { AuditView } from '@forewarn/model/api';
import type { Words } from '@forewarn/model/text';
import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useNotice, useProblemText } from '../../frame/notices.tsx';
import { Empty, Page, Waiting } from '../../frame/Page.tsx';
import { TableRegion } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { ask } from '../../session/api.ts';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useActorName } from '../../session/people.ts';
import { useMe } from '../../session/me.tsx';
import { auditQuery, useOrganisationName } from '../../session/resources.ts';
import { useQueryText, useRange } from '../../session/view.ts';
import { filterOf } from '../../values/terms.ts';

type Verdict = { ok: boolean; entries: number; place: number | null; trouble: Words | null };

export function Audit() {
  const { t, w, n } = useTexts();
  const me = useMe();
  const actor = useActorName();
  const view = useRange();
  const text = useQueryText();
  const name = useOrganisationName();
  const instants = useInstants();
  const notice = useNotice();
  const problemText = useProblemText();
  const query = useQuery(auditQuery({ from: view.from, to: view.to }));
  const [open, setOpen] = useState<number | null>(null);
  const verify = useMutation({
    mutationFn: () => ask<Verdict>('GET', '/audit/verify'),
    onError: (error) => notice({ ...problemText(error), bad: true }),
  });
  const shown = useMemo(() => {
    const fits = filterOf<AuditView>(text, (entry) => `${name(entry.organisation)} ${actor(entry.actor)}`);
    return (query.data?.items ?? []).filter(fits);
  }, [query.data, text, name, actor]);
  const verdict = verify.data;
  return (
    <Page
      title={t('web.page.audit')}
      tools={
        // The number of entries would tell another organisation how much others do.
        me.organisation.centre ? (
          <Button leftSection={<Icon name="audit" />} loading={verify.isPending} onClick={() => verify.mutate()}>
            {t('web.audit.verify')}
          </Button>
        ) : undefined
      }
    >
      <div role="status" aria-live="polite">
        {verdict === undefined ? null : (
          <div className="verdict" data-ok={verdict.ok}>
            <Icon name={verdict.ok ? 'check' : 'alert'} size={20} />
            <div>
              <strong>{verdict.ok ? t('web.audit.whole', { entries: n(verdict.entries) }) : t('web.audit.broken')}</strong>
              <div className="dim">
                {verdict.ok
                  ? t('web.audit.whole.means')
                  : verdict.trouble !== null
                    ? w(verdict.trouble)
                    : t('web.audit.place', { place: String(verdict.place) })}
              </div>
            </div>
          </div>
        )}
      </div>
      <Waiting query={query}>
        {(data) =>
          shown.length === 0 ? (
            <Empty icon="audit" title={data.items.length === 0 ? t('web.audit.none') : t('web.audit.noneFit')}>
              {t('web.noneFit.means')}
            </Empty>
          ) : (
            <>
              <TableRegion label={t('web.page.audit')}>
                <table className="table">
                  <thead>
                    <tr>
                      <th scope="col" className="number">
                        {t('web.audit.seq')}
                      </th>
                      <th scope="col">{t('web.audit.at')}</th>
                      <th scope="col">{t('web.audit.actor')}</th>
                      <th scope="col" className="narrow-hide">
                        {t('web.organisation')}
                      </th>
                      <th scope="col">{t('web.audit.action')}</th>
                      <th scope="col">{t('web.audit.object')}</th>
                      <th scope="col" className="narrow-hide">
                        {t('web.audit.hash')}
                      </th>
                    </tr>
                  </thead>
                  {shown.map((entry) => (
                    <tbody key={entry.seq}>
                      <tr data-row tabIndex={-1}>
                        <td className="number">
                          <button
                            type="button"
                            className="expander"
                            data-open
                            aria-expanded={open === entry.seq}
                            aria-label={t('web.audit.open', { seq: entry.seq })}
                            onClick={() => setOpen(open === entry.seq ? null : entry.seq)}
                          >
                            <Icon name={open === entry.seq ? 'down' : 'right'} size={14} />
                            {entry.seq}
                          </button>
                        </td>
                        <td className="tabular nowrap">{instants.full(entry.at)}</td>
                        <td className="nowrap">
                          {actor(entry.actor)}
                          {entry.demo ? <span className="demo-mark">DEMO</span> : null}
                        </td>
                        <td className="narrow-hide">{name(entry.organisation)}</td>
                        <td className="mono">{entry.action}</td>
                        <td className="mono cell-cut">{entry.object}</td>
                        <td className="mono dim narrow-hide" title={entry.hash}>
                          {entry.hash.slice(0, 12)}…
                        </td>
                      </tr>
                      {open === entry.seq ? (
                        <tr className="detail-row">
                          <td colSpan={7}>
                            <pre className="json">{JSON.stringify(entry, null, 2)}</pre>
                          </td>
                        </tr>
                      ) : null}
                    </tbody>
                  ))}
                </table>
              </TableRegion>
              {data.next === null ? null : <p className="dim small">{t('web.audit.more', { count: data.items.length })}</p>}
            </>
          )
        }
      </Waiting>
    </Page>
  );
}
