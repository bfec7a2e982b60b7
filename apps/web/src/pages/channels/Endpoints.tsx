/** The endpoints of the own organisation: what goes there, whether it arrives, and what can be done. */

import type { EndpointView, Pace } from '@forewarn/model/channel';
import { Button, Modal, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useNotice } from '../../frame/notices.tsx';
import { Empty, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { At, TlpBadge } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { Ask, Once, type Asking } from '../accounts/parts.tsx';
import { EndpointForm } from './EndpointForm.tsx';
import { endpointsQuery, type Tried } from './queries.ts';
import { TroubleText } from './Troubles.tsx';
import { endpointKindKeys, endpointStateKeys, languageNames, noticeKinds, paceKeys } from './words.ts';

const at = (id: string): string => `/channels/${encodeURIComponent(id)}`;

export function Endpoints() {
  const { t } = useTexts();
  const may = useMay();
  const query = useQuery(endpointsQuery);
  const [form, setForm] = useState<EndpointView | 'new' | null>(null);
  const [proving, setProving] = useState<EndpointView | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const add = may('channels:write') ? (
    <div>
      <Button leftSection={<Icon name="plus" size={14} />} onClick={() => setForm('new')}>
        {t('notices.add')}
      </Button>
    </div>
  ) : null;
  return (
    <div className="stack">
      {add}
      <Waiting query={query}>
        {(endpoints) =>
          endpoints.length === 0 ? (
            <Empty icon="send" title={t('notices.none')}>
              {t('notices.none.means')}
            </Empty>
          ) : (
            <EndpointTable endpoints={endpoints} change={setForm} prove={setProving} show={setSecret} />
          )
        }
      </Waiting>
      {form === null ? null : (
        <EndpointForm endpoint={form === 'new' ? null : form} close={() => setForm(null)} show={setSecret} />
      )}
      {proving === null ? null : <CodeForm endpoint={proving} close={() => setProving(null)} />}
      <Once secret={secret} close={() => setSecret(null)} />
    </div>
  );
}

function EndpointTable({
  endpoints,
  change,
  prove,
  show,
}: {
  endpoints: readonly EndpointView[];
  change: (endpoint: EndpointView) => void;
  prove: (endpoint: EndpointView) => void;
  show: (secret: string) => void;
}) {
  const { t, n } = useTexts();
  const may = useMay();
  const [asking, setAsking] = useState<Asking | null>(null);
  return (
    <>
      <Table
        label={t('notices.tab.channels')}
        rows={endpoints}
        keyOf={({ id }) => id}
        over={({ state }) => state === 'paused'}
        columns={[
          {
            head: t('notices.name'),
            main: true,
            cell: (endpoint) => (
              <>
                {endpoint.name}
                <div className="dim small mono channel-address">{endpoint.address}</div>
              </>
            ),
          },
          { head: t('notices.kind'), cell: ({ kind }) => t(endpointKindKeys[kind]) },
          { head: t('notices.what'), cell: ({ terms }) => <Paces paces={terms.paces} hour={terms.digestHour} /> },
          { head: t('notices.language'), cell: ({ terms }) => languageNames[terms.language] },
          { head: t('notices.whole'), cell: ({ terms }) => <TlpBadge marking={terms.whole} /> },
          {
            head: t('notices.state'),
            cell: (endpoint) => (
              <>
                {t(endpointStateKeys[endpoint.state])}
                {endpoint.trouble === null && endpoint.waiting > 0 ? (
                  <div className="dim small">{t('notices.trouble.waiting', { count: n(endpoint.waiting) })}</div>
                ) : null}
                <TroubleText endpoint={endpoint} />
              </>
            ),
          },
          {
            head: t('notices.lastSent'),
            cell: ({ lastSentAt }) => (lastSentAt === null ? '–' : <At at={lastSentAt} />),
          },
          ...(may('channels:write')
            ? [
                {
                  head: t('notices.acts'),
                  headHidden: true,
                  className: 'cell-acts',
                  cell: (endpoint: EndpointView) => (
                    <EndpointActs endpoint={endpoint} change={change} prove={prove} show={show} ask={setAsking} />
                  ),
                },
              ]
            : []),
        ]}
      />
      <Ask asking={asking} close={() => setAsking(null)} />
    </>
  );
}

/** How many kinds go at once, how many together, and when. */
function Paces({ paces, hour }: { paces: EndpointView['terms']['paces']; hour: number }) {
  const { t, n } = useTexts();
  const count = (pace: Pace): number => noticeKinds.filter((kind) => paces[kind] === pace).length;
  const lines = (['at-once', 'digest'] as const).filter((pace) => count(pace) > 0);
  if (lines.length === 0) return <span className="dim">{t('notices.pace.nothing')}</span>;
  return (
    <div>
      {lines.map((pace) => (
        <div key={pace}>
          {t('notices.pace.counted', { pace: t(paceKeys[pace]), count: n(count(pace)) })}
          {pace === 'digest' ? (
            <span className="dim small"> {t('notices.digest.at', { hour: String(hour).padStart(2, '0') })}</span>
          ) : null}
        </div>
      ))}
    </div>
  );
}

function EndpointActs({
  endpoint,
  change,
  prove,
  show,
  ask,
}: {
  endpoint: EndpointView;
  change: (endpoint: EndpointView) => void;
  prove: (endpoint: EndpointView) => void;
  show: (secret: string) => void;
  ask: (asking: Asking) => void;
}) {
  const { t, w } = useTexts();
  const notice = useNotice();
  const { id, name, kind, state } = endpoint;
  const act = useAct(['channels']);
  const renew = useAct<{ secret: string }>(['channels'], ({ secret }) => show(secret));
  const test = useAct<Tried>(['channels'], ({ arrived, trouble }) => {
    if (!arrived) notice({ text: t('notices.test.failed', { name }), detail: trouble ? w(trouble.text) : undefined, bad: true });
    else if (kind === 'mail' && state === 'unproven') prove(endpoint);
    else notice({ text: t('notices.test.arrived', { name }) });
  });
  const button = (label: string, spoken: string, press: () => void, pending = false) => (
    <Button size="compact-xs" variant="default" aria-label={spoken} loading={pending} onClick={press}>
      {label}
    </Button>
  );
  return (
    <>
      {button(
        t('notices.test'),
        t('notices.test.of', { name }),
        () => test.mutate({ method: 'POST', path: `${at(id)}/test` }),
        test.isPending,
      )}
      {button(t('notices.change'), t('notices.change.of', { name }), () => change(endpoint))}
      {state === 'unproven'
        ? null
        : button(
            state === 'paused' ? t('notices.resume') : t('notices.pause'),
            state === 'paused' ? t('notices.resume.of', { name }) : t('notices.pause.of', { name }),
            () => act.mutate({ method: 'PATCH', path: at(id), body: { state: state === 'paused' ? 'active' : 'paused' } }),
          )}
      {kind === 'mail'
        ? null
        : button(t('notices.renew'), t('notices.renew.of', { name }), () =>
            ask({
              title: t('notices.renew.of', { name }),
              means: t('notices.renew.means'),
              button: t('notices.renew'),
              act: () => renew.mutate({ method: 'POST', path: `${at(id)}/secret` }),
            }),
          )}
      {button(t('notices.remove'), t('notices.remove.of', { name }), () =>
        ask({
          title: t('notices.remove.of', { name }),
          means: t('notices.remove.means'),
          button: t('notices.remove'),
          act: () => act.mutate({ method: 'DELETE', path: at(id), done: t('notices.removed', { name }) }),
        }),
      )}
    </>
  );
}

/** The code that came by mail. */
function CodeForm({ endpoint, close }: { endpoint: EndpointView; close: () => void }) {
  const { t } = useTexts();
  const [code, setCode] = useState('');
  const act = useAct(['channels'], close);
  return (
    <Modal opened onClose={close} title={t('notices.code.title')} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          const path = `${at(endpoint.id)}/confirm`;
          act.mutate({
            method: 'POST',
            path,
            body: { code: code.trim() },
            done: t('notices.code.done', { name: endpoint.name }),
          });
        }}
      >
        <p className="prose">{t('notices.code.means', { address: endpoint.address })}</p>
        <TextInput
          data-autofocus
          label={t('notices.code')}
          required
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={6}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <FormEnd close={close} disabled={!/^\d{6}$/.test(code.trim())} pending={act.isPending}>
          {t('notices.code.confirm')}
        </FormEnd>
      </form>
    </Modal>
  );
}
