/** The readers of logs: EVTX, XML, objects of JSON, lines of all formats, and files with a form of their own. */

import { LineCutter } from '@forewarn/sense/logs/lines';
import { csv, mappedFormat } from '@forewarn/sense/logs/csv/csv';
import { discourse } from '@forewarn/sense/logs/discourse/discourse';
import { evtx } from '@forewarn/sense/logs/evtx/evtx';
import type { LogFormat, LogReader } from '@forewarn/sense/logs/format';
import { logFormats } from '@forewarn/sense/logs/index';
import { createLogIntake } from '@forewarn/sense/logs/intake';
import { journald } from '@forewarn/sense/logs/journald/journald';
import { recogniseLog, type LogReading } from '@forewarn/sense/logs/read';
import { mrt } from '@forewarn/sense/logs/mrt/mrt';
import { web } from '@forewarn/sense/logs/web/access';
import { windows } from '@forewarn/sense/logs/windows/windows';
import { zeek } from '@forewarn/sense/logs/zeek/zeek';
import * as bgp from '@forewarn/sense/testing/bgp';
import { eventRecord, eventTemplate, makeChunk } from '@forewarn/sense/testing/evtx';
import type { Family, Input, Subject, Witness } from './family.ts';

const t0 = 1_767_225_600;

const starts = (...inputs: readonly (string | Uint8Array)[]): Input[] =>
  inputs.map((bytes, seed) => ({
    seed,
    arrivals: [{ direction: 0, ts: t0, bytes: typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes }],
  }));

/**
 * An event may be as long as its ceiling, 4 MB, and is held until it ends: a reader of the fuzzer ends before what it holds could be taken for growth.
 * That the ceilings hold is tested beside the readers.
 */
const readerBytesMax = 262_144;

/** A family of what is fed with bytes. */
function bytesFamily(name: string, from: readonly Input[], open: (witness: Witness, input: Input) => LogReader): Family {
  return {
    name,
    starts: from,
    inputsEach: 1_000,
    open(witness): Subject {
      let reader: LogReader | undefined;
      let input: Input = from[0]!;
      let bytes = 0;
      return {
        begin(next) {
          input = next;
          bytes = 0;
          reader = open(witness, input);
        },
        arrive(arrival) {
          if (!('bytes' in arrival)) return;
          reader!.data(arrival.bytes);
          bytes += arrival.bytes.length;
          if (bytes < readerBytesMax) return;
          bytes = 0;
          reader!.end();
          reader = open(witness, input);
        },
        finish() {
          reader?.end();
          reader = undefined;
        },
        end: () => undefined,
      };
    },
  };
}

const emitTo = (witness: Witness) => ({
  record: (log: string, record: { readonly [name: string]: unknown }) => witness.record(log, record),
  refused: (reason: string) => witness.trait(reason),
  shortened: () => witness.trait('shortened'),
});

/** A format as a file, whatever its beginning says. */
const fileOf = (format: LogFormat, witness: Witness, name = 'x.csv'): LogReader => format.file!.open(emitTo(witness), { name });

const eventXml = (data: string): string =>
  `<Events>\r\n<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='P'/><EventID Qualifiers="0">1</EventID>` +
  `<TimeCreated SystemTime='2026-01-01T00:00:00.1234567Z'/><Channel>C</Channel><Computer>pc</Computer></System><EventData>${data}</EventData></Event></Events>`;

const evtxHead = new Uint8Array(4_096);
const evtxStarts = starts(
  makeChunk(eventTemplate, [1, 2].map((n) => eventRecord(n, t0 + n, `cmd /c ${n}`))), // oxfmt-ignore
  makeChunk({ name: 'Event', parts: [{ name: 'System', parts: [{ name: 'Channel', parts: ['C'] }] }, { name: 'UserData', parts: [{ name: 'a', parts: ['b'] }] }] }, [{ number: 1, seconds: t0, values: [] }]), // oxfmt-ignore
);

