/** What is shown when a page cannot be: a sentence, what to do, and a way on. */

import { Button } from '@mantine/core';
import { Link, type ErrorComponentProps } from '@tanstack/react-router';
import { keepView } from './keep.ts';
import { useTexts } from '../session/language.tsx';
import { useProblemText } from './notices.tsx';

export function Trouble({ error, reset }: ErrorComponentProps) {
  const { t } = useTexts();
  const { text, detail } = useProblemText()(error);
  return (
    <div className="page trouble" role="alert">
      <h1>{t('web.problem.title')}</h1>
      <p>{text}</p>
      {detail === undefined ? null : <p className="dim">{detail}</p>}
      <Button onClick={reset}>{t('web.problem.again')}</Button>
    </div>
  );
}

export function Lost() {
  const { t } = useTexts();
  return (
    <div className="page trouble">
      <h1>{t('web.lost.title')}</h1>
      <p>{t('web.lost.means')}</p>
      <Link to="/situation" search={keepView}>
        {t('web.page.situation')}
      </Link>
    </div>
  );
}
