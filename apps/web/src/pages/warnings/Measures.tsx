/** The measures of a warning: what to do until when, the time given against the time it needs, and who has done it. */

import type { WarningView } from '@forewarn/model/api';
import type { WarningEffect } from '@forewarn/model/warning-view';
import { Button, Modal, Textarea } from '@mantine/core';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { Panel } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { At } from '../../marks/Marks.tsx';
import { useSpan } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { inForce, Left, Share } from './marks.tsx';

type Measure = WarningView['measures'][number];

export function Measures({ warning, effect }: { warning: WarningView; effect: WarningEffect | undefined }) {
  const { t } = useTexts();
  const me = useMe();
  const may = useMay();
  const [doing, setDoing] = useState<Measure | null>(null);
  const own = warning.audience.find(({ organisation, part }) => organisation === me.organisation.id && part === 'warned');
  const most = Math.max(
    1,
    ...warning.measures.flatMap(({ givenSeconds, needsSeconds }) => [givenSeconds ?? 0, needsSeconds ?? 0]),
  );
  const counted = new Map((effect?.measures ?? []).map((one) => [one.measure, one]));
  const ownDone = (id: string) => own?.done.find(({ measure }) => measure === id);
  return (
    <Panel title={t('web.warning.measures')} count={warning.measures.length}>
      <Table
        label={t('web.warning.measures')}
        rows={warning.measures}
        keyOf={({ id }) => id}
        columns={[
          { head: t('warnings.measure'), main: true, cell: ({ text }) => <span className="prose-lines">{text}</span> },
          {
            head: t('web.warning.measuresDeadline'),
            cell: ({ dueAt }) =>
              dueAt === null ? (
                t('web.none')
              ) : (
                <>
                  <At at={dueAt} exact />
                  {inForce(warning) ? (
                    <div className="small">
                      <Left until={dueAt} />
                    </div>
                  ) : null}
                </>
              ),
          },
          { head: t('warnings.reaction'), cell: (measure) => <Reaction measure={measure} most={most} /> },
          {
            head: t('warnings.measures.done'),
            cell: ({ id }) => {
              const one = counted.get(id);
              const done = ownDone(id);
              return (
                <>
                  {one === undefined || one.of === 0 ? null : (
                    <Share part={one.done} of={one.of} label={t('warnings.measure.inTime', { count: one.inTime })} />
                  )}
                  {done === undefined ? null : (
                    <div className="small dim">
                      <Icon name="check" size={12} /> {t('warnings.measure.own')} <At at={done.at} />
                    </div>
                  )}
                </>
              );
            },
          },
          {
            head: t('warnings.measure.act'),
            headHidden: true,
            cell: (measure) =>
              own !== undefined && inForce(warning) && may('warnings:acknowledge') && ownDone(measure.id) === undefined ? (
                <Button size="compact-xs" variant="default" onClick={() => setDoing(measure)}>
                  {t('warnings.measure.done')}
                </Button>
              ) : null,
          },
        ]}
      />
      {doing === null ? null : <DoneModal warning={warning} measure={doing} close={() => setDoing(null)} />}
    </Panel>
  );
}

/** Given against needed, as two bars on one scale and in words. */
function Reaction({ measure: { givenSeconds, needsSeconds, enough }, most }: { measure: Measure; most: number }) {
  const { t } = useTexts();
  const span = useSpan();
  if (givenSeconds === null && needsSeconds === null) return <>–</>;
  const bar = (seconds: number | null, kind: 'given' | 'needs') =>
    seconds === null ? null : <span data-kind={kind} style={{ inlineSize: `${(100 * Math.max(0, seconds)) / most}%` }} />;
  return (
    <div className="reaction" data-enough={enough ?? undefined}>
      <span className="reaction-bars" aria-hidden="true">
        {bar(givenSeconds, 'given')}
        {bar(needsSeconds, 'needs')}
      </span>
      <span className="small">
        {givenSeconds === null ? null : t('warnings.reaction.given', { span: span(givenSeconds) })}
        {givenSeconds !== null && needsSeconds !== null ? ' · ' : null}
        {needsSeconds === null ? null : t('warnings.reaction.needs', { span: span(needsSeconds) })}
      </span>
      {enough === false ? <span className="late small">{t('warnings.reaction.short')}</span> : null}
    </div>
  );
}

function DoneModal({ warning, measure, close }: { warning: WarningView; measure: Measure; close: () => void }) {
  const { t } = useTexts();
  const [evidence, setEvidence] = useState('');
  const act = useAct(['warning', 'warnings', 'situation'], close);
  return (
    <Modal opened onClose={close} title={t('warnings.measure.done')} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          const said = evidence.trim();
          act.mutate({
            method: 'POST',
            path: `/warnings/${encodeURIComponent(warning.id)}/measures`,
            body: { measure: measure.id, evidence: said === '' ? null : said },
            done: t('warnings.measure.noted'),
          });
        }}
      >
        <p className="prose-lines">{measure.text}</p>
        <Textarea
          label={t('warnings.evidence')}
          description={t('warnings.evidence.means')}
          maxLength={2000}
          value={evidence}
          onChange={(event) => setEvidence(event.currentTarget.value)}
        />
        <FormEnd close={close} pending={act.isPending}>
          {t('warnings.measure.done')}
        </FormEnd>
      </form>
    </Modal>
  );
}
