/** One item of the register: its form, what refers to it, and its editions. */

import { isEstateKind, type EstateKind } from '@forewarn/model/estate';
import { cellsOfItem, itemOfCells } from '@forewarn/model/estate-sheet';
import { Button, Modal } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { keepAnd, keepView } from '../../frame/keep.ts';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { useNotice, useProblemText } from '../../frame/notices.tsx';
import { Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { ask, Problem, query as queryString } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { useInstants } from '../../session/instants.ts';
import { equalTo, withCondition } from '../../values/terms.ts';
import { ItemWays } from '../topology/ItemWays.tsx';
import { AssetExposures } from '../exposure/AssetExposures.tsx';
import { historyQuery, itemQuery, type Item, type PastEdition } from './asking.ts';
import { fieldsOf, referring } from './fields.ts';
import { ItemFields } from './ItemForm.tsx';
import { FieldValue } from './values.tsx';
import { estateKinds } from './words.ts';

export function EstateItemPage() {
  const { kind, id } = useParams({ strict: false }) as { kind: string; id: string };
  return <OneItem key={`${kind}/${id}`} kind={isEstateKind(kind) ? kind : 'organisations'} id={id} />;
}

export function EstateAddPage() {
  const { kind: asked } = useParams({ strict: false }) as { kind: string };
  const { t } = useTexts();
  const { organisation } = useMe();
  const navigate = useNavigate();
  const kind: EstateKind = isEstateKind(asked) ? asked : 'assets';
  const title = t('estate.add.title', { kind: t(estateKinds[kind]) });
  return (
    <Page
      title={title}
      heading={<ItemHead up={{ to: '/estate/$kind', params: { kind }, name: t(estateKinds[kind]) }} title={title} />}
    >
      <Panel title={t('estate.fields')}>
        <ItemEditor
          key={kind}
          kind={kind}
          after={0}
          given={kind === 'organisations' ? {} : { organisation: organisation.id, id: `${organisation.id}-` }}
          saved={(id) => void navigate({ to: '/estate/$kind/$id', params: { kind, id }, search: keepView })}
        />
      </Panel>
    </Page>
  );
}

function OneItem({ kind, id }: { kind: EstateKind; id: string }) {
  const { t, l } = useTexts();
  const query = useQuery(itemQuery(kind, id));
  const title = query.data === undefined ? id : l(query.data.name);
  return (
    <Page
      title={title}
      tools={
        query.data === undefined ? undefined : (
          <>
            <ItemWays kind={kind} id={id} />
            <Remove kind={kind} item={query.data} />
          </>
        )
      }
      heading={
        <ItemHead
          up={{ to: '/estate/$kind', params: { kind }, name: t(estateKinds[kind]) }}
          title={title}
          below={<div className="dim mono small">{id}</div>}
        />
      }
      aside={
        <>
          <Referring kind={kind} id={id} />
          <History kind={kind} id={id} />
        </>
      }
      asideLabel={t('estate.history')}
    >
      <Waiting query={query}>
        {(item) => (
          <Panel title={t('estate.fields')}>
            <ItemEditor kind={kind} after={item.edition?.version ?? 0} given={cellsOfItem(kind, item)} />
          </Panel>
        )}
      </Waiting>
      {kind === 'assets' ? <AssetExposures asset={id} /> : null}
    </Page>
  );
}

function ItemEditor({
  kind,
  after,
  given,
  saved,
}: {
  kind: EstateKind;
  after: number;
  given: { [column: string]: string };
  saved?: (id: string) => void;
}) {
  const { t } = useTexts();
  const me = useMe();
  const may = useMay();
  const client = useQueryClient();
  const notice = useNotice();
  const problemText = useProblemText();
  const [cells, setCells] = useState(given);
  const [base, setBase] = useState({ after, given });
  const changed = JSON.stringify(cells) !== JSON.stringify(base.given);
  const start = () => {
    setBase({ after, given });
    setCells(given);
  };
  // What somebody else wrote meanwhile is shown, but takes nothing away from whoever is writing: the centre then refuses the older edition.
  if (after > base.after && !changed) start();
  const isNew = after === 0;
  const mayWrite =
    may('estate:write') && (me.organisation.centre || isNew || (cells['organisation'] ?? cells['id']) === me.organisation.id);
  const save = useMutation({
    mutationFn: async () => {
      const id = cells['id']!.trim();
      return ask<Item>('PUT', `/${kind}/${encodeURIComponent(id)}`, { after: base.after, item: itemOfCells(kind, cells) });
    },
    onSuccess: async ({ id, edition }) => {
      setBase({ after: edition?.version ?? base.after, given: cells });
      notice({ text: t('estate.saved') });
      saved?.(id);
      await client.invalidateQueries();
    },
  });
  const problem = save.error === null ? null : problemText(save.error);
  const place = save.error instanceof Problem ? String(save.error.place?.['field'] ?? '') : '';
  const wrongColumn = columnOf(place);
  return (
    <form
      className="form sheet-panel"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <ItemFields
        kind={kind}
        cells={cells}
        fixed={mayWrite ? (isNew ? [] : ['id']) : fieldsOf(kind).map(([column]) => column)}
        wrong={problem === null || wrongColumn === '' ? {} : { [wrongColumn]: problem.detail ?? problem.text }}
        change={(column, text) => {
          setCells((all) => ({ ...all, [column]: text }));
        }}
      />
      {problem === null ? null : (
        <p role="alert" className="field-error">
          {problem.text} {problem.detail}
        </p>
      )}
      {mayWrite ? (
        <div className="form-end">
          <Button variant="default" disabled={!changed} onClick={() => (start(), save.reset())}>
            {t('estate.back')}
          </Button>
          <Button type="submit" disabled={!changed} loading={save.isPending}>
            {t('estate.save')}
          </Button>
        </div>
      ) : null}
    </form>
  );
}

/** The column of a field that the centre named: `item.name.en`, `addresses.0`. */
function columnOf(place: string): string {
  const [first = '', second] = place.replace(/^item\./, '').split('.');
  return first === 'name' ? `name_${second ?? 'en'}` : first;
}

function Remove({ kind, item }: { kind: EstateKind; item: Item }) {
  const { t, l } = useTexts();
  const may = useMay();
  const me = useMe();
  const navigate = useNavigate();
  const client = useQueryClient();
  const notice = useNotice();
  const problemText = useProblemText();
  const [asked, setAsked] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      ask('DELETE', `/${kind}/${encodeURIComponent(item.id)}${queryString({ after: item.edition?.version ?? 0 })}`),
    onSuccess: async () => {
      notice({ text: t('estate.removed', { name: l(item.name) }) });
      await navigate({ to: '/estate/$kind', params: { kind }, search: keepView });
      await client.invalidateQueries();
    },
  });
  const own = me.organisation.centre || item.organisation === me.organisation.id;
  if (!may('estate:write') || !own) return null;
  const problem = remove.error === null ? null : problemText(remove.error);
  return (
    <>
      <Button variant="default" leftSection={<Icon name="close" />} onClick={() => setAsked(true)}>
        {t('estate.remove')}
      </Button>
      <Modal
        opened={asked}
        onClose={() => setAsked(false)}
        title={t('estate.remove.title', { name: l(item.name) })}
        closeButtonProps={{ 'aria-label': t('web.close') }}
      >
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            remove.mutate();
          }}
        >
          <p className="prose">{t('estate.remove.means')}</p>
          {problem === null ? null : (
            <p role="alert" className="field-error">
              {problem.text} {problem.detail}
            </p>
          )}
          <FormEnd close={() => setAsked(false)} pending={remove.isPending}>
            {t('estate.remove')}
          </FormEnd>
        </form>
      </Modal>
    </>
  );
}

