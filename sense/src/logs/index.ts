/**
 * The one list of log formats, in the order in which they are asked: the first that knows its own takes it. What says what it is comes before what only
 * looks like something; `json` takes every object, so it is the last.
 */

import type { LogFormat } from './format.ts';
import { auditd } from './auditd/auditd.ts';
import { azure } from './azure/azure.ts';
import { cap } from './cap/cap.ts';
import { cef } from './cef/cef.ts';
import { cloudtrail } from './cloudtrail/cloudtrail.ts';
import { containers } from './containers/containers.ts';
import { csv } from './csv/csv.ts';
import { discourse } from './discourse/discourse.ts';
import { ecsPlatform } from './ecs/ecs.ts';
import { ejabberd } from './ejabberd/ejabberd.ts';
import { evtx } from './evtx/evtx.ts';
import { gcp } from './gcp/gcp.ts';
import { github } from './github/github.ts';
import { ipfix } from './ipfix/ipfix.ts';
import { journald } from './journald/journald.ts';
import { json } from './json/json.ts';
import { keycloak } from './keycloak/keycloak.ts';
import { keyvalue } from './keyvalue/keyvalue.ts';
import { kubernetes } from './kubernetes/kubernetes.ts';
import { leef } from './leef/leef.ts';
import { mastodon } from './mastodon/mastodon.ts';
import { mpegTs } from './mpeg_ts/mpeg_ts.ts';
import { mrt } from './mrt/mrt.ts';
import { okta } from './okta/okta.ts';
import { prosody } from './prosody/prosody.ts';
import { ris } from './ris/ris.ts';
import { suricata } from './suricata/suricata.ts';
import { synapse } from './synapse/synapse.ts';
import { syslog } from './syslog/syslog.ts';
import { web } from './web/access.ts';
import { windows } from './windows/windows.ts';
import { zeek } from './zeek/zeek.ts';

export const logFormats: readonly LogFormat[] = [
  evtx,
  windows,
  ipfix,
  mrt,
  mpegTs,
  cap,
  zeek,
  journald,
  web,
  discourse,
  csv,
  ris,
  suricata,
  cloudtrail,
  gcp,
  kubernetes,
  okta,
  github,
  azure,
  containers,
  ecsPlatform,
  keycloak,
  mastodon,
  synapse,
  prosody,
  ejabberd,
  auditd,
  cef,
  leef,
  syslog,
  keyvalue,
  json,
];
