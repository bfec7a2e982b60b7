/** One warning: its fields, whom it reaches and why, who has taken note; and what can be done with it by whom. */

import type { EgressDecision, WarningView } from '@forewarn/model/api';
import { sectorName } from '@forewarn/model/estate';
import type { Colour } from '@forewarn/model/grade';
import type { Words } from '@forewarn/model/text';
import { Button, Modal, SegmentedControl, Textarea } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { keepView } from '../../frame/Frame.tsx';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { useNotice, useProblemText } from '../../frame/notices.tsx';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { ColourMark, useColourName } from '../../marks/Grade.tsx';
import { At, TlpBadge } from '../../marks/Marks.tsx';
import { ask } from '../../session/api.ts';
import { useSecond } from '../../session/clock.ts';
import { useSpan } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { organisationsQuery, useNamedWords, useOrganisationName, warningQuery } from '../../session/resources.ts';
import { useActorName } from '../../session/people.ts';
import { shownIndicator } from '../../values/defang.ts';
import { Value } from '../../values/ValueMenu.tsx';
import { WarningStateWord } from './WarningTable.tsx';

const touched = ['warning', 'warnings', 'situation', 'incident'];

export function Warning() {
  const { t } = useTexts();
  const { id } = useParams({ strict: false }) as { id: string };
  const query = useQuery(warningQuery(id));
  if (query.data === undefined) {
    return (
      <Page title={t('web.warning')}>
        <Waiting query={query}>{() => null}</Waiting>
      </Page>
    );
  }
  return <WarningBody warning={query.data} />;
}

function WarningBody({ warning }: { warning: WarningView }) {
  const actor = useActorName();
  const { t, l, w } = useTexts();
  const name = useOrganisationName();
  const { scope } = warning;
  const scopeParts = [
    { key: 'web.warning.addresses', field: 'id.resp_h', values: scope.addresses, open: true },
    { key: 'web.warning.names', field: 'query', values: scope.names, open: true },
    { key: 'web.warning.businesses', field: 'businesses', values: scope.businesses, open: false },
    { key: 'web.warning.sectors', field: 'sectors', values: scope.sectors.map((sector) => w(sectorName(sector))), open: false },
    { key: 'exposures.vulnerabilities', field: 'vulnerabilities', values: scope.vulnerabilities ?? [], open: false },
  ].filter(({ values }) => values.length > 0);
  return (
    <Page
      title={`${warning.number} ${l(warning.title)}`}
      heading={
        <ItemHead up={{ to: '/warnings', name: t('web.page.warnings') }} title={l(warning.title)}>
          <span className="mono">{warning.number}</span>
          <ColourMark colour={warning.colour} />
          <WarningStateWord state={warning.state} />
          <TlpBadge marking={warning.marking} />
        </ItemHead>
      }
      tools={<Acts warning={warning} />}
      aside={<Audience warning={warning} />}
      asideLabel={t('web.warning.audience')}
    >
      <div className="warning-banner" data-colour={warning.colour}>
        <ColourMark colour={warning.colour} large />
        <TimeToAct warning={warning} />
      </div>
      <Panel title={t('web.warning.content')}>
        <dl className="pairs pairs-wide">
          <Pair term={t('web.warning.incidentType')}>{warning.incidentType}</Pair>
          <Pair term={t('web.warning.startTime')}>
            <At at={warning.startTime} exact />
          </Pair>
          <Pair term={t('web.warning.possibleScope')}>{warning.possibleScope}</Pair>
          <Pair term={t('web.warning.mattersToNote')}>{warning.mattersToNote}</Pair>
          <Pair term={t('web.warning.measures')}>{warning.measuresToTake}</Pair>
          <Pair term={t('web.warning.measuresDeadline')}>
            {warning.measuresDeadline === null ? t('web.none') : <At at={warning.measuresDeadline} exact />}
          </Pair>
          <Pair term={t('web.warning.authority')}>{name(warning.issuingAuthority)}</Pair>
          {warning.issuedAt === null ? null : (
            <Pair term={t('web.warning.issuedAt')}>
              <At at={warning.issuedAt} exact />
              {warning.issuedBy === null ? null : ` · ${actor(warning.issuedBy)}`}
            </Pair>
          )}
          <Pair term={t('web.warning.validUntil')}>
            {warning.validUntil === null ? t('web.warning.untilLifted') : <At at={warning.validUntil} exact />}
          </Pair>
          {warning.liftedAt === null ? null : (
            <Pair term={t('web.warning.liftedAt')}>
              <At at={warning.liftedAt} exact />
            </Pair>
          )}
          {warning.incident === null ? null : (
            <Pair term={t('web.incident')}>
              <Link to="/incidents/$id" params={{ id: warning.incident }} search={keepView}>
                {t('web.warning.incident')}
              </Link>
            </Pair>
          )}
        </dl>
      </Panel>
      {scopeParts.length === 0 ? null : (
        <Panel title={t('web.warning.scope')}>
          <dl className="pairs pairs-wide">
            {scopeParts.map((part) => (
              <Pair key={part.key} term={t(part.key)}>
                <span className="values">
                  {part.values.map((value) =>
                    part.open ? (
                      <Value key={value} field={part.field} value={value} log={null} shown={shownIndicator(value)} />
                    ) : (
                      <span key={value}>{value}</span>
                    ),
                  )}
                </span>
              </Pair>
            ))}
          </dl>
        </Panel>
      )}
    </Page>
  );
}

