/** What a sensor is to capture. It follows with its next report, and says so or why not. */

import { Button, Checkbox, Modal, NumberInput, TagsInput, TextInput } from '@mantine/core';
import { SensorSettings } from '@forewarn/model/sensor';
import { useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { useTexts } from '../../session/language.tsx';
import type { SensorDetail } from './queries.ts';

export function SettingsForm({ sensor, close }: { sensor: SensorDetail; close: () => void }) {
  const { t } = useTexts();
  const [values, setValues] = useState(() => sensor.editions[0]?.values ?? SensorSettings.parse({}));
  const act = useAct(['sensors'], close);
  const wrong = new Set(SensorSettings.safeParse(values).error?.issues.map(({ path }) => path[0]));
  const errorOf = (name: keyof SensorSettings) => (wrong.has(name) ? t('web.sensors.form.wrong') : undefined);
  const numberOf = (given: string | number) => (typeof given === 'number' ? given : 0);
  return (
    <Modal opened onClose={close} title={t('web.sensors.set')} size="lg" closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (wrong.size > 0) return;
          act.mutate({
            method: 'PUT',
            path: `/sensors/${encodeURIComponent(sensor.id)}/settings`,
            body: { after: sensor.editions[0]?.version ?? 0, values },
            done: t('web.sensors.form.done'),
          });
        }}
      >
        <p className="prose dim">{t('web.sensors.form.means')}</p>
        <TextInput
          data-autofocus
          label={t('web.sensors.filter')}
          description={t('web.sensors.filter.means')}
          error={errorOf('filter')}
          value={values.filter}
          onChange={(event) => setValues({ ...values, filter: event.currentTarget.value })}
        />
        <NumberInput
          label={t('web.sensors.snapLength')}
          description={t('web.sensors.snapLength.means')}
          allowDecimal={false}
          error={errorOf('snapLength')}
          value={values.snapLength}
          onChange={(given) => setValues({ ...values, snapLength: numberOf(given) })}
        />
        <Checkbox
          label={t('web.sensors.flowsOnly')}
          description={t('web.sensors.flowsOnly.means')}
          checked={values.flowsOnly}
          onChange={(event) => setValues({ ...values, flowsOnly: event.currentTarget.checked })}
        />
        <TagsInput
          label={t('web.sensors.protocolsOff')}
          description={t('web.sensors.protocolsOff.means')}
          acceptValueOnBlur
          error={errorOf('protocolsOff')}
          value={values.protocolsOff}
          onChange={(protocolsOff) => setValues({ ...values, protocolsOff })}
        />
        <Checkbox
          label={t('web.sensors.fileHashes')}
          checked={values.fileHashes}
          onChange={(event) => setValues({ ...values, fileHashes: event.currentTarget.checked })}
        />
        <NumberInput
          label={t('web.sensors.batchRecords')}
          description={t('web.sensors.batchRecords.means')}
          allowDecimal={false}
          error={errorOf('batchRecords')}
          value={values.batchRecords}
          onChange={(given) => setValues({ ...values, batchRecords: numberOf(given) })}
        />
        <div className="form-end">
          <Button type="submit" disabled={wrong.size > 0} loading={act.isPending}>
            {t('web.sensors.form.send')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
