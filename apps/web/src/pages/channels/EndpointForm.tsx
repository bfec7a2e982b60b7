/** Adds an endpoint, or changes what goes there. Another address is another endpoint. */

import type { EndpointKind, EndpointTerms, EndpointView, Pace } from '@forewarn/model/channel';
import { tlpOrder, type Tlp } from '@forewarn/model/markings';
import { languages, type Language } from '@forewarn/model/text';
import { Modal, NativeSelect, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useTexts } from '../../session/language.tsx';
import { endpointKindKeys, languageNames, noticeKindKeys, noticeKinds, paceKeys } from './words.ts';

/** What a mailbox of a desk on duty wants. */
const usual = (language: Language): EndpointTerms => ({
  language,
  paces: {
    'warning-issued': 'at-once',
    'warning-updated': 'at-once',
    'warning-lifted': 'at-once',
    'warning-reminder': 'at-once',
    'warning-escalated': 'at-once',
    'measure-due': 'at-once',
    report: 'digest',
  },
  whole: 'TLP:AMBER',
  digestHour: 8,
});

const hours = Array.from({ length: 24 }, (_, hour) => ({
  value: String(hour),
  label: `${String(hour).padStart(2, '0')}:00 UTC`,
}));

export function EndpointForm({
  endpoint,
  close,
  show,
}: {
  endpoint: EndpointView | null;
  close: () => void;
  show: (secret: string) => void;
}) {
  const { t, language } = useTexts();
  const [kind, setKind] = useState<EndpointKind>(endpoint?.kind ?? 'mail');
  const [name, setName] = useState(endpoint?.name ?? '');
  const [address, setAddress] = useState('');
  const [terms, setTerms] = useState<EndpointTerms>(endpoint?.terms ?? usual(language));
  const act = useAct<{ secret?: string | null }>(['channels'], ({ secret }) => {
    close();
    if (typeof secret === 'string') show(secret);
  });
  const ready = name.trim() !== '' && (endpoint !== null || address.trim() !== '');
  const anyDigest = noticeKinds.some((each) => terms.paces[each] === 'digest');
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={endpoint === null ? t('notices.add') : t('notices.change.of', { name: endpoint.name })}
      closeButtonProps={{ 'aria-label': t('web.close') }}
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          if (endpoint === null) {
            const body = { kind, name: name.trim(), address: address.trim(), terms };
            act.mutate({ method: 'POST', path: '/channels', body, done: t('notices.added') });
          } else {
            const path = `/channels/${encodeURIComponent(endpoint.id)}`;
            act.mutate({ method: 'PATCH', path, body: { name: name.trim(), terms }, done: t('notices.changed') });
          }
        }}
      >
        {endpoint === null ? (
          <>
            <SegmentedControl
              aria-label={t('notices.kind')}
              value={kind}
              onChange={(value) => setKind(value as EndpointKind)}
              data={(['mail', 'webhook'] as const).map((value) => ({ value, label: t(endpointKindKeys[value]) }))}
            />
            <p className="prose dim">{kind === 'mail' ? t('notices.mail.means') : t('notices.webhook.means')}</p>
          </>
        ) : null}
        <TextInput
          data-autofocus
          label={t('notices.name')}
          description={t('notices.name.means')}
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {endpoint === null ? (
          <TextInput
            type={kind === 'mail' ? 'email' : 'url'}
            label={kind === 'mail' ? t('notices.address.mail') : t('notices.address.webhook')}
            required
            maxLength={2000}
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
          />
        ) : null}
        <Select
          label={t('notices.language')}
          allowDeselect={false}
          data={languages.map((value) => ({ value, label: languageNames[value] }))}
          value={terms.language}
          onChange={(value) => setTerms({ ...terms, language: value as Language })}
        />
        <Select
          label={t('notices.whole')}
          description={t('notices.whole.means')}
          allowDeselect={false}
          data={tlpOrder.filter((each) => each !== 'TLP:RED').map((value) => ({ value, label: value }))}
          value={terms.whole}
          onChange={(value) => setTerms({ ...terms, whole: value as Tlp })}
        />
        <fieldset className="channel-paces">
          <legend>{t('notices.what')}</legend>
          {noticeKinds.map((each) => (
            <NativeSelect
              key={each}
              size="xs"
              label={t(noticeKindKeys[each])}
              value={terms.paces[each]}
              data={(['at-once', 'digest', 'off'] as const).map((value) => ({ value, label: t(paceKeys[value]) }))}
              onChange={(event) => setTerms({ ...terms, paces: { ...terms.paces, [each]: event.currentTarget.value as Pace } })}
            />
          ))}
          {anyDigest ? (
            <NativeSelect
              size="xs"
              label={t('notices.digest.hour')}
              value={String(terms.digestHour)}
              data={hours}
              onChange={(event) => setTerms({ ...terms, digestHour: Number(event.currentTarget.value) })}
            />
          ) : null}
        </fieldset>
        <FormEnd close={close} disabled={!ready} pending={act.isPending}>
          {endpoint === null ? t('notices.add') : t('notices.save')}
        </FormEnd>
      </form>
    </Modal>
  );
}
