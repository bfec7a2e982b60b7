/** HTTP/1.1 messages: RFC 9112. */

import { bodyOf, joinBodies, type Body } from './body.ts';

export type HttpRequest = {
  method: string;
  target: string;
  /** In the order in which they are sent; the body's length is added. */
  headers: readonly (readonly [string, string])[];
  body?: Body;
};

export type HttpResponse = {
  status: number;
  headers: readonly (readonly [string, string])[];
  body?: Body;
};

/** RFC 9110 §15. */
const reasons: { readonly [status: number]: string } = {
  200: 'OK',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  304: 'Not Modified',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

const message = (first: string, headers: readonly (readonly [string, string])[], body: Body | undefined): Body => {
  const lines = [first, ...headers.map(([name, value]) => `${name}: ${value}`), '', ''];
  const head = bodyOf(new TextEncoder().encode(lines.join('\r\n')));
  return body && body.length > 0 ? joinBodies([head, body]) : head;
};

export function httpRequest(request: HttpRequest): Body {
  const headers = request.body ? [...request.headers, ['Content-Length', String(request.body.length)] as const] : request.headers;
  return message(`${request.method} ${request.target} HTTP/1.1`, headers, request.body);
}

export function httpResponse(response: HttpResponse): Body {
  // 204 and 304 have no body and thus no length (RFC 9110 §8.6).
  const bodiless = response.status === 204 || response.status === 304;
  const headers = bodiless
    ? response.headers
    : [...response.headers, ['Content-Length', String(response.body?.length ?? 0)] as const];
  return message(
    `HTTP/1.1 ${response.status} ${reasons[response.status] ?? 'Unknown'}`,
    headers,
    bodiless ? undefined : response.body,
  );
}

/** RFC 9110 §5.6.7: `Tue, 03 Mar 2026 08:00:00 GMT`. */
export const httpDate = (at: number): string => new Date(Math.floor(at) * 1000).toUTCString();
