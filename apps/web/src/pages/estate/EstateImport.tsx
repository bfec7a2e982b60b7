/** Brings a register in from a file. All or nothing: a faulty row names its line and field, and nothing is changed. */

import type { Words } from '@forewarn/model/text';
import { FileInput, Modal, Select } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useNotice, useProblemText } from '../../frame/notices.tsx';
import { ask } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';
import { estateKinds, type EstateKind } from './words.ts';

type Imported = { kind: string; imported: number; faults: { line: number; field: string; message: Words }[] };

export function EstateImport({ first, close }: { first: EstateKind; close: () => void }) {
  const { t, w, n } = useTexts();
  const client = useQueryClient();
  const notice = useNotice();
  const problemText = useProblemText();
  const [file, setFile] = useState<File | null>(null);
  const [kind, setKind] = useState<EstateKind>(first);
  const send = useMutation({
    mutationFn: async () =>
      ask<Imported>('POST', '/estate/import', {
        kind,
        format: /\.csv$/i.test(file!.name) ? 'csv' : 'json',
        text: await file!.text(),
      }),
    onSuccess: async ({ imported, faults }) => {
      if (faults.length > 0) return;
      notice({ text: t('web.estate.imported', { count: n(imported) }) });
      close();
      await client.invalidateQueries();
    },
  });
  const faults = send.data?.faults ?? [];
  return (
    <Modal opened onClose={close} title={t('web.estate.import')} size="lg" closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (file !== null) send.mutate();
        }}
      >
        <p className="prose dim">{t('web.estate.import.means')}</p>
        <Select
          label={t('web.estate.kinds')}
          allowDeselect={false}
          data={(Object.entries(estateKinds) as [EstateKind, string][]).map(([value, key]) => ({ value, label: t(key) }))}
          value={kind}
          onChange={(value) => setKind(value as EstateKind)}
        />
        <FileInput
          label={t('web.estate.file')}
          required
          accept=".json,.csv,application/json,text/csv"
          placeholder={`${kind}.csv`}
          value={file}
          onChange={(chosen) => {
            setFile(chosen);
            send.reset();
          }}
          clearable
          clearButtonProps={{ 'aria-label': t('web.remove') }}
        />
        {send.error === null ? null : (
          <p role="alert" className="field-error">
            {problemText(send.error).text} {problemText(send.error).detail}
          </p>
        )}
        {faults.length === 0 ? null : (
          <div role="alert" className="import-errors">
            <p>{t('web.estate.faults', { count: faults.length })}</p>
            <table className="table">
              <thead>
                <tr>
                  <th scope="col" className="number">
                    {t('web.estate.line')}
                  </th>
                  <th scope="col">{t('web.estate.field')}</th>
                  <th scope="col">{t('web.estate.wrong')}</th>
                </tr>
              </thead>
              <tbody>
                {faults.map((fault, index) => (
                  // One line may be wrong twice.
                  <tr key={index}>
                    <td className="number">{fault.line}</td>
                    <td className="mono">{fault.field}</td>
                    <td>{w(fault.message)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        <FormEnd close={close} disabled={file === null} pending={send.isPending}>
          {t('web.estate.import')}
        </FormEnd>
      </form>
    </Modal>
  );
}
