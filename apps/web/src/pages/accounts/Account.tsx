/** The own account: password, second factor and tokens. */

import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { Page, Panel } from '../../frame/Page.tsx';
import { roleKeys } from '../../marks/Stage.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMe } from '../../session/me.tsx';
import { Tokens } from './Tokens.tsx';

/** As the centre asks: `PUT /me/password`. */
const passwordLeast = 12;

export function Account() {
  const { t, l, person } = useTexts();
  const me = useMe();
  return (
    <Page title={t('web.page.account')}>
      <div className="account-page">
        <Panel title={person(me.name)}>
          <dl className="pairs">
            <div>
              <dt>{t('web.organisation')}</dt>
              <dd>{l(me.organisation.name)}</dd>
            </div>
            <div>
              <dt>{t('web.accounts.role')}</dt>
              <dd>{t(roleKeys[me.role])}</dd>
            </div>
          </dl>
        </Panel>
        <Password />
        <Totp />
        <Panel title={t('web.accounts.tokens')}>
          <div className="panel-body">
            <Tokens />
          </div>
        </Panel>
      </div>
    </Page>
  );
}

function Password() {
  const { t } = useTexts();
  const [current, setCurrent] = useState('');
  const [fresh, setFresh] = useState('');
  const act = useAct([], () => {
    setCurrent('');
    setFresh('');
  });
  return (
    <Panel title={t('web.account.password')}>
      <form
        className="form panel-body"
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate({
            method: 'PUT',
            path: '/me/password',
            body: { ...(current === '' ? {} : { current }), password: fresh },
            done: t('web.account.passwordSet'),
          });
        }}
      >
        <PasswordInput
          label={t('web.account.current')}
          description={t('web.account.current.means')}
          autoComplete="current-password"
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label={t('web.account.fresh')}
          description={t('web.account.fresh.means', { least: passwordLeast })}
          autoComplete="new-password"
          required
          value={fresh}
          onChange={(event) => setFresh(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button type="submit" disabled={fresh.length < passwordLeast} loading={act.isPending}>
            {t('web.account.setPassword')}
          </Button>
        </div>
      </form>
    </Panel>
  );
}

function Totp() {
  const { t } = useTexts();
  const [enrolment, setEnrolment] = useState<{ secret: string; uri: string } | null>(null);
  const [code, setCode] = useState('');
  const [password, setPassword] = useState('');
  const enrol = useAct<{ secret: string; uri: string }>([], (answer) => {
    setPassword('');
    setEnrolment(answer);
  });
  const confirm = useAct(['me'], () => {
    setEnrolment(null);
    setCode('');
  });
  return (
    <Panel title={t('web.account.totp')}>
      <div className="form panel-body">
        <p className="prose dim">{t('web.account.totp.means')}</p>
        {enrolment === null ? (
          <div>
            <form
              className="form"
              onSubmit={(event) => {
                event.preventDefault();
                enrol.mutate({ method: 'POST', path: '/me/totp', body: password === '' ? {} : { password } });
              }}
            >
              <PasswordInput
                label={t('web.account.current')}
                autoComplete="current-password"
                value={password}
                onChange={(event) => setPassword(event.currentTarget.value)}
              />
              <div className="form-end">
                <Button type="submit" variant="default" loading={enrol.isPending}>
                  {t('web.account.totp.begin')}
                </Button>
              </div>
            </form>
          </div>
        ) : (
          <form
            className="form"
            onSubmit={(event) => {
              event.preventDefault();
              confirm.mutate({ method: 'PUT', path: '/me/totp', body: { code: code.trim() }, done: t('web.account.totp.done') });
            }}
          >
            <p className="prose">{t('web.account.totp.enter')}</p>
            <code className="secret">{enrolment.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code>
            <a href={enrolment.uri}>{t('web.account.totp.app')}</a>
            <TextInput
              label={t('web.signIn.totp')}
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={6}
              required
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
            />
            <div className="form-end">
              <Button type="submit" disabled={!/^\d{6}$/.test(code.trim())} loading={confirm.isPending}>
                {t('web.account.totp.confirm')}
              </Button>
            </div>
          </form>
        )}
      </div>
    </Panel>
  );
}
