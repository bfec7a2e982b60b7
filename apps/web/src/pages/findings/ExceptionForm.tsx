/** Hiding what is noise: what it is about, why, until when – and, before anything is hidden, what it would have hidden. */

import type { FindingView } from '@forewarn/model/api';
import type { ExceptionAsked, ExceptionPreview } from '@forewarn/model/noise-api';
import { entityKinds, exceptionKinds, exceptionSecondsMax, snoozeSecondsMax, type ExceptionKind } from '@forewarn/model/noise';
import { ruleName } from '@forewarn/model/finding';
import { Checkbox, Chip, Modal, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useDeferredValue, useState } from 'react';
import { keepView } from '../../frame/keep.ts';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { InstantInput } from '../../frame/InstantInput.tsx';
import { useAct } from '../../frame/act.ts';
import { useProblemText } from '../../frame/notices.tsx';
import { Icon } from '../../look/icons.tsx';
import { At, FindingLevelMark, findingLevels } from '../../marks/Marks.tsx';
import { ask } from '../../session/api.ts';
import { serverNow } from '../../session/clock.ts';
import { useTexts } from '../../session/language.tsx';
import { useMe } from '../../session/me.tsx';
import { organisationsQuery } from '../../session/resources.ts';
import { rulesQuery } from './queries.ts';
import { entityKeys, kindKeys } from './words.ts';

const kindMeans = {
  exception: 'noise.kind.exception.means',
  window: 'noise.kind.window.means',
  snooze: 'noise.kind.snooze.means',
} as const;

const dayKeys = [
  'noise.day.sun',
  'noise.day.mon',
  'noise.day.tue',
  'noise.day.wed',
  'noise.day.thu',
  'noise.day.fri',
  'noise.day.sat',
] as const;

/** Chosen unless somebody chooses otherwise: a quarter, four hours of maintenance, a day's rest. */
const seconds: { [kind in ExceptionKind]: number } = { exception: 90 * 86_400, window: 4 * 3_600, snooze: 86_400 };
const days = 30;

/** To the minute, as it is typed. */
const after = (ms: number): string => new Date(Math.floor((serverNow() + ms) / 60_000) * 60_000).toISOString();

export type ExceptionStart = Partial<Pick<ExceptionAsked, 'kind' | 'rule' | 'entity' | 'condition'>>;

