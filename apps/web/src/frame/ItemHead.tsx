import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Icon } from '../look/icons.tsx';
import { keepView } from './keep.ts';

/** The page that one comes from, and goes back to. */
export type Up = { to: LinkProps['to']; params?: { [name: string]: string }; name: string };

/** The head of a page about one thing: the way up, which Escape takes too, the thing's name, and its marks. */
export function ItemHead({
  up,
  title,
  below,
  children,
}: {
  up: Up;
  title: ReactNode;
  below?: ReactNode;
  /** The marks: number, grade, state. */
  children?: ReactNode;
}) {
  return (
    <div className="item-head">
      <Link to={up.to} params={up.params as never} search={keepView} data-up className="up">
        <Icon name="left" size={14} />
        {up.name}
      </Link>
      <h1>{title}</h1>
      {children === undefined ? null : <div className="item-marks">{children}</div>}
      {below}
    </div>
  );
}
