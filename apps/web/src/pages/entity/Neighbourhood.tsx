/**
 * What a thing has to do with, as a drawing: itself in the middle, on the left who comes to it, on the right what it goes to, nearer the more they share. Its twin is
 * a list of the same, and the drawing's nodes are links, so that the keyboard walks through both.
 */

import type { Entity, EntityBlock, EntityKind } from '@forewarn/model/entity';
import { serviceId } from '@forewarn/model/entity';
import type { HuntAnswer } from '@forewarn/model/hunt';
import { useQueries } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { keepView } from '../../frame/keep.ts';
import { Panel } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';
import type { ResolvedRange } from '../../session/view.ts';
import { entityOf } from '../../values/entities.ts';
import { shownIndicator } from '../../values/defang.ts';
import { blockQuery } from './queries.ts';

/** Nodes of the drawing: more cover one another, and are counted instead. */
const nodesMax = 36;
/** Nodes of one side, each with a line of its own. */
const sideMax = nodesMax / 2;
const width = 860;
const lineHeight = 22;

type Node = { kind: EntityKind; id: string; weight: number; how: EntityBlock['id'][] };

const kindWords: { readonly [kind in EntityKind]: string } = {
  host: 'investigate.entity.host',
  service: 'investigate.entity.service',
  domain: 'investigate.entity.domain',
  certificate: 'investigate.entity.certificate',
};
const kindColours: { readonly [kind in EntityKind]: string } = {
  host: 'var(--accent)',
  service: 'var(--finding-low)',
  domain: 'var(--finding-high)',
  certificate: 'var(--finding-medium)',
};

/** What the rows of a block name, other than the thing itself. */
function nodesOf(entity: Entity, { id }: EntityBlock, answer: HuntAnswer): Node[] {
  return answer.rows.flatMap((row): Node[] => {
    const weight = Number(row['n'] ?? row['hosts'] ?? 1);
    if (id === 'services' && entity.kind === 'host')
      return [{ kind: 'service', id: serviceId(entity.id, Number(row['id.resp_p']), String(row['proto'])), weight, how: [id] }];
    return Object.entries(row).flatMap(([field, value]) =>
      (Array.isArray(value) ? value : [value]).flatMap((each): Node[] => {
        const found = typeof each === 'string' ? entityOf(field, each) : null;
        return found === null || found.id === entity.id ? [] : [{ kind: found.kind, id: found.id, weight, how: [id] }];
      }),
    );
  });
}