export function ExceptionForm({ start, close }: { start: ExceptionStart; close: () => void }) {
  const { t, w, l, n } = useTexts();
  const me = useMe();
  const { data: rules } = useQuery(rulesQuery);
  const { data: organisations } = useQuery(organisationsQuery);
  const [kind, setKind] = useState<ExceptionKind>(start.kind ?? 'exception');
  const [rule, setRule] = useState(start.rule ?? null);
  const [entity, setEntity] = useState(start.entity ?? null);
  const [condition, setCondition] = useState(start.condition ?? '');
  const [organisation, setOrganisation] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [from, setFrom] = useState<string | null>(() => after(0));
  const [until, setUntil] = useState<string | null>(() => after(seconds[start.kind ?? 'exception'] * 1000));
  const [weekly, setWeekly] = useState(false);
  const [weekdays, setWeekdays] = useState<string[]>([]);
  const [startAt, setStartAt] = useState('02:00');
  const [minutes, setMinutes] = useState(120);
  const [past, setPast] = useState(false);
  const act = useAct(['findings', 'finding', 'situation'], close);
  const chooseKind = (next: ExceptionKind) => {
    setKind(next);
    setUntil(after(seconds[next] * 1000));
  };
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const ofWeek =
    kind === 'window' && weekly && weekdays.length > 0
      ? { days: weekdays.map(Number).sort(), start: startAt, minutes, zone }
      : null;
  const terms = {
    kind,
    rule,
    entity: entity !== null && entity.value.trim() !== '' ? { ...entity, value: entity.value.trim() } : null,
    condition: condition.trim(),
    organisation,
    from: kind === 'window' && !weekly ? from : null,
    weekly: ofWeek,
    until: until ?? '',
  };
  const most = (kind === 'snooze' ? snoozeSecondsMax : exceptionSecondsMax) * 1000;
  const endWrong = until === null || Date.parse(until) <= serverNow() || Date.parse(until) > serverNow() + most;
  const empty =
    terms.rule === null && terms.entity === null && terms.condition === '' && !(kind === 'window' && organisation !== null);
  const timed = kind !== 'window' || (weekly ? ofWeek !== null : terms.from !== null);
  const asked = useDeferredValue(JSON.stringify({ ...terms, days }));
  const preview = useQuery({
    queryKey: ['findings', 'preview', asked],
    queryFn: ({ signal }) => ask<ExceptionPreview>('POST', '/exceptions/preview', JSON.parse(asked), signal),
    enabled: !endWrong && !empty && timed,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const ready = !endWrong && !empty && timed && reason.trim().length >= 3 && !preview.isError;
  return (
    <Modal opened onClose={close} size="xl" title={t('noise.make')} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          const body = { ...terms, reason: reason.trim(), pastDays: past ? days : 0 };
          act.mutate({ method: 'POST', path: '/exceptions', body, done: t('noise.made') });
        }}
      >
        <Select
          label={t('noise.kind')}
          description={t(kindMeans[kind])}
          allowDeselect={false}
          value={kind}
          onChange={(value) => chooseKind(value as ExceptionKind)}
          data={exceptionKinds.map((each) => ({ value: each, label: t(kindKeys[each]) }))}
        />
        <div className="form-pair">
          <Select
            label={t('noise.rule')}
            placeholder={t('noise.rule.any')}
            searchable
            clearable
            value={rule}
            onChange={setRule}
            data={(rules?.items ?? []).map((each) => ({ value: each.id, label: w(ruleName(each)) }))}
          />
          <Select
            label={t('noise.organisation')}
            placeholder={me.organisation.centre ? t('noise.organisation.any') : t('noise.organisation.own')}
            clearable
            searchable
            value={organisation}
            onChange={setOrganisation}
            data={(organisations ?? [])
              .filter(({ id }) => me.organisation.centre || id === me.organisation.id)
              .map((each) => ({ value: each.id, label: l(each.name) }))}
          />
        </div>
        <div className="form-pair">
          <Select
            label={t('noise.entity')}
            placeholder={t('noise.entity.any')}
            clearable
            value={entity?.kind ?? null}
            onChange={(value) =>
              setEntity(value === null ? null : { kind: value as (typeof entityKinds)[number], value: entity?.value ?? '' })
            }
            data={entityKinds.map((each) => ({ value: each, label: t(entityKeys[each]) }))}
          />
          <TextInput
            label={t('noise.entity.value')}
            classNames={{ input: 'mono' }}
            disabled={entity === null}
            maxLength={255}
            value={entity?.value ?? ''}
            onChange={(event) => entity && setEntity({ ...entity, value: event.currentTarget.value })}
          />
        </div>
        <Textarea
          label={t('noise.condition')}
          description={t('noise.condition.means')}
          autosize
          minRows={1}
          maxRows={6}
          maxLength={5000}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          value={condition}
          onChange={(event) => setCondition(event.currentTarget.value)}
        />
        {kind === 'window' ? (
          <>
            <Checkbox label={t('noise.weekly')} checked={weekly} onChange={(event) => setWeekly(event.currentTarget.checked)} />
            {weekly ? (
              <>
                <Chip.Group multiple value={weekdays} onChange={setWeekdays}>
                  <div className="chips" role="group" aria-label={t('noise.weekly.days')}>
                    {dayKeys.map((key, day) => (
                      <Chip key={key} value={String(day)} size="xs">
                        {t(key)}
                      </Chip>
                    ))}
                  </div>
                </Chip.Group>
                <div className="form-pair">
                  <TextInput
                    type="time"
                    label={t('noise.weekly.start', { zone })}
                    value={startAt}
                    onChange={(event) => setStartAt(event.currentTarget.value)}
                  />
                  <NumberInput
                    label={t('noise.weekly.minutes')}
                    min={1}
                    max={1440}
                    allowDecimal={false}
                    value={minutes}
                    onChange={(value) => setMinutes(typeof value === 'number' ? value : 1)}
                  />
                </div>
              </>
            ) : (
              <InstantInput label={t('noise.from')} value={from} set={setFrom} />
            )}
          </>
        ) : null}
        <InstantInput
          label={t('noise.until')}
          description={t(kind === 'snooze' ? 'noise.until.snooze' : 'noise.until.means')}
          required
          error={endWrong ? t('noise.until.wrong') : undefined}
          value={until}
          set={setUntil}
        />
        <Textarea
          data-autofocus
          label={t('noise.reason')}
          required
          autosize
          minRows={2}
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <section className="noise-preview" aria-label={t('noise.preview')} aria-busy={preview.isFetching} aria-live="polite">
          <h3>{t('noise.preview')}</h3>
          {empty ? (
            <p className="dim">{t('noise.everything')}</p>
          ) : preview.isError ? (
            <PreviewProblem error={preview.error} />
          ) : preview.data === undefined ? (
            <p className="dim">{t('web.loading')}</p>
          ) : (
            <Preview preview={preview.data} />
          )}
        </section>
        {(preview.data?.count ?? 0) > 0 ? (
          <Checkbox
            label={t('noise.past', { days: n(days) })}
            checked={past}
            onChange={(event) => setPast(event.currentTarget.checked)}
          />
        ) : null}
        <FormEnd close={close} disabled={!ready} pending={act.isPending}>
          {t('noise.hide')}
        </FormEnd>
      </form>
    </Modal>
  );
}

