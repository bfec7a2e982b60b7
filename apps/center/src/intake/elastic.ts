/**
 * What shippers that write to Elasticsearch ask before and beside `_bulk`: who is there, its version and licence, and for templates, policies
 * and pipelines to be set up. They are told what they need to go on; nothing is set up, because records have their columns here.
 */

export type Answer = { status: number; body: object };

/** Beats refuse a server older than themselves, so they are told their own version; others one that all of them know. */
const versionDefault = '8.15.0';

const versionOf = (agent: string): string =>
  /^(?:Elastic-)?\w+(?:beat)?[-/](\d{1,2}\.\d{1,3}\.\d{1,3})\b/i.exec(agent)?.[1] ?? versionDefault;

const done: Answer = { status: 200, body: { acknowledged: true } };

/** Whether the path is one of Elasticsearch's: of what is no index all begin with `_`. */
export const isElasticPath = (path: string): boolean => /^\/_[a-z]/.test(path) || /^\/[^/]{1,255}\/_bulk$/.test(path);

/** The answer to everything but `_bulk`; undefined for what shippers do not ask. */
export function elasticAnswer(method: string, path: string, agent: string): Answer | undefined {
  const reads = method === 'GET' || method === 'HEAD';
  const first = /^\/(_[a-z_]+)/.exec(path)?.[1];
  if (path === '/' && reads) {
    return {
      status: 200,
      body: {
        name: 'forewarn',
        cluster_name: 'forewarn',
        cluster_uuid: 'forewarn',
        version: {
          number: versionOf(agent),
          build_flavor: 'default',
          build_type: 'other',
          build_hash: 'unknown',
          build_snapshot: false,
          lucene_version: '9.11.1',
          minimum_wire_compatibility_version: '7.17.0',
          minimum_index_compatibility_version: '7.0.0',
        },
        tagline: 'You Know, for Search',
      },
    };
  }
  switch (first) {
    case '_license':
      return reads
        ? { status: 200, body: { license: { status: 'active', uid: 'forewarn', type: 'basic', mode: 'basic' } } }
        : undefined;
    case '_xpack':
      return reads
        ? {
            status: 200,
            body: {
              license: { uid: 'forewarn', type: 'basic', mode: 'basic', status: 'active' },
              features: { ilm: { available: true, enabled: false }, security: { available: true, enabled: true } },
            },
          }
        : undefined;
    case '_cluster':
      return reads
        ? { status: 200, body: { cluster_name: 'forewarn', status: 'green', timed_out: false, number_of_nodes: 1 } }
        : undefined;
    case '_nodes':
      return reads ? { status: 200, body: { cluster_name: 'forewarn', nodes: {} } } : undefined;
    case '_alias':
    case '_ilm':
    case '_index_template':
    case '_component_template':
    case '_template':
    case '_data_stream':
    case '_ingest':
      if (method === 'PUT' || method === 'POST') return done;
      // There is none: then they set one up, and are told that it is done.
      return reads
        ? { status: 404, body: errorBody(404, 'resource_not_found_exception', 'There is none of this name.') }
        : undefined;
    default:
      return undefined;
  }
}

export const errorBody = (status: number, type: string, reason: string): object => ({
  error: { root_cause: [{ type, reason }], type, reason },
  status,
});
