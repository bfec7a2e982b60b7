/**
 * The centre's HTTP surface: the API below /api/v1, health and metrics at the root, the workbench for everything else.
 *
 *     request → host and origin → who is asking → may they → shapes → the route's work → answer, problem or fault
 */

import { randomUUID } from 'node:crypto';
import { Hono, type Context } from 'hono';
import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import type { Center } from '../center-parts.ts';
import { scopeOf, type Principal } from '../ports.ts';
import { denied, notFound, signInFirst } from '../refusals.ts';
import { mountShippers } from '../intake/door.ts';
import { whoAsks } from './asker.ts';
import { drainBody, holdsUnstorable, readJson } from './body.ts';
import { faultProblem, problemOf, problemResponse } from './problems.ts';
import { routes as allRoutes } from './routes.ts';
import type { Route } from './route.ts';
import { checkHost, checkOrigin, fromOwnMachine, secureHeaders, type Doors } from './doors.ts';
import { serveWorkbench } from './workbench.ts';

export type AppOptions = {
  doors: Doors;
  /** The built workbench; absent: only the API is served. */
  workbench: string | undefined;
  /** Whether everything needed to answer is up. */
  ready: () => Promise<boolean>;
  routes?: readonly Route[];
  /** Checks answers against their declared shapes; tests do, a running centre trusts itself. */
  checkAnswers?: boolean;
};

export function createApp(center: Center, options: AppOptions): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of secureHeaders(options.doors)) context.res.headers.set(name, value);
  });
  app.get('/healthz', () => Response.json({ ok: true }));
  app.get('/readyz', async () => {
    const ok = await options.ready().catch(() => false);
    return Response.json({ ok }, { status: ok ? 200 : 503 });
  });
  app.get('/metrics', async (context) => {
    checkHost(options.doors, context.req.raw);
    await mayReadMetrics(center, context);
    const memory = process.memoryUsage();
    const text = center.meters.write({
      resident_bytes: { help: 'Memory of the process.', value: memory.rss },
      change_readers: { help: 'Open streams of changes.', value: center.changes.readers },
    });
    return new Response(text, { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } });
  });
  for (const route of options.routes ?? allRoutes) {
    const path = `/api/v1${route.path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
    app.on(route.method.toUpperCase(), path, (context) => answer(center, options, route, context));
  }
  mountShippers(app, center, options.doors);
  app.all('/api/*', () => problemResponse(problemOf(notFound())));
  if (options.workbench !== undefined) {
    const serve = serveWorkbench(options.workbench);
    app.get('*', (context) => {
      checkHost(options.doors, context.req.raw);
      return serve(context);
    });
  }
  app.notFound(() => problemResponse(problemOf(notFound())));
  app.onError((error) =>
    error instanceof Refusal ? problemResponse(problemOf(error)) : fault(center, error, 'outside a route'),
  );
  return app;
}

/**
 * Metrics count what all organisations do. They are read on the centre's own machine without more ado, as Prometheus is set up
 * there; from elsewhere with a token or session of the centre that has `audit:read`.
 */
async function mayReadMetrics(center: Center, context: Context): Promise<void> {
  if (fromOwnMachine(context)) return;
  const principal = await center.accounts.authenticate(context.req.raw.headers);
  if (!principal) throw signInFirst();
  if (!principal.centre || !principal.permissions.has('audit:read')) {
    throw denied('Metrics need the permission "audit:read" in the centre, or a request from its own machine.');
  }
}

async function answer(center: Center, options: AppOptions, route: Route, context: Context): Promise<Response> {
  const startedAt = performance.now();
  let response: Response;
  try {
    response = await handle(center, options, route, context);
  } catch (error) {
    await drainBody(context.req.raw);
    response =
      error instanceof Refusal ? problemResponse(problemOf(error)) : fault(center, error, `${route.method} ${route.path}`);
  }
  center.meters.request(route.method, route.path, response.status, (performance.now() - startedAt) / 1000);
  return response;
}

/** Our own error: in the log once, with a reference; the asker learns only the reference. */
function fault(center: Center, error: unknown, route: string): Response {
  const reference = randomUUID().slice(0, 8);
  center.meters.count('faults');
  center.log.error({ err: error, route, reference }, 'a request failed by our own fault');
  return problemResponse(faultProblem(reference));
}

async function handle(center: Center, options: AppOptions, route: Route, context: Context): Promise<Response> {
  const request = context.req.raw;
  checkHost(options.doors, request);
  checkOrigin(options.doors, request);
  const principal = route.access === 'public' ? nobody : await whoAsks(center, route.access, context);
  if (!principal) throw signInFirst();
  if (route.access === 'signed-in') {
    // What any person may ask is not for the box on a rack whose token somebody copies.
    if (principal.kind === 'sensor') throw denied('This is for people, not for sensors.');
  } else if (route.access !== 'public' && !principal.permissions.has(route.access)) {
    throw denied(`This needs the permission "${route.access}".`);
  }
  const params = route.params ? parse(route.params, context.req.param(), 'path') : undefined;
  const query = route.query ? parse(route.query, context.req.query(), 'query') : undefined;
  const body = route.body ? parse(route.body, await readJson(request, route.bodyBytesMax), 'body') : undefined;
  if (holdsUnstorable(params)) throw notFound();
  // Records of a batch are the intake's to look at: what the network wrote is not the sensor's fault.
  if (holdsUnstorable(query) || (route.access !== 'intake:write' && holdsUnstorable(body))) throw unstorable();
  const headers = new Headers({ 'cache-control': 'no-store' });
  const asked = { center, principal, scope: scopeOf(principal), params, query, body, request, headers };
  const result = await route.handle(asked);
  if (result instanceof Response) return result;
  if (!route.answer) return new Response(null, { status: route.status, headers });
  const shown = options.checkAnswers ? route.answer.parse(result) : result;
  headers.set('content-type', 'application/json');
  return new Response(JSON.stringify(shown), { status: route.status, headers });
}

/** Who asks a public route: nobody in particular, who may see nothing. */
const nobody: Principal = {
  kind: 'person',
  account: '',
  name: '',
  organisation: '',
  centre: false,
  role: 'regulator',
  permissions: new Set(),
  demo: false,
  sensor: null,
};

const unstorable = (): Refusal =>
  new Refusal('request.malformed', 'A text holds U+0000 or half of a character.', { advice: 'Take it out and send it again.' });

function parse(schema: z.ZodType, value: unknown, part: 'path' | 'query' | 'body'): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue!.path.map(String).join('.');
  // An id that no thing can have is an unknown id.
  if (part === 'path') throw notFound();
  throw new Refusal('request.invalid', `${issue!.message}${/[.!?]$/.test(issue!.message) ? '' : '.'}`, {
    place: { field: path === '' ? part : path },
    advice: 'The shape stands in /api/v1/openapi.json.',
  });
}
