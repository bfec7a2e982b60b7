/** Releasing a report: to whom and why, by name and with the exit's answer, before anything leaves. */

import type { EgressDecision } from '@forewarn/model/api';
import type { Tlp } from '@forewarn/model/markings';
import { reportRecipientsMax, type ReportView } from '@forewarn/model/report';
import type { Words } from '@forewarn/model/text';
import { Button, Modal, MultiSelect, Textarea } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { useNotice, useProblemText } from '../../frame/notices.tsx';
import { Icon } from '../../look/icons.tsx';
import { TlpBadge } from '../../marks/Marks.tsx';
import { ask } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';
import { organisationsQuery, useNamedWords, useOrganisationName } from '../../session/resources.ts';
import { touched } from './queries.ts';

type Decided = EgressDecision & { marking: Tlp | null; reasons: Words[] };

export function Release({ report, close }: { report: ReportView; close: () => void }) {
  const { t, l } = useTexts();
  const notice = useNotice();
  const problemText = useProblemText();
  const { data: organisations = [] } = useQuery(organisationsQuery);
  // Those who oversee others are told of the situation, unless somebody chooses otherwise.
  const [recipients, setRecipients] = useState<string[] | null>(null);
  const [reason, setReason] = useState('');
  const [decided, setDecided] = useState<Decided[] | null>(null);
  const path = `/reports/${encodeURIComponent(report.id)}`;
  const proposed =
    report.about === 'situation'
      ? organisations.filter(({ id, kind }) => kind === 'department' && id !== report.owner).map(({ id }) => id)
      : [];
  const chosen = recipients ?? proposed.slice(0, reportRecipientsMax);
  const body = { recipients: chosen, reason: reason.trim() };
  const ready = chosen.length > 0 && body.reason !== '';
  const look = useMutation({
    mutationFn: () => ask<{ recipients: Decided[] }>('POST', `${path}/preview`, body),
    onSuccess: ({ recipients: answered }) => setDecided(answered),
    onError: (error) => notice({ ...problemText(error), bad: true }),
  });
  return (
    <Modal opened onClose={close} title={t('reports.release')} size="lg" closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) look.mutate();
        }}
      >
        <p className="prose dim">{t('reports.release.means')}</p>
        <MultiSelect
          label={t('reports.recipients')}
          required
          searchable
          maxValues={reportRecipientsMax}
          value={chosen}
          onChange={(value) => {
            setRecipients(value);
            setDecided(null);
          }}
          data={organisations.filter(({ id }) => id !== report.owner).map(({ id, name }) => ({ value: id, label: l(name) }))}
          nothingFoundMessage={t('reports.noneFit')}
        />
        <Textarea
          label={t('reports.release.reason')}
          required
          maxLength={1000}
          value={reason}
          onChange={(event) => {
            setReason(event.currentTarget.value);
            setDecided(null);
          }}
        />
        {decided === null ? (
          <div className="form-end">
            <Button variant="default" onClick={close}>
              {t('web.cancel')}
            </Button>
            <Button type="submit" disabled={!ready} loading={look.isPending}>
              {t('reports.release.preview')}
            </Button>
          </div>
        ) : (
          <Decisions path={path} body={body} decided={decided} close={close} />
        )}
      </form>
    </Modal>
  );
}

function Decisions({
  path,
  body,
  decided,
  close,
}: {
  path: string;
  body: { recipients: string[]; reason: string };
  decided: readonly Decided[];
  close: () => void;
}) {
  const { t } = useTexts();
  const w = useNamedWords();
  const name = useOrganisationName();
  const act = useAct(touched, close);
  const allowed = decided.filter((each) => each.allowed);
  const refused = decided.filter((each) => !each.allowed);
  return (
    <div aria-live="polite">
      <h3>{t('reports.release.to', { count: allowed.length })}</h3>
      <ul className="audience">
        {allowed.map(({ recipient, reasons, marking }) => (
          <li key={recipient}>
            <strong>{name(recipient)}</strong> {marking === null ? null : <TlpBadge marking={marking} />}
            <ul className="reasons dim small">
              {reasons.map((each, index) => (
                // Reasons have no id and never change places.
                <li key={index}>{w(each)}</li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {refused.length === 0 ? null : (
        <>
          <h3>{t('web.warning.preview.refused')}</h3>
          <ul className="audience">
            {refused.map(({ recipient, reason }) => (
              <li key={recipient}>
                <strong>{name(recipient)}</strong> <span className="dim">{w(reason)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <div className="form-end">
        <Button variant="default" onClick={close}>
          {t('web.cancel')}
        </Button>
        <Button
          leftSection={<Icon name="send" />}
          disabled={allowed.length === 0}
          loading={act.isPending}
          onClick={() => act.mutate({ method: 'POST', path: `${path}/release`, body, done: t('reports.release.done') })}
        >
          {t('reports.release.now', { count: allowed.length })}
        </Button>
      </div>
    </div>
  );
}
