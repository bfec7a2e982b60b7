/** The parts that pages are made of: a head, panels, empty states, loading and failure. */

import { Loader } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import { Icon, type IconName } from '../look/icons.tsx';
import { useTexts } from '../session/language.tsx';
import { useProblemText } from './notices.tsx';

/** A page with its title, what can be done, and, where there is a why, the rail on its right. */
export function Page({
  title,
  heading,
  tools,
  aside,
  asideLabel,
  fill = false,
  children,
}: {
  title: string;
  /** What stands in the head, when it is more than the title. */
  heading?: ReactNode;
  tools?: ReactNode;
  aside?: ReactNode;
  asideLabel?: string;
  /** The page is as high as the window and scrolls inside. */
  fill?: boolean;
  children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Forewarn`;
  }, [title]);
  const body = (
    <div className="page-body">
      <div className="page-head">
        {heading ?? <h1>{title}</h1>}
        {tools === undefined ? null : <div className="page-tools">{tools}</div>}
      </div>
      {children}
    </div>
  );
  if (aside === undefined) return <div className={fill ? 'page page-fill' : 'page'}>{body}</div>;
  return (
    <div className="page page-with-why">
      {body}
      <aside className="why" aria-label={asideLabel}>
        {aside}
      </aside>
    </div>
  );
}

export function Panel({
  title,
  count,
  tools,
  children,
  className = '',
}: {
  title: ReactNode;
  count?: ReactNode;
  tools?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section className={`panel ${className}`}>
      <div className="panel-head">
        <h2>{title}</h2>
        {count === undefined ? null : <span className="panel-count">{count}</span>}
        {tools === undefined ? null : <div className="panel-tools">{tools}</div>}
      </div>
      {children}
    </section>
  );
}

/** Nothing here: says why that is so and what brings something. */
export function Empty({
  icon = 'check',
  title,
  children,
  action,
}: {
  icon?: IconName;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="empty">
      <Icon name={icon} size={20} />
      <div>
        <p className="empty-title">{title}</p>
        {children === undefined ? null : <p className="empty-text">{children}</p>}
        {action}
      </div>
    </div>
  );
}

/** Waits for a query: shows that it loads, what went wrong, or the thing. */
export function Waiting<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  const { t } = useTexts();
  const problemText = useProblemText();
  if (query.data !== undefined) return children(query.data);
  if (query.isError) {
    const { text, detail } = problemText(query.error);
    return (
      <div className="empty" role="alert">
        <Icon name="alert" size={20} />
        <div>
          <p className="empty-title">{text}</p>
          {detail === undefined ? null : <p className="empty-text">{detail}</p>}
          <button type="button" className="link" onClick={() => void query.refetch()}>
            {t('web.problem.again')}
          </button>
        </div>
      </div>
    );
  }
  return (
    <div className="loading">
      <Loader size="xs" type="dots" aria-hidden="true" />
      <span className="visually-hidden">{t('web.loading')}</span>
    </div>
  );
}
