/** Quiet notices at the page's edge: what was done, what failed, what came in. Said aloud by the page's live regions. */

import { createContext, use, useCallback, useRef, useState, type ReactNode } from 'react';
import { CloseButton } from '@mantine/core';
import { Problem } from '../session/api.ts';
import { Icon } from '../look/icons.tsx';
import { useTexts } from '../session/language.tsx';

export type Notice = { text: string; detail?: string | undefined; bad?: boolean; action?: ReactNode };

const NoticeContext = createContext<((notice: Notice) => void) | null>(null);

/** More would cover the page; the oldest gives way. */
const noticesMax = 4;
/** Long enough to read two lines; failures stay until they are closed. */
const shownMs = 7000;

export function NoticesProvider({ children }: { children: ReactNode }) {
  const { t } = useTexts();
  const [notices, setNotices] = useState<(Notice & { id: number })[]>([]);
  const next = useRef(0);
  const close = useCallback((id: number) => setNotices((all) => all.filter((each) => each.id !== id)), []);
  const add = useCallback(
    (notice: Notice) => {
      const id = next.current++;
      setNotices((all) => [...all.slice(1 - noticesMax), { ...notice, id }]);
      if (notice.bad !== true) setTimeout(() => close(id), shownMs);
    },
    [close],
  );
  const shown = (bad: boolean) =>
    notices
      .filter((notice) => (notice.bad === true) === bad)
      .map((notice) => (
        <div key={notice.id} className="notice" data-bad={notice.bad}>
          <Icon name={notice.bad === true ? 'alert' : 'check'} />
          <div className="notice-text">
            <div>{notice.text}</div>
            {notice.detail === undefined ? null : <div className="dim">{notice.detail}</div>}
            {notice.action}
          </div>
          <CloseButton size="sm" aria-label={t('web.close')} onClick={() => close(notice.id)} />
        </div>
      ));
  return (
    <NoticeContext value={add}>
      {children}
      <div className="notices">
        <div role="alert">{shown(true)}</div>
        <div role="status">{shown(false)}</div>
      </div>
    </NoticeContext>
  );
}

export function useNotice(): (notice: Notice) => void {
  const add = use(NoticeContext);
  if (add === null) throw new Error('A notice is given outside its provider.');
  return add;
}

/** A failure as a sentence and what to do about it. */
export function useProblemText(): (error: unknown) => { text: string; detail: string | undefined } {
  const { t } = useTexts();
  return (error) => {
    if (!(error instanceof Problem)) return { text: t('web.problem.fault'), detail: String(error) };
    if (error.code === 'unreachable') return { text: t('web.problem.unreachable'), detail: t('web.problem.unreachable.advice') };
    return { text: error.message, detail: error.advice ?? (error.status === 403 ? t('web.problem.forbidden') : undefined) };
  };
}
