/** `/sign-in/{token}`: signs in with a one-time link, or says why it cannot. */

import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useProblemText } from '../../frame/notices.tsx';
import { useTexts } from '../../session/language.tsx';
import { useSignIn } from '../../session/sign-in.ts';
import { Door } from './Door.tsx';

export function SignInLink() {
  const { t } = useTexts();
  const { token } = useParams({ strict: false }) as { token: string };
  const { signInByLink } = useSignIn();
  const problemText = useProblemText();
  const [problem, setProblem] = useState<unknown>(null);
  const used = useRef(false);
  useEffect(() => {
    document.title = `${t('web.signIn.title')} · Forewarn`;
  }, [t]);
  useEffect(() => {
    // A one-time link must not be spent twice by one visit.
    if (used.current) return;
    used.current = true;
    signInByLink(token).catch(setProblem);
  }, [signInByLink, token]);
  if (problem === null) {
    return (
      <Door>
        <p role="status">{t('web.signIn.entering')}</p>
      </Door>
    );
  }
  const { text, detail } = problemText(problem);
  return (
    <Door>
      <section className="panel">
        <div className="panel-head">
          <h1>{t('web.signIn.failed')}</h1>
        </div>
        <div className="panel-body" role="alert">
          <p>{text}</p>
          {detail === undefined ? null : <p className="dim">{detail}</p>}
          <Link to="/sign-in">{t('web.signIn.title')}</Link>
        </div>
      </section>
    </Door>
  );
}
