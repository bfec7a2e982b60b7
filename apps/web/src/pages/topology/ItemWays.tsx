/** From an item of the register to what falls without it, and from a service to what stands behind it. */

import type { EstateKind } from '@forewarn/model/estate';
import { Link } from '@tanstack/react-router';
import { keepView } from '../../frame/keep.ts';
import { useTexts } from '../../session/language.tsx';
import { keepAnd } from '../../frame/keep.ts';
import { isTakenKind } from './words.ts';

export function ItemWays({ kind, id }: { kind: EstateKind; id: string }) {
  const { t } = useTexts();
  return (
    <>
      {kind === 'businesses' ? (
        <Link className="tool" to="/businesses/$id" params={{ id }} search={keepView}>
          {t('topology.business.picture')}
        </Link>
      ) : null}
      {isTakenKind(kind) ? (
        <Link className="tool" to="/what-if" search={keepAnd({ kind, id })}>
          {t('topology.whatIf')}
        </Link>
      ) : null}
    </>
  );
}
