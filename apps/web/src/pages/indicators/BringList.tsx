/** Brings a list, from a file or pasted: first what of it would be looked for and what not, and why; then it is kept. */

import { Credibility, Reliability } from '@forewarn/model/indicator';
import type { IndicatorListView, IndicatorPreview } from '@forewarn/model/indicator-api';
import { tlpOrder, type Tlp } from '@forewarn/model/markings';
import { FileInput, Modal, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { DayInput } from '../../frame/InstantInput.tsx';
import { useAct } from '../../frame/act.ts';
import { keepView } from '../../frame/keep.ts';
import { useProblemText } from '../../frame/notices.tsx';
import { ask } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';
import { credibilityKeys, formatNames, Refused, reliabilityKeys } from './parts.tsx';

/** As the centre offers. */
const pastDays = 30;
const pastDaysMax = 366;

type Given = { name: string; text: string };

export function BringList({ close }: { close: () => void }) {
  const { t, n } = useTexts();
  const problemText = useProblemText();
  const navigate = useNavigate();
  const [file, setFile] = useState<File | null>(null);
  const [pasted, setPasted] = useState('');
  const [name, setName] = useState('');
  const [source, setSource] = useState('');
  const [reliability, setReliability] = useState<string | null>(null);
  const [credibility, setCredibility] = useState<string | null>(null);
  const [marking, setMarking] = useState<Tlp>('TLP:AMBER');
  const [until, setUntil] = useState<string | null>(null);
  const [days, setDays] = useState<number | string>(pastDays);
  const preview = useMutation({
    // What the document says of itself is what it is brought with, unless somebody narrows it.
    onSuccess: ({ marking: own }) => {
      if (own !== null && tlpOrder.indexOf(own) < tlpOrder.indexOf(marking)) setMarking(own);
    },
    mutationFn: async (): Promise<IndicatorPreview & { given: Given }> => {
      const given = {
        name: name.trim() || file?.name || t('indicators.pasted'),
        text: file === null ? pasted : await file.text(),
      };
      return { ...(await ask<IndicatorPreview>('POST', '/indicator-lists/preview', given)), given };
    },
  });
  const bring = useAct<IndicatorListView>(['indicator-lists'], (list) => {
    close();
    void navigate({ to: '/indicators/$id', params: { id: list.id }, search: keepView });
  });
  const seen = preview.data;
  const changed = (): void => preview.reset();
  const ready = file !== null || pasted.trim() !== '';
  return (
    <Modal opened onClose={close} title={t('indicators.bring')} size="xl" closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (seen === undefined) {
            preview.mutate();
            return;
          }
          const body = {
            ...seen.given,
            source: source.trim() || seen.given.name,
            reliability,
            credibility,
            marking,
            validUntil: until,
            pastDays: Number(days) || 0,
          };
          bring.mutate({
            method: 'POST',
            path: '/indicator-lists',
            body,
            done: t('indicators.bring.done', { count: n(seen.loaded) }),
          });
        }}
      >
        <p className="prose dim">{t('indicators.bring.means')}</p>
        <FileInput
          label={t('web.estate.file')}
          accept=".json,.csv,.txt,application/json,text/csv,text/plain"
          placeholder="list.csv"
          value={file}
          onChange={(chosen) => {
            setFile(chosen);
            changed();
          }}
          clearable
          clearButtonProps={{ 'aria-label': t('web.remove') }}
        />
        {file !== null ? null : (
          <Textarea
            label={t('indicators.paste')}
            autosize
            minRows={3}
            maxRows={10}
            value={pasted}
            spellCheck={false}
            styles={{ input: { fontFamily: 'var(--mono, monospace)' } }}
            onChange={(event) => {
              setPasted(event.currentTarget.value);
              changed();
            }}
          />
        )}
        <div className="form-pair">
          <TextInput
            label={t('indicators.name')}
            maxLength={200}
            placeholder={file?.name ?? t('indicators.pasted')}
            value={name}
            onChange={(event) => {
              setName(event.currentTarget.value);
              changed();
            }}
          />
          <TextInput
            label={t('indicators.source')}
            description={t('indicators.source.means')}
            maxLength={200}
            value={source}
            onChange={(event) => setSource(event.currentTarget.value)}
          />
        </div>
        <div className="form-pair">
          <Select
            label={t('indicators.reliability')}
            placeholder={t('indicators.unrated')}
            clearable
            clearButtonProps={{ 'aria-label': t('web.remove') }}
            data={Reliability.options.map((value) => ({
              value,
              label: `${value} – ${t(reliabilityKeys[value])}`,
            }))}
            value={reliability}
            onChange={setReliability}
          />
          <Select
            label={t('indicators.credibility')}
            placeholder={t('indicators.unrated')}
            clearable
            clearButtonProps={{ 'aria-label': t('web.remove') }}
            data={Credibility.options.map((value) => ({
              value,
              label: `${value} – ${t(credibilityKeys[value])}`,
            }))}
            value={credibility}
            onChange={setCredibility}
          />
        </div>
        <div className="form-pair">
          <Select
            label={t('indicators.marking')}
            allowDeselect={false}
            data={[...tlpOrder]}
            value={marking}
            onChange={(value) => setMarking(tlpOrder.find((tlp) => tlp === value) ?? 'TLP:AMBER')}
          />
          <DayInput label={t('indicators.until')} description={t('indicators.until.means')} value={until} set={setUntil} />
        </div>
        <NumberInput
          label={t('indicators.pastDays')}
          description={t('indicators.pastDays.means')}
          min={0}
          max={pastDaysMax}
          allowDecimal={false}
          value={days}
          onChange={setDays}
        />
        {preview.error === null ? null : (
          <p role="alert" className="field-error">
            {problemText(preview.error).text} {problemText(preview.error).detail}
          </p>
        )}
        {seen === undefined ? null : (
          <section aria-label={t('indicators.preview')} className="import-said" data-bad={seen.refused > 0 || undefined}>
            <p role="status">
              {t('indicators.preview.says', {
                format: formatNames[seen.format] ?? seen.format,
                loaded: n(seen.loaded),
                refused: n(seen.refused),
              })}{' '}
              {Object.entries(seen.kinds)
                .map(([kind, count]) => `${t(`detect.indicator.kind.${kind}`)}: ${n(count)}`)
                .join(t('web.list'))}
            </p>
            <Refused refusals={seen.refusals} refused={seen.refused} />
          </section>
        )}
        <FormEnd close={close} disabled={!ready || seen?.loaded === 0} pending={preview.isPending || bring.isPending}>
          {t(seen === undefined ? 'indicators.preview' : 'indicators.bring')}
        </FormEnd>
      </form>
    </Modal>
  );
}
