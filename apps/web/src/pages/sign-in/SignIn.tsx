/** The door: password and code; in the demo, the people one can be, one click each. */

import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useProblemText } from '../../frame/notices.tsx';
import { Icon } from '../../look/icons.tsx';
import { roleKeys } from '../../marks/Stage.tsx';
import { useTexts } from '../../session/language.tsx';
import { demoPeopleQuery, useSignIn, type DemoPerson } from '../../session/sign-in.ts';
import { Door } from './Door.tsx';

export function SignIn() {
  const { t } = useTexts();
  const { after } = useSearch({ strict: false }) as { after?: string };
  // Only our own pages may be gone to: an address from a link could point anywhere.
  const target = after !== undefined && /^\/(?![/\\])/.test(after) ? after : '/situation';
  const { data: people } = useQuery(demoPeopleQuery);
  const { signInByLink, signInByPassword } = useSignIn();
  const problemText = useProblemText();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [totp, setTotp] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<{ text: string; detail: string | undefined } | null>(null);
  useEffect(() => {
    document.title = `${t('web.signIn.title')} · Forewarn`;
  }, [t]);
  const attempt = (act: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    act().catch((error: unknown) => {
      setProblem(problemText(error));
      setBusy(false);
    });
  };
  const demo = people !== undefined && people.length > 0;
  return (
    <Door wide={demo}>
      {demo ? (
        <section className="panel" aria-labelledby="demo-people">
          <div className="panel-head">
            <h1 id="demo-people">{t('web.demo.enter')}</h1>
            <span className="demo-mark">DEMO</span>
          </div>
          <p className="prose dim panel-body">{t('web.demo.means')}</p>
          <ul className="demo-people">
            {people.map((person) => (
              <DemoCard
                key={person.account}
                person={person}
                disabled={busy}
                enter={() => attempt(() => signInByLink(person.link, target))}
              />
            ))}
          </ul>
        </section>
      ) : null}
      <section className="panel" aria-labelledby="sign-in">
        <div className="panel-head">
          {demo ? <h2 id="sign-in">{t('web.signIn.title')}</h2> : <h1 id="sign-in">{t('web.signIn.title')}</h1>}
        </div>
        <form
          className="form panel-body"
          onSubmit={(event) => {
            event.preventDefault();
            attempt(() =>
              signInByPassword({ email: email.trim(), password, ...(totp.trim() === '' ? {} : { totp: totp.trim() }) }, target),
            );
          }}
        >
          {problem === null ? null : (
            <div role="alert" className="form-problem">
              <Icon name="alert" />
              <div>
                {problem.text}
                {problem.detail === undefined ? null : <div className="dim">{problem.detail}</div>}
              </div>
            </div>
          )}
          <TextInput
            size="sm"
            type="email"
            label={t('web.accounts.email')}
            autoComplete="username"
            required
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label={t('web.account.password')}
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <TextInput
            size="sm"
            label={t('web.signIn.totp')}
            description={t('web.signIn.totp.means')}
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={8}
            value={totp}
            onChange={(event) => setTotp(event.currentTarget.value)}
          />
          <Button type="submit" size="sm" fullWidth loading={busy} variant={demo ? 'default' : 'filled'}>
            {t('web.signIn.title')}
          </Button>
        </form>
      </section>
    </Door>
  );
}

function DemoCard({ person, disabled, enter }: { person: DemoPerson; disabled: boolean; enter: () => void }) {
  const { t, l, person: personName } = useTexts();
  return (
    <li>
      <button type="button" className="demo-card" disabled={disabled} onClick={enter}>
        <Icon name="person" size={20} />
        <span className="demo-person">
          <span className="demo-name">{personName(person.name)}</span>
          <span className="dim">
            {t(roleKeys[person.role])} · {l(person.organisationName)}
          </span>
        </span>
        <Icon name="right" />
      </button>
    </li>
  );
}
