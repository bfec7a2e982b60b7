/** Writing a chain of causes: a card for each step, with what it follows from and what it rests on. */

import { chainStepsMax, type CauseChain, type CauseStep, type Confidence } from '@forewarn/model/cause';
import { Button, MultiSelect, SegmentedControl, Select, Textarea } from '@mantine/core';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { InstantInput } from '../../frame/InstantInput.tsx';
import { useAct } from '../../frame/act.ts';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';
import { readEvidence, writeEvidence } from './evidence.ts';
import { confidenceKeys } from './marks.tsx';
import { useCauseChoices } from './queries.ts';
import { roleKeys } from './roles.ts';

/** A step as it is typed: evidence as lines. */
type Draft = Omit<CauseStep, 'evidence'> & { evidence: string };

const draftOf = (step: CauseStep): Draft => ({
  ...step,
  evidence: writeEvidence(step.evidence),
});

const stepOf = ({ evidence, ...draft }: Draft): CauseStep => ({
  ...draft,
  text: draft.text.trim(),
  evidence: readEvidence(evidence).slice(0, 20),
});

export function ChainForm({
  incident,
  after,
  first,
  close,
}: {
  incident: string;
  after: number;
  first: CauseChain;
  close: () => void;
}) {
  const { t } = useTexts();
  const [steps, setSteps] = useState<Draft[]>(() => first.map(draftOf));
  const act = useAct(['incident', 'incidents', 'incident-causes'], close);
  const change = (index: number, more: Partial<Draft>): void =>
    setSteps((all) => all.map((one, i) => (i === index ? { ...one, ...more } : one)));
  const add = (): void =>
    setSteps((all) => {
      const taken = new Set(all.map(({ id }) => id));
      let n = all.length + 1;
      while (taken.has(`step-${n}`)) n++;
      return [
        ...all,
        {
          id: `step-${n}`,
          role: all.length === 0 ? 'root' : 'step',
          reality: 'happened',
          cause: null,
          text: '',
          at: null,
          confidence: 'low',
          evidence: '',
          follows: all.length === 0 ? [] : [all.at(-1)!.id],
        },
      ];
    });
  const remove = (id: string): void =>
    setSteps((all) =>
      all.filter((one) => one.id !== id).map((one) => ({ ...one, follows: one.follows.filter((before) => before !== id) })),
    );
  const ready = steps.every(({ text, role, cause }) => text.trim() !== '' && (role !== 'root' || cause !== null));
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        act.mutate({
          method: 'PUT',
          path: `/incidents/${encodeURIComponent(incident)}/causes`,
          body: { after, steps: steps.map(stepOf) },
          done: t('causes.chain.saved'),
        });
      }}
    >
      <ol className="cause-cards">
        {steps.map((step, i) => (
          <li key={step.id}>
            <StepCard
              step={step}
              number={i + 1}
              others={steps.flatMap((one, n) => (one.id === step.id ? [] : [{ value: one.id, label: t('causes.step', { n: n + 1 }) }]))} // oxfmt-ignore
              change={(more) => change(i, more)}
              remove={() => remove(step.id)}
            />
          </li>
        ))}
      </ol>
      <div>
        <Button
          variant="default"
          leftSection={<Icon name="plus" size={14} />}
          onClick={add}
          disabled={steps.length >= chainStepsMax}
        >
          {t('causes.step.add')}
        </Button>
      </div>
      <FormEnd close={close} disabled={!ready || steps.length === 0} pending={act.isPending}>
        {t('causes.chain.save')}
      </FormEnd>
    </form>
  );
}

function StepCard({
  step,
  number,
  others,
  change,
  remove,
}: {
  step: Draft;
  number: number;
  others: { value: string; label: string }[];
  change: (more: Partial<Draft>) => void;
  remove: () => void;
}) {
  const { t } = useTexts();
  const choices = useCauseChoices();
  return (
    <fieldset className="cause-card">
      <legend>{t('causes.step', { n: number })}</legend>
      <Textarea
        className="cause-card-wide"
        label={t('causes.step.text')}
        required
        autosize
        minRows={1}
        maxLength={1000}
        value={step.text}
        onChange={(event) => change({ text: event.currentTarget.value })}
      />
      <Select
        label={t('causes.step.role')}
        allowDeselect={false}
        data={(['root', 'condition', 'step', 'effect'] as const).map((value) => ({ value, label: t(roleKeys[value]) }))}
        value={step.role}
        onChange={(value) => change({ role: value as CauseStep['role'] })}
      />
      <Select
        label={t('causes.step.cause')}
        required={step.role === 'root'}
        searchable
        clearable
        data={choices}
        value={step.cause}
        onChange={(cause) => change({ cause })}
      />
      <Select
        label={t('causes.confidence')}
        allowDeselect={false}
        data={(['high', 'medium', 'low'] as const).map((value) => ({ value, label: t(confidenceKeys[value]) }))}
        value={step.confidence}
        onChange={(value) => change({ confidence: value as Confidence })}
      />
      <MultiSelect
        label={t('causes.step.follows')}
        data={others}
        maxValues={8}
        value={step.follows}
        onChange={(follows) => change({ follows })}
      />
      <InstantInput seconds label={t('causes.step.at')} value={step.at} set={(at) => change({ at })} />
      <div className="cause-card-choice">
        <SegmentedControl
          aria-label={t('causes.step.reality')}
          value={step.reality}
          onChange={(value) => change({ reality: value as CauseStep['reality'] })}
          data={[
            { value: 'happened', label: t('causes.step.happened') },
            { value: 'may', label: t('causes.step.may') },
          ]}
        />
      </div>
      <Textarea
        className="cause-card-wide"
        label={t('causes.evidence')}
        description={number === 1 ? t('causes.evidence.means') : undefined}
        autosize
        minRows={1}
        value={step.evidence}
        onChange={(event) => change({ evidence: event.currentTarget.value })}
      />
      <div className="cause-card-wide">
        <button type="button" className="link" onClick={remove}>
          {t('causes.step.remove', { n: number })}
        </button>
      </div>
    </fieldset>
  );
}
