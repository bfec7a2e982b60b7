/** States one fact, in the form its definition asks for: a number or a span between two, a term, yes or no, an instant. */

import type { FactDefinition } from '@forewarn/model/facts';
import { Button, Checkbox, MultiSelect, NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { InstantInput } from '../../frame/InstantInput.tsx';
import { useTexts } from '../../session/language.tsx';
import { factsQuery } from '../../session/resources.ts';

export const unitKeys: { [unit: string]: string } = {
  seconds: 'web.unit.seconds',
  minutes: 'web.unit.minutes',
  hours: 'web.unit.hours',
  days: 'web.unit.days',
  persons: 'web.unit.persons',
  share: 'web.unit.share',
  percent: 'web.unit.percent',
  CNY: 'web.unit.cny',
  EUR: 'web.unit.eur',
  USD: 'web.unit.usd',
  'person-hours': 'web.unit.personHours',
  bytes: 'web.unit.bytes',
  megabytes: 'web.unit.megabytes',
  gigabytes: 'web.unit.gigabytes',
  count: 'web.unit.count',
};

type Value = string | number | boolean | string[] | { min: number; max: number } | null;

export function FactForm({ incident, fact, done }: { incident: string; fact: string; done: () => void }) {
  const { t, l } = useTexts();
  const { data: facts } = useQuery(factsQuery);
  const definition = facts?.find(({ id }) => id === fact);
  const [value, setValue] = useState<Value>(null);
  const [source, setSource] = useState('');
  const act = useAct(['incident', 'incidents', 'situation'], done);
  if (definition === undefined) return <p className="dim">{t('web.loading')}</p>;
  const authorityOnly = definition.knownFrom.length === 1 && definition.knownFrom[0] === 'authority';
  return (
    <form
      className="fact-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (value === null || source.trim() === '') return;
        act.mutate({
          method: 'POST',
          path: `/incidents/${encodeURIComponent(incident)}/facts`,
          body: { fact, value, source: source.trim() },
          done: t('web.fact.stated', { fact: l(definition.name) }),
        });
      }}
    >
      <p className="dim small">{l(definition.means)}</p>
      <ValueInput definition={definition} value={value} setValue={setValue} />
      <TextInput
        label={t('web.fact.source')}
        description={authorityOnly ? t('web.fact.authority') : t('web.fact.source.means')}
        required
        maxLength={500}
        value={source}
        onChange={(event) => setSource(event.currentTarget.value)}
      />
      <div className="form-end">
        <Button type="submit" disabled={value === null || source.trim() === ''} loading={act.isPending}>
          {t('web.fact.submit')}
        </Button>
      </div>
    </form>
  );
}

function ValueInput({
  definition,
  value,
  setValue,
}: {
  definition: FactDefinition;
  value: Value;
  setValue: (value: Value) => void;
}) {
  const { t, l } = useTexts();
  const [between, setBetween] = useState(false);
  const [low, setLow] = useState<number | ''>('');
  const [high, setHigh] = useState<number | ''>('');
  const unit = definition.kind === 'quantity' ? t(unitKeys[definition.unit] ?? 'web.unit.count') : '';
  const give = (least: number | '', most: number | '', span: boolean) => {
    setLow(least);
    setHigh(most);
    if (!span) setValue(least === '' ? null : least);
    else setValue(least === '' || most === '' || most < least ? null : { min: least, max: most });
  };
  const asNumber = (given: string | number): number | '' =>
    typeof given === 'number' ? given : given.trim() === '' ? '' : Number(given);
  switch (definition.kind) {
    case 'quantity': {
      const common = {
        min: 0,
        max: definition.max,
        allowDecimal: definition.whole !== true,
        thousandSeparator: ',',
        hideControls: true,
        inputMode: 'decimal',
      } as const;
      return (
        <div className="fact-quantity">
          <NumberInput
            {...common}
            label={between ? t('web.fact.least', { unit }) : t('web.fact.value', { unit })}
            required
            value={low}
            onChange={(given) => give(asNumber(given), high, between)}
          />
          {between ? (
            <NumberInput
              {...common}
              label={t('web.fact.most', { unit })}
              required
              value={high}
              onChange={(given) => give(low, asNumber(given), true)}
            />
          ) : null}
          <button
            type="button"
            className="link"
            onClick={() => {
              setBetween(!between);
              give(low, high, !between);
            }}
          >
            {between ? t('web.fact.exact') : t('web.fact.between')}
          </button>
        </div>
      );
    }
    case 'term':
      return (
        <Select
          label={t('web.fact.term')}
          required
          data={definition.terms.map((term) => ({ value: term.id, label: l(term.name) }))}
          value={typeof value === 'string' ? value : null}
          onChange={setValue}
        />
      );
    case 'boolean':
      return (
        <SegmentedControl
          aria-label={l(definition.name)}
          value={value === null ? '' : String(value)}
          onChange={(given) => setValue(given === 'true')}
          data={[
            { value: 'true', label: t('web.yes') },
            { value: 'false', label: t('web.no') },
          ]}
        />
      );
    case 'instant':
      return (
        <InstantInput seconds label={t('web.fact.at')} required value={typeof value === 'string' ? value : null} set={setValue} />
      );
    case 'set':
      return (
        <>
          <MultiSelect
            label={t('web.fact.members')}
            searchable
            disabled={Array.isArray(value) && value.length === 0}
            data={definition.members.map((member) => ({ value: member.id, label: l(member.name) }))}
            value={Array.isArray(value) ? value : []}
            onChange={(given) => setValue(given.length === 0 ? null : given)}
          />
          {/* That it is none of them is a statement too, and settles what asks for one. */}
          <Checkbox
            label={t('web.fact.noMembers')}
            checked={Array.isArray(value) && value.length === 0}
            onChange={(event) => setValue(event.currentTarget.checked ? [] : null)}
          />
          {Array.isArray(value) && definition.members.some(({ id, byHandOnly }) => byHandOnly && value.includes(id)) ? (
            <p className="small">{t('web.fact.handedOver')}</p>
          ) : null}
        </>
      );
  }
}
