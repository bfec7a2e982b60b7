/** What findings were, said by a person with a reason. It measures the rule, not who says it. */

import { verdicts, type Verdict } from '@forewarn/model/noise';
import { Modal, Radio, Textarea } from '@mantine/core';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { useTexts } from '../../session/language.tsx';
import type { Filter } from './queries.ts';
import { verdictKeys, verdictMeans } from './words.ts';

export function JudgeForm({
  what,
  count,
  close,
}: {
  /** Findings by name, or groups by their filters. */
  what: { findings: readonly string[] } | { filters: readonly Filter[] };
  count: number;
  close: () => void;
}) {
  const { t } = useTexts();
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [reason, setReason] = useState('');
  const act = useAct(['findings', 'finding', 'situation'], close);
  const ready = verdict !== null && reason.trim().length >= 3;
  return (
    <Modal opened onClose={close} title={t('noise.judge.title', { count })} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          const said = { verdict, reason: reason.trim() };
          const bodies =
            'findings' in what ? [{ findings: what.findings, ...said }] : what.filters.map((filter) => ({ filter, ...said }));
          for (const body of bodies) {
            act.mutate({ method: 'POST', path: '/findings/verdicts', body, done: t('noise.judge.done') });
          }
        }}
      >
        <p className="prose dim">{t('noise.judge.means')}</p>
        <Radio.Group label={t('noise.verdict')} required value={verdict} onChange={(value) => setVerdict(value as Verdict)}>
          <div className="link-depths">
            {verdicts.map((each) => (
              <Radio key={each} value={each} label={t(verdictKeys[each])} description={t(verdictMeans[each])} />
            ))}
          </div>
        </Radio.Group>
        <Textarea
          label={t('noise.reason')}
          required
          autosize
          minRows={2}
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <FormEnd close={close} disabled={!ready} pending={act.isPending}>
          {t('noise.judge')}
        </FormEnd>
      </form>
    </Modal>
  );
}