const objectStarts = starts(
  '{"ts":1.5,"uid":"C1","id.orig_h":"10.0.0.1","a":[1,"x"]}\n{"_path":"dns","ts":"2026-01-01T00:00:00.000000Z"}\n',
  '{"Records":[{"eventVersion":"1.08","eventTime":"2026-01-01T00:00:00Z","eventSource":"iam.amazonaws.com","eventName":"X","userIdentity":{"a":{"b":[{"c":1},{"c":2}]}}}]}',
  '[{"protoPayload":{"methodName":"x"},"timestamp":"2026-01-01T00:00:00.5Z"}, {"n":-9223372036854775808}]',
  '{"kind":"EventList","apiVersion":"v1","items":[{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"get"}]}',
  '{\n "Event": {"System": {"EventID": {"#text": 1}, "Channel": "C"}, "EventData": {"A": "b"}}\n}\n{"winlog":{"channel":"C","event_id":"1","event_data":{"a":"b"}}}',
  '{"time":1672833679695,"type":"LOGIN_ERROR","realmId":"r","ipAddress":"::1","error":"e","details":{"username":"a"}}\n{"time":1,"realmId":"r","authDetails":{"userId":"a"},"operationType":"ACTION","resourceType":"USER","resourcePath":"users/u/reset-password"}\n{"_log":"federation","peer":"b.example:443","event":{"outcome":"failure"}}',
  '{"type":"ris_message","data":{"timestamp":1700000000.25,"peer":"192.0.2.1","peer_asn":"1","host":"rrc21","type":"UPDATE","path":[1,[2,3]],"community":[[1,2]],"origin":"igp","announcements":[{"next_hop":"192.0.2.1","prefixes":["10.0.0.0/8"]}],"withdrawals":["::/0"]}}',
  '{"timestamp":"2026-01-01T00:00:00.000000+0000","flow_id":1,"event_type":"alert","alert":{"signature":"s"}}\n{"__REALTIME_TIMESTAMP":"1767225600000000","MESSAGE":[104,105]}',
);

const lineStarts = starts(
  '<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - [id@32473 iut="3" x="App\\]lic\\"n"][x@1] \u{feff}an event\n<34>Oct 11 22:14:15 mymachine su[231]: failed\n',
  '<14>1 2026-01-01T00:00:00Z h a - - - @cee: {"a":{"b":1}}\n2026-11-22T08:00:00.123456+01:00 gw cron: x\n',
  '<14>Jan  1 00:00:00 fw CEF:0|V|P\\|x|1|7|n|3|rt=1767225605000 src=192.0.2.1 msg=a \\= b\\nc cs1Label=x cs1=y z\n',
  'LEEF:2.0|L|S|1.0|41|^|src=10.0.1.8^devTime=Jan 01 2026 00:00:05\nLEEF:1.0|M|E|1|2|a=b\tc=d\n',
  'date=2026-01-01 time=00:00:05 tz="+0100" devname="FG 1" msg="a \\"b\\" c"\nlevel=info ts=2026-01-01T00:00:00Z msg=x\n',
  'type=EXECVE msg=audit(1604996384.965:93777): argc=3 a0="dd" a1=6F663D2F\nnode=h type=USER_LOGIN msg=audit(1.1:1): pid=1 msg=\'op=login acct="root" res=failed\'\ntype=AVC msg=audit(1.1:1): avc:  denied  { read } for  pid=5\u001dUID="root"\n',
  'www.example:443 192.0.2.7 - frank [01/Jan/2026:01:00:00 +0100] "GET /a?x=%27 HTTP/1.1" 200 2326 "https://r/" "M \\"x\\""\n',
  '2024-10-17 10:43:38,199 WARN  [org.keycloak.events] (t-26) type="LOGIN_ERROR", realmName="test", userId="4e2f", ipAddress="192.0.2.1", error="invalid_user_credentials", username="a \\"x\\" l"\n',
  'I, [2026-01-01T00:00:00.5 #7]  INFO -- : [4109a112-b3e4-4017-8f71-00c7c5d3a690] method=POST path=/inbox format=html controller=ActivityPub::InboxesController action=create status=202 duration=233.65 key=https://s.example/users/p#main-key\nRate limit hit (throttle:t/ip): 4711 192.0.2.7 GET /a\n',
  '2026-01-01T00:00:00.242Z pid=520 tid=agps class=ActivityPub::DeliveryWorker jid=ef WARN: Mastodon::UnexpectedResponseError: https://b.example/inbox returned code 503\n',
  '2026-01-01 00:00:00,250 - synapse.access.http.8008 - 460 - INFO - PUT-1 - 192.0.2.1 - 8008 - {@a:b.example} Processed request: 0.100sec/-0.000sec (0.0sec, 0.0sec) (0.0sec/0.0sec/3) 11B 200! "PUT /_matrix/client/v3/rooms/!r:b/send/m/7?x HTTP/1.1" "S/1" [0 dbevts]\n2026-01-01 00:00:00,250 - synapse.http.matrixfederationclient - 307 - INFO - x-7 - {PUT-O-1} [b.example] Request failed: PUT matrix-federation://b.example/_matrix/federation/v1/send/17: E(x)\n',
  'Nov 22 08:00:00 s2sout55\tinfo\tOutgoing s2s stream example.org->b.example closed: connection-timeout\nc2s5\tinfo\tAuthenticated as a@example.org\n2026-01-01 00:00:00.123456+00:00 [warning] <0.52.0>@ejabberd_c2s:process_auth_result:278 (tls|<0.52.0>) Failed c2s PLAIN authentication for a@b.example from ::ffff:192.0.2.7: Invalid username or password\n',
  '2026-01-01 00:00:00.5 +0000 UTC default /tasks/start {"container_id":"c","pid":7}\n<Event><System><EventID>1</EventID></System></Event>\n',
);

