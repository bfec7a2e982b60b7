/** What the pages of people, tokens and sensors have in common. */

import { Button, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useNotice } from '../../frame/notices.tsx';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';

/** What the centre tells once: a token or a sign-in link. */
export function Once({ secret, close }: { secret: string | null; close: () => void }) {
  const { t } = useTexts();
  const notice = useNotice();
  return (
    <Modal
      opened={secret !== null}
      onClose={close}
      title={t('web.once.title')}
      closeButtonProps={{ 'aria-label': t('web.close') }}
    >
      <div className="form">
        <p className="prose">{t('web.once.means')}</p>
        <code className="secret">{secret}</code>
        <div className="form-end">
          <Button
            leftSection={<Icon name="copy" />}
            onClick={() =>
              void navigator.clipboard.writeText(secret ?? '').then(
                () => notice({ text: t('web.once.copied') }),
                () => notice({ text: t('web.value.notCopied'), bad: true }),
              )
            }
          >
            {t('web.value.copy')}
          </Button>
        </div>
      </div>
    </Modal>
  );
}

/** The secret of an answer, under whichever of these names it stands. */
export function secretOf(answer: unknown): string | null {
  if (answer === null || typeof answer !== 'object') return null;
  const values = answer as Record<string, unknown>;
  for (const name of ['token', 'link', 'key', 'secret', 'password']) if (typeof values[name] === 'string') return values[name];
  return null;
}

export type Asking = { title: string; means: string; button: string; act: () => void };

/** Asks before something that cannot be taken back. */
export function Ask({ asking, close }: { asking: Asking | null; close: () => void }) {
  const { t } = useTexts();
  return (
    <Modal opened={asking !== null} onClose={close} title={asking?.title} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <div className="form">
        <p className="prose">{asking?.means}</p>
        <div className="form-end">
          <Button variant="default" data-autofocus onClick={close}>
            {t('web.cancel')}
          </Button>
          <Button
            color="red"
            onClick={() => {
              asking?.act();
              close();
            }}
          >
            {asking?.button}
          </Button>
        </div>
      </div>
    </Modal>
  );
}

export function Section({ add, addLabel, children }: { add: () => void; addLabel: string; children: ReactNode }) {
  return (
    <div className="stack">
      <div>
        <Button leftSection={<Icon name="plus" size={14} />} onClick={add}>
          {addLabel}
        </Button>
      </div>
      {children}
    </div>
  );
}
