import type { WarningView } from '@forewarn/model/api';
import { Link } from '@tanstack/react-router';
import { keepView } from '../../frame/keep.ts';
import { Table } from '../../frame/Table.tsx';
import { ColourMark } from '../../marks/Grade.tsx';
import { At, TlpBadge } from '../../marks/Marks.tsx';
import { warningStateKeys } from '../../marks/Stage.tsx';
import { useTexts } from '../../session/language.tsx';
import { useOrganisationName } from '../../session/resources.ts';
import { inForce, Left, Share, UrgencyWord } from './marks.tsx';

export function WarningStateWord({ state }: { state: WarningView['state'] }) {
  const { t } = useTexts();
  return (
    <span className="state-word" data-state={state}>
      {t(warningStateKeys[state])}
    </span>
  );
}

export function WarningTable({ warnings }: { warnings: readonly WarningView[] }) {
  const { t, l, n } = useTexts();
  const name = useOrganisationName();
  return (
    <Table
      label={t('web.page.warnings')}
      rows={warnings}
      keyOf={({ id }) => id}
      over={({ state }) => state === 'lifted' || state === 'dropped'}
      columns={[
        { head: t('web.warning.colour'), cell: ({ colour }) => <ColourMark colour={colour} /> },
        {
          head: t('web.warning'),
          main: true,
          cell: ({ id, title, number, urgency, proposed }) => (
            <>
              <Link data-open to="/warnings/$id" params={{ id }} search={keepView}>
                {l(title)}
              </Link>
              <div className="dim small row-line">
                <span className="mono">{number}</span>
                <UrgencyWord urgency={urgency} />
                {proposed === null ? null : <span className="soon">{t('warnings.proposed.waits')}</span>}
              </div>
            </>
          ),
        },
        { head: t('web.warning.state'), cell: ({ state }) => <WarningStateWord state={state} /> },
        { head: t('web.warning.authority'), cell: ({ issuingAuthority }) => name(issuingAuthority) },
        {
          head: t('web.warning.acknowledged'),
          cell: ({ counts }) =>
            counts.warned === 0 ? (
              '–'
            ) : (
              <Share part={counts.acknowledged} of={counts.warned} label={t('web.warning.acknowledged')} />
            ),
        },
        {
          head: t('warnings.measures.done'),
          cell: ({ counts, measures }) =>
            counts.warned === 0 || measures.length === 0 ? (
              '–'
            ) : (
              <Share part={counts.done} of={counts.warned} label={t('warnings.measures.done.means')} />
            ),
        },
        {
          head: t('warnings.chased'),
          className: 'tabular',
          cell: ({ counts }) =>
            counts.reminded + counts.climbed === 0
              ? '–'
              : t('warnings.chased.counts', { reminded: n(counts.reminded), climbed: n(counts.climbed) }),
        },
        {
          head: t('warnings.timeLeft'),
          cell: (warning) =>
            inForce(warning) && warning.measuresDeadline !== null ? <Left until={warning.measuresDeadline} /> : '–',
        },
        { head: t('web.warning.issuedAt'), cell: ({ issuedAt }) => (issuedAt === null ? '–' : <At at={issuedAt} />) },
        { head: t('web.marking'), cell: ({ marking }) => <TlpBadge marking={marking} /> },
      ]}
    />
  );
}