function Pair({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd className="prose-lines">{children}</dd>
    </div>
  );
}

/** How long is left to take the measures. */
function TimeToAct({ warning }: { warning: WarningView }) {
  const { t } = useTexts();
  const span = useSpan();
  const nowMs = useSecond() * 1000;
  if (warning.state === 'lifted' || warning.measuresDeadline === null) return null;
  const left = (Date.parse(warning.measuresDeadline) - nowMs) / 1000;
  return (
    <span className={left < 0 ? 'late' : undefined}>
      {left < 0 ? t('web.warning.deadlinePassed', { span: span(-left) }) : t('web.warning.timeToAct', { span: span(left) })}
    </span>
  );
}

function Audience({ warning }: { warning: WarningView }) {
  const { t } = useTexts();
  const w = useNamedWords();
  const name = useOrganisationName();
  const acknowledged = warning.audience.filter(({ acknowledgedAt }) => acknowledgedAt !== null).length;
  return (
    <Panel
      title={t('web.warning.audience')}
      count={
        warning.audience.length === 0 ? undefined : t('web.warning.acknowledgedOf', { acknowledged, of: warning.audience.length })
      }
    >
      {warning.audience.length === 0 ? (
        <Empty icon="send" title={t('web.warning.audience.none')}>
          {t('web.warning.audience.none.means')}
        </Empty>
      ) : (
        <ul className="audience">
          {warning.audience.map((each) => (
            <li key={each.organisation}>
              <div className="audience-head">
                <strong>{name(each.organisation)}</strong>
                <span className="audience-state" data-acknowledged={each.acknowledgedAt !== null || undefined}>
                  <Icon name={each.acknowledgedAt === null ? 'clock' : 'check'} size={14} />
                  {each.acknowledgedAt === null ? (
                    each.deliveredAt === null ? (
                      t('web.warning.notDelivered')
                    ) : (
                      t('web.warning.notAcknowledged')
                    )
                  ) : (
                    <>
                      {t('web.warning.acknowledged')} <At at={each.acknowledgedAt} />
                    </>
                  )}
                </span>
              </div>
              <ul className="reasons dim small">
                {each.reasons.map((reason, index) => (
                  // Reasons have no id and never change places.
                  <li key={index}>{w(reason)}</li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

type Preview = { recipients: EgressDecision[]; matched: { organisation: string; reasons: Words[] }[] };

function Acts({ warning }: { warning: WarningView }) {
  const { t } = useTexts();
  const may = useMay();
  const me = useMe();
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
  const inForce = warning.state === 'issued' || warning.state === 'adjusted';
  const own = warning.audience.find(({ organisation }) => organisation === me.organisation.id);
  return (
    <>
      {inForce && own !== undefined && own.acknowledgedAt === null && may('warnings:acknowledge') ? (
        <Button
          leftSection={<Icon name="check" />}
          loading={act.isPending}
          onClick={() => act.mutate({ method: 'POST', path: `${path}/acknowledge`, done: t('web.warning.acknowledgedNow') })}
        >
          {t('web.warning.acknowledge')}
        </Button>
      ) : null}
      {warning.state === 'draft' && issues ? (
        <Button leftSection={<Icon name="send" />} loading={look.isPending} onClick={() => look.mutate()}>
          {t('web.warning.issue')}
        </Button>
      ) : null}
      {warning.state === 'draft' && !issues && may('warnings:draft') ? (
        <Button variant="default" loading={look.isPending} onClick={() => look.mutate()}>
          {t('web.warning.preview')}
        </Button>
      ) : null}
      {inForce && issues ? (
        <>
          <Button variant="default" onClick={() => setChanging('adjust')}>
            {t('web.warning.adjust')}
          </Button>
          <Button variant="default" onClick={() => setChanging('lift')}>
            {t('web.warning.lift')}
          </Button>
        </>
      ) : null}
      {preview === null ? null : (
        <PreviewModal warning={warning} preview={preview} issues={issues} close={() => setPreview(null)} />
      )}
      {changing === null ? null : <ChangeModal warning={warning} kind={changing} close={() => setChanging(null)} />}
    </>
  );
}

/** Nothing leaves before a person has read by name to whom it goes. */
function PreviewModal({
  warning,
  preview,
  issues,
  close,
}: {
  warning: WarningView;
  preview: Preview;
  issues: boolean;
  close: () => void;
}) {
  const { t, l } = useTexts();
  const w = useNamedWords();
  const name = useOrganisationName();
  const act = useAct(touched, close);
  const allowed = preview.recipients.filter((each) => each.allowed);
  const refused = preview.recipients.filter((each) => !each.allowed);
  const reasonsOf = (organisation: string) => preview.matched.find((each) => each.organisation === organisation)?.reasons ?? [];
  return (
    <Modal
      opened
      onClose={close}
      title={t('web.warning.preview.title')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('web.close') }}
    >
      <div className="form">
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
                names: allowed.map(({ recipient }) => name(recipient)).join(t('web.list')),
              })}
        </p>
        {allowed.length === 0 ? null : (
          <ul className="audience">
            {allowed.map(({ recipient, reason }) => (
              <li key={recipient}>
                <strong>{name(recipient)}</strong>
                <ul className="reasons dim small">
                  {(reasonsOf(recipient).length === 0 ? [reason] : reasonsOf(recipient)).map((each, index) => (
                    // Reasons have no id and never change places.
                    <li key={index}>{w(each)}</li>
                  ))}
                </ul>
              </li>
            ))}
          </ul>
        )}
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
          {issues ? (
            <Button
              leftSection={<Icon name="send" />}
              disabled={allowed.length === 0}
              loading={act.isPending}
              onClick={() =>
                act.mutate({
                  method: 'POST',
                  path: `/warnings/${encodeURIComponent(warning.id)}/issue`,
                  done: t('web.warning.issuedNow', { number: warning.number }),
                })
              }
            >
              {t(allowed.length === 1 ? 'web.warning.issueToOne' : 'web.warning.issueTo', { count: allowed.length })}
            </Button>
          ) : null}
        </div>
      </div>
    </Modal>
  );
}

function ChangeModal({ warning, kind, close }: { warning: WarningView; kind: 'adjust' | 'lift'; close: () => void }) {
  const { t } = useTexts();
  const colourName = useColourName();
  const name = useOrganisationName();
  const [reason, setReason] = useState('');
  const [colour, setColour] = useState<Colour>(warning.colour);
  const act = useAct(touched, close);
  const path = `/warnings/${encodeURIComponent(warning.id)}/${kind}`;
  const ready = reason.trim() !== '' && (kind === 'lift' || colour !== warning.colour);
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
          act.mutate({
            method: 'POST',
            path,
            body: kind === 'adjust' ? { colour, reason: reason.trim() } : { reason: reason.trim() },
            done: t(kind === 'adjust' ? 'web.warning.adjustedNow' : 'web.warning.liftedNow'),
          });
        }}
      >
        <p className="prose dim">
          {t('web.warning.tells', {
            names: warning.audience.map(({ organisation }) => name(organisation)).join(t('web.list')) || '–',
          })}
        </p>
        {kind === 'adjust' ? (
          <SegmentedControl
            aria-label={t('web.warning.colour')}
            value={colour}
            onChange={(value) => setColour(value as Colour)}
            data={(['red', 'orange', 'yellow', 'blue'] as const).map((each) => ({ value: each, label: colourName(each) }))}
          />
        ) : null}
        <Textarea
          label={t('web.reason')}
          required
          maxLength={2000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <FormEnd close={close} disabled={!ready} pending={act.isPending}>
          {t(kind === 'adjust' ? 'web.warning.adjust' : 'web.warning.lift')}
        </FormEnd>
      </form>
    </Modal>
  );
}
