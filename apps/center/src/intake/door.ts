/**
 * Doors for shippers as they are: Elasticsearch's `_bulk` (Filebeat, Winlogbeat, Logstash, Vector, Fluent Bit, rsyslog) and OpenTelemetry's logs over
 * HTTP. They have the authority of a sensor's token and no more: what comes is a batch of that sensor, acknowledged when it is on the disk.
 * Nothing that is stored can be read here.
 */

import type { Context, Hono } from 'hono';
import { Refusal } from '@forewarn/base/refusal';
import type { Batch } from '@forewarn/model/batch';
import { readOtlpJson, readOtlpProtobuf } from '@forewarn/sense/logs/otlp/otlp';
import { whoAsks } from '../api/asker.ts';
import { drainBody, readWhole } from '../api/body.ts';
import { checkHost, type Doors } from '../api/doors.ts';
import { batchBytesMax } from '../api/intake.ts';
import { statusOf } from '../api/problems.ts';
import type { Center } from '../center-parts.ts';
import type { Principal } from '../ports.ts';
import { denied, signInFirst } from '../refusals.ts';
import { readBulk } from './bulk.ts';
import { createDocuments } from './documents.ts';
import { elasticAnswer, errorBody, isElasticPath } from './elastic.ts';
import { otlpAnswer, otlpRefused } from './otlp.ts';

/** Bodies that are worked at at a time: each is unpacked, read and written to the disk, and takes some times its size meanwhile. */
const bodiesMax = 8;

export const limits = [
  {
    name: 'shippers.bodiesMax',
    value: bodiesMax,
    unit: 'requests at a time',
    why: 'Each of up to 32 MiB takes some times that while it is read; more are asked to come again (429).',
  },
] as const;

