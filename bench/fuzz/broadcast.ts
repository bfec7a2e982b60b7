/** Radio and television beside the parsers of their protocols: files of transport streams, tables whose checksum is right, manifests and warnings. */

import { Files } from '@forewarn/sense/files/files';
import { cap } from '@forewarn/sense/logs/cap/cap';
import type { LogFormat } from '@forewarn/sense/logs/format';
import { mpegTs } from '@forewarn/sense/logs/mpeg_ts/mpeg_ts';
import { defaultLimits } from '@forewarn/sense/limits';
import { Budget } from '@forewarn/sense/protocols/mpeg_ts/budget';
import { Faults } from '@forewarn/sense/protocols/mpeg_ts/faults';
import { Programs } from '@forewarn/sense/protocols/mpeg_ts/programs';
import { crc32 } from '@forewarn/sense/protocols/mpeg_ts/sections';
import type { Arrival } from '@forewarn/sense/protocols/trial';
import { caDescriptor, joined, makeStream, pat, pmt, sdt, section, tdt } from '@forewarn/sense/testing/mpeg-ts';
import type { Family, Input, Witness } from './family.ts';
import { pieceFamily } from './readers.ts';

const t0 = 1_767_225_600;

const starts = (...inputs: readonly (string | Uint8Array)[]): Input[] =>
  inputs.map((bytes, seed) => ({
    seed,
    arrivals: [{ direction: 0, ts: t0, bytes: typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes }],
  }));

const readerBytesMax = 262_144;

const bytesOf = (arrival: Arrival): Uint8Array | undefined => ('bytes' in arrival ? arrival.bytes : undefined);

function fileFamily(name: string, format: LogFormat, from: readonly Input[]): Family {
  return pieceFamily(name, from, (witness) => {
    const open = () =>
      format.file!.open(
        {
          record: (log, record) => witness.record(log, record),
          refused: (reason) => witness.trait(reason),
          shortened: () => witness.trait('shortened'),
        },
        { name },
      );
    let reader = open();
    let read = 0;
    return {
      take(arrival) {
        const bytes = bytesOf(arrival);
        if (!bytes) return;
        reader.data(bytes);
        read += bytes.length;
        // A document is held until it ends, up to its ceiling of 4 MB: it ends before that could be taken for growth.
        if (read < readerBytesMax) return;
        read = 0;
        reader.end();
        reader = open();
      },
      finish: () => reader.end(),
    };
  });
}

const stream = joined(makeStream(0.25));
const wide = new Uint8Array((stream.length / 188) * 192);
for (let n = 0; n * 188 < stream.length; n++) wide.set(stream.subarray(n * 188, n * 188 + 188), n * 192 + 4);

// ---- tables: damage behind a checksum would never be read, so each is sealed anew ---------------------------------

/** The PID of each start, by its number. */
const tablePids = [0, 0x100, 1, 0x11, 0x14, 0x10];
const tableStarts = starts(
  pat({ 0: 0x10, 1: 0x100, 2: 0x100, 3: 0x101 }),
  pmt(1, 0x101, [[0x101, 0x1b], [0x102, 0x0f], [0x103, 0x06]], caDescriptor(0x500, 0x200)), // oxfmt-ignore
  section({ table: 1, body: [...caDescriptor(0x500, 0x201), ...caDescriptor(0x4a75, 0x202)] }),
  sdt({ 1: 'One', 2: '\u0015Zwei', 3: '' }),
  tdt(),
  section({ table: 0x40, body: [0xf0, 0, 0xf0, 0] }),
);

function sealed(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice(0, 4_096);
  if (copy.length < 12) return copy;
  const length = copy.length - 3;
  copy[1] = (copy[1]! & 0xf0) | (length >> 8);
  copy[2] = length & 0xff;
  const crc = crc32(copy, 0, copy.length - 4);
  copy.set([crc >>> 24, (crc >>> 16) & 0xff, (crc >>> 8) & 0xff, crc & 0xff], copy.length - 4);
  return copy;
}

