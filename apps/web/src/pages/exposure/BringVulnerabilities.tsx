/** Brings facts of vulnerabilities from a file; what could not be taken is told line by line. */

import { vulnerabilityColumns, type VulnerabilityImport } from '@forewarn/model/exposure-api';
import { Button, FileInput, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useProblemText } from '../../frame/notices.tsx';
import { ask } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';

const touched = ['exposures', 'exposure', 'exposure-summary', 'vulnerabilities', 'vulnerability'];

export function BringVulnerabilities({ close }: { close: () => void }) {
  const { t, n } = useTexts();
  const problemText = useProblemText();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const bring = useMutation({
    mutationFn: async (chosen: File) =>
      ask<VulnerabilityImport>('POST', '/vulnerabilities/import', { name: chosen.name, text: await chosen.text() }),
    onSuccess: () => client.invalidateQueries({ predicate: ({ queryKey }) => touched.includes(String(queryKey[0])) }),
  });
  const problem = bring.error === null ? undefined : problemText(bring.error);
  return (
    <Modal opened onClose={close} title={t('exposures.bring')} size="lg" closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (file !== null) bring.mutate(file);
        }}
      >
        <p className="prose dim">{t('exposures.bring.means')}</p>
        <FileInput
          data-autofocus
          label={t('web.estate.file')}
          accept=".json,.csv,application/json,text/csv"
          placeholder="known_exploited_vulnerabilities.json"
          value={file}
          onChange={(chosen) => {
            setFile(chosen);
            bring.reset();
          }}
          clearable
          clearButtonProps={{ 'aria-label': t('web.remove') }}
        />
        <details>
          <summary>{t('exposures.bring.columns')}</summary>
          <p className="prose mono small breakable">{vulnerabilityColumns.join(', ')}</p>
          <p className="prose dim">{t('exposures.bring.columns.means')}</p>
        </details>
        {problem === undefined ? null : (
          <p role="alert" className="field-error">
            {problem.text} {problem.detail}
          </p>
        )}
        {bring.data === undefined ? null : (
          <section className="import-said" data-bad={bring.data.refused > 0 || undefined} aria-label={t('exposures.bring.said')}>
            <p role="status">
              {t('exposures.bring.done', {
                vulnerabilities: n(bring.data.vulnerabilities),
                exploited: n(bring.data.exploited),
                probabilities: n(bring.data.probabilities),
                refused: n(bring.data.refused),
              })}
            </p>
            {bring.data.refusals.length === 0 ? null : (
              <ul>
                {bring.data.refusals.map(({ line, field, message }) => (
                  <li key={`${line ?? ''} ${field ?? ''} ${message}`}>
                    {line === null ? null : t('exposures.line', { line: n(line) })} {field} {message}
                  </li>
                ))}
              </ul>
            )}
          </section>
        )}
        {bring.data === undefined ? (
          <FormEnd close={close} disabled={file === null} pending={bring.isPending}>
            {t('exposures.bring')}
          </FormEnd>
        ) : (
          <div className="form-end">
            <Button onClick={close}>{t('web.close')}</Button>
          </div>
        )}
      </form>
    </Modal>
  );
}
