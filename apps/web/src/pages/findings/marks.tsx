/** What a finding was said to be, and that it is hidden: small marks with a text. */

import type { Verdict } from '@forewarn/model/noise';
import { Link } from '@tanstack/react-router';
import { keepAnd } from '../../frame/keep.ts';
import { Icon, type IconName } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';
import { verdictKeys } from './words.ts';

const icons: { [verdict in Verdict]: IconName } = {
  'true-positive': 'check',
  'false-positive': 'close',
  expected: 'minus',
  undetermined: 'more',
};

export function VerdictMark({ verdict }: { verdict: Verdict }) {
  const { t } = useTexts();
  return (
    <span className="verdict" data-verdict={verdict}>
      <Icon name={icons[verdict]} size={12} />
      {t(verdictKeys[verdict])}
    </span>
  );
}

/** Leads to what hides it. */
export function HiddenMark({ exception }: { exception: string }) {
  const { t } = useTexts();
  return (
    <Link className="verdict" to="/exceptions" search={keepAnd({ open: exception })}>
      <Icon name="pause" size={12} />
      {t('noise.hidden')}
    </Link>
  );
}
