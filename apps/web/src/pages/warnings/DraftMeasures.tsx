/** The measures of a warning as they are written: each with its deadline and the time it takes. */

import type { WarningView } from '@forewarn/model/api';
import { ActionIcon, Button, NumberInput, Textarea } from '@mantine/core';
import { InstantInput } from '../../frame/InstantInput.tsx';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';

export type MeasureForm = { id: string | undefined; text: string; dueAt: string | null; needsHours: number | '' };
export const emptyMeasure: MeasureForm = { id: undefined, text: '', dueAt: null, needsHours: '' };

const hourSeconds = 3600;

export const measureFormsOf = (measures: WarningView['measures']): MeasureForm[] =>
  measures.map(({ id, text, dueAt, needsSeconds }) => {
    return { id, text, dueAt, needsHours: needsSeconds === null ? '' : needsSeconds / hourSeconds };
  });

/** As the API takes them: a measure that was there before keeps its id, and with it what was done of it. */
export const measuresOfForms = (forms: readonly MeasureForm[]) =>
  forms.map(({ id, text, dueAt, needsHours }) => ({
    ...(id === undefined ? {} : { id }),
    text: text.trim(),
    dueAt,
    needsSeconds: needsHours === '' ? null : needsHours * hourSeconds,
  }));

/** The centre takes so many. */
const measuresMax = 50;

export function DraftMeasures({ measures, set }: { measures: readonly MeasureForm[]; set: (measures: MeasureForm[]) => void }) {
  const { t } = useTexts();
  const change = (at: number, part: Partial<MeasureForm>) =>
    set(measures.map((measure, i) => (i === at ? { ...measure, ...part } : measure)));
  return (
    <fieldset className="measures">
      <legend>{t('web.warning.measures')}</legend>
      {measures.map((measure, i) => (
        <div key={i} className="measure-row" role="group" aria-label={t('warnings.measure.number', { number: i + 1 })}>
          <Textarea
            label={t('warnings.measure')}
            required
            autosize
            maxRows={6}
            maxLength={2000}
            value={measure.text}
            onChange={(event) => change(i, { text: event.currentTarget.value })}
          />
          <InstantInput label={t('web.warning.measuresDeadline')} value={measure.dueAt} set={(dueAt) => change(i, { dueAt })} />
          <NumberInput
            label={t('warnings.measure.needs')}
            min={0}
            max={8760}
            decimalScale={1}
            value={measure.needsHours}
            onChange={(value) => change(i, { needsHours: typeof value === 'number' ? value : '' })}
          />
          <ActionIcon
            variant="default"
            size={30}
            aria-label={t('warnings.measure.remove')}
            disabled={measures.length === 1}
            onClick={() => set(measures.filter((_, at) => at !== i))}
          >
            <Icon name="close" size={14} />
          </ActionIcon>
        </div>
      ))}
      {measures.length < measuresMax ? (
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name="plus" size={14} />}
          onClick={() => set([...measures, { ...emptyMeasure }])}
        >
          {t('warnings.measure.add')}
        </Button>
      ) : null}
    </fieldset>
  );
}
