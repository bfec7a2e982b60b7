/** The parts of a quantification table, to read and, while a new edition is judged, to change number by number. */

import type { QuantificationTable, TableSource, Together } from '@forewarn/model/quantification';
import type { Condition, Mark, Threshold } from '@forewarn/model/grade';
import type { FactDefinition } from '@forewarn/model/facts';
import { quantityWords } from '@forewarn/model/fact-words';
import { NumberInput, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Panel } from '../../frame/Page.tsx';
import { TableRegion } from '../../frame/Table.tsx';
import { SourceMark } from '../../marks/Marks.tsx';
import { useNamed, useTexts } from '../../session/language.tsx';
import { factsQuery } from '../../session/resources.ts';

type Props = { table: QuantificationTable; change: ((table: QuantificationTable) => void) | undefined };

function useFacts(): (id: string) => FactDefinition | undefined {
  const { data } = useQuery(factsQuery);
  return (id) => data?.find((one) => one.id === id);
}

/** A copy with one thing changed. */
function changed(table: QuantificationTable, edit: (copy: QuantificationTable) => void): QuantificationTable {
  const copy = structuredClone(table);
  edit(copy);
  return copy;
}

/** A number, or where it may be changed its field. */
function Figure({
  label,
  value,
  text,
  set,
  max,
}: {
  label: string;
  value: number;
  text: string;
  set: ((value: number) => void) | undefined;
  max?: number;
}) {
  if (set === undefined) return <span className="tabular">{text}</span>;
  return (
    <NumberInput
      size="xs"
      className="figure"
      aria-label={label}
      min={0}
      {...(max === undefined ? {} : { max })}
      thousandSeparator=","
      hideControls
      value={value}
      onChange={(given) => typeof given === 'number' && set(given)}
    />
  );
}

/** Where a number comes from, and how sure it is. */
function Known({
  source,
  confidence,
  set,
}: {
  source: TableSource;
  confidence: Mark;
  set: ((known: { source: TableSource; confidence: Mark }) => void) | undefined;
}) {
  const { t } = useTexts();
  const named = useNamed();
  if (set === undefined) {
    return (
      <span className="known">
        <SourceMark mark={confidence} /> <span className="dim small">{named(source)}</span>
      </span>
    );
  }
  return (
    <span className="known">
      <Select
        size="xs"
        className="known-mark"
        aria-label={t('desk.table.mark')}
        allowDeselect={false}
        value={confidence}
        data={['H', 'M', 'U']}
        onChange={(mark) => set({ source, confidence: (mark ?? 'U') as Mark })}
      />
      <TextInput
        size="xs"
        aria-label={t('desk.table.source')}
        maxLength={500}
        value={named(source)}
        onChange={(event) => set({ source: event.currentTarget.value, confidence })}
      />
    </span>
  );
}

