/** Leads to pages of this folder: the range and zone stay, what is asked for is added. */

import { keepView } from '../../frame/Frame.tsx';

const kept = keepView as unknown as (previous: Record<string, unknown>) => Record<string, unknown>;

export const keepAnd = (more: Record<string, string | undefined>) =>
  ((previous: Record<string, unknown>) => ({ ...kept(previous), ...more })) as never;
