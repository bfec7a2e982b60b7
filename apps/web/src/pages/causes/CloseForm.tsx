/** Closing an incident: its cause of the catalogue with what it rests on, or why none could be found. */

import type { Cause, Confidence } from '@forewarn/model/cause';
import type { IncidentView } from '@forewarn/model/api';
import { MultiSelect, SegmentedControl, Select, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { useTexts } from '../../session/language.tsx';
import { readEvidence, writeEvidence } from './evidence.ts';
import { confidenceKeys } from './marks.tsx';
import { chainQuery, useCauseChoices } from './queries.ts';

export function CloseForm({
  incident,
  touched,
  close,
}: {
  incident: IncidentView;
  touched: readonly string[];
  close: () => void;
}) {
  const { t, language } = useTexts();
  const choices = useCauseChoices();
  const { data: chain } = useQuery(chainQuery(incident.id, language));
  const [known, setKnown] = useState(true);
  const [cause, setCause] = useState<string | null>(null);
  const [text, setText] = useState('');
  const [contributing, setContributing] = useState<string[]>([]);
  const [evidence, setEvidence] = useState('');
  const [confidence, setConfidence] = useState<Confidence>('medium');
  const [why, setWhy] = useState('');
  const [reason, setReason] = useState('');
  const [filled, setFilled] = useState(false);
  // What the chain says already need not be typed again; once, so that nothing typed is written over.
  useEffect(() => {
    if (chain === undefined || filled) return;
    setFilled(true);
    const root = chain.steps.find((step) => step.role === 'root' && step.reality === 'happened');
    if (root === undefined) return;
    setCause(root.cause);
    setText(root.text);
    setEvidence(writeEvidence(root.evidence));
    setConfidence(chain.confidence ?? root.confidence);
    setContributing([
      ...new Set(
        chain.steps.flatMap((step) =>
          step !== root && step.reality === 'happened' && step.cause !== null && step.cause !== root.cause ? [step.cause] : [],
        ),
      ),
    ]);
  }, [chain, filled]);
  const act = useAct(touched, close);
  const rests = confidence === 'low' || readEvidence(evidence).length > 0;
  const ready = reason.trim() !== '' && (known ? cause !== null && text.trim() !== '' && rests : why.trim() !== '');
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        const said: Cause = known
          ? { kind: 'known', cause: cause!, text: text.trim(), contributing: contributing.slice(0, 8), evidence: readEvidence(evidence).slice(0, 20), confidence } // oxfmt-ignore
          : { kind: 'unknown', reason: why.trim() };
        act.mutate({
          method: 'POST',
          path: `/incidents/${encodeURIComponent(incident.id)}/state`,
          body: { state: 'closed', reason: reason.trim(), cause: said },
          done: t('web.incident.stateChanged'),
        });
      }}
    >
      <SegmentedControl
        aria-label={t('causes.close.kind')}
        value={known ? 'known' : 'unknown'}
        onChange={(value) => setKnown(value === 'known')}
        data={[
          { value: 'known', label: t('causes.close.known') },
          { value: 'unknown', label: t('causes.close.unknown') },
        ]}
      />
      {known ? (
        <>
          <Select
            label={t('causes.cause')}
            required
            searchable
            data={choices}
            value={cause}
            onChange={(value) => setCause(value)}
            name="cause"
          />
          <Textarea
            label={t('causes.close.text')}
            required
            autosize
            minRows={2}
            maxLength={2000}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <MultiSelect
            label={t('causes.close.contributing')}
            searchable
            maxValues={8}
            data={choices.map(({ group, items }) => ({ group, items: items.filter(({ value }) => value !== cause) }))}
            value={contributing}
            onChange={setContributing}
          />
          <Select
            label={t('causes.confidence')}
            required
            allowDeselect={false}
            data={(['high', 'medium', 'low'] as const).map((value) => ({ value, label: t(confidenceKeys[value]) }))}
            value={confidence}
            onChange={(value) => setConfidence((value as Confidence | null) ?? 'medium')}
          />
          <Textarea
            label={t('causes.evidence')}
            description={t('causes.evidence.means')}
            error={rests ? undefined : t('causes.close.evidenceNeeded')}
            autosize
            minRows={2}
            value={evidence}
            onChange={(event) => setEvidence(event.currentTarget.value)}
          />
        </>
      ) : (
        <Textarea
          label={t('causes.close.reason')}
          required
          autosize
          minRows={2}
          maxLength={2000}
          value={why}
          onChange={(event) => setWhy(event.currentTarget.value)}
        />
      )}
      <Textarea
        label={t('web.reason')}
        required
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <FormEnd close={close} disabled={!ready} pending={act.isPending}>
        {t('web.incident.close')}
      </FormEnd>
    </form>
  );
}
