/** Brings an estate in from files. All or nothing: a refused row names its line and field, and nothing is changed. */

import { Button, FileInput, Modal, Select } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNotice, useProblemText } from '../../frame/notices.tsx';
import { ask, Problem } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';
import { estateKinds, type EstateKind } from './words.ts';

type RowError = { line?: number | string; field?: string; message: string };

/** Row errors of a refusal, in whichever list of its place they stand. */
function rowErrors(error: unknown): RowError[] {
  if (!(error instanceof Problem) || error.place === undefined) return [];
  const lists = Object.values(error.place).filter((value) => Array.isArray(value)) as unknown[][];
  const rows = lists.flat().flatMap((row) => {
    if (typeof row === 'string') return [{ message: row }];
    if (row === null || typeof row !== 'object') return [];
    const each = row as Record<string, unknown>;
    return [
      {
        ...(each['line'] === undefined && each['row'] === undefined ? {} : { line: (each['line'] ?? each['row']) as number }),
        ...(typeof each['field'] === 'string' ? { field: each['field'] } : {}),
        message: String(each['message'] ?? each['detail'] ?? JSON.stringify(each)),
      },
    ];
  });
  return rows.length === 0 && 'line' in error.place ? [{ line: error.place['line'] as number, field: String(error.place['field'] ?? ''), message: error.message }] : rows;
}

export function EstateImport({ close }: { close: () => void }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const notice = useNotice();
  const problemText = useProblemText();
  const [file, setFile] = useState<File | null>(null);
  const [kind, setKind] = useState<EstateKind>('assets');
  const csv = file !== null && /\.csv$/i.test(file.name);
  const send = useMutation({
    mutationFn: async () => {
      const text = await file!.text();
      if (csv) return ask('POST', '/estate/import', { format: 'csv', kind, text });
      let estate: unknown;
      try {
        estate = JSON.parse(text);
      } catch (cause) {
        throw new Problem({ code: 'unreadable', status: 0, detail: t('web.estate.notJson', { file: file!.name, reason: String(cause) }) });
      }
      return ask('POST', '/estate/import', { format: 'json', estate });
    },
    onSuccess: async () => {
      notice({ text: t('web.estate.imported') });
      close();
      await client.invalidateQueries();
    },
  });
  const rows = rowErrors(send.error);
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
        <FileInput label={t('web.estate.file')} required accept=".json,.csv,application/json,text/csv" placeholder="estate.json" value={file} onChange={setFile} clearable clearButtonProps={{ 'aria-label': t('web.remove') }} />
        {csv ? (
          <Select
            label={t('web.estate.kinds')}
            allowDeselect={false}
            data={(Object.entries(estateKinds) as [EstateKind, string][]).map(([value, key]) => ({ value, label: t(key) }))}
            value={kind}
            onChange={(value) => setKind(value as EstateKind)}
          />
        ) : null}
        {send.error === null ? null : (
          <div role="alert" className="import-errors">
            <p>{problemText(send.error).text}</p>
            {rows.length === 0 ? null : (
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
                  {rows.map((row, index) => (
                    // oxlint-disable-next-line react/no-array-index-key -- one line may be wrong twice.
                    <tr key={index}>
                      <td className="number">{row.line ?? '–'}</td>
                      <td className="mono">{row.field ?? '–'}</td>
                      <td>{row.message}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </div>
        )}
        <div className="form-end">
          <Button variant="default" onClick={close}>
            {t('web.cancel')}
          </Button>
          <Button type="submit" disabled={file === null} loading={send.isPending}>
            {t('web.estate.import')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
