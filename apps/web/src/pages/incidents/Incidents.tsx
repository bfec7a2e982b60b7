/** Incidents as a board by state and as a list, with the duty officer's filters. */

import type { IncidentSummary } from '@forewarn/model/api';
import { Button, Modal, MultiSelect, SegmentedControl, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { keepView } from '../../frame/keep.ts';
import { Empty, Page, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { GradeMark } from '../../marks/Grade.tsx';
import { At, clockStateAt, ClockStateMark, Countdown, TlpBadge } from '../../marks/Marks.tsx';
import { incidentStateKeys, StageWord, StateWord } from '../../marks/Stage.tsx';
import { useSecond } from '../../session/clock.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { keep, recall } from '../../session/preferences.ts';
import { incidentsQuery, organisationsQuery, useOrganisationName } from '../../session/resources.ts';
import { useQueryText } from '../../session/view.ts';
import { filterOf } from '../../values/terms.ts';
import { WeightBar } from '../links/Weight.tsx';

const filters = ['all', 'mine', 'unassigned', 'overdue'] as const;
type Filter = (typeof filters)[number];
const filterKeys: { [filter in Filter]: string } = {
  all: 'web.incidents.all',
  mine: 'web.incidents.mine',
  unassigned: 'web.incidents.unassigned',
  overdue: 'web.incidents.overdue',
};

type Search = { as?: string; only?: string; level?: string };

export function Incidents() {
  const { t, w } = useTexts();
  const me = useMe();
  const may = useMay();
  const name = useOrganisationName();
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const text = useQueryText();
  const query = useQuery(incidentsQuery({}));
  const nowMs = Math.floor(useSecond() / 10) * 10_000;
  const [opening, setOpening] = useState(false);
  const as = search.as ?? recall<string>('incidents.as', 'board');
  const only = filters.find((each) => each === search.only) ?? 'all';
  const set = (change: Partial<{ [K in keyof Search]: Search[K] | undefined }>) =>
    void navigate({
      to: '/incidents',
      search: ((previous: Record<string, unknown>) =>
        Object.fromEntries(
          Object.entries({ ...previous, ...change }).filter(([, value]) => value !== undefined && value !== 'all'),
        )) as never,
    });

  const tests = useMemo<{ [filter in Filter]: (incident: IncidentSummary) => boolean }>(
    () => ({
      all: () => true,
      mine: (incident) =>
        incident.lead.organisation === me.organisation.id ||
        incident.clocks.some(({ organisation }) => organisation === me.organisation.id),
      // The centre leads by default until somebody accepts: that is what "unassigned" means to a duty officer.
      unassigned: (incident) =>
        incident.state !== 'closed' && me.organisation.centre && incident.lead.organisation === me.organisation.id,
      overdue: (incident) =>
        incident.state !== 'closed' && incident.clocks.some((clock) => clockStateAt(clock, nowMs) === 'missed'),
    }),
    [me, nowMs],
  );
  const searched = useMemo(() => {
    const fits = filterOf<IncidentSummary>(
      text,
      (incident) =>
        `${incident.number} ${w(incident.title)} ${incident.organisations.map(name).join(' ')} ${name(incident.lead.organisation)}`,
    );
    return (query.data?.items ?? []).filter(
      (incident) => fits(incident) && (search.level === undefined || String(incident.grade?.floor ?? 0) === search.level),
    );
  }, [query.data, text, w, name, search.level]);
  const shown = searched.filter(tests[only]);
  return (
    <Page
      title={t('web.page.incidents')}
      tools={
        <>
          <SegmentedControl
            aria-label={t('web.incidents.as')}
            value={as}
            onChange={(value) => {
              keep('incidents.as', value);
              set({ as: value });
            }}
            data={[
              {
                value: 'board',
                label: (
                  <span className="with-icon">
                    <Icon name="board" size={14} /> {t('web.incidents.board')}
                  </span>
                ),
              },
              {
                value: 'list',
                label: (
                  <span className="with-icon">
                    <Icon name="list" size={14} /> {t('web.incidents.list')}
                  </span>
                ),
              },
            ]}
          />
          {may('incidents:write') ? (
            <Button leftSection={<Icon name="plus" size={14} />} onClick={() => setOpening(true)}>
              {t('web.incidents.new')}
            </Button>
          ) : null}
        </>
      }
    >
      <div className="chips" role="group" aria-label={t('web.incidents.filters')}>
        {filters
          .filter((filter) => filter !== 'unassigned' || me.organisation.centre)
          .map((filter) => (
            <button
              key={filter}
              type="button"
              className="chip"
              aria-pressed={only === filter}
              onClick={() => set({ only: filter })}
            >
              {t(filterKeys[filter])}
              <span className="tab-count">{searched.filter(tests[filter]).length}</span>
            </button>
          ))}
        {search.level === undefined ? null : (
          <button type="button" className="chip" aria-pressed="true" onClick={() => set({ level: undefined })}>
            {search.level === '0' ? t('web.level.ungraded') : <GradeMark floor={Number(search.level)} />}
            <Icon name="close" size={12} />
            <span className="visually-hidden">{t('web.remove')}</span>
          </button>
        )}
      </div>
      <Waiting query={query}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty icon="incidents" title={t('web.incidents.none')}>
              {t('web.incidents.none.means')}
            </Empty>
          ) : shown.length === 0 ? (
            <Empty icon="search" title={t('web.incidents.noneFit')}>
              {t('web.noneFit.means')}
            </Empty>
          ) : as === 'list' ? (
            <List incidents={shown} />
          ) : (
            <Board incidents={shown} />
          )
        }
      </Waiting>
      {opening ? <OpenModal close={() => setOpening(false)} /> : null}
    </Page>
  );
}

