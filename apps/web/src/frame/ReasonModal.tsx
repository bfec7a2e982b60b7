/** A dialog that asks why, for what is not done without a reason. */

import { Modal, Textarea } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTexts } from '../session/language.tsx';
import { FormEnd } from './FormEnd.tsx';

export function ReasonModal({
  title,
  means,
  pending,
  close,
  give,
  children,
}: {
  title: string;
  /** What follows from it. */
  means?: string;
  /** It is being done. */
  pending: boolean;
  close: () => void;
  give: (reason: string) => void;
  /** What is done, in a word or two. */
  children: ReactNode;
}) {
  const { t } = useTexts();
  const [text, setText] = useState('');
  const reason = text.trim();
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (reason !== '') give(reason);
        }}
      >
        {means === undefined ? null : <p className="prose dim">{means}</p>}
        <Textarea
          label={t('web.reason')}
          required
          maxLength={2000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <FormEnd close={close} disabled={reason === ''} pending={pending}>
          {children}
        </FormEnd>
      </form>
    </Modal>
  );
}
