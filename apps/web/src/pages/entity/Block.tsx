/** One question about a thing, answered as a short table; it opens to the hunt it is. */

import { serviceId, type Entity, type EntityBlock } from '@forewarn/model/entity';
import type { HuntAnswer } from '@forewarn/model/hunt';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { keepView } from '../../frame/keep.ts';
import { Panel, Waiting } from '../../frame/Page.tsx';
import { Table, type Column } from '../../frame/Table.tsx';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import type { ResolvedRange } from '../../session/view.ts';
import { Value } from '../../values/ValueMenu.tsx';
import { valuesOf } from '../traffic/values.ts';
import { blockQuery } from './queries.ts';

export const blockTitles = {
  timeline: 'investigate.block.timeline',
  out: 'investigate.block.out',
  in: 'investigate.block.in',
  services: 'investigate.block.services',
  names: 'investigate.block.names',
  asked: 'investigate.block.asked',
  called: 'investigate.block.called',
  clients: 'investigate.block.clients',
  servers: 'investigate.block.servers',
  answers: 'investigate.block.answers',
  below: 'investigate.block.below',
  certificates: 'investigate.block.certificates',
  subjects: 'investigate.block.subjects',
} as const satisfies { [id in EntityBlock['id']]: string };

/** What is counted, as people say it; other columns keep their own names. */
const heads: { readonly [name: string]: string } = {
  n: 'investigate.column.n',
  last: 'investigate.column.last',
  first: 'investigate.column.first',
  hosts: 'investigate.column.hosts',
  sum_orig_bytes: 'investigate.column.sent',
  sum_resp_bytes: 'investigate.column.received',
};

/** Values of a list that stand in a cell. */
const listShown = 6;

const keepAsk = (text: string) =>
  ((previous: Record<string, unknown>) => {
    const { range, zone } = previous;
    return { ...(range === undefined ? {} : { range }), ...(zone === undefined ? {} : { zone }), ask: text };
  }) as never;

/** To the hunt page with this question. */
export function HuntLink({ text, children }: { text: string; children: string }) {
  return (
    <Link to="/hunt" search={keepAsk(text)}>
      {children}
    </Link>
  );
}

type Row = { [field: string]: unknown };

export function Block({ entity, block, range }: { entity: Entity; block: EntityBlock; range: ResolvedRange }) {
  const { t, n } = useTexts();
  const { short } = useInstants();
  const query = useQuery(blockQuery(block.text, range));
  const title = t(blockTitles[block.id]);
  const cell = (answer: HuntAnswer, { name, field, type }: { name: string; field: string; type: string }, row: Row) => {
    const value = row[field];
    if (value === null || value === undefined) return <span className="absent">–</span>;
    if (type === 'time') return <span className="nowrap">{short(Number(value) * 1000)}</span>;
    if (typeof value === 'number' && name in heads) return n(value);
    if (entity.kind === 'host' && block.id === 'services' && field === 'id.resp_p') {
      return (
        <Link
          to="/entities/$kind/$id"
          params={{ kind: 'service', id: serviceId(entity.id, Number(value), String(row['proto'])) }}
          search={keepView}
        >
          {String(value)}
        </Link>
      );
    }
    const values = valuesOf(value);
    return (
      <span className="values">
        {values.slice(0, listShown).map((each) => (
          <Value key={each} field={field} value={each} log={answer.logs[0] ?? null} />
        ))}
        {values.length > listShown ? (
          <span className="dim">{t('investigate.more', { count: values.length - listShown })}</span>
        ) : null}
      </span>
    );
  };
  return (
    <Panel
      title={title}
      {...(query.data === undefined ? {} : { count: n(query.data.rows.length) })}
      tools={<HuntLink text={block.text}>{t('investigate.block.open')}</HuntLink>}
    >
      <Waiting query={query}>
        {(answer) =>
          answer.rows.length === 0 ? (
            <p className="dim panel-note">{t('investigate.block.none')}</p>
          ) : (
            <Table<Row>
              label={title}
              form="still"
              rows={answer.rows}
              keyOf={(row) => JSON.stringify(answer.columns?.map(({ field }) => row[field]))}
              columns={(answer.columns ?? []).map((column, index): Column<Row> => ({
                head: heads[column.name] === undefined ? column.name : t(heads[column.name]!),
                main: index === 0,
                number: column.name in heads && column.type !== 'time',
                cell: (row) => cell(answer, column, row),
              }))}
            />
          )
        }
      </Waiting>
    </Panel>
  );
}
