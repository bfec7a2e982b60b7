/** What can be done with a warning, by whom: acknowledged, approved, issued after a look at whom it reaches, changed, lifted, chased. */

import type { EgressDecision, WarningView } from '@forewarn/model/api';
import type { LocalText, Words } from '@forewarn/model/text';
import { Button, Menu, Modal, SegmentedControl, Textarea } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { useNotice, useProblemText } from '../../frame/notices.tsx';
import { Icon } from '../../look/icons.tsx';
import { ColourMark, useColourName } from '../../marks/Grade.tsx';
import { TlpBadge } from '../../marks/Marks.tsx';
import { ask } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { organisationsQuery, useNamedWords, useOrganisationName } from '../../session/resources.ts';
import { inForce } from './marks.tsx';

const touched = ['warning', 'warnings', 'situation', 'incident'];

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
  const { t } = useTexts();
  const may = useMay();
  const me = useMe();
  const navigate = useNavigate();
  const act = useAct(touched);
  const notice = useNotice();
  const problemText = useProblemText();
  const [preview, setPreview] = useState<Preview | null>(null);
  const [changing, setChanging] = useState<'adjust' | 'lift' | null>(null);
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
        <Button variant="default" onClick={() => void navigate({ to: '/warnings/new', search: { warning: warning.id } })}>
          {t('warnings.edit')}
        </Button>
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
      {changing === null ? null : <ChangeModal warning={warning} kind={changing} close={() => setChanging(null)} />}
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

function ChangeModal({ warning, kind, close }: { warning: WarningView; kind: 'adjust' | 'lift'; close: () => void }) {
  const { t, n } = useTexts();
  const colourName = useColourName();
  const [reason, setReason] = useState('');
  const [alone, setAlone] = useState('');
  const [matters, setMatters] = useState(warning.mattersToNote);
  const [colour, setColour] = useState<WarningView['colour']>(warning.colour);
  const act = useAct(touched, close);
  const path = `/warnings/${encodeURIComponent(warning.id)}/${kind}`;
  const changed = colour !== warning.colour || matters.trim() !== warning.mattersToNote;
  const ready = reason.trim() !== '' && (kind === 'lift' || (changed && matters.trim() !== ''));
  const atOnce = alone.trim();
  return (
    <Modal
      opened
      onClose={close}
      title={t(kind === 'adjust' ? 'web.warning.adjust' : 'web.warning.lift')}
      closeButtonProps={{ 'aria-label': t('web.close') }}
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          const change = {
            reason: reason.trim(),
            ...(colour === warning.colour ? {} : { colour }),
            ...(matters.trim() === warning.mattersToNote ? {} : { mattersToNote: matters.trim() }),
            ...(atOnce === '' ? {} : { alone: atOnce }),
          };
          act.mutate({
            method: 'POST',
            path,
            body: kind === 'adjust' ? change : { reason: reason.trim() },
            done: t(
              kind === 'lift' ? 'web.warning.liftedNow' : atOnce === '' ? 'warnings.proposed.kept' : 'web.warning.adjustedNow',
            ),
          });
        }}
      >
        <p className="prose dim">{t('warnings.tells', { count: n(warning.counts.warned) })}</p>
        {kind === 'adjust' ? (
          <>
            <SegmentedControl
              aria-label={t('web.warning.colour')}
              value={colour}
              onChange={(value) => setColour(value as WarningView['colour'])}
              data={(['red', 'orange', 'yellow', 'blue'] as const).map((each) => ({ value: each, label: colourName(each) }))}
            />
            <Textarea
              label={t('web.warning.mattersToNote')}
              autosize
              maxRows={8}
              maxLength={5000}
              value={matters}
              onChange={(event) => setMatters(event.currentTarget.value)}
            />
          </>
        ) : null}
        <Textarea
          label={t('web.reason')}
          required
          maxLength={2000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {kind === 'adjust' ? (
          <Textarea
            label={t('warnings.alone.change')}
            description={t('warnings.alone.change.means')}
            maxLength={2000}
            value={alone}
            onChange={(event) => setAlone(event.currentTarget.value)}
          />
        ) : null}
        <FormEnd close={close} disabled={!ready} pending={act.isPending}>
          {t(kind === 'lift' ? 'web.warning.lift' : atOnce === '' ? 'warnings.propose' : 'web.warning.adjust')}
        </FormEnd>
      </form>
    </Modal>
  );
}
