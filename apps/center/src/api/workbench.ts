/** Serves the built workbench: its files for ever (their names carry a hash), its page always fresh, and the page for every address of its own. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Context } from 'hono';

const types: { [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
};

type Served = { body: Buffer<ArrayBuffer>; packed: Buffer<ArrayBuffer> | undefined; type: string; tag: string; lasting: boolean };

/** Files kept in memory; the workbench has some dozens. */
const keptMax = 500;

export function serveWorkbench(folder: string): (context: Context) => Promise<Response> {
  const kept = new Map<string, Served>();

  async function load(path: string): Promise<Served | undefined> {
    const known = kept.get(path);
    if (known) return known;
    const file = join(folder, normalize(path));
    if (!file.startsWith(folder + sep) || file.includes('\0')) return undefined;
    const body = await readFile(file).catch(() => undefined);
    if (!body) return undefined;
    const type = types[extname(file)] ?? 'application/octet-stream';
    const packs = /text|json|svg|manifest/.test(type) && body.length > 1_000;
    const served: Served = {
      body,
      packed: packs ? gzipSync(body) : undefined,
      type,
      tag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
      // The bundler writes a hash of the content into the names below assets/.
      lasting: path.startsWith('/assets/'),
    };
    // The page itself is read anew, so that a new build is seen without a restart.
    if (kept.size < keptMax && served.lasting) kept.set(path, served);
    return served;
  }

  return async (context) => {
    let path: string;
    try {
      path = decodeURIComponent(new URL(context.req.url).pathname);
    } catch {
      path = '/';
    }
    const asset = path === '/' ? undefined : await load(path);
    // An address of the workbench's own is the page; a file that is not there is not. Files lie at the top and among the assets; deeper, a dot
    // belongs to what a page is about, such as an address.
    const isPage = !path.startsWith('/assets/') && (extname(path) === '' || path.split('/').length > 2);
    const served = asset ?? (isPage ? await load('/index.html') : undefined);
    if (!served)
      return new Response('There is no such file.\n', { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' } });
    const packed = served.packed !== undefined && /\bgzip\b/.test(context.req.header('accept-encoding') ?? '');
    const headers = {
      'content-type': served.type,
      'cache-control': served.lasting ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag: served.tag,
      // Set even when we do not compress: RFC 9110 §12.5.5 counts an absent header as an input.
      vary: 'accept-encoding',
      ...(packed ? { 'content-encoding': 'gzip' } : {}),
    };
    if (context.req.header('if-none-match') === served.tag) return new Response(null, { status: 304, headers });
    return new Response(packed ? served.packed : served.body, { headers });
  };
}
