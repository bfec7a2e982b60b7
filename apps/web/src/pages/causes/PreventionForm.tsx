/** Proposing a preventive measure: against which causes, whose, which office answers for it, by when. */

import { MultiSelect, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { DayInput } from '../../frame/InstantInput.tsx';
import { useAct } from '../../frame/act.ts';
import { useTexts } from '../../session/language.tsx';
import { useMe } from '../../session/me.tsx';
import { organisationsQuery } from '../../session/resources.ts';
import { useCauseChoices, useCauses } from './queries.ts';

/** What the form begins with. */
export type Proposed = { measure: string | null; causes: readonly string[] };

export function PreventionForm({ first, close }: { first: Proposed; close: () => void }) {
  const { t, l } = useTexts();
  const me = useMe();
  const { catalogue, measure: named } = useCauses();
  const choices = useCauseChoices();
  const { data: organisations } = useQuery(organisationsQuery);
  const [measure, setMeasure] = useState<string | null>(first.measure);
  const [title, setTitle] = useState(first.measure === null ? '' : named(first.measure));
  const [causes, setCauses] = useState<string[]>([...first.causes]);
  const [organisation, setOrganisation] = useState<string>(me.organisation.id);
  const [owner, setOwner] = useState('');
  const [due, setDue] = useState<string | null>(null);
  const act = useAct(['preventions', 'causes'], close);
  const ready = title.trim() !== '' && causes.length > 0 && owner.trim() !== '';
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        act.mutate({
          method: 'POST',
          path: '/preventions',
          body: {
            organisation,
            title: title.trim(),
            causes,
            owner: owner.trim(),
            ...(measure === null ? {} : { measure }),
            ...(due === null ? {} : { dueAt: due }),
          },
          done: t('causes.proposed'),
        });
      }}
    >
      <Select
        label={t('causes.measure')}
        placeholder={t('causes.measure.free')}
        clearable
        searchable
        data={(catalogue?.measures ?? []).map(({ id }) => ({ value: id, label: named(id) }))}
        value={measure}
        onChange={(value) => {
          setMeasure(value);
          if (value !== null && (title.trim() === '' || (measure !== null && title === named(measure)))) setTitle(named(value));
        }}
      />
      <TextInput
        label={t('causes.title')}
        required
        maxLength={300}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <MultiSelect
        label={t('causes.against')}
        required
        searchable
        maxValues={20}
        data={choices}
        value={causes}
        onChange={setCauses}
      />
      {me.organisation.centre ? (
        <Select
          label={t('causes.whose')}
          required
          allowDeselect={false}
          searchable
          data={(organisations ?? []).map(({ id, name }) => ({ value: id, label: l(name) }))}
          value={organisation}
          onChange={(value) => setOrganisation(value ?? me.organisation.id)}
        />
      ) : null}
      <TextInput
        label={t('causes.owner')}
        description={t('causes.owner.means')}
        required
        maxLength={200}
        value={owner}
        onChange={(event) => setOwner(event.currentTarget.value)}
      />
      <DayInput label={t('causes.due')} value={due} set={setDue} />
      <FormEnd close={close} disabled={!ready} pending={act.isPending}>
        {t('causes.propose')}
      </FormEnd>
    </form>
  );
}
