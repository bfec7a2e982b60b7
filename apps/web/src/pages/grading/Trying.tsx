/** Sliders: what would the grade be if? Facts are tried here and written nowhere. */

import type { DeskFact, GradingDesk } from '@forewarn/model/grading-api';
import type { FactDefinition, FactValue, Unit } from '@forewarn/model/facts';
import { valueWords } from '@forewarn/model/fact-words';
import { NumberInput, SegmentedControl, Select } from '@mantine/core';
import { useState } from 'react';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';
import { unitKeys } from '../incidents/FactForm.tsx';
import type { Tried, TriedValue } from './queries.ts';

/** Where a slider of a unit ends, past every threshold that a scheme has; a number may be typed beyond. */
const greatest: { readonly [unit in Unit]: number } = {
  seconds: 2_592_000,
  minutes: 43_200,
  hours: 720,
  days: 365,
  persons: 1e9,
  share: 1,
  percent: 100,
  CNY: 1e10,
  EUR: 1e10,
  USD: 1e10,
  'person-hours': 1e9,
  bytes: 1e15,
  megabytes: 1e9,
  gigabytes: 1e6,
  count: 1e7,
};

/** Positions of a slider. */
const steps = 300;

/** Thresholds lie in powers of ten, so a slider does too; shares are as they are. */
const isEven = (definition: FactDefinition & { kind: 'quantity' }): boolean => (definition.max ?? Infinity) <= 100;

function valueAt(definition: FactDefinition & { kind: 'quantity' }, position: number): number {
  const most = Math.min(definition.max ?? Infinity, greatest[definition.unit]);
  const least = 1 / definition.stepsPerUnit;
  if (position <= 0) return 0;
  if (isEven(definition)) return Math.round((most * position * 100) / steps) / 100;
  const raw = least * (most / least) ** ((position - 1) / (steps - 1));
  // Two digits are what a hand can aim at.
  const digits = 10 ** Math.max(0, Math.floor(Math.log10(raw)) - 1);
  return raw >= 10 ? Math.round(raw / digits) * digits : Math.round(raw * definition.stepsPerUnit) / definition.stepsPerUnit;
}

function positionOf(definition: FactDefinition & { kind: 'quantity' }, value: number): number {
  const most = Math.min(definition.max ?? Infinity, greatest[definition.unit]);
  const least = 1 / definition.stepsPerUnit;
  if (value <= 0) return 0;
  if (isEven(definition)) return Math.round((value / most) * steps);
  return Math.max(1, Math.min(steps, Math.round(1 + ((steps - 1) * Math.log(value / least)) / Math.log(most / least))));
}

/** Facts whose sliders are there before anybody asks for more. */
const proposedMax = 6;