function PreviewProblem({ error }: { error: Error }) {
  const problemText = useProblemText();
  const { text, detail } = problemText(error);
  return (
    <p className="noise-grave" role="alert">
      <Icon name="alert" /> {text} {detail}
    </p>
  );
}

/** What it would have hidden: how much of what, when – and in red what it must not. */
function Preview({ preview }: { preview: ExceptionPreview }) {
  const { t, w, n } = useTexts();
  const { count, of, grave, rules, perDay, examples } = preview;
  const most = Math.max(1, ...perDay.map((each) => each.count));
  return (
    <>
      <p>
        <strong>{t('noise.preview.count', { count: n(count), of: n(of), days: n(preview.days) })}</strong>
      </p>
      {grave.count > 0 ? (
        <div className="noise-grave" role="alert">
          <p>
            <Icon name="alert" /> <strong>{t('noise.preview.grave', { count: n(grave.count) })}</strong>
          </p>
          <FindingLines findings={grave.findings} />
        </div>
      ) : null}
      <p className="dim">{w(preview.effect)}</p>
      {count === 0 ? null : (
        <>
          <p className="values">
            {findingLevels
              .filter((level) => (preview.levels[level] ?? 0) > 0)
              .map((level) => (
                <span key={level}>
                  <FindingLevelMark level={level} /> {n(preview.levels[level]!)}
                </span>
              ))}
          </p>
          <div className="noise-preview-parts">
            <table className="table">
              <caption>{t('noise.preview.rules')}</caption>
              <tbody>
                {rules.slice(0, 5).map((each) => (
                  <tr key={each.rule}>
                    <th scope="row">{w(ruleName({ id: each.rule, name: each.name }))}</th>
                    <td className="number">{n(each.count)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <table className="table">
              <caption>{t('noise.preview.days')}</caption>
              <tbody>
                {perDay.slice(-7).map((each) => (
                  <tr key={each.at}>
                    <th scope="row">{each.at.slice(0, 10)}</th>
                    <td className="number">{n(each.count)}</td>
                    <td aria-hidden="true" className="noise-bar">
                      <span style={{ width: `${(each.count / most) * 100}%` }} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <details>
            <summary>{t('noise.preview.examples')}</summary>
            <FindingLines findings={examples} />
          </details>
        </>
      )}
    </>
  );
}

/** Findings as lines, where a table would not fit. */
function FindingLines({ findings }: { findings: readonly FindingView[] }) {
  const { w } = useTexts();
  return (
    <ul className="finding-lines">
      {findings.map(({ id, to, level, explanation }) => (
        <li key={id}>
          <FindingLevelMark level={level} compact /> <At at={to} />{' '}
          <Link to="/findings/$id" params={{ id }} search={keepView} target="_blank">
            {w(explanation)}
          </Link>
        </li>
      ))}
    </ul>
  );
}
