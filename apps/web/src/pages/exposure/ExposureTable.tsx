/** Exposures, one a row, in the order in which to act. */

import type { ExposureView } from '@forewarn/model/exposure-api';
import { Link } from '@tanstack/react-router';
import { keepView } from '../../frame/keep.ts';
import { Table, type Column } from '../../frame/Table.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMe } from '../../session/me.tsx';
import { useOrganisationName } from '../../session/resources.ts';
import { DecisionMark, ExploitedMark, RemedyMark, TimeLeft } from './parts.tsx';

export function ExposureTable({ rows, about }: { rows: readonly ExposureView[]; about?: 'vulnerability' | 'asset' }) {
  const { t, l } = useTexts();
  const me = useMe();
  const organisation = useOrganisationName();
  const columns: (Column<ExposureView> | false)[] = [
    { head: t('exposures.decision'), cell: ({ decision }) => <DecisionMark {...decision} /> },
    {
      head: about === 'vulnerability' ? t('exposures.component') : t('exposures.vulnerability'),
      main: true,
      cell: ({ id, vulnerability, component }) => (
        <>
          <Link data-open to="/exposure/$id" params={{ id }} search={keepView}>
            {about === 'vulnerability' ? `${l(component.name)} ${component.version ?? ''}`.trim() : vulnerability.id}
          </Link>
          {about === 'vulnerability' ? null : <div className="dim small exposure-title">{vulnerability.title}</div>}
          {vulnerability.exploited && about !== 'vulnerability' ? <ExploitedMark ransomware={vulnerability.ransomware} /> : null}
        </>
      ),
    },
    about !== 'vulnerability' && {
      head: t('exposures.component'),
      cell: ({ component }) => (
        <span>
          {l(component.name)} <span className="mono small">{component.version ?? t('exposures.version.unknown')}</span>
        </span>
      ),
    },
    about !== 'asset' && {
      head: t('exposures.asset'),
      cell: ({ asset, organisation: owner }) => (
        <div>
          {l(asset.name)}
          {me.organisation.centre ? <div className="dim small">{organisation(owner)}</div> : null}
        </div>
      ),
    },
    { head: t('exposures.left'), cell: (row) => <TimeLeft due={row.due} dueBy={row.dueBy} /> },
    { head: t('exposures.remedy'), cell: ({ remedy }) => <RemedyMark remedy={remedy} /> },
  ];
  return (
    <Table
      label={t('exposures.page')}
      rows={rows}
      keyOf={({ id }) => id}
      over={({ remedy }) => remedy !== null}
      columns={columns.filter((column) => column !== false)}
    />
  );
}
