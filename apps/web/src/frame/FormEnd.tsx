/** The end of a form in a dialog: away without doing it, or doing it. */

import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTexts } from '../session/language.tsx';

export function FormEnd({
  close,
  disabled = false,
  pending,
  children,
}: {
  close: () => void;
  /** Something is missing yet. */
  disabled?: boolean;
  /** It is being done. */
  pending: boolean;
  /** What is done, in a word or two. */
  children: ReactNode;
}) {
  const { t } = useTexts();
  return (
    <div className="form-end">
      <Button variant="default" onClick={close}>
        {t('web.cancel')}
      </Button>
      <Button type="submit" disabled={disabled} loading={pending}>
        {children}
      </Button>
    </div>
  );
}
