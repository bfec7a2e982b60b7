/** How an incident's findings are grouped, and what people change about it: take out, put back, split off, merge. */

import type { FindingView, IncidentView } from '@forewarn/model/api';
import { ruleName } from '@forewarn/model/finding';
import type { GroupingAsked, GroupingView, SignView } from '@forewarn/model/grouping';
import { Button, Checkbox, Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { keepView } from '../../frame/keep.ts';
import { Panel } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { At, FindingLevelMark } from '../../marks/Marks.tsx';
import { stageKeys } from '../../marks/Stage.tsx';
import { Technique } from '../../marks/Technique.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { incidentsQuery } from '../../session/resources.ts';
import { shownIndicator } from '../../values/defang.ts';
import { Value } from '../../values/ValueMenu.tsx';
import { touched } from './Why.tsx';

const changed = [...touched, 'grouping', 'findings'];

const keyOf = ({ rule, source }: SignView): string => `${rule.id}\n${source}`;

/** The centre and the lead say which findings belong to an incident. */
function useMayGroup(incident: IncidentView): boolean {
  const may = useMay();
  const me = useMe();
  return may('incidents:write') && (me.organisation.centre || incident.lead.organisation === me.organisation.id);
}

export function Course({ course }: { course: GroupingView['course'] }) {
  const { t } = useTexts();
  if (course.length === 0) return null;
  return (
    <Panel title={t('grouping.course')}>
      <p className="dim small">{t('grouping.course.means')}</p>
      <Table
        label={t('grouping.course')}
        form="rows"
        rows={course}
        keyOf={({ tactic }) => tactic}
        columns={[
          { head: t('grouping.at'), cell: ({ at }) => <At at={at} /> },
          { head: t('grouping.tactic'), main: true, cell: ({ tactic }) => t(`detect.tactic.${tactic}`) },
          {
            head: t('web.finding.technique'),
            cell: ({ technique }) => (technique.length === 0 ? '–' : technique.map((id) => <Technique key={id} id={id} />)),
          },
        ]}
      />
    </Panel>
  );
}

type Doing = 'take-out' | 'split' | 'merge';

export function Signs({ incident, grouping }: { incident: IncidentView; grouping: GroupingView }) {
  const { t, w, n } = useTexts();
  const may = useMayGroup(incident);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [doing, setDoing] = useState<Doing | null>(null);
  const { signs } = grouping;
  const findings = signs.filter((sign) => chosen.has(keyOf(sign))).flatMap((sign) => sign.findings);
  const choose = (sign: SignView, on: boolean): void => {
    const next = new Set(chosen);
    if (on) next.add(keyOf(sign));
    else next.delete(keyOf(sign));
    setChosen(next);
  };
  if (signs.length === 0 && !may) return null;
  return (
    <Panel title={t('grouping.signs')}>
      <p className="dim small">{t('grouping.signs.means')}</p>
      {signs.length === 0 ? null : (
        <Table
          label={t('grouping.signs')}
          rows={signs}
          keyOf={keyOf}
          columns={[
            ...(may
              ? [
                  {
                    head: t('grouping.choose'),
                    headHidden: true,
                    cell: (sign: SignView) => (
                      <Checkbox
                        aria-label={t('grouping.chooseSign', { sign: w(sign.explanation) })}
                        checked={chosen.has(keyOf(sign))}
                        onChange={(event) => choose(sign, event.currentTarget.checked)}
                      />
                    ),
                  },
                ]
              : []),
            { head: t('web.finding.lastSeen'), cell: ({ to }) => <At at={to} /> },
            { head: t('web.finding.level'), cell: ({ level }) => <FindingLevelMark level={level} /> },
            {
              head: t('web.finding'),
              main: true,
              cell: (sign) => (
                <>
                  <span>{w(sign.explanation)}</span>
                  <div className="dim small">
                    {w(ruleName(sign.rule))}
                    {sign.findings.length > 1 ? (
                      <strong title={t('grouping.times', { count: sign.findings.length })}>
                        {' '}
                        {`×${n(sign.findings.length)}`}
                      </strong>
                    ) : null}
                  </div>
                </>
              ),
            },
            {
              head: t('web.finding.source'),
              className: 'cell-host',
              cell: ({ source }) => <Value field="source" value={source} log={null} shown={shownIndicator(source)} />,
            },
            {
              head: t('grouping.stage'),
              cell: ({ stage }) => (
                <span className="state-word" data-stage={stage}>
                  {t(stageKeys[stage])}
                </span>
              ),
            },
            { head: t('web.finding.records'), number: true, cell: ({ records }) => n(records) },
          ]}
        />
      )}
      {grouping.more ? <p className="dim small">{t('grouping.more')}</p> : null}
      {may ? (
        doing === null ? (
          <div className="form-end panel-body">
            <span className="dim small" role="status">
              {findings.length === 0 ? '' : t('grouping.chosen', { count: findings.length })}
            </span>
            <Button variant="default" disabled={findings.length === 0} onClick={() => setDoing('take-out')}>
              {t('grouping.takeOut')}
            </Button>
            <Button variant="default" disabled={findings.length === 0} onClick={() => setDoing('split')}>
              {t('grouping.split')}
            </Button>
            <Button variant="default" onClick={() => setDoing('merge')}>
              {t('grouping.merge')}
            </Button>
          </div>
        ) : (
          <GroupingForm
            incident={incident}
            doing={doing}
            findings={findings}
            close={(done) => {
              setDoing(null);
              if (done) setChosen(new Set());
            }}
          />
        )
      ) : null}
    </Panel>
  );
}

const doingKeys: { [doing in Doing]: string } = {
  'take-out': 'grouping.takeOut',
  split: 'grouping.split',
  merge: 'grouping.merge',
};

const meansKeys: { [doing in Doing]: string } = {
  'take-out': 'grouping.takeOut.means',
  split: 'grouping.split.means',
  merge: 'grouping.merge.means',
};

function GroupingForm({
  incident,
  doing,
  findings,
  close,
}: {
  incident: IncidentView;
  doing: Doing;
  findings: string[];
  close: (done: boolean) => void;
}) {
  const { t, w } = useTexts();
  const [reason, setReason] = useState('');
  const [title, setTitle] = useState('');
  const [into, setInto] = useState<string | null>(null);
  const { data: open } = useQuery({ ...incidentsQuery({}), enabled: doing === 'merge' });
  const act = useAct(changed, () => close(true));
  const ready = reason.trim() !== '' && (doing !== 'split' || title.trim() !== '') && (doing !== 'merge' || into !== null);
  const body = (): GroupingAsked => {
    const why = reason.trim();
    if (doing === 'merge') return { act: 'merge', into: into!, reason: why };
    if (doing === 'split') return { act: 'split', findings, title: title.trim(), reason: why };
    return { act: 'take-out', findings, reason: why };
  };
  return (
    <form
      className="form panel-body"
      aria-label={t(doingKeys[doing])}
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        const path = `/incidents/${encodeURIComponent(incident.id)}/grouping`;
        act.mutate({ method: 'POST', path, body: body(), done: t('grouping.done') });
      }}
    >
      <p className="dim small">
        {doing === 'merge' ? '' : `${t('grouping.chosen', { count: findings.length })}. `}
        {t(meansKeys[doing])}
      </p>
      {doing === 'split' ? (
        <TextInput
          label={t('grouping.title')}
          required
          maxLength={300}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
      ) : null}
      {doing === 'merge' ? (
        <Select
          label={t('grouping.into')}
          required
          searchable
          data={(open?.items ?? [])
            .filter(({ id, state }) => id !== incident.id && state !== 'closed')
            .map((one) => ({ value: one.id, label: `${one.number} ${w(one.title)}` }))}
          value={into}
          onChange={setInto}
        />
      ) : null}
      <Textarea
        label={t('grouping.reason')}
        required
        autoFocus={doing === 'take-out'}
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <FormEnd close={() => close(false)} disabled={!ready} pending={act.isPending}>
        {t(doingKeys[doing])}
      </FormEnd>
    </form>
  );
}