/** Which format a start is of, by its number. */
const fileFormats: readonly LogFormat[] = [
  zeek,
  web,
  journald,
  csv,
  mappedFormat({ log: 'm', form: 'csv', separator: ';', fields: { a: 'b' }, time: { field: 't', zone: '+08:00' } }),
  discourse,
];
const fileStarts = starts(
  '#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n#fields\tts\tquery\tAA\tanswers\tTTLs\n#types\ttime\tstring\tbool\tvector[string]\tvector[interval]\n1.5\ta\\x2cb\tT\ta,b\t60.0,1\n#close\t-\n',
  '#Software: IIS\r\n#Fields: date time cs-method cs-uri-stem c-ip cs(User-Agent) sc-status\r\n2026-01-01 00:00:00 GET /a 192.0.2.7 M+(X) 200\r\n#Fields: date time action\r\n2026-01-01 00:00:01 DROP\r\n',
  Uint8Array.from([...new TextEncoder().encode('__CURSOR=a\n__REALTIME_TIMESTAMP=1767225600000001\nMESSAGE\n'), 3, 0, 0, 0, 0, 0, 0, 0, 97, 10, 98, 10, ...new TextEncoder().encode('_PID=7\n\n__CURSOR=b\n_PID=8\n')]), // oxfmt-ignore
  'time,src,"note"\r\n2026-01-01 00:00:00,192.0.2.1,"a ""b"",\nc"\r\nshort\r\n2026-01-01 00:00:01,,x',
  't;a\n2026-01-01 08:00:00;x\n',
  'staff_user,action,subject,created_at,details,context\nmod,suspend_user,ada,2026-01-01 00:00:00 UTC,"he ""x""\nmore",/t/7\n',
);

