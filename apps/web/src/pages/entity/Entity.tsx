/** A host, service, domain or certificate: when and where it was met, whose it is, findings, and what it has to do with. */

import { blocksOf, entityKinds, entityOf, type Entity as Thing, type EntityKind, type EntityView } from '@forewarn/model/entity';
import { printPredicate } from '@forewarn/model/query/text';
import { recordsOf } from '@forewarn/model/entity';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { TimeChart } from '../../charts/TimeChart.tsx';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { writeBetween } from '../../session/range.ts';
import { recordTypesQuery, useNamedWords, useOrganisationName } from '../../session/resources.ts';
import { useRange, useSetView, type ResolvedRange } from '../../session/view.ts';
import { Value } from '../../values/ValueMenu.tsx';
import { FindingTable } from '../findings/FindingTable.tsx';
import { typesOf } from '../hunt/reading.ts';
import { Block, HuntLink } from './Block.tsx';
import { Neighbourhood } from './Neighbourhood.tsx';
import { Usual } from './Usual.tsx';
import { blockQuery, entityQuery, findingsOfQuery, findingsText } from './queries.ts';

const titles: { readonly [kind in EntityKind]: string } = {
  host: 'investigate.entity.host',
  service: 'investigate.entity.service',
  domain: 'investigate.entity.domain',
  certificate: 'investigate.entity.certificate',
};
/** The field under which the value menu takes its name. */
const fields: { readonly [kind in EntityKind]: string } = {
  host: 'id.orig_h',
  service: 'id.resp_h',
  domain: 'query',
  certificate: 'fingerprint',
};

export function Entity() {
  const { t } = useTexts();
  const { kind, id } = useParams({ strict: false }) as { kind: string; id: string };
  const entity = useMemo(
    () => ((entityKinds as readonly string[]).includes(kind) ? entityOf(kind as EntityKind, id) : undefined),
    [kind, id],
  );
  if (entity === undefined) {
    return (
      <Page title={id}>
        <Empty icon="alert" title={t('investigate.entity.unknown')}>
          {t('investigate.entity.unknown.means')}
        </Empty>
      </Page>
    );
  }
  return <Told key={`${entity.kind} ${entity.id}`} entity={entity} />;
}

function Told({ entity }: { entity: Thing }) {
  const { t } = useTexts();
  const range = useRange();
  // Blocks are the same questions while a live range moves on.
  const seconds = Math.round((range.toMs - range.fromMs) / 1000);
  const blocks = useMemo(() => blocksOf(entity, seconds), [entity, seconds]);
  const query = useQuery(entityQuery(entity.kind, entity.id, range));
  const timeline = blocks.find(({ id }) => id === 'timeline')!;
  const usual = usualOf(entity, query.data);
  return (
    <Page
      title={`${t(titles[entity.kind])} ${entity.id}`}
      heading={
        <h1>
          <span className="dim">{t(titles[entity.kind])}</span>{' '}
          <Value
            field={fields[entity.kind]}
            value={entity.kind === 'service' ? entity.host : entity.id}
            log={null}
            shown={entity.id}
          />
        </h1>
      }
      tools={<HuntLink text={timeline.text.split('\n').slice(0, 2).join('\n')}>{t('investigate.value.hunt')}</HuntLink>}
    >
      <div className="entity-grid">
        <Panel title={t('investigate.entity.seen')} className="entity-wide">
          <Waiting query={query}>{(view) => <Seen entity={entity} view={view} range={range} />}</Waiting>
          <Timeline text={timeline.text} range={range} />
        </Panel>
        <Findings entity={entity} range={range} />
        {usual === undefined ? null : <Usual {...usual} className="entity-wide" />}
        <Neighbourhood entity={entity} blocks={blocks} range={range} />
        {blocks
          .filter(({ id }) => id !== 'timeline')
          .map((block) => (
            <Block key={block.id} entity={entity} block={block} range={range} />
          ))}
      </div>
    </Page>
  );
}

/** Of hosts and services of the estate it is known what is usual. */
function usualOf(entity: Thing, view: EntityView | undefined): { subject: string; organisation: string } | undefined {
  const organisation = view?.estate[0]?.organisation;
  if (organisation === undefined) return undefined;
  if (entity.kind === 'host') return { subject: `host ${entity.id}`, organisation };
  return entity.kind === 'service' ? { subject: `service ${entity.host} ${entity.port}`, organisation } : undefined;
}

