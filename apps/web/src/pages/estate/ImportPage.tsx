/** Files into the register: spreadsheets, JSON, nmap's reports, bills of materials, databases of addresses. One sheet after the other. */

import { isEstateKind, type EstateKind } from '@forewarn/model/estate';
import { Autocomplete, FileInput, Select } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '@mantine/core';
import { keepView } from '../../frame/keep.ts';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { useProblemText } from '../../frame/notices.tsx';
import { Page, Panel } from '../../frame/Page.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMe } from '../../session/me.tsx';
import { organisationsQuery } from '../../session/resources.ts';
import { readForeign, readRegions, type ReadForeign } from './sending.ts';
import { readSheets, rowsMax, type Sheet } from './sheet.ts';
import { SheetPanel } from './SheetPanel.tsx';
import { useTemplate } from './templates.ts';
import { estateKinds } from './words.ts';

/** The order in which what is referred to comes first. */
const order = Object.keys(estateKinds) as EstateKind[];

export function EstateImportPage() {
  const { t, w, l } = useTexts();
  const me = useMe();
  const navigate = useNavigate();
  const template = useTemplate();
  const problemText = useProblemText();
  const { data: organisations } = useQuery(organisationsQuery);
  const [files, setFiles] = useState<File[]>([]);
  const [kind, setKind] = useState<EstateKind>('assets');
  const [organisation, setOrganisation] = useState(me.organisation.id);
  const [asset, setAsset] = useState('');
  const [sheets, setSheets] = useState<Sheet[]>([]);
  const [at, setAt] = useState(0);
  const read = useMutation({
    mutationFn: async () => {
      const found: Sheet[] = [];
      const notes: ReadForeign['notes'] = [];
      for (const file of files) {
        const text = /\.mmdb$/i.test(file.name) ? '' : await file.text();
        const format = formatOf(file.name, text);
        const own = format === 'own' ? readSheets(file.name, text, kind) : undefined;
        if (own?.some(({ rows }) => rows.length > rowsMax)) notes.push({ text: 'know.import.rows', values: { max: rowsMax } });
        else if (own !== undefined) found.push(...own);
        else if (format === 'own') notes.push({ text: 'estate.import.unreadable', values: { name: file.name } });
        else {
          const foreign =
            format === 'mmdb' ? await readRegions(file, organisation) : await readForeign(format, text, { organisation, asset });
          notes.push(...foreign.notes);
          for (const sheet of foreign.sheets) {
            // The file's name would tell another kind than the sheet has.
            const named = (readSheets(`${sheet.kind}.csv`, sheet.text, sheet.kind) ?? []).map((each) => ({
              ...each,
              name: file.name,
            }));
            found.push(...named.filter(({ rows }) => rows.length > 0));
          }
        }
      }
      found.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
      return { found, notes };
    },
    onSuccess: ({ found }) => {
      setSheets(found);
      setAt(0);
    },
  });
  const next = () => {
    if (at + 1 < sheets.length) setAt(at + 1);
    else void navigate({ to: '/estate/$kind', params: { kind: sheets[at]!.kind }, search: keepView });
  };
  const sheet = sheets[at];
  const problem = read.error === null ? null : problemText(read.error);
  return (
    <Page
      title={t('estate.import')}
      heading={<ItemHead up={{ to: '/estate', name: t('web.page.estate') }} title={t('estate.import')} />}
    >
      <Panel title={t('estate.import.files')}>
        <form
          className="form sheet-panel"
          onSubmit={(event) => {
            event.preventDefault();
            if (files.length > 0) read.mutate();
          }}
        >
          <p className="prose dim">{t('estate.import.means')}</p>
          <div className="form-pair">
            <FileInput
              label={t('web.estate.file')}
              description={t('estate.import.formats')}
              required
              multiple
              size="xs"
              accept=".csv,.json,.xml,.mmdb,text/csv,application/json,text/xml"
              placeholder={`${kind}.csv`}
              value={files}
              onChange={setFiles}
              clearable
              clearButtonProps={{ 'aria-label': t('web.remove') }}
            />
            <Select
              label={t('web.estate.kinds')}
              description={t('estate.import.kind.means')}
              allowDeselect={false}
              data={order.map((value) => ({ value, label: t(estateKinds[value]) }))}
              value={kind}
              onChange={(value) => {
                if (value !== null && isEstateKind(value)) setKind(value);
              }}
            />
          </div>
          <div className="form-pair">
            <Select
              label={t('web.organisation')}
              description={t('estate.import.organisation.means')}
              allowDeselect={false}
              searchable
              disabled={!me.organisation.centre}
              data={(organisations ?? []).map(({ id, name }) => ({ value: id, label: l(name) }))}
              value={organisation}
              onChange={(value) => setOrganisation(value ?? me.organisation.id)}
            />
            <Autocomplete
              label={t('estate.field.asset')}
              description={t('estate.import.asset.means')}
              value={asset}
              onChange={setAsset}
              data={[]}
            />
          </div>
          {problem === null ? null : (
            <p role="alert" className="field-error">
              {problem.text} {problem.detail}
            </p>
          )}
          {(read.data?.notes ?? []).map((note, i) => (
            <p key={i} role="status" className="field-error">
              {w(note)}
            </p>
          ))}
          <div className="form-end">
            <Button variant="default" onClick={() => template(kind)}>
              {t('estate.template')}
            </Button>
            <Button type="submit" disabled={files.length === 0} loading={read.isPending}>
              {t('estate.import.read')}
            </Button>
          </div>
        </form>
      </Panel>
      {sheet === undefined ? null : (
        <>
          {sheets.length === 1 ? null : <p className="dim">{t('estate.import.step', { at: at + 1, of: sheets.length })}</p>}
          <SheetPanel
            key={`${at}/${sheet.kind}/${sheet.name}/${read.submittedAt}`}
            given={sheet}
            first={sheet.kind === 'organisations' ? {} : { organisation }}
            done={next}
            leave={next}
          />
        </>
      )}
    </Page>
  );
}

/** By its name and its first signs. */
function formatOf(name: string, text: string): 'own' | 'nmap' | 'cyclonedx' | 'mmdb' {
  if (/\.mmdb$/i.test(name)) return 'mmdb';
  if (/^\s*</.test(text.slice(0, 1000))) return 'nmap';
  return /^\s*\{/.test(text.slice(0, 1000)) && /"bomFormat"\s*:\s*"CycloneDX"/.test(text) ? 'cyclonedx' : 'own';
}
