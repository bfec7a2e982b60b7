/** Says what was done about an exposure, or why nothing is, until when. */

import type { ExposureDetail } from '@forewarn/model/exposure-api';
import { remedyKinds } from '@forewarn/model/exposure-api';
import { Modal, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { DayInput } from '../../frame/InstantInput.tsx';
import { useAct } from '../../frame/act.ts';
import { useTexts } from '../../session/language.tsx';
import { remedyKeys } from './parts.tsx';

export function RemedyForm({ exposure, close }: { exposure: ExposureDetail; close: () => void }) {
  const { t } = useTexts();
  const [kind, setKind] = useState<string>('patched');
  const [version, setVersion] = useState('');
  const [until, setUntil] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const act = useAct(['exposures', 'exposure', 'exposure-summary', 'vulnerabilities', 'vulnerability'], close);
  const kinds = exposure.remedy === null ? remedyKinds : [...remedyKinds, 'reopened' as const];
  const ready = reason.trim() !== '' && (kind !== 'patched' || version.trim() !== '') && (kind !== 'accepted' || until !== null);
  return (
    <Modal opened onClose={close} title={t('exposures.remedy.say')} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate({
            method: 'POST',
            path: `/exposures/${encodeURIComponent(exposure.id)}/remedy`,
            body: {
              kind,
              reason: reason.trim(),
              version: kind === 'patched' ? version.trim() : null,
              until: kind === 'accepted' ? until : null,
            },
            done: t('exposures.remedy.done'),
          });
        }}
      >
        <Select
          data-autofocus
          label={t('exposures.remedy')}
          allowDeselect={false}
          data={kinds.map((each) => ({ value: each, label: t(remedyKeys[each]) }))}
          value={kind}
          onChange={(value) => setKind(value ?? kind)}
        />
        {kind === 'patched' ? (
          <TextInput
            label={t('exposures.version.now')}
            required
            maxLength={200}
            value={version}
            onChange={(event) => setVersion(event.currentTarget.value)}
          />
        ) : null}
        {kind === 'accepted' ? (
          <DayInput
            label={t('exposures.until.day')}
            description={t('exposures.until.means')}
            required
            value={until}
            set={setUntil}
          />
        ) : null}
        <Textarea
          label={t('exposures.reason')}
          required
          autosize
          minRows={2}
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <FormEnd close={close} disabled={!ready} pending={act.isPending}>
          {t('exposures.remedy.say')}
        </FormEnd>
      </form>
    </Modal>
  );
}