const severity = (incident: IncidentSummary) => incident.grade?.floor ?? 9;
/** The gravest first, of those on the heaviest link, of those the last changed. */
const byUrgency = (a: IncidentSummary, b: IncidentSummary) =>
  severity(a) - severity(b) || (b.weight ?? 0) - (a.weight ?? 0) || b.updatedAt.localeCompare(a.updatedAt);

/** The clock that needs a person first. */
function useNearest(): (incident: IncidentSummary) => IncidentSummary['clocks'][number] | undefined {
  const nowMs = Math.floor(useSecond() / 10) * 10_000;
  return (incident) =>
    incident.clocks
      .filter((clock) => ['missed', 'due-soon', 'running'].includes(clockStateAt(clock, nowMs)) && clock.dueAt !== null)
      .toSorted((a, b) => (a.dueAt ?? '').localeCompare(b.dueAt ?? ''))[0];
}

function Board({ incidents }: { incidents: readonly IncidentSummary[] }) {
  const { t, w } = useTexts();
  const name = useOrganisationName();
  const nearest = useNearest();
  return (
    <div className="board">
      {(['open', 'contained', 'closed'] as const).map((state) => {
        const column = incidents.filter((incident) => incident.state === state).toSorted(byUrgency);
        return (
          <section key={state} className="board-column" aria-label={t(incidentStateKeys[state])}>
            <h2>
              {t(incidentStateKeys[state])} <span className="panel-count">{column.length}</span>
            </h2>
            {column.length === 0 ? <p className="dim board-none">{t('web.board.none')}</p> : null}
            {column.map((incident) => {
              const clock = nearest(incident);
              return (
                <article key={incident.id} className="card" data-row tabIndex={-1}>
                  <div className="card-head">
                    <GradeMark floor={incident.grade?.floor} ceiling={incident.grade?.ceiling} />
                    <span className="mono dim">{incident.number}</span>
                  </div>
                  <h3>
                    <Link data-open to="/incidents/$id" params={{ id: incident.id }} search={keepView}>
                      {w(incident.title)}
                    </Link>
                  </h3>
                  <div className="card-facts">
                    <span>{incident.organisations.map(name).join(t('web.list'))}</span>
                  </div>
                  <div className="card-facts dim">
                    <span>
                      {t('web.incident.lead')}: {name(incident.lead.organisation)}
                    </span>
                    <StageWord stage={incident.stage} />
                  </div>
                  {clock === undefined ? null : <CardClock clock={clock} />}
                </article>
              );
            })}
          </section>
        );
      })}
    </div>
  );
}