export function Indices({ table, change }: Props) {
  const { t, l, w, n } = useTexts();
  const factOf = useFacts();
  return table.indices.map((index, i) => {
    const definition = factOf(index.fact);
    return (
      <Panel key={index.fact} title={l(definition?.name) || index.fact}>
        <p className="prose dim">{l(definition?.means)}</p>
        <TableRegion label={l(definition?.name) || index.fact}>
          <table className="table table-cards">
            <thead>
              <tr>
                <th scope="col">{t('desk.fact')}</th>
                <th scope="col" className="number">
                  {t('desk.weight')}
                </th>
                <th scope="col">{t('desk.curve')}</th>
                <th scope="col">{t('desk.table.points')}</th>
                <th scope="col">{t('desk.table.source')}</th>
              </tr>
            </thead>
            <tbody>
              {index.parts.map((part, j) => {
                const of = factOf(part.fact);
                const unit = of?.kind === 'quantity' ? of.unit : 'count';
                const name = l(of?.name) || part.fact;
                const edit =
                  change &&
                  ((to: (copy: (typeof table.indices)[number]['parts'][number]) => void) =>
                    change(changed(table, (copy) => to(copy.indices[i]!.parts[j]!))));
                return (
                  <tr key={part.fact}>
                    <th scope="row" className="cell-main">
                      {name}
                    </th>
                    <td className="number" data-label={t('desk.weight')}>
                      <Figure
                        label={`${t('desk.weight')}: ${name}`}
                        value={part.weight}
                        text={`${n(part.weight * 100, 1)} %`}
                        max={1}
                        set={edit && ((value) => edit((copy) => (copy.weight = value)))}
                      />
                    </td>
                    <td data-label={t('desk.curve')}>
                      <Curve points={part.points} label={t('desk.curve.of', { fact: name })} />
                    </td>
                    <td data-label={t('desk.table.points')}>
                      <ul className="points">
                        {part.points.map((point, k) => (
                          // Points have no other name than their place.
                          <li key={k}>
                            <Figure
                              label={`${name} ${k + 1}`}
                              value={point.at}
                              text={w(quantityWords(point.at, unit))}
                              set={edit && ((value) => edit((copy) => (copy.points[k]!.at = value)))}
                            />
                            {' → '}
                            <Figure
                              label={`${t('desk.table.reach')}: ${name} ${k + 1}`}
                              value={point.reach}
                              text={n(point.reach, 2)}
                              max={1}
                              set={edit && ((value) => edit((copy) => (copy.points[k]!.reach = value)))}
                            />
                          </li>
                        ))}
                      </ul>
                    </td>
                    <td data-label={t('desk.table.source')}>
                      <Known
                        source={part.source}
                        confidence={part.confidence}
                        set={edit && ((known) => edit((copy) => void Object.assign(copy, known)))}
                      />
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </TableRegion>
      </Panel>
    );
  });
}

/** Points joined by straight lines, each as far from the next: thresholds lie in powers of ten. */
function Curve({ points, label }: { points: readonly { at: number; reach: number }[]; label: string }) {
  const x = (i: number): number => 3 + (i * 94) / Math.max(1, points.length - 1);
  const y = (reach: number): number => 29 - reach * 26;
  return (
    <svg className="curve" viewBox="0 0 100 32" role="img" aria-label={label}>
      <line x1="3" x2="97" y1="29" y2="29" />
      <polyline points={points.map(({ reach }, i) => `${x(i)},${y(reach)}`).join(' ')} />
      {points.map(({ reach }, i) => (
        <circle key={i} cx={x(i)} cy={y(reach)} r="1.6" />
      ))}
    </svg>
  );
}

export function Ladders({ table, change }: Props) {
  const { t, l } = useTexts();
  const factOf = useFacts();
  return (
    <Panel title={t('desk.table.words')} count={table.ladders.length}>
      <p className="prose dim">{t('desk.table.words.means')}</p>
      {table.ladders.map((ladder, i) => {
        const definition = factOf(ladder.fact);
        const terms = definition?.kind === 'term' ? definition.terms : [];
        const name = l(definition?.name) || ladder.fact;
        return (
          <section key={ladder.fact} className="ladder">
            <h3>{name}</h3>
            <TableRegion label={name}>
              <table className="table table-cards">
                <thead>
                  <tr>
                    <th scope="col">{t('desk.table.word')}</th>
                    <th scope="col">{t('desk.table.from')}</th>
                    <th scope="col">{t('desk.table.source')}</th>
                  </tr>
                </thead>
                <tbody>
                  {ladder.rungs.toReversed().map((rung) => {
                    const j = ladder.rungs.indexOf(rung);
                    const term = terms.find(({ id }) => id === rung.term);
                    const edit =
                      change &&
                      ((to: (copy: (typeof ladder.rungs)[number]) => void) =>
                        change(changed(table, (copy) => to(copy.ladders[i]!.rungs[j]!))));
                    return (
                      <tr key={rung.term}>
                        <th scope="row" className="cell-main" title={l(term?.means)}>
                          {l(term?.name) || rung.term}
                        </th>
                        <td data-label={t('desk.table.from')}>
                          <Asked
                            condition={rung.when}
                            set={edit && ((when) => edit((copy) => (copy.when = when)))}
                            factOf={factOf}
                          />
                        </td>
                        <td data-label={t('desk.table.source')}>
                          <Known
                            source={rung.source}
                            confidence={rung.confidence}
                            set={edit && ((known) => edit((copy) => void Object.assign(copy, known)))}
                          />
                        </td>
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            </TableRegion>
          </section>
        );
      })}
    </Panel>
  );
}

/** A condition in words, with its numbers to change. */
function Asked({
  condition,
  set,
  factOf,
}: {
  condition: Condition;
  set: ((condition: Condition) => void) | undefined;
  factOf: (id: string) => FactDefinition | undefined;
}): ReactNode {
  const { t, l, w } = useTexts();
  const part = (parts: readonly Condition[], put: (parts: Condition[]) => Condition, how: string) => (
    <>
      <span className="dim small">{how}</span>
      <ul className="asked">
        {parts.map((one, i) => (
          <li key={i}>
            <Asked condition={one} factOf={factOf} set={set && ((next) => set(put(parts.toSpliced(i, 1, next))))} />
          </li>
        ))}
      </ul>
    </>
  );
  if ('all' in condition) return part(condition.all, (all) => ({ all }), t('desk.table.all'));
  if ('any' in condition) return part(condition.any, (any) => ({ any }), t('desk.table.any'));
  if ('of' in condition)
    return part(condition.of, (of) => ({ count: condition.count, of }), t('desk.table.count', { count: condition.count }));
  const definition = factOf(condition.fact);
  const name = l(definition?.name) || condition.fact;
  if ('is' in condition) return name;
  const above = 'above' in condition;
  const threshold: Threshold = above ? condition.above : condition.atLeast;
  const put = (value: number): Threshold => (typeof threshold === 'object' ? { ...threshold, value } : value);
  const value = typeof threshold === 'object' ? threshold.value : threshold;
  const unit = typeof threshold === 'object' ? threshold.unit : definition?.kind === 'quantity' ? definition.unit : 'count';
  if (typeof value === 'string') {
    const term = definition?.kind === 'term' ? definition.terms.find(({ id }) => id === value) : undefined;
    return t('desk.table.reaches', { fact: name, value: l(term?.name) || value });
  }
  return (
    <>
      {name} {above ? '>' : '≥'}{' '}
      <Figure
        label={name}
        value={value}
        text={w(quantityWords(value, unit))}
        set={
          set &&
          ((next) => set(above ? { fact: condition.fact, above: put(next) } : { fact: condition.fact, atLeast: put(next) }))
        }
      />
      {set ? <span className="dim small"> {unit}</span> : null}
    </>
  );
}

const familyKeys: { readonly [family in keyof QuantificationTable['together']['families']]-?: string } = {
  time: 'desk.family.time',
  people: 'desk.family.people',
  share: 'desk.family.share',
  money: 'desk.family.money',
  euro: 'desk.family.euro',
  dollar: 'desk.family.dollar',
  effort: 'desk.family.effort',
  data: 'desk.family.data',
  count: 'desk.family.count',
};

export const togetherKeys: { readonly [rule in Together]: string } = {
  sum: 'desk.together.sum',
  overlap: 'desk.together.overlap',
  greatest: 'desk.together.greatest',
};

export function Rules({ table, change }: Props) {
  const { t, n } = useTexts();
  const { regret, together } = table;
  const cost = (which: 'tooLow' | 'tooHigh') => (
    <Figure
      label={t(which === 'tooLow' ? 'desk.cost.low' : 'desk.cost.high')}
      value={regret[which]}
      text={n(regret[which], 1)}
      set={change && ((value) => change(changed(table, (copy) => (copy.regret[which] = value))))}
    />
  );
  return (
    <>
      <Panel title={t('desk.cost')}>
        <dl className="costs">
          <dt>{t('desk.cost.low')}</dt>
          <dd>{cost('tooLow')}</dd>
          <dt>{t('desk.cost.high')}</dt>
          <dd>{cost('tooHigh')}</dd>
        </dl>
        <Known
          source={regret.source}
          confidence={regret.confidence}
          set={change && ((known) => change(changed(table, (copy) => void Object.assign(copy.regret, known))))}
        />
      </Panel>
      <Panel title={t('desk.together')}>
        <p className="prose dim">{t('desk.together.means')}</p>
        <dl className="costs">
          {(Object.keys(familyKeys) as (keyof typeof familyKeys)[]).map((family) => {
            const rule = together.families[family] ?? 'overlap';
            return (
              <div key={family}>
                <dt>{t(familyKeys[family])}</dt>
                <dd>
                  {change === undefined ? (
                    t(togetherKeys[rule])
                  ) : (
                    <Select
                      size="xs"
                      aria-label={t(familyKeys[family])}
                      allowDeselect={false}
                      value={rule}
                      data={(Object.keys(togetherKeys) as Together[]).map((one) => ({ value: one, label: t(togetherKeys[one]) }))}
                      onChange={(one) => change(changed(table, (copy) => (copy.together.families[family] = one as Together)))}
                    />
                  )}
                </dd>
              </div>
            );
          })}
        </dl>
        <Known
          source={together.source}
          confidence={together.confidence}
          set={change && ((known) => change(changed(table, (copy) => void Object.assign(copy.together, known))))}
        />
      </Panel>
    </>
  );
}
