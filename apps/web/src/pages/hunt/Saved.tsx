/** Hunts that are kept: one's own, and those that colleagues share. */

import { Button, Checkbox, Menu, Modal, TextInput } from '@mantine/core';
import type { SavedHuntView } from '@forewarn/model/hunt';
import { useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';
import { useActorName } from '../../session/people.ts';
import { HuntSchedule } from './Schedule.tsx';

export function SavedHunts({ kept, open }: { kept: readonly SavedHuntView[]; open: (hunt: SavedHuntView) => void }) {
  const { t } = useTexts();
  const actor = useActorName();
  const parts = [
    { title: t('investigate.saved.own'), hunts: kept.filter(({ own }) => own) },
    { title: t('investigate.saved.shared'), hunts: kept.filter(({ own }) => !own) },
  ].filter(({ hunts }) => hunts.length > 0);
  return (
    <Menu position="bottom-end" width={420}>
      <Menu.Target>
        <button type="button" className="tool">
          <Icon name="list" size={14} />
          <span>{t('investigate.saved')}</span>
          <span className="tab-count">{kept.length}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown className="hunt-menu">
        {parts.length === 0 ? <Menu.Label>{t('investigate.saved.none')}</Menu.Label> : null}
        {parts.map(({ title, hunts }) => (
          <div key={title}>
            <Menu.Label>{title}</Menu.Label>
            {hunts.map((hunt) => (
              <Menu.Item key={hunt.id} onClick={() => open(hunt)}>
                <span className="hunt-line">
                  {hunt.name}
                  <span className="dim">
                    {' '}
                    {hunt.own ? (hunt.shared ? t('investigate.saved.isShared') : '') : actor(hunt.account)}
                  </span>
                </span>
                <span className="mono dim small hunt-line">{hunt.text.replaceAll('\n', ' ')}</span>
              </Menu.Item>
            ))}
          </div>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Keeps a question; one that was opened from the list is changed, kept as another, or removed. */
export function SaveHunt({
  text,
  current,
  close,
  saved,
}: {
  text: string;
  current: SavedHuntView | undefined;
  close: () => void;
  saved: (hunt: SavedHuntView) => void;
}) {
  const { t } = useTexts();
  const own = current?.own === true ? current : undefined;
  const [name, setName] = useState(current?.name ?? '');
  const [shared, setShared] = useState(own?.shared ?? false);
  const act = useAct<SavedHuntView | null>(['saved-hunts'], (hunt) => {
    close();
    if (hunt !== null) saved(hunt);
  });
  const body = { name: name.trim(), text, shared };
  const keep = (over: SavedHuntView | undefined) =>
    act.mutate({
      method: over === undefined ? 'POST' : 'PUT',
      path: over === undefined ? '/hunts' : `/hunts/${encodeURIComponent(over.id)}`,
      body,
      done: t('investigate.saved.done', { name: body.name }),
    });
  return (
    <Modal opened onClose={close} title={t('investigate.hunt.save')} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (body.name !== '') keep(own);
        }}
      >
        <TextInput
          data-autofocus
          required
          maxLength={200}
          label={t('investigate.saved.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Checkbox
          label={t('investigate.saved.share')}
          description={t('investigate.saved.share.means')}
          checked={shared}
          onChange={(event) => setShared(event.currentTarget.checked)}
        />
        <pre className="json hunt-kept">{text}</pre>
        {own === undefined ? null : <HuntSchedule hunt={own.id} />}
        <div className="form-end">
          <Button type="submit" loading={act.isPending}>
            {own === undefined ? t('investigate.hunt.save') : t('investigate.saved.change')}
          </Button>
          {own === undefined ? null : (
            <>
              <Button variant="default" disabled={act.isPending || body.name === ''} onClick={() => keep(undefined)}>
                {t('investigate.saved.another')}
              </Button>
              <Button
                variant="default"
                disabled={act.isPending}
                onClick={() =>
                  act.mutate({
                    method: 'DELETE',
                    path: `/hunts/${encodeURIComponent(own.id)}`,
                    done: t('investigate.saved.removed', { name: own.name }),
                  })
                }
              >
                {t('investigate.saved.remove')}
              </Button>
            </>
          )}
        </div>
      </form>
    </Modal>
  );
}
