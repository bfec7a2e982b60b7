/** How the centre sends for all: its mail relay, where webhooks may lie, its own address, and the public feed. */

import type { ChannelSettingsView, Relay } from '@forewarn/model/channel';
import { Button, Checkbox, NumberInput, PasswordInput, Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { Panel, Waiting } from '../../frame/Page.tsx';
import { useTexts } from '../../session/language.tsx';
import { channelSettingsQuery } from './queries.ts';
import { securityKeys } from './words.ts';

export function CentreSettings() {
  const query = useQuery(channelSettingsQuery);
  // A form begins with what is set; what somebody types is not overwritten by another look.
  return <Waiting query={query}>{(settings) => <SettingsForm key={JSON.stringify(settings)} settings={settings} />}</Waiting>;
}

const ports: { [security in Relay['security']]: number } = { starttls: 587, tls: 465, none: 25 };

function SettingsForm({ settings }: { settings: ChannelSettingsView }) {
  const { t } = useTexts();
  const { relay } = settings;
  const [mail, setMail] = useState(relay !== null);
  const [host, setHost] = useState(relay?.host ?? '');
  const [security, setSecurity] = useState<Relay['security']>(relay?.security ?? 'starttls');
  const [port, setPort] = useState<number | string>(relay?.port ?? ports.starttls);
  const [from, setFrom] = useState(relay?.from ?? '');
  const [user, setUser] = useState(relay?.user ?? '');
  const [password, setPassword] = useState('');
  const [authority, setAuthority] = useState(relay?.authority ?? '');
  const [networks, setNetworks] = useState(settings.privateNetworks.join('\n'));
  const [publicUrl, setPublicUrl] = useState(settings.publicUrl ?? globalThis.location.origin);
  const [publicFeed, setPublicFeed] = useState(settings.publicFeed);
  const act = useAct(['channels']);
  const ready = !mail || (host.trim() !== '' && from.trim() !== '' && Number(port) > 0);
  const save = (): void => {
    const set = {
      host: host.trim(),
      port: Number(port),
      security,
      user: user.trim() || null,
      from: from.trim(),
      authority: authority.trim() || null,
      // Left out: the one that is kept stays.
      ...(password === '' ? {} : { password }),
    };
    const body = {
      relay: mail ? set : null,
      privateNetworks: networks.split(/[\s,]+/).filter((each) => each !== ''),
      publicUrl: publicUrl.trim() || null,
      publicFeed,
    };
    act.mutate({ method: 'PUT', path: '/channel-settings', body, done: t('notices.settings.saved') });
  };
  return (
    <form
      className="form draft"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) save();
      }}
    >
      <Panel title={t('notices.relay')}>
        <div className="panel-body form">
          <Checkbox label={t('notices.relay.on')} checked={mail} onChange={(event) => setMail(event.currentTarget.checked)} />
          {mail ? (
            <>
              <div className="form-pair">
                <TextInput
                  label={t('notices.relay.host')}
                  required
                  value={host}
                  onChange={(event) => setHost(event.currentTarget.value)}
                />
                <NumberInput
                  label={t('notices.relay.port')}
                  required
                  min={1}
                  max={65535}
                  hideControls
                  value={port}
                  onChange={setPort}
                />
              </div>
              <Select
                label={t('notices.relay.security')}
                description={t('notices.relay.security.means')}
                allowDeselect={false}
                data={(['starttls', 'tls', 'none'] as const).map((value) => ({ value, label: t(securityKeys[value]) }))}
                value={security}
                onChange={(value) => {
                  const chosen = value as Relay['security'];
                  if (Number(port) === ports[security]) setPort(ports[chosen]);
                  setSecurity(chosen);
                }}
              />
              <TextInput
                type="email"
                label={t('notices.relay.from')}
                required
                value={from}
                onChange={(event) => setFrom(event.currentTarget.value)}
              />
              <div className="form-pair">
                <TextInput
                  label={t('notices.relay.user')}
                  autoComplete="off"
                  value={user}
                  onChange={(event) => setUser(event.currentTarget.value)}
                />
                <PasswordInput
                  label={t('notices.relay.password')}
                  description={relay?.password === true ? t('notices.relay.password.kept') : undefined}
                  autoComplete="new-password"
                  visibilityToggleButtonProps={{ 'aria-label': t('notices.relay.password.show') }}
                  value={password}
                  onChange={(event) => setPassword(event.currentTarget.value)}
                />
              </div>
              <Textarea
                label={t('notices.relay.authority')}
                description={t('notices.relay.authority.means')}
                autosize
                minRows={2}
                maxRows={8}
                value={authority}
                onChange={(event) => setAuthority(event.currentTarget.value)}
              />
            </>
          ) : null}
        </div>
      </Panel>
      <Panel title={t('notices.reach')}>
        <div className="panel-body form">
          <TextInput
            type="url"
            label={t('notices.publicUrl')}
            description={t('notices.publicUrl.means')}
            value={publicUrl}
            onChange={(event) => setPublicUrl(event.currentTarget.value)}
          />
          <Textarea
            label={t('notices.networks')}
            description={t('notices.networks.means')}
            autosize
            minRows={2}
            maxRows={8}
            value={networks}
            onChange={(event) => setNetworks(event.currentTarget.value)}
          />
          <Checkbox
            label={t('notices.publicFeed')}
            description={t('notices.publicFeed.means')}
            checked={publicFeed}
            onChange={(event) => setPublicFeed(event.currentTarget.checked)}
          />
        </div>
      </Panel>
      <div className="form-end">
        <Button type="submit" disabled={!ready} loading={act.isPending}>
          {t('notices.save')}
        </Button>
      </div>
    </form>
  );
}
