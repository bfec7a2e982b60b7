/** Speaks to the centre: JSON in, JSON out, problem documents (RFC 9457) as typed errors. */

import type { Problem as ProblemDocument } from '@forewarn/model/api';
import { noteServerDate } from './clock.ts';

/** The centre refused, failed, or could not be reached; `code` is stable, 'unreachable' is ours. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly advice: string | undefined;
  readonly place: Record<string, unknown> | undefined;

  constructor(document: Pick<ProblemDocument, 'code' | 'status' | 'detail'> & Partial<ProblemDocument>) {
    super(document.detail);
    this.name = 'Problem';
    this.code = document.code;
    this.status = document.status;
    this.advice = document.advice;
    this.place = document.place;
  }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Asks `/api/v1` + `path`; a body is JSON, or a file as it is. Throws `Problem` for every answer that is not a success. */
export async function ask<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const sentAt = Date.now();
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: 'same-origin',
      headers: {
        Accept: 'application/json',
        ...(body === undefined ? {} : { 'Content-Type': body instanceof Blob ? body.type : 'application/json' }),
      },
      ...(body === undefined ? {} : { body: body instanceof Blob ? body : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw new Problem({ code: 'unreachable', status: 0, detail: String(cause) });
  }
  noteServerDate(response.headers.get('date'), sentAt, Date.now());
  const text = await response.text();
  let answer: unknown = null;
  try {
    answer = text === '' ? null : JSON.parse(text);
  } catch {
    throw new Problem({ code: 'unreadable', status: response.status, detail: text.slice(0, 200) });
  }
  if (!response.ok) {
    const problem = (answer ?? {}) as Partial<ProblemDocument>;
    throw new Problem({
      ...problem,
      code: problem.code ?? `http-${response.status}`,
      status: response.status,
      detail: problem.detail ?? problem.title ?? response.statusText,
    });
  }
  return answer as T;
}

export type Page<T> = { items: T[]; next: string | null };

/** A list, whether the centre answers with a page or, for small catalogues, with a bare array. */
export async function askList<T>(path: string, signal?: AbortSignal): Promise<T[]> {
  const answer = await ask<Page<T> | T[]>('GET', path, undefined, signal);
  return Array.isArray(answer) ? answer : answer.items;
}

/** A query string of what is set. */
export function query(values: { [name: string]: string | number | undefined | null }): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
