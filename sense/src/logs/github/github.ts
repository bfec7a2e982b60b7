/** GitHub's audit log of an organisation or enterprise, as it is exported and streamed. */

import { isText, objectsOf } from '../objects-of.ts';

export const github = objectsOf({
  name: 'github',
  logs: ['github_audit'],
  owns: (event) =>
    isText(event['action']) &&
    /^[a-z0-9_]+(?:\.[a-z0-9_]+)+$/.test(event['action']) &&
    ['actor', 'actor_id', '_document_id'].some((name) => event[name] !== undefined) &&
    ['org', 'business', 'repo', 'repository', 'user', '_document_id'].some((name) => event[name] !== undefined),
  times: ['@timestamp', 'created_at', 'at_sign_timestamp'],
});
