/** Clients as their makers publish them: Elasticsearch's for Node.js and OpenTelemetry's exporter, in bursts. What is sent is taken or refused with a count. */

import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@elastic/elasticsearch';
import { serve, type ServerType } from '@hono/node-server';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Batch } from '@forewarn/model/batch';
import type { AnyRecord } from '@forewarn/model/records/record';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate } from '../testing/estate.ts';

const burst = 50_000;

let trial: Trial;
let server: ServerType;
let token = '';
let brought: Batch[] = [];

beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
  ({ token } = (await trial.ask(person('hospital', 'administrator'), 'POST', '/sensors/hospital-sensor/token')).body);
  Object.assign(trial.center.pipeline, {
    accept(_sender: object, batch: Batch) {
      brought.push(batch);
      const records = Object.values(batch.logs).reduce((sum, list) => sum + list.length, 0);
      return Promise.resolve({ batch: batch.id, records, repeated: false });
    },
  });
  server = serve({ fetch: trial.app.fetch, hostname: '127.0.0.1', port: 0 });
  await once(server, 'listening');
});
afterAll(async () => {
  // Clients keep their connections for more.
  (server as Server).closeAllConnections();
  await new Promise((done) => server.close(done));
  await trial.end();
});
beforeEach(() => {
  brought = [];
});

const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const records = (log: string): AnyRecord[] => brought.flatMap(({ logs }) => (logs[log] ?? []) as AnyRecord[]);
/** How many events were refused, as the centre keeps it. */
const refused = (): number =>
  records('weird').reduce((sum, { name, addl }) => sum + (name === 'log_event_refused' ? Number(/\((\d+)\)$/.exec(String(addl))![1]) : 0), 0); // oxfmt-ignore

test(`Elasticsearch's client: ${burst} documents in bulk, each answered; what is refused the centre knows too`, async () => {
  const client = new Client({ node: address(), auth: { username: 'anybody', password: token } });
  expect((await client.info()).tagline).toBe('You Know, for Search');
  const failed: unknown[] = [];
  const result = await client.helpers.bulk<object>({
    // Every thousandth has no time and a depth that no event has.
    datasource: (async function* () {
      for (let n = 0; n < burst; n++) {
        if (n % 1_000 === 999) yield JSON.parse(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`) as object;
        else
          yield {
            '@timestamp': new Date(1_795_334_400_000 + n).toISOString(),
            message: `event ${n}`,
            event: { action: 'signed-in' },
          };
      }
    })(),
    onDocument: () => ({ create: { _index: 'logs-portal' } }),
    onDrop: ({ error }) => void failed.push(error?.reason),
    concurrency: 4,
  });
  await client.close();
  expect(result).toMatchObject({ total: burst, successful: burst - 50, failed: 50, aborted: false });
  expect(failed).toHaveLength(50);
  expect(records('ecs')).toHaveLength(burst - 50);
  expect(new Set(records('ecs').map(({ message }) => message)).size).toBe(burst - 50);
  expect(refused()).toBe(50);
  expect(brought[0]!.source).toBe('_bulk logs-portal');
});

test(`OpenTelemetry's exporter: ${burst} log records in batches`, async () => {
  const exporter = new OTLPLogExporter({ url: `${address()}/v1/logs`, headers: { authorization: `Bearer ${token}` } });
  const provider = new LoggerProvider({
    processors: [new BatchLogRecordProcessor({ exporter, maxQueueSize: 2 * burst, maxExportBatchSize: 2_048 })],
  });
  const logger = provider.getLogger('portal');
  for (let n = 0; n < burst; n++) {
    logger.emit({
      severityNumber: 9,
      severityText: 'INFO',
      // Every thousandth is half an object.
      body: n % 1_000 === 999 ? '{"broken": ' : `request ${n} was answered`,
      attributes: { 'http.request.method': 'GET', 'http.response.status_code': 200 },
    });
  }
  await provider.forceFlush();
  await provider.shutdown();
  expect(records('otel_log')).toHaveLength(burst - 50);
  expect(records('otel_log')[0]).toMatchObject({ Body: 'request 0 was answered', SeverityText: 'INFO' });
  expect(refused()).toBe(50);
});