function CardClock({ clock }: { clock: IncidentSummary['clocks'][number] }) {
  const { l } = useTexts();
  const state = clockStateAt(clock, useSecond() * 1000);
  return (
    <div className="card-clock" data-state={state}>
      <ClockStateMark state={state} />
      <Countdown clock={clock} />
      <span className="card-duty">{l(clock.dutyText)}</span>
    </div>
  );
}

function List({ incidents }: { incidents: readonly IncidentSummary[] }) {
  const { t, w, n } = useTexts();
  const name = useOrganisationName();
  const nearest = useNearest();
  return (
    <Table
      label={t('web.page.incidents')}
      rows={incidents.toSorted(byUrgency)}
      keyOf={({ id }) => id}
      columns={[
        { head: t('web.incident.grade'), cell: ({ grade }) => <GradeMark floor={grade?.floor} ceiling={grade?.ceiling} /> },
        {
          head: t('web.incident'),
          main: true,
          cell: ({ id, title, number }) => (
            <>
              <Link data-open to="/incidents/$id" params={{ id }} search={keepView}>
                {w(title)}
              </Link>
              <div className="dim mono small">{number}</div>
            </>
          ),
        },
        { head: t('web.incident.state'), cell: ({ state }) => <StateWord state={state} /> },
        { head: t('web.incident.stage'), cell: ({ stage }) => <StageWord stage={stage} /> },
        { head: t('web.incident.organisations'), cell: ({ organisations }) => organisations.map(name).join(t('web.list')) },
        { head: t('web.incident.lead'), cell: ({ lead }) => name(lead.organisation) },
        {
          head: t('web.incident.weight'),
          cell: ({ weight }) => (weight === null ? <span className="absent">–</span> : <WeightBar value={weight} />),
        },
        {
          head: t('web.incident.clock'),
          cell: (incident) => {
            const clock = nearest(incident);
            return clock === undefined ? '–' : <Countdown clock={clock} />;
          },
        },
        { head: t('web.page.findings'), number: true, cell: ({ findings }) => n(findings) },
        { head: t('web.marking'), cell: ({ marking }) => <TlpBadge marking={marking} /> },
        { head: t('web.incident.changed'), cell: ({ updatedAt }) => <At at={updatedAt} /> },
      ]}
    />
  );
}

function OpenModal({ close }: { close: () => void }) {
  const { t, l } = useTexts();
  const navigate = useNavigate();
  const { data: organisations } = useQuery(organisationsQuery);
  const [title, setTitle] = useState('');
  const [chosen, setChosen] = useState<string[]>([]);
  const act = useAct<{ id?: string }>(['incidents', 'situation'], (made) => {
    close();
    if (typeof made?.id === 'string') void navigate({ to: '/incidents/$id', params: { id: made.id }, search: keepView });
  });
  return (
    <Modal opened onClose={close} title={t('web.incidents.new')} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (title.trim() === '' || chosen.length === 0) return;
          act.mutate({
            method: 'POST',
            path: '/incidents',
            body: { title: title.trim(), findings: [], organisations: chosen },
            done: t('web.incidents.opened'),
          });
        }}
      >
        <p className="prose dim">{t('web.incidents.new.means')}</p>
        <TextInput
          data-autofocus
          label={t('web.incident.title')}
          required
          maxLength={300}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <MultiSelect
          label={t('web.incident.organisations')}
          required
          searchable
          data={(organisations ?? []).map((each) => ({ value: each.id, label: l(each.name) }))}
          value={chosen}
          onChange={setChosen}
        />
        <FormEnd close={close} disabled={title.trim() === '' || chosen.length === 0} pending={act.isPending}>
          {t('web.incidents.new')}
        </FormEnd>
      </form>
    </Modal>
  );
}