/** The lists of what refers to an item, each a click away. */
function Referring({ kind, id }: { kind: EstateKind; id: string }) {
  const { t } = useTexts();
  if (referring[kind].length === 0) return null;
  return (
    <Panel title={t('estate.referring')}>
      <ul className="referring">
        {referring[kind].map(([each, field]) => (
          <li key={`${each}/${field}`}>
            <Link to="/estate/$kind" params={{ kind: each }} search={keepAnd({ q: withCondition('', equalTo(field, id)) })}>
              {t(estateKinds[each])}
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Who changed what, the last change first. */
function History({ kind, id }: { kind: EstateKind; id: string }) {
  const { t, n } = useTexts();
  const { full } = useInstants();
  const actor = useActorName();
  const query = useQuery(historyQuery(kind, id));
  const editions = query.data?.items ?? [];
  const when = (since: string): string => (since.startsWith('1970-01-01') ? t('estate.history.beginning') : full(since));
  return (
    <Panel title={t('estate.history')} count={n(editions.length)}>
      {editions.length === 0 ? (
        <p className="dim history-none">{t('estate.history.none')}</p>
      ) : (
        <Table
          label={t('estate.history')}
          rows={editions}
          form="still"
          keyOf={({ version }) => version}
          columns={[
            { head: t('estate.history.version'), rowHead: true, cell: ({ version }) => n(version) },
            {
              head: t('estate.history.since'),
              cell: ({ since, by }) => (
                <>
                  {when(since)}
                  {by === '' ? null : <div className="dim">{actor(by)}</div>}
                </>
              ),
            },
            {
              head: t('estate.history.changed'),
              cell: (edition) => <Changed kind={kind} edition={edition} before={editions[editions.indexOf(edition) + 1]} />,
            },
          ]}
        />
      )}
    </Panel>
  );
}

function Changed({ kind, edition, before }: { kind: EstateKind; edition: PastEdition; before: PastEdition | undefined }) {
  const { t, l } = useTexts();
  if (before === undefined) return <>{t('estate.history.first')}</>;
  const name = edition.item['name'] as { en: string; zh: string } | undefined;
  const renamed = JSON.stringify(name) !== JSON.stringify(before.item['name']);
  const changed = fieldsOf(kind).filter(
    ([column]) => !column.startsWith('name_') && JSON.stringify(edition.item[column]) !== JSON.stringify(before.item[column]),
  );
  return (
    <>
      {edition.removed ? <div>{t('estate.history.removed')}</div> : null}
      {renamed ? (
        <div>
          {t('web.estate.name')}: {l(name)}
        </div>
      ) : null}
      {changed.map(([column, field]) => (
        <div key={column}>
          {t(field.label)}: <FieldValue column={column} field={field} value={edition.item[column]} />
        </div>
      ))}
    </>
  );
}
