/** What can be done with a warning, by whom: acknowledged, approved, issued after a look at whom it reaches, changed, lifted or dropped, chased. */

import type { EgressDecision, WarningView } from '@forewarn/model/api';
import type { LocalText, Words } from '@forewarn/model/text';
import { Button, Menu, Modal, Textarea } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { keepAnd } from '../../frame/keep.ts';
import { ReasonModal } from '../../frame/ReasonModal.tsx';
import { useAct } from '../../frame/act.ts';
import { useNotice, useProblemText } from '../../frame/notices.tsx';
import { Icon } from '../../look/icons.tsx';
import { ColourMark } from '../../marks/Grade.tsx';
import { TlpBadge } from '../../marks/Marks.tsx';
import { ask } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { organisationsQuery, useNamedWords, useOrganisationName } from '../../session/resources.ts';
import { Adjust } from './Adjust.tsx';
import { inForce, touched } from './marks.tsx';

type Preview = {
  recipients: EgressDecision[];
  matched: {
    organisation: string;
    name: LocalText | null;
    certainty: 'sure' | 'possibly';
    reasons: Words[];
    exposed: number | null;
  }[];
};

export function Acts({ warning }: { warning: WarningView }) {
  const { t, n } = useTexts();
  const may = useMay();
  const me = useMe();
  const navigate = useNavigate();
  const [changing, setChanging] = useState<'adjust' | 'lift' | 'drop' | null>(null);
  const act = useAct(touched, () => setChanging(null));
  const notice = useNotice();
  const problemText = useProblemText();
  const [preview, setPreview] = useState<Preview | null>(null);
  const path = `/warnings/${encodeURIComponent(warning.id)}`;
  const look = useMutation({
    mutationFn: () => ask<Preview>('POST', `${path}/preview`),
    onSuccess: setPreview,
    onError: (error) => notice({ ...problemText(error), bad: true }),
  });
  const { data: organisations } = useQuery(organisationsQuery);
  // The centre issues; a department its own, to those it oversees. An operator's draft goes to the centre.
  const issues =
    may('warnings:issue') &&
    (me.organisation.centre || organisations?.find(({ id }) => id === me.organisation.id)?.kind === 'department');
  const drafted = warning.state === 'draft' || warning.state === 'approved';
  const out = inForce(warning);
  const own = warning.audience.find(({ organisation, part }) => organisation === me.organisation.id && part === 'warned');
  const isAuthor = warning.author === me.account;
  const proposer = warning.proposed?.by === me.account;
  const silent = warning.counts.warned > warning.counts.acknowledged;
  const remind = (climb: boolean) =>
    act.mutate({
      method: 'POST',
      path: `${path}/remind`,
      body: { climb },
      done: t(climb ? 'warnings.climbed' : 'warnings.reminded'),
    });
  return (
    <>
      {out && own !== undefined && own.acknowledgedAt === null && may('warnings:acknowledge') ? (
        <Button
          leftSection={<Icon name="check" />}
          loading={act.isPending}
          onClick={() => act.mutate({ method: 'POST', path: `${path}/acknowledge`, done: t('web.warning.acknowledgedNow') })}
        >
          {t('web.warning.acknowledge')}
        </Button>
      ) : null}
      {out && issues && warning.proposed !== null && !proposer ? (
        <Button
          leftSection={<Icon name="check" />}
          loading={act.isPending}
          onClick={() => act.mutate({ method: 'POST', path: `${path}/approve`, done: t('warnings.proposed.approved') })}
        >
          {t('warnings.proposed.approve')}
        </Button>
      ) : null}
      {warning.state === 'draft' && issues && !isAuthor ? (
        <Button
          variant="default"
          leftSection={<Icon name="check" />}
          loading={act.isPending}
          onClick={() => act.mutate({ method: 'POST', path: `${path}/approve`, done: t('warnings.approved') })}
        >
          {t('warnings.approve')}
        </Button>
      ) : null}
      {drafted && issues ? (
        <Button leftSection={<Icon name="send" />} loading={look.isPending} onClick={() => look.mutate()}>
          {t('web.warning.issue')}
        </Button>
      ) : null}
      {drafted && !issues && may('warnings:draft') ? (
        <Button variant="default" loading={look.isPending} onClick={() => look.mutate()}>
          {t('web.warning.preview')}
        </Button>
      ) : null}
      {drafted && may('warnings:draft') ? (
        <>
          <Button
            variant="default"
            onClick={() => void navigate({ to: '/warnings/new', search: keepAnd({ warning: warning.id }) })}
          >
            {t('warnings.edit')}
          </Button>
          <Button variant="default" onClick={() => setChanging('drop')}>
            {t('warnings.drop')}
          </Button>
        </>
      ) : null}
      {out && issues ? (
        <>
          <Button variant="default" onClick={() => setChanging('adjust')}>
            {t('web.warning.adjust')}
          </Button>
          <Button variant="default" onClick={() => setChanging('lift')}>
            {t('web.warning.lift')}
          </Button>
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" aria-label={t('warnings.acts.more')}>
                <Icon name="more" />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item disabled={!silent} onClick={() => remind(false)}>
                {t('warnings.remind')}
              </Menu.Item>
              <Menu.Item disabled={!silent} onClick={() => remind(true)}>
                {t('warnings.climb')}
              </Menu.Item>
              <Menu.Item onClick={() => act.mutate({ method: 'POST', path: `${path}/check`, done: t('warnings.checked') })}>
                {t('warnings.check')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </>
      ) : null}
      {preview === null ? null : (
        <PreviewModal
          warning={warning}
          preview={preview}
          issues={issues}
          second={warning.state === 'approved' || !isAuthor}
          close={() => setPreview(null)}
        />
      )}
      {changing === 'adjust' ? <Adjust warning={warning} close={() => setChanging(null)} /> : null}
      {changing === 'lift' || changing === 'drop' ? (
        <ReasonModal
          title={t(changing === 'lift' ? 'web.warning.lift' : 'warnings.drop')}
          means={changing === 'lift' ? t('warnings.tells', { count: n(warning.counts.warned) }) : t('warnings.drop.means')}
          pending={act.isPending}
          close={() => setChanging(null)}
          give={(reason) =>
            act.mutate({
              method: 'POST',
              path: `${path}/${changing}`,
              body: { reason },
              done: t(changing === 'lift' ? 'web.warning.liftedNow' : 'warnings.dropped.done'),
            })
          }
        >
          {t(changing === 'lift' ? 'web.warning.lift' : 'warnings.drop')}
        </ReasonModal>
      ) : null}
    </>
  );
}

/** Nothing leaves before a person has read by name to whom it goes; and not by one person alone, except with a reason. */
function PreviewModal({
  warning,
  preview,
  issues,
  second,
  close,
}: {
  warning: WarningView;
  preview: Preview;
  issues: boolean;
  /** Two have read it, this one among them. */
  second: boolean;
  close: () => void;
}) {
  const { t, l } = useTexts();
  const name = useOrganisationName();
  const act = useAct(touched, close);
  const [alone, setAlone] = useState('');
  const matched = new Map(preview.matched.map((one) => [one.organisation, one]));
  const allowed = preview.recipients.filter((each) => each.allowed);
  const refused = preview.recipients.filter((each) => !each.allowed);
  const called = (id: string) => l(matched.get(id)?.name ?? { en: '', zh: '' }) || name(id);
  const sure = allowed.filter(({ recipient }) => matched.get(recipient)?.certainty !== 'possibly');
  const possibly = allowed.filter(({ recipient }) => matched.get(recipient)?.certainty === 'possibly');
  const named = allowed.slice(0, namedMax).map(({ recipient }) => called(recipient));
  const ready = allowed.length > 0 && (second || alone.trim() !== '');
  const path = `/warnings/${encodeURIComponent(warning.id)}`;
  const done = t('web.warning.issuedNow', { number: warning.number });
  return (
    <Modal
      opened
      onClose={close}
      title={t('web.warning.preview.title')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('web.close') }}
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          act.mutate(
            second
              ? { method: 'POST', path: `${path}/issue`, done }
              : { method: 'POST', path: `${path}/issue-alone`, body: { reason: alone.trim() }, done },
          );
        }}
      >
        <div className="preview-what">
          <ColourMark colour={warning.colour} />
          <strong>{l(warning.title)}</strong>
          <TlpBadge marking={warning.marking} />
        </div>
        <p className="preview-sentence">
          {allowed.length === 0
            ? t('web.warning.preview.nobody')
            : t(allowed.length === 1 ? 'web.warning.preview.one' : 'web.warning.preview.many', {
                count: allowed.length,
                names: [...named, ...(allowed.length > namedMax ? ['…'] : [])].join(t('web.list')),
              })}
        </p>
        <Recipients title={t('warnings.certainty.sure')} recipients={sure} matched={matched} called={called} />
        <Recipients title={t('warnings.certainty.possibly')} recipients={possibly} matched={matched} called={called} />
        {refused.length === 0 ? null : (
          <Recipients title={t('web.warning.preview.refused')} recipients={refused} matched={new Map()} called={called} />
        )}
        {issues && !second ? (
          <Textarea
            label={t('warnings.alone.why')}
            description={t('warnings.alone.means')}
            required
            maxLength={2000}
            value={alone}
            onChange={(event) => setAlone(event.currentTarget.value)}
          />
        ) : null}
        <div className="form-end">
          <Button variant="default" onClick={close}>
            {t('web.cancel')}
          </Button>
          {issues ? (
            <Button type="submit" leftSection={<Icon name="send" />} disabled={!ready} loading={act.isPending}>
              {second
                ? t(allowed.length === 1 ? 'web.warning.issueToOne' : 'web.warning.issueTo', { count: allowed.length })
                : t('warnings.issueAlone', { count: allowed.length })}
            </Button>
          ) : null}
        </div>
      </form>
    </Modal>
  );
}

/** Names that one sentence holds. */
const namedMax = 12;

/** Recipients that the dialog lists; thousands would make it a wall, and the count says how many there are. */
const listedMax = 200;

function Recipients({
  title,
  recipients,
  matched,
  called,
}: {
  title: string;
  recipients: readonly EgressDecision[];
  matched: ReadonlyMap<string, Preview['matched'][number]>;
  called: (id: string) => string;
}) {
  const { t, n } = useTexts();
  const w = useNamedWords();
  if (recipients.length === 0) return null;
  return (
    <div>
      <h3 className="row-line">
        {title} <span className="dim">{n(recipients.length)}</span>
      </h3>
      <ul className="audience">
        {recipients.slice(0, listedMax).map(({ recipient, reason }) => (
          <li key={recipient}>
            <strong>{called(recipient)}</strong>
            <ul className="reasons dim small">
              {(matched.get(recipient)?.reasons ?? [reason]).map((each, index) => (
                // Reasons have no id and never change places.
                <li key={index}>{w(each)}</li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {recipients.length > listedMax ? (
        <p className="dim small">{t('warnings.preview.more', { count: n(recipients.length - listedMax) })}</p>
      ) : null}
    </div>
  );
}