const bgpEnds: bgp.Ends = { peerAs: 64_500, localAs: 12_654, peer: '192.0.2.1', local: '192.0.2.254' };
const bgpEnds6: bgp.Ends = { ...bgpEnds, peer: '2001:db8::1', local: '2001:db8::fe' };
const bgpPath = [
  ...bgp.origin(0),
  ...bgp.asPath(4, [64_500], { set: [1, 2] }),
  ...bgp.nextHop('192.0.2.1'),
  ...bgp.med(5),
  ...bgp.communities([1, 2]),
];
const bgpRoute = { peer: 1, originated: t0, attributes: [...bgpPath, ...bgp.attribute(0x80, 14, [4, 192, 0, 2, 1])] };
const bgpIndex = bgp.peerIndex(t0, '193.0.0.1', 'v', [{ id: '192.0.2.1', ip: '192.0.2.1', as: 1, octets: 2 }, { id: '192.0.2.2', ip: '2001:db8::2', as: 2 }]); // oxfmt-ignore
const mrtStarts = starts(
  Buffer.concat([
    bgp.mrt(t0, 16, 4, [...bgp.ends(bgpEnds, 4), ...bgp.update({ attributes: bgpPath, announced: bgp.prefixes('10.0.0.0/8', '0.0.0.0/0'), withdrawn: bgp.prefixes('192.0.2.0/24') })]), // oxfmt-ignore
    bgp.mrt(t0, 17, 8, [...bgp.ends(bgpEnds6, 2), ...bgp.update({ attributes: [...bgp.origin(0), ...bgp.asPath(2, [1, 23_456]), ...bgp.as4Path([70_000]), ...bgp.mpReach(2, 1, '2001:db8::1', bgp.prefixes('7 2001:db8::/32')), ...bgp.mpUnreach(2, 1, bgp.prefixes('8 ::/0'))] })], 5), // oxfmt-ignore
    bgp.mrt(t0, 16, 5, [...bgp.ends(bgpEnds, 4), 0, 6, 0, 1]),
    bgp.mrt(t0, 16, 7, [...bgp.ends(bgpEnds, 4), ...bgp.open({ capabilities: [bgp.capability(1, [0, 1, 0, 1]), bgp.capability(69, [0, 1, 1, 3]), bgp.capability(73, [1, 97, 1, 98])] })]), // oxfmt-ignore
  ]),
  Buffer.concat([
    bgpIndex,
    bgp.mrt(t0, 13, 2, [0, 0, 0, 0, ...bgp.prefix('10.0.0.0/8'), ...bgp.ribEntries([bgpRoute, bgpRoute])]),
    bgp.mrt(t0, 13, 10, [0, 0, 0, 1, ...bgp.prefix('2001:db8::/32'), ...bgp.ribEntries([{ ...bgpRoute, pathId: 7 }])]),
    bgp.mrt(t0, 13, 12, [0, 0, 0, 2, 0, 1, 4, 0, 0, 0, 9, 32, 0, 1, 1, 10, ...bgp.ribEntries([bgpRoute])]),
    bgp.mrt(t0, 12, 1, [0, 0, 0, 1, 10, 0, 0, 0, 8, 1, 0, 0, 0, 0, 192, 0, 2, 1, 0, 1, 0, 4, 64, 1, 1, 0]),
  ]),
);

/** Lines through an intake, as a listener gives them. */
function intakeReader(witness: Witness): LogReader {
  const intake = createLogIntake(
    { name: 'udp', at: () => t0 },
    { record: (log, record) => witness.record(log, record) },
    logFormats,
  );
  const cutter = new LineCutter(
    (text) => intake.line(text),
    () => witness.trait('too-long'),
  );
  return {
    data: (bytes) => cutter.push(bytes),
    end() {
      cutter.end();
      intake.flush();
      for (const reason of Object.keys(intake.account().refused)) witness.trait(reason);
    },
  };
}

/** What `forewarn read` does: the format is told by the first bytes, and what is no log is not read. */
function toldReader(witness: Witness): LogReader {
  let reading: LogReading | undefined;
  let looked = false;
  return {
    data(bytes) {
      if (!looked) {
        looked = true;
        reading = recogniseLog(bytes, 'x.log')?.open({ name: 'x.log' }, { record: (log, record) => witness.record(log, record) });
      }
      reading?.push(bytes);
    },
    end: () => void reading?.end(),
  };
}

export const logFamilies: readonly Family[] = [
  bytesFamily('log-evtx', evtxStarts, (witness) => {
    const reader = fileOf(evtx, witness);
    reader.data(evtxHead);
    return reader;
  }),
  bytesFamily(
    'log-xml',
    starts(
      eventXml('<Data Name="X">a &lt; &#65;</Data><Data><![CDATA[</Event>]]></Data><!-- c --><Data/>'),
      `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa">]>${eventXml('<Data Name="Y">&a;</Data>')}`,
    ),
    (witness) => fileOf(windows, witness),
  ),
  bytesFamily('log-objects', objectStarts, toldReader),
  bytesFamily('log-lines', lineStarts, intakeReader),
  bytesFamily('log-mrt', mrtStarts, (witness) => fileOf(mrt, witness)),
  bytesFamily('log-files', fileStarts, (witness, input) => fileOf(fileFormats[input.seed] ?? zeek, witness)),
];