function Seen({ entity, view, range }: { entity: Thing; view: EntityView; range: ResolvedRange }) {
  const { t, n } = useTexts();
  const { full } = useInstants();
  const organisation = useOrganisationName();
  const named = useNamedWords();
  const { data: views } = useQuery(recordTypesQuery);
  const conditions = useMemo(
    () => new Map(recordsOf(entity, typesOf(views ?? [])).map(({ log, where }) => [log, printPredicate(where)])),
    [entity, views],
  );
  if (view.first === null || view.last === null) {
    return <p className="panel-note">{t('investigate.entity.never', { from: full(range.from), to: full(range.to) })}</p>;
  }
  return (
    <dl className="entity-facts">
      <div>
        <dt>{t('investigate.column.first')}</dt>
        <dd>{full(view.first)}</dd>
      </div>
      <div>
        <dt>{t('investigate.column.last')}</dt>
        <dd>{full(view.last)}</dd>
      </div>
      <div>
        <dt>{t('investigate.entity.estate')}</dt>
        <dd>
          {view.estate.length === 0 ? (
            <span className="dim">{t('investigate.entity.foreign')}</span>
          ) : (
            view.estate.map((place) => (
              <div key={`${place.organisation} ${place.network} ${place.asset}`}>
                {organisation(place.organisation)}
                {place.asset === null ? null : <span className="mono"> {place.asset}</span>}{' '}
                <span className="dim">{place.reasons.map(named).join(' ')}</span>
              </div>
            ))
          )}
        </dd>
      </div>
      <div>
        <dt>{t('investigate.entity.logs')}</dt>
        <dd className="entity-logs">
          {view.logs.map(({ log, records }) => (
            <Link
              key={log}
              to="/traffic/$log"
              params={{ log }}
              search={
                ((previous: Record<string, unknown>) => ({
                  ...(previous['range'] === undefined ? {} : { range: previous['range'] }),
                  q: conditions.get(log) ?? '',
                })) as never
              }
            >
              {log} <span className="dim tabular">{n(records)}</span>
            </Link>
          ))}
        </dd>
      </div>
    </dl>
  );
}

function Timeline({ text, range }: { text: string; range: ResolvedRange }) {
  const { t } = useTexts();
  const setView = useSetView();
  const { data } = useQuery(blockQuery(text, range));
  const bin = data?.bin ?? null;
  const chart = useMemo(() => {
    if (data === undefined || bin === null || data.rows.length === 0) return null;
    const from = Math.floor(range.fromMs / 1000 / bin.seconds) * bin.seconds;
    const values = Array.from({ length: Math.ceil((range.toMs / 1000 - from) / bin.seconds) }, () => 0);
    for (const row of data.rows) {
      const at = Math.round((Number(row['window']) - from) / bin.seconds);
      if (at >= 0 && at < values.length) values[at]! += Number(row['n']);
    }
    return { from, values };
  }, [data, bin, range]);
  const series = useMemo(() => [{ name: t('web.traffic.records'), colour: '--bar', values: chart?.values ?? [] }], [chart, t]);
  if (chart === null || bin === null) return null;
  return (
    <div className="panel-body">
      <TimeChart
        label={t('investigate.block.timeline')}
        fromMs={chart.from * 1000}
        bucketMs={bin.seconds * 1000}
        series={series}
        height={84}
        onZoom={(fromMs, toMs) =>
          setView({ range: writeBetween(Math.floor(fromMs / 1000) * 1000, Math.ceil(toMs / 1000) * 1000) })
        }
      />
    </div>
  );
}

function Findings({ entity, range }: { entity: Thing; range: ResolvedRange }) {
  const { t } = useTexts();
  const query = useQuery(findingsOfQuery(entity, range));
  return (
    <Panel
      title={t('web.page.findings')}
      className="entity-wide"
      {...(query.data === undefined ? {} : { count: `${query.data.items.length}${query.data.next === null ? '' : '+'}` })}
      tools={
        <Link
          to="/findings"
          search={((previous: Record<string, unknown>) => ({ ...previous, q: findingsText(entity) })) as never}
        >
          {t('investigate.block.open')}
        </Link>
      }
    >
      <Waiting query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="dim panel-note">{t('investigate.entity.noFindings')}</p>
          ) : (
            <FindingTable findings={items} />
          )
        }
      </Waiting>
    </Panel>
  );
}