function tables(witness: Witness, input: Input): { take(arrival: Arrival): void; finish(): void } {
  const budget = new Budget();
  const programs = new Programs(new Faults((fault) => witness.record('mpeg_ts_fault', fault)), budget);
  programs.start(t0);
  const map = pat({ 1: 0x100 });
  programs.section(0, map, 0, map.length, t0);
  return {
    take(arrival) {
      const bytes = bytesOf(arrival);
      if (!bytes || bytes.length === 0) return;
      const whole = sealed(bytes);
      programs.section(tablePids[input.seed] ?? 0, whole, 0, whole.length, arrival.ts);
      programs.look(arrival.ts, new Map());
    },
    finish() {
      const described: { [name: string]: unknown } = {};
      programs.describe(described as never);
      witness.record('mpeg_ts', described);
      programs.release();
      if (budget.entries !== 0) throw new Error(`${budget.entries} entries are still counted`);
    },
  };
}

// ---- manifests and warnings ---------------------------------------------------------------------------------------

const warning = (more: string): string =>
  `<?xml version="1.0"?><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a</identifier><sender>b</sender><sent>2026-01-01T00:00:00-00:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>${more}</alert>`;

const contentStarts = starts(
  '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXTINF:6.0,\nhttps://e.example/a.ts\n#EXT-X-DISCONTINUITY\n#EXT-X-GAP\n#EXTINF:5,\nb.ts\n',
  '#EXTM3U\r\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1,mp4a"\r\nlow.m3u8\r\n#EXT-X-MEDIA:TYPE=AUDIO,URI="a"\r\n#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=2,URI="i"\r\n',
  '<?xml version="1.0"?><MPD type="dynamic" minimumUpdatePeriod="PT2S" publishTime="2026-01-01T00:00:00Z" maxSegmentDuration="PT4.5S"><BaseURL>http://c.example/</BaseURL><Period><AdaptationSet codecs="avc1"><ContentProtection schemeIdUri="urn:x"/><S d="4" r="9"/><Representation/></AdaptationSet></Period></MPD>',
  warning('<info><category>Met</category><event>x</event><expires>2026-01-01T01:00:00Z</expires><eventCode><valueName>a</valueName><value>b</value></eventCode><area><geocode><valueName>c</valueName><value>d</value></geocode></area></info><Signature><SignatureMethod Algorithm="r"/></Signature>'), // oxfmt-ignore
  `<feed><entry><content>${warning('<info/><info/>').slice(21)}</content></entry><![CDATA[<alert>]]></feed>`,
);

function fetched(witness: Witness): { take(arrival: Arrival): void; finish(ts: number): void } {
  const files = new Files(defaultLimits, 0, (log, record) => witness.record(log, record));
  const facts = { uid: 'C', originator: '192.0.2.1', originatorPort: 40_000, responder: '198.51.100.1', responderPort: 80 };
  const asked = { host: 'h', uri: '/u?q' };
  let file = files.begin(facts, { source: 'HTTP', direction: 1, ts: t0, asked }, 0, 1);
  let n = 1;
  return {
    take(arrival) {
      if ('missing' in arrival) file.gap(arrival.missing, arrival.ts);
      else file.data(arrival.bytes, 0, arrival.bytes.length, arrival.ts);
      // Every other direction begins the next fetch of the same place.
      if (arrival.direction === 0) return;
      file.end(arrival.ts);
      file = files.begin(facts, { source: 'HTTP', direction: 1, ts: arrival.ts, asked }, 0, ++n);
    },
    finish(ts) {
      file.end(ts);
      if (files.open !== 0) throw new Error(`${files.open} files are still open`);
    },
  };
}

export const broadcastFamilies: readonly Family[] = [
  fileFamily('log-mpeg-ts', mpegTs, starts(stream.subarray(0, 188 * 60), wide.subarray(0, 192 * 40))),
  fileFamily('log-cap', cap, contentStarts.slice(3)),
  pieceFamily('mpeg-ts-tables', tableStarts, tables),
  pieceFamily('contents', contentStarts, fetched),
];
