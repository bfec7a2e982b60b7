/** What a centre has for indicators. */

import type { ListFiles } from '@forewarn/store/list-files';
import type { IndicatorDesk } from './desk.ts';
import type { PastSearch } from './past.ts';

export type CenterIndicators = { readonly desk: IndicatorDesk; readonly files: ListFiles; readonly past: PastSearch };
