/** Another colour, text, validity or other measures of a warning in force, with a reason: proposed, or at once where nobody else can be asked. */

import type { WarningView } from '@forewarn/model/api';
import { warningColours } from '@forewarn/model/warning';
import { Modal, SegmentedControl, Textarea } from '@mantine/core';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { InstantInput } from '../../frame/InstantInput.tsx';
import { useAct } from '../../frame/act.ts';
import { useColourName } from '../../marks/Grade.tsx';
import { useTexts } from '../../session/language.tsx';
import { DraftMeasures, measureFormsOf, measuresOfForms } from './DraftMeasures.tsx';
import { touched } from './marks.tsx';

export function Adjust({ warning, close }: { warning: WarningView; close: () => void }) {
  const { t, n } = useTexts();
  const colourName = useColourName();
  const [colour, setColour] = useState<WarningView['colour']>(warning.colour);
  const [matters, setMatters] = useState(warning.mattersToNote);
  const [validUntil, setValidUntil] = useState(warning.validUntil);
  const [measures, setMeasures] = useState(() => measureFormsOf(warning.measures));
  const [reason, setReason] = useState('');
  const [alone, setAlone] = useState('');
  const act = useAct(touched, close);
  const measured = measuresOfForms(measures);
  const same = JSON.stringify(measured) === JSON.stringify(measuresOfForms(measureFormsOf(warning.measures)));
  const change = {
    ...(colour === warning.colour ? {} : { colour }),
    ...(matters.trim() === warning.mattersToNote ? {} : { mattersToNote: matters.trim() }),
    ...(validUntil === warning.validUntil ? {} : { validUntil }),
    ...(same ? {} : { measures: measured }),
  };
  const written = matters.trim() !== '' && measured.every(({ text }) => text !== '');
  const ready = written && Object.keys(change).length > 0 && reason.trim() !== '';
  const atOnce = alone.trim();
  return (
    <Modal opened onClose={close} size="lg" title={t('web.warning.adjust')} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          act.mutate({
            method: 'POST',
            path: `/warnings/${encodeURIComponent(warning.id)}/adjust`,
            body: { ...change, reason: reason.trim(), ...(atOnce === '' ? {} : { alone: atOnce }) },
            done: t(atOnce === '' ? 'warnings.proposed.kept' : 'web.warning.adjustedNow'),
          });
        }}
      >
        <p className="prose dim">{t('warnings.tells', { count: n(warning.counts.warned) })}</p>
        <SegmentedControl
          aria-label={t('web.warning.colour')}
          value={colour}
          onChange={(value) => setColour(value as WarningView['colour'])}
          data={warningColours.map((each) => ({ value: each, label: colourName(each) }))}
        />
        <Textarea
          label={t('web.warning.mattersToNote')}
          required
          autosize
          maxRows={8}
          maxLength={5000}
          value={matters}
          onChange={(event) => setMatters(event.currentTarget.value)}
        />
        <DraftMeasures measures={measures} set={setMeasures} />
        <InstantInput
          label={t('web.warning.validUntil')}
          description={t('web.warning.validUntil.means')}
          value={validUntil}
          set={setValidUntil}
        />
        <Textarea
          label={t('web.reason')}
          required
          maxLength={2000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Textarea
          label={t('warnings.alone.change')}
          description={t('warnings.alone.change.means')}
          maxLength={2000}
          value={alone}
          onChange={(event) => setAlone(event.currentTarget.value)}
        />
        <FormEnd close={close} disabled={!ready} pending={act.isPending}>
          {t(atOnce === '' ? 'warnings.propose' : 'web.warning.adjust')}
        </FormEnd>
      </form>
    </Modal>
  );
}
