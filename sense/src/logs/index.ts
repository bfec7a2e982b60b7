/**
 * The one list of log formats, in the order in which they are asked: the first that knows its own takes it. `json` takes every object, so it
 * is the last.
 */

import type { LogFormat } from './format.ts';
import { evtx } from './evtx/evtx.ts';
import { ipfix } from './ipfix/ipfix.ts';
import { json } from './json/json.ts';
import { windows } from './windows/windows.ts';
import { zeek } from './zeek/zeek.ts';

export const logFormats: readonly LogFormat[] = [evtx, windows, ipfix, zeek, json];