export function Trying({
  desk,
  definitions,
  tried,
  setTried,
}: {
  desk: GradingDesk;
  definitions: readonly FactDefinition[];
  tried: Tried;
  setTried: (tried: Tried) => void;
}) {
  const { t, l } = useTexts();
  const [added, setAdded] = useState<readonly string[]>([]);
  const [proposed] = useState(() => [
    ...desk.facts.filter(({ origin, schemes }) => origin !== 'table' && schemes.length > 0).map(({ fact }) => fact),
    ...desk.next.slice(0, proposedMax).map(({ fact }) => fact),
  ]);
  const byId = new Map(definitions.map((one) => [one.id, one]));
  const shown = [...new Set([...added, ...Object.keys(tried), ...proposed])].flatMap((id) => {
    const definition = byId.get(id);
    return definition && isTriable(definition) ? [definition] : [];
  });
  const set = (fact: string, value: TriedValue): void => setTried({ ...tried, [fact]: value });
  const drop = (fact: string): void => setTried(Object.fromEntries(Object.entries(tried).filter(([id]) => id !== fact)));
  return (
    <div className="trying">
      <p className="prose dim">{t('desk.try.means')}</p>
      <Select
        label={t('desk.try.add')}
        searchable
        value={null}
        limit={50}
        onChange={(id) => id !== null && setAdded([id, ...added])}
        data={definitions
          .filter((one) => isTriable(one) && !shown.includes(one))
          .map((one) => ({ value: one.id, label: l(one.name) }))}
      />
      <ul className="trying-list">
        {shown.map((definition) => (
          <li key={definition.id} data-tried={definition.id in tried || undefined}>
            <TryFact
              definition={definition}
              value={tried[definition.id]}
              own={desk.facts.find(({ fact, origin }) => fact === definition.id && origin !== 'tried')}
              set={(value) => set(definition.id, value)}
              drop={definition.id in tried ? () => drop(definition.id) : undefined}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

const isTriable = ({ kind, knownFrom }: FactDefinition): boolean =>
  (kind === 'quantity' || kind === 'term' || kind === 'boolean') && !knownFrom.every((from) => from === 'table');

function TryFact({
  definition,
  value,
  own,
  set,
  drop,
}: {
  definition: FactDefinition;
  value: TriedValue | undefined;
  own: DeskFact | undefined;
  set: (value: TriedValue) => void;
  drop: (() => void) | undefined;
}) {
  const { t, l, w } = useTexts();
  const unit = definition.kind === 'quantity' ? definition.unit : undefined;
  const said =
    value === undefined
      ? own
        ? w(own.text)
        : t('desk.try.unknown')
      : value === null
        ? t('desk.try.unknown')
        : w(sayValue(definition, value, unit));
  return (
    <div className="try">
      <div className="try-head">
        <span className="try-name" title={l(definition.means)}>
          {l(definition.name)}
        </span>
        <span className="try-value tabular">{said}</span>
        {drop ? (
          <button type="button" className="tool" onClick={drop} aria-label={t('desk.try.drop', { fact: l(definition.name) })}>
            <Icon name="close" size={12} />
          </button>
        ) : null}
      </div>
      {definition.kind === 'quantity' ? (
        <div className="try-quantity">
          <input
            type="range"
            min={0}
            max={steps}
            value={positionOf(definition, typeof value === 'number' ? value : ownNumber(own?.value))}
            aria-label={l(definition.name)}
            aria-valuetext={said}
            onChange={(event) => set(valueAt(definition, Number(event.currentTarget.value)))}
          />
          <NumberInput
            size="xs"
            aria-label={t('desk.try.number', {
              fact: l(definition.name),
              unit: t(unitKeys[definition.unit] ?? 'web.unit.count'),
            })}
            min={0}
            {...(definition.max === undefined ? {} : { max: definition.max })}
            allowDecimal={definition.whole !== true}
            thousandSeparator=","
            hideControls
            value={typeof value === 'number' ? value : ''}
            onChange={(given) => typeof given === 'number' && set(given)}
          />
        </div>
      ) : definition.kind === 'term' ? (
        <input
          type="range"
          min={0}
          max={definition.terms.length - 1}
          value={Math.max(
            0,
            definition.terms.findIndex(({ id }) => id === (value ?? ownTerm(own?.value))),
          )}
          aria-label={l(definition.name)}
          aria-valuetext={said}
          onChange={(event) => set(definition.terms[Number(event.currentTarget.value)]!.id)}
        />
      ) : (
        <SegmentedControl
          size="xs"
          aria-label={l(definition.name)}
          value={typeof value === 'boolean' ? String(value) : ''}
          onChange={(given) => set(given === 'true')}
          data={[
            { value: 'true', label: t('web.yes') },
            { value: 'false', label: t('web.no') },
          ]}
        />
      )}
      {value === null || (value === undefined && own === undefined) ? null : (
        <button type="button" className="link small" onClick={() => set(null)}>
          {t('desk.try.forget')}
        </button>
      )}
    </div>
  );
}

const ownNumber = (value: FactValue | undefined): number =>
  value?.kind === 'quantity' ? value.value : value?.kind === 'interval' ? value.min : 0;
const ownTerm = (value: FactValue | undefined): string | undefined =>
  value?.kind === 'term' ? value.term : value?.kind === 'terms' ? value.min : undefined;

function sayValue(definition: FactDefinition, value: number | string | boolean, unit: Unit | undefined) {
  const stated: FactValue =
    typeof value === 'number'
      ? { kind: 'quantity', value }
      : typeof value === 'string'
        ? { kind: 'term', term: value }
        : { kind: 'boolean', value };
  return valueWords(definition.id, stated, unit);
}
