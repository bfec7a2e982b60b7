import type { IncidentView, TaskView } from '@forewarn/model/api';
import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { InstantInput } from '../../frame/InstantInput.tsx';
import { ReasonModal } from '../../frame/ReasonModal.tsx';
import { useAct } from '../../frame/act.ts';
import { Empty, Panel } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { At } from '../../marks/Marks.tsx';
import { taskStateKeys } from '../../marks/Stage.tsx';
import { useSecond } from '../../session/clock.ts';
import { useSpan } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { useOrganisationName } from '../../session/resources.ts';
import { touched } from './Why.tsx';

const order: { [state in TaskView['state']]: number } = { doing: 0, open: 1, done: 2, dropped: 3 };

/** Who does what until when. */
export function Tasks({ incident }: { incident: IncidentView }) {
  const { t } = useTexts();
  const may = useMay();
  const name = useOrganisationName();
  const span = useSpan();
  const nowMs = Math.floor(useSecond() / 10) * 10_000;
  const me = useMe();
  const [asking, setAsking] = useState<{ task: TaskView; state: 'open' | 'dropped' } | null>(null);
  const act = useAct(touched, () => setAsking(null));
  const actor = useActorName();
  const mine = (task: TaskView) =>
    may('incidents:write') &&
    (me.organisation.centre || incident.lead.organisation === me.organisation.id || task.organisation === me.organisation.id);
  const path = `/incidents/${encodeURIComponent(incident.id)}/tasks`;
  const tasks = incident.tasks.toSorted((a, b) => order[a.state] - order[b.state] || a.createdAt.localeCompare(b.createdAt));
  return (
    <div className="stack">
      {may('incidents:write') ? <NewTask incident={incident} /> : null}
      {tasks.length === 0 ? (
        <Empty title={t('web.tasks.none')}>{t('web.tasks.none.means')}</Empty>
      ) : (
        <Table
          label={t('web.incident.tab.tasks')}
          rows={tasks}
          keyOf={({ id }) => id}
          over={({ state }) => state === 'done' || state === 'dropped'}
          columns={[
            {
              head: t('web.task'),
              main: true,
              cell: ({ title, measure }) => (
                <>
                  {title}
                  {measure ? <div className="dim small">{t('situations.measure')}</div> : null}
                </>
              ),
            },
            { head: t('web.organisation'), cell: ({ organisation }) => name(organisation) },
            {
              head: t('web.task.due'),
              cell: ({ dueAt, state }) => {
                if (dueAt === null) return '–';
                const lateMs = nowMs - Date.parse(dueAt);
                return lateMs > 0 && (state === 'open' || state === 'doing') ? (
                  <span className="late">{t('web.clock.lateBy', { span: span(lateMs / 1000) })}</span>
                ) : (
                  <At at={dueAt} />
                );
              },
            },
            {
              head: t('web.task.by'),
              cell: ({ by, createdAt }) => (
                <>
                  {actor(by)} · <At at={createdAt} />
                </>
              ),
            },
            {
              head: t('web.task.state'),
              cell: (task) =>
                mine(task) ? (
                  <Select
                    aria-label={t('web.task.stateOf', { task: task.title })}
                    w={130}
                    allowDeselect={false}
                    data={(['open', 'doing', 'done', 'dropped'] as const).map((state) => ({
                      value: state,
                      label: t(taskStateKeys[state]),
                    }))}
                    value={task.state}
                    onChange={(state) => {
                      if (state === null || state === task.state) return;
                      if (state === 'dropped' || state === 'open') setAsking({ task, state });
                      else act.mutate({ method: 'PATCH', path: `${path}/${encodeURIComponent(task.id)}`, body: { state } });
                    }}
                  />
                ) : (
                  t(taskStateKeys[task.state])
                ),
            },
          ]}
        />
      )}
      {asking === null ? null : (
        <ReasonModal
          title={`${t(taskStateKeys[asking.state])}: ${asking.task.title}`}
          pending={act.isPending}
          close={() => setAsking(null)}
          give={(reason) =>
            act.mutate({
              method: 'PATCH',
              path: `${path}/${encodeURIComponent(asking.task.id)}`,
              body: { state: asking.state, reason },
            })
          }
        >
          {t('web.apply')}
        </ReasonModal>
      )}
    </div>
  );
}

function NewTask({ incident }: { incident: IncidentView }) {
  const { t } = useTexts();
  const me = useMe();
  const name = useOrganisationName();
  // Tasks go to those who take part; others are asked to support first.
  const parts = [
    ...new Set([
      incident.lead.organisation,
      ...incident.organisations,
      ...incident.responsibilities.map((each) => each.organisation),
      ...(me.organisation.centre ? [me.organisation.id] : []),
    ]),
  ];
  const leads = me.organisation.centre || incident.lead.organisation === me.organisation.id;
  const choices = leads ? parts : parts.filter((id) => id === me.organisation.id);
  const [title, setTitle] = useState('');
  const [organisation, setOrganisation] = useState<string | null>(
    leads ? (incident.organisations[0] ?? incident.lead.organisation) : me.organisation.id,
  );
  const [due, setDue] = useState<string | null>(null);
  const [measure, setMeasure] = useState(false);
  const act = useAct(touched, () => {
    setTitle('');
    setDue(null);
    setMeasure(false);
  });
  return (
    <Panel title={t('web.task.new')}>
      <form
        className="form-row"
        onSubmit={(event) => {
          event.preventDefault();
          if (title.trim() === '' || organisation === null) return;
          act.mutate({
            method: 'POST',
            path: `/incidents/${encodeURIComponent(incident.id)}/tasks`,
            body: {
              title: title.trim(),
              organisation,
              measure,
              ...(due === null ? {} : { dueAt: due }),
            },
            done: t('web.task.added'),
          });
        }}
      >
        <TextInput
          className="grow"
          label={t('web.task.what')}
          required
          maxLength={300}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Select
          label={t('web.organisation')}
          required
          searchable
          allowDeselect={false}
          data={choices.map((id) => ({ value: id, label: name(id) }))}
          value={organisation}
          onChange={setOrganisation}
        />
        <InstantInput label={t('web.task.due')} value={due} set={setDue} />
        <Checkbox
          label={t('situations.measure')}
          description={t('situations.measure.means')}
          checked={measure}
          onChange={(event) => setMeasure(event.currentTarget.checked)}
        />
        <Button type="submit" disabled={title.trim() === '' || organisation === null} loading={act.isPending}>
          {t('web.task.add')}
        </Button>
      </form>
    </Panel>
  );
}
