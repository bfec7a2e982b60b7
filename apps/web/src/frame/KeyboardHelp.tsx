import { Kbd, Modal } from '@mantine/core';
import { useTexts } from '../session/language.tsx';
import { keyHelp } from './keys.ts';

/** `?`: what the keys do. */
export function KeyboardHelp({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTexts();
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t('web.keys.title')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('web.close') }}
    >
      <div className="key-help">
        {keyHelp.map((group) => (
          <section key={group.title}>
            <h3>{t(group.title)}</h3>
            <dl>
              {group.keys.map(({ keys, text }) => (
                <div key={text}>
                  <dt>
                    {keys.map((key) => (
                      <Kbd key={key} size="xs">
                        {key}
                      </Kbd>
                    ))}
                  </dt>
                  <dd>{t(text)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