export function Neighbourhood({
  entity,
  blocks,
  range,
}: {
  entity: Entity;
  blocks: readonly EntityBlock[];
  range: ResolvedRange;
}) {
  const { t, n } = useTexts();
  const navigate = useNavigate();
  const [asList, setAsList] = useState(false);
  const asked = blocks.filter(({ id }) => id !== 'timeline');
  const answers = useQueries({ queries: asked.map(({ text }) => blockQuery(text, range)) });
  const merged = new Map<string, Node>();
  for (const [index, { data }] of answers.entries()) {
    if (data === undefined) continue;
    for (const node of nodesOf(entity, asked[index]!, data)) {
      const before = merged.get(`${node.kind} ${node.id}`);
      if (before === undefined) merged.set(`${node.kind} ${node.id}`, node);
      else {
        before.weight += node.weight;
        if (!before.how.includes(node.how[0]!)) before.how.push(node.how[0]!);
      }
    }
  }
  const nodes = [...merged.values()].sort((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1));
  const drawn = nodes.slice(0, nodesMax);
  const hidden = nodes.length - drawn.length;
  const most = Math.max(1, ...drawn.map(({ weight }) => weight));
  const strength = (node: Node) => Math.log(1 + node.weight) / Math.log(1 + most);
  const title = t('investigate.graph');
  // Who comes to it stands on the left, what it goes to on the right; a side that is full goes on at the other.
  const comes = drawn.filter(({ how }) => how.some((id) => id === 'in' || id === 'clients'));
  const goes = drawn.filter((node) => !comes.includes(node));
  const left = [...comes.slice(0, sideMax), ...goes.slice(sideMax)];
  const right = [...goes.slice(0, sideMax), ...comes.slice(sideMax)];
  const height = Math.max(left.length, right.length, 3) * lineHeight + 16;
  const middle = { x: width / 2, y: height / 2 };
  const placed = [left, right].flatMap((side, index) =>
    side.map((node, row) => {
      const away = 1 - 0.35 * strength(node);
      return {
        node,
        right: index === 1,
        x: middle.x + (index === 1 ? 1 : -1) * away * 220,
        y: middle.y + (row - (side.length - 1) / 2) * lineHeight,
      };
    }),
  );
  return (
    <Panel
      className="entity-wide"
      title={title}
      count={n(nodes.length)}
      tools={
        <button type="button" className="tool" aria-pressed={asList} onClick={() => setAsList(!asList)}>
          <Icon name="list" size={14} />
          <span>{t('investigate.graph.list')}</span>
        </button>
      }
    >
      {nodes.length === 0 ? (
        <p className="dim panel-note">{t('investigate.block.none')}</p>
      ) : asList ? (
        <ul className="graph-list">
          {nodes.map((node) => (
            <li key={`${node.kind} ${node.id}`}>
              <span className="dim">{t(kindWords[node.kind])}</span>{' '}
              <Link className="mono" to="/entities/$kind/$id" params={{ kind: node.kind, id: node.id }} search={keepView}>
                {shownIndicator(node.id)}
              </Link>{' '}
              <span className="dim tabular">{t('investigate.graph.records', { count: n(node.weight) })}</span>
            </li>
          ))}
        </ul>
      ) : (
        <>
          <div className="graph-place" tabIndex={0} role="region" aria-label={title}>
            <svg className="graph" viewBox={`0 0 ${width} ${height}`} role="group" aria-label={title}>
              {placed.map(({ node, x, y }) => (
                <line
                  key={`${node.kind} ${node.id}`}
                  x1={middle.x}
                  y1={middle.y}
                  x2={x}
                  y2={y}
                  strokeWidth={1 + 3 * strength(node)}
                />
              ))}
              <circle className="graph-self" cx={middle.x} cy={middle.y} r={9} />
              <text className="graph-self-name" x={middle.x} y={middle.y + 24} textAnchor="middle">
                {shortName(entity.id)}
              </text>
              {placed.map(({ node, x, y, right: onRight }) => (
                <a
                  key={`${node.kind} ${node.id}`}
                  href={`/entities/${node.kind}/${encodeURIComponent(node.id)}`}
                  aria-label={`${shortName(shownIndicator(node.id))}, ${t(kindWords[node.kind])}, ${t('investigate.graph.records', { count: n(node.weight) })}`}
                  onClick={(event) => {
                    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                    event.preventDefault();
                    void navigate({ to: '/entities/$kind/$id', params: { kind: node.kind, id: node.id }, search: keepView });
                  }}
                >
                  <circle cx={x} cy={y} r={6} style={{ fill: kindColours[node.kind] }} />
                  <text x={x + (onRight ? 12 : -12)} y={y + 4} textAnchor={onRight ? 'start' : 'end'}>
                    {shortName(shownIndicator(node.id))}
                  </text>
                </a>
              ))}
            </svg>
          </div>
          <p className="graph-legend dim small">
            {(['host', 'service', 'domain', 'certificate'] as const)
              .filter((kind) => drawn.some((node) => node.kind === kind))
              .map((kind) => (
                <span key={kind}>
                  <span className="graph-dot" style={{ background: kindColours[kind] }} /> {t(kindWords[kind])}
                </span>
              ))}
            {hidden > 0 ? <span>{t('investigate.more', { count: n(hidden) })}</span> : null}
          </p>
        </>
      )}
    </Panel>
  );
}

/** Longer names are cut in the middle; whole they stand in the list. */
const shortName = (name: string): string => (name.length > 30 ? `${name.slice(0, 16)}…${name.slice(-12)}` : name);
