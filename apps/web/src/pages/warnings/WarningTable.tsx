import type { WarningView } from '@forewarn/model/api';
import { Link } from '@tanstack/react-router';
import { keepView } from '../../frame/Frame.tsx';
import { Table } from '../../frame/Table.tsx';
import { ColourMark } from '../../marks/Grade.tsx';
import { At, TlpBadge } from '../../marks/Marks.tsx';
import { warningStateKeys } from '../../marks/Stage.tsx';
import { useTexts } from '../../session/language.tsx';
import { useOrganisationName } from '../../session/resources.ts';

export function WarningStateWord({ state }: { state: WarningView['state'] }) {
  const { t } = useTexts();
  return (
    <span className="state-word" data-state={state}>
      {t(warningStateKeys[state])}
    </span>
  );
}

export function WarningTable({ warnings }: { warnings: readonly WarningView[] }) {
  const { t, l } = useTexts();
  const name = useOrganisationName();
  return (
    <Table
      label={t('web.page.warnings')}
      rows={warnings}
      keyOf={({ id }) => id}
      over={({ state }) => state === 'lifted'}
      columns={[
        { head: t('web.warning.colour'), cell: ({ colour }) => <ColourMark colour={colour} /> },
        {
          head: t('web.warning'),
          main: true,
          cell: ({ id, title, number }) => (
            <>
              <Link data-open to="/warnings/$id" params={{ id }} search={keepView}>
                {l(title)}
              </Link>
              <div className="dim mono small">{number}</div>
            </>
          ),
        },
        { head: t('web.warning.state'), cell: ({ state }) => <WarningStateWord state={state} /> },
        { head: t('web.warning.authority'), cell: ({ issuingAuthority }) => name(issuingAuthority) },
        {
          head: t('web.warning.acknowledged'),
          className: 'tabular',
          cell: ({ audience }) =>
            audience.length === 0
              ? '–'
              : t('web.ofCount', {
                  part: audience.filter(({ acknowledgedAt }) => acknowledgedAt !== null).length,
                  of: audience.length,
                }),
        },
        { head: t('web.warning.issuedAt'), cell: ({ issuedAt }) => (issuedAt === null ? '–' : <At at={issuedAt} />) },
        { head: t('web.warning.validUntil'), cell: ({ validUntil }) => (validUntil === null ? '–' : <At at={validUntil} />) },
        { head: t('web.marking'), cell: ({ marking }) => <TlpBadge marking={marking} /> },
      ]}
    />
  );
}