/** Adds the doors to the centre's. */
export function mountShippers(app: Hono, center: Center, doors: Doors): void {
  const gate = { open: 0 };

  app.on(['GET', 'HEAD'], '/', async (context, next) => {
    // A browser wants the workbench; a shipper says who it is.
    if (context.req.header('authorization') === undefined || /text\/html/.test(context.req.header('accept') ?? '')) return next();
    return elastic(context);
  });
  app.post('/v1/logs', (context) => otlp(context));
  app.all('*', (context, next) => (isElasticPath(context.req.path) ? elastic(context) : next()));

  /** The sensor that a shipper's token is of. */
  async function asker(context: Context): Promise<Principal & { sensor: string }> {
    checkHost(doors, context.req.raw);
    const headers = tokenHeaders(context.req.raw.headers);
    const principal = await whoAsks(center, 'intake:write', context, headers);
    if (!principal) throw signInFirst();
    // With that a session of a person, and so another site's page, has no way in.
    if (principal.sensor === null || !principal.permissions.has('intake:write')) {
      throw denied('Shippers come with the token of a sensor.');
    }
    return { ...principal, sensor: principal.sensor };
  }

  /** Stores what a body holds, with the number of bodies at a time bounded. */
  async function store(
    context: Context,
    read: (body: Buffer) => readonly Batch[],
    principal: Principal & { sensor: string },
  ): Promise<void> {
    if (gate.open >= bodiesMax) {
      throw new Refusal('request.too-many', 'Others are sending at the moment.', { advice: 'Send it again in some seconds.' });
    }
    gate.open++;
    try {
      // Where one of several finds no room, the shipper sends all of them again, and those that are here already are not taken twice.
      for (const batch of read(await readWhole(context.req.raw, batchBytesMax))) {
        const acknowledgement = await center.pipeline.accept({ sensor: principal.sensor, principal }, batch);
        if (acknowledgement.repeated) center.meters.count('repeated_batches');
        else {
          center.meters.count('batches');
          center.meters.count('records', acknowledgement.records);
        }
      }
    } finally {
      gate.open--;
    }
  }

  async function elastic(context: Context): Promise<Response> {
    const { method, path } = context.req;
    const startedAt = performance.now();
    const asked = context.req.header('accept') ?? '';
    const answer = (status: number, body: object, headers: { [name: string]: string } = {}): Response =>
      new Response(method === 'HEAD' ? null : JSON.stringify(body), {
        status,
        headers: {
          // Clients of version 8 look for the first, and want the type that they asked for.
          'x-elastic-product': 'Elasticsearch',
          'content-type': asked.startsWith('application/vnd.elasticsearch+json') ? asked.split(',')[0]! : 'application/json',
          'cache-control': 'no-store',
          ...headers,
        },
      });
    try {
      const principal = await asker(context);
      const index = /^\/([^/_][^/]{0,254})\/_bulk$/.exec(path)?.[1];
      if (path.endsWith('/_bulk') && (method === 'POST' || method === 'PUT')) {
        let bulk: ReturnType<typeof readBulk> | undefined;
        await store(context, (body) => (bulk = readBulk(body, index, center.clock.now())).batches, principal);
        const { errors, items } = bulk!;
        return answer(200, { took: Math.round(performance.now() - startedAt), errors, items });
      }
      const told = elasticAnswer(method, path, context.req.header('user-agent') ?? '');
      await drainBody(context.req.raw);
      if (told) return answer(told.status, told.body);
      return answer(400, errorBody(400, 'illegal_argument_exception', 'Records are brought here by _bulk, and nothing is read.'));
    } catch (error) {
      const { status, reason } = await refused(context, error);
      const type = status === 429 ? 'es_rejected_execution_exception' : status < 500 ? 'security_exception' : 'exception';
      const again: { [name: string]: string } = status === 429 ? { 'retry-after': '5' } : {};
      if (status === 401) again['www-authenticate'] = 'Basic realm="forewarn", Bearer, ApiKey';
      return answer(
        status,
        errorBody(status, status === 400 || status === 413 ? 'illegal_argument_exception' : type, reason),
        again,
      );
    }
  }

  async function otlp(context: Context): Promise<Response> {
    const isJson = /^application\/json\b/i.test(context.req.header('content-type') ?? '');
    try {
      const principal = await asker(context);
      if (!isJson && !/^application\/x-protobuf\b/i.test(context.req.header('content-type') ?? '')) {
        throw new Refusal('request.type', 'Log records come as application/x-protobuf or application/json.', {
          advice: 'Set the exporter to OTLP over HTTP.',
        });
      }
      let rejected = 0;
      let why = '';
      await store(
        context,
        (body) => {
          const read = isJson ? readOtlpJson(parsed(body)) : readOtlpProtobuf(body);
          if (read.kind === 'malformed') {
            throw new Refusal('request.malformed', `The request could not be read: ${read.why}.`, { advice: 'Mend it.' });
          }
          const documents = createDocuments({ log: 'otel_log', source: 'otlp', arrivedAt: center.clock.now() });
          for (const { text, event } of read.records) {
            const reason = documents.take(event, text);
            if (reason === undefined) continue;
            rejected++;
            why = reason;
          }
          if (read.beyond > 0) {
            rejected += read.beyond;
            why = 'more records than a batch holds';
            documents.refuse('beyond', read.beyond);
          }
          return documents.batches(body);
        },
        principal,
      );
      return otlpAnswer(isJson, rejected, why);
    } catch (error) {
      const { status, reason } = await refused(context, error);
      return otlpRefused(isJson, status, reason);
    }
  }

  /** What passes by itself is 429, which every shipper takes as "later"; faults of ours are in the log, once. */
  async function refused(context: Context, error: unknown): Promise<{ status: number; reason: string }> {
    await drainBody(context.req.raw);
    if (error instanceof Refusal) {
      const status = statusOf(error.code);
      return { status: status === 503 || status === 507 ? 429 : status, reason: `${error.message} ${error.advice}`.trim() };
    }
    center.meters.count('faults');
    center.log.error({ err: error, path: context.req.path }, 'a shipper’s request failed by our own fault');
    return { status: 500, reason: 'Something went wrong on our side.' };
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new Refusal('request.malformed', 'The body is not JSON.', { advice: 'Mend it and send it again.', cause });
  }
}

/**
 * The token wherever a shipper can put one: `Bearer`, the password of `Basic`, the key of `ApiKey` (`api_key: "id:TOKEN"` in Beats). Names of
 * users and keys are not looked at: the token names its sensor.
 */
function tokenHeaders(given: Headers): Headers {
  const [, scheme, value] = /^(Basic|ApiKey) +([A-Za-z0-9+/=_-]{1,1000}) *$/i.exec(given.get('authorization') ?? '') ?? [];
  if (scheme === undefined) return given;
  const text = Buffer.from(value!, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const token = colon < 0 ? '' : text.slice(colon + 1);
  const headers = new Headers(given);
  // Some clients give the token itself as the key.
  headers.set('authorization', `Bearer ${/^[\u0021-\u007e]+$/.test(token) ? token : value}`);
  return headers;
}
