import type { WarningView } from '@forewarn/model/api';
import { Link } from '@tanstack/react-router';
import { keepView } from '../../frame/Frame.tsx';
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
    <div className="table-scroll" role="region" aria-label={t('web.page.warnings')} tabIndex={0}>
      <table className="table table-cards">
        <thead>
          <tr>
            <th scope="col">{t('web.warning.colour')}</th>
            <th scope="col">{t('web.warning')}</th>
            <th scope="col">{t('web.warning.state')}</th>
            <th scope="col">{t('web.warning.authority')}</th>
            <th scope="col">{t('web.warning.acknowledged')}</th>
            <th scope="col">{t('web.warning.issuedAt')}</th>
            <th scope="col">{t('web.warning.validUntil')}</th>
            <th scope="col">{t('web.marking')}</th>
          </tr>
        </thead>
        <tbody>
          {warnings.map((warning) => {
            const acknowledged = warning.audience.filter(({ acknowledgedAt }) => acknowledgedAt !== null).length;
            return (
              <tr key={warning.id} data-row tabIndex={-1} data-over={warning.state === 'lifted' || undefined}>
                <td data-label={t('web.warning.colour')}>
                  <ColourMark colour={warning.colour} />
                </td>
                <td className="cell-main">
                  <Link data-open to="/warnings/$id" params={{ id: warning.id }} search={keepView}>
                    {l(warning.title)}
                  </Link>
                  <div className="dim mono small">{warning.number}</div>
                </td>
                <td data-label={t('web.warning.state')}>
                  <WarningStateWord state={warning.state} />
                </td>
                <td data-label={t('web.warning.authority')}>{name(warning.issuingAuthority)}</td>
                <td data-label={t('web.warning.acknowledged')} className="tabular">
                  {warning.audience.length === 0 ? '–' : t('web.ofCount', { part: acknowledged, of: warning.audience.length })}
                </td>
                <td data-label={t('web.warning.issuedAt')}>{warning.issuedAt === null ? '–' : <At at={warning.issuedAt} />}</td>
                <td data-label={t('web.warning.validUntil')}>
                  {warning.validUntil === null ? '–' : <At at={warning.validUntil} />}
                </td>
                <td data-label={t('web.marking')}>
                  <TlpBadge marking={warning.marking} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
