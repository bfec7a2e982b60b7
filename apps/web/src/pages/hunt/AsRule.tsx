/** A hunt as a rule: its Sigma text to take along, and what it would have found in the past, tried in the background at the centre. */

import { Button, Modal, Progress, TextInput } from '@mantine/core';
import type { Hunt } from '@forewarn/model/kql/kql';
import type { Trial } from '@forewarn/model/trials';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useNotice, useProblemText } from '../../frame/notices.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { ask } from '../../session/api.ts';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import type { ResolvedRange } from '../../session/view.ts';

/** How often a running trial is looked at: it grows by the part. */
const pollMs = 700;

export function AsRule({
  text,
  name: given,
  range,
  hunt,
  close,
}: {
  text: string;
  name: string;
  range: ResolvedRange;
  hunt: Hunt | null;
  close: () => void;
}) {
  const { t } = useTexts();
  const notice = useNotice();
  const problemText = useProblemText();
  const [name, setName] = useState(given === '' ? t('investigate.rule.untitled') : given);
  const written = useQuery({
    queryKey: ['hunt-rule', text, name],
    queryFn: ({ signal }) => ask<{ yaml: string }>('POST', '/hunts/rule', { text, name: name.trim() }, signal),
    enabled: name.trim() !== '',
    retry: false,
    staleTime: Infinity,
  });
  const yaml = written.data?.yaml;
  const failed = written.isError ? problemText(written.error) : null;
  return (
    <Modal
      opened
      onClose={close}
      size="xl"
      title={t('investigate.hunt.rule')}
      closeButtonProps={{ 'aria-label': t('web.close') }}
    >
      <div className="form">
        <TextInput
          data-autofocus
          required
          maxLength={200}
          label={t('investigate.rule.title')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {failed !== null ? (
          <p role="alert" className="field-error">
            {failed.text} {failed.detail}
          </p>
        ) : yaml === undefined ? (
          <p className="loading">{t('web.loading')}</p>
        ) : (
          <>
            <p className="dim small">{t('investigate.rule.means')}</p>
            <pre className="json hunt-kept" tabIndex={0} role="region" aria-label={t('investigate.rule.yaml')}>
              {yaml}
            </pre>
            <div className="form-end">
              <Button
                variant="default"
                leftSection={<Icon name="copy" size={14} />}
                onClick={() =>
                  void navigator.clipboard.writeText(yaml).then(
                    () => notice({ text: t('investigate.rule.copied') }),
                    () => notice({ text: t('web.value.notCopied'), bad: true }),
                  )
                }
              >
                {t('web.value.copy')}
              </Button>
              <Button
                variant="default"
                leftSection={<Icon name="download" size={14} />}
                component="a"
                download={`${
                  name
                    .trim()
                    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
                    .toLowerCase() || 'rule'
                }.yaml`}
                href={`data:application/yaml;charset=utf-8,${encodeURIComponent(yaml)}`}
              >
                {t('investigate.rule.download')}
              </Button>
            </div>
            {hunt === null ? null : <Past key={yaml} yaml={yaml} range={range} />}
          </>
        )}
      </div>
    </Modal>
  );
}

function Past({ yaml, range }: { yaml: string; range: ResolvedRange }) {
  const { t, n } = useTexts();
  const { full } = useInstants();
  const problemText = useProblemText();
  const [id, setId] = useState<string | null>(null);
  const start = useMutation({
    mutationFn: () => ask<Trial>('POST', '/trials', { text: yaml, from: range.from, to: range.to }),
    onSuccess: (trial) => setId(trial.id),
  });
  const { data: trial } = useQuery({
    queryKey: ['trial', id],
    queryFn: ({ signal }) => ask<Trial>('GET', `/trials/${encodeURIComponent(id!)}`, undefined, signal),
    enabled: id !== null,
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? pollMs : false),
  });
  // Who leaves the dialog does not wait for it any more.
  const running = trial?.state === 'running';
  useEffect(
    () => () => {
      if (id !== null && running) void ask('DELETE', `/trials/${encodeURIComponent(id)}`).catch(() => undefined);
    },
    [id, running],
  );
  if (id === null) {
    const failed = start.isError ? problemText(start.error) : null;
    return (
      <>
        {failed === null ? null : (
          <p role="alert" className="field-error">
            {failed.text} {failed.detail}
          </p>
        )}
        <Button loading={start.isPending} leftSection={<Icon name="clock" size={14} />} onClick={() => start.mutate()}>
          {t('investigate.rule.try', { from: full(range.from), to: full(range.to) })}
        </Button>
      </>
    );
  }
  if (trial === undefined) return <p className="loading">{t('web.loading')}</p>;
  return (
    <section className="hunt-trial" aria-label={t('investigate.rule.past')}>
      <h3>{t('investigate.rule.past')}</h3>
      {running ? <Progress value={trial.progress * 100} aria-label={t('investigate.rule.past')} /> : null}
      <p role="status">
        {t('investigate.rule.hits', { hits: n(trial.hits) })}{' '}
        {t('investigate.hunt.read', {
          rows: n(trial.read.rows),
          bytes: `${n(trial.read.bytes / 1e6, 1)} MB`,
          ms: n(trial.read.seconds * 1000),
        })}
      </p>
      {trial.trouble === null ? null : (
        <p role="alert" className="field-error">
          {trial.trouble.message} {trial.trouble.advice}
        </p>
      )}
      {trial.missing.map(({ log, fields }) => (
        <p key={log} className="dim small">
          {t('investigate.rule.missing', { log, fields: fields.join(', ') })}
        </p>
      ))}
      {trial.days.length === 0 ? null : (
        <Table
          label={t('investigate.rule.days')}
          form="still"
          rows={trial.days}
          keyOf={({ day }) => day}
          columns={[
            { head: t('investigate.rule.day'), main: true, cell: ({ day }) => day },
            { head: t('investigate.rule.found'), number: true, cell: ({ hits }) => n(hits) },
          ]}
        />
      )}
      {trial.subjects.length === 0 ? null : (
        <Table
          label={t('investigate.rule.subjects')}
          form="still"
          rows={trial.subjects}
          keyOf={({ organisation, field, value }) => `${organisation} ${field} ${value}`}
          columns={[
            {
              head: t('investigate.rule.subject'),
              main: true,
              cell: ({ organisation, field, value }) => (
                <span className="mono">{[`${field} = ${value}`, organisation].filter(Boolean).join(' · ')}</span>
              ),
            },
            { head: t('investigate.rule.found'), number: true, cell: ({ hits }) => n(hits) },
          ]}
        />
      )}
    </section>
  );
}