export function TakenOut({ incident, taken }: { incident: IncidentView; taken: readonly FindingView[] }) {
  const { t, w } = useTexts();
  const may = useMayGroup(incident);
  const [back, setBack] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const act = useAct(changed, () => {
    setBack(null);
    setReason('');
  });
  if (taken.length === 0) return null;
  return (
    <Panel title={t('grouping.taken')}>
      <ul className="stack panel-body">
        {taken.map((one) => (
          <li key={one.id} data-row tabIndex={-1}>
            <Link data-open to="/findings/$id" params={{ id: one.id }} search={keepView}>
              {w(one.explanation)}
            </Link>
            {may && back !== one.id ? (
              <div>
                <Button
                  variant="default"
                  size="compact-sm"
                  leftSection={<Icon name="plus" size={14} />}
                  onClick={() => setBack(one.id)}
                >
                  {t('grouping.putBack')}
                </Button>
              </div>
            ) : null}
            {back === one.id ? (
              <form
                className="form"
                aria-label={t('grouping.putBack')}
                onSubmit={(event) => {
                  event.preventDefault();
                  if (reason.trim() === '') return;
                  const path = `/incidents/${encodeURIComponent(incident.id)}/grouping`;
                  const body: GroupingAsked = { act: 'put-in', findings: [one.id], reason: reason.trim() };
                  act.mutate({ method: 'POST', path, body, done: t('grouping.done') });
                }}
              >
                <Textarea
                  label={t('grouping.reason')}
                  required
                  autoFocus
                  maxLength={2000}
                  value={reason}
                  onChange={(event) => setReason(event.currentTarget.value)}
                />
                <FormEnd close={() => setBack(null)} disabled={reason.trim() === ''} pending={act.isPending}>
                  {t('grouping.putBack')}
                </FormEnd>
              </form>
            ) : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const actKeys: { [act in GroupingView['decisions'][number]['act']]: string } = {
  'take-out': 'grouping.act.takeOut',
  'put-in': 'grouping.act.putIn',
  split: 'grouping.act.split',
  'split-off': 'grouping.act.splitOff',
  merge: 'grouping.act.merge',
  merged: 'grouping.act.merged',
};

export function GroupingDecisions({ decisions }: { decisions: GroupingView['decisions'] }) {
  const { t } = useTexts();
  const actor = useActorName();
  if (decisions.length === 0) return null;
  return (
    <Panel title={t('grouping.decisions')}>
      <Table
        label={t('grouping.decisions')}
        rows={decisions}
        keyOf={({ id }) => id}
        columns={[
          { head: t('grouping.at'), cell: ({ at }) => <At at={at} /> },
          {
            head: t('grouping.decisions'),
            main: true,
            cell: ({ act, findings, other, reason }) => (
              <>
                {other === null ? (
                  t(actKeys[act], { count: findings, number: t('grouping.otherIncident') })
                ) : (
                  <Link data-open to="/incidents/$id" params={{ id: other.id }} search={keepView}>
                    {t(actKeys[act], { count: findings, number: other.number })}
                  </Link>
                )}
                <div className="dim small">{reason}</div>
              </>
            ),
          },
          { head: t('grouping.by'), cell: ({ by }) => actor(by) },
        ]}
      />
    </Panel>
  );
}
