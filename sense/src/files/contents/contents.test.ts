import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { recogniseLog } from '../../logs/read.ts';
import { defaultLimits } from '../../limits.ts';
import { http } from '../../protocols/http/http.ts';
import { ascii, flowOf, run } from '../../protocols/trial.ts';
import { type FileHash, fileHashes, Files } from '../files.ts';
import { durationOf } from './dash.ts';
import { Fetched } from './fetched.ts';
import { limits as hlsLimits } from './hls.ts';

const facts = { uid: 'C1', originator: '192.0.2.1', originatorPort: 40_000, responder: '198.51.100.1', responderPort: 80 };

/** Files fetched one after the other by one client; each in pieces of the given length. */
function fetcher(hashes = fileHashes as readonly FileHash[]) {
  const all: { log: string; record: AnyRecord }[] = [];
  const files = new Files(defaultLimits, 7, (log, record) => void all.push({ log, record }), hashes);
  let opened = 0;
  return (text: string | Uint8Array, { ts = 1_700_000_000, uri = '/live/a.m3u8?token=s3cret', piece = 1_400, gap = false, direction = 1 as 0 | 1 } = {}): AnyRecord[] => {
    const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
    const from = all.length;
    const file = files.begin(facts, { source: 'HTTP', direction, ts, asked: { host: 'cdn.example', uri } }, 1, ++opened);
    for (let at = 0; at < bytes.length; at += piece) {
      file.data(bytes, at, Math.min(at + piece, bytes.length), ts);
      if (gap && at === 0) file.gap(10, ts);
    }
    file.end(ts + 1);
    expect(files.open).toBe(0);
    return all.slice(from).filter(({ log }) => log !== 'files').map(({ record }) => record);
  };
} // oxfmt-ignore

const media = (sequence: number, segments = 3, more = ''): string =>
  `#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:${sequence}\n#EXT-X-KEY:METHOD=AES-128,URI="https://keys.example/k?id=s3cret"\n` +
  Array.from({ length: segments }, (_, i) => `#EXTINF:6.006,title\nhttps://edge${i % 2}.example/s${sequence + i}.ts?token=s3cret\n`).join('') + more; // oxfmt-ignore

describe('HLS', () => {
  test('a media playlist', () => {
    const [record] = fetcher()(media(100, 3, '#EXT-X-DISCONTINUITY\n#EXT-X-GAP\n#EXTINF:9.1,\nx.ts'));
    expect(record).toMatchObject({
      uid: 'C1', host: 'cdn.example', uri: '/live/a.m3u8', format: 'hls', type: 'media', version: '6', target_duration: 6, media_sequence: 100,
      segments: 4, segments_duration: 27.118, segment_max: 9.1, discontinuities: 1, gaps: 1, ended: false, encryption: ['AES-128'],
      segment_hosts: ['edge0.example', 'edge1.example'], progress: 'first', cut: false, variants: 0,
    }); // oxfmt-ignore
    expect(JSON.stringify(record)).not.toContain('s3cret');
  });
  test('a master playlist', () => {
    const [record] = fetcher()('#EXTM3U\r\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.64001f,mp4a.40.2"\r\nlow.m3u8\r\n#EXT-X-STREAM-INF:BANDWIDTH=2,CODECS="avc1.64001f"\r\nhttp://u:p@b.example:81/high.m3u8\r\n'); // oxfmt-ignore
    expect(record).toMatchObject({
      type: 'master',
      variants: 2,
      segments: 0,
      codecs: ['avc1.64001f', 'mp4a.40.2'],
      segment_hosts: ['b.example:81'],
    });
    expect(record).not.toHaveProperty('progress');
  });
  test('goes on, stands still, steps back', () => {
    const fetch = fetcher();
    const progress = (sequence: number, ts: number) => {
      const [record] = fetch(media(sequence), { ts: 1_700_000_000 + ts });
      return [record!['progress'], record!['stalled']];
    };
    expect([progress(100, 0), progress(101, 6), progress(101, 12), progress(101, 30), progress(99, 36), progress(103, 40)]).toEqual([
      ['first', undefined], ['ahead', undefined], ['standing', 6], ['standing', 24], ['backwards', undefined], ['ahead', undefined],
    ]); // oxfmt-ignore
    const [over] = fetch(media(1, 3, '#EXT-X-ENDLIST\n'), { uri: '/vod.m3u8' });
    expect(over).toMatchObject({ ended: true });
    expect(over).not.toHaveProperty('progress');
  });
  test('a million lines, endless lines, gaps', () => {
    const fetch = fetcher();
    const [long] = fetch(`#EXTM3U\n#EXT-X-TARGETDURATION:1\n${'#EXTINF:1,\na.ts\n'.repeat(500_000)}`, { piece: 65_536 });
    expect(long).toMatchObject({ cut: true, segments: hlsLimits.find(({ name }) => name === 'hls.linesMax')!.value / 2 - 1 });
    const [line] = fetch(`#EXTM3U\n#EXT-X-TARGETDURATION:1\n${'x'.repeat(2_000_000)}`, { piece: 65_536 });
    expect(line).toMatchObject({ segments: 1 });
    const [holed] = fetch(media(1, 500), { gap: true, uri: '/b', piece: 5_000 });
    expect(holed).toMatchObject({ cut: true });
  });
  test('any cutting gives the same record', () => {
    const whole = fetcher()(media(7, 200), { piece: 1_000_000 })[0]!;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000 }), (piece) => {
        expect(fetcher()(media(7, 200), { piece })[0]).toEqual(whole);
        // A sensor that hashes nothing reads all the same.
        expect(fetcher([])(media(7, 200), { piece })[0]).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });
  test('places are forgotten, the oldest first', () => {
    const fetched = new Fetched();
    for (let i = 0; i < 10_000; i++) fetched.compare(`p${i}`, 1, 1, 1);
    expect(fetched.compare('p0', 1, 1, 2).progress).toBe('first');
    expect(fetched.compare('p9999', 1, 1, 2).progress).toBe('standing');
  });
});

const mpd = `<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="dynamic" profiles="urn:mpeg:dash:profile:isoff-live:2011" minimumUpdatePeriod="PT2S" publishTime="2026-01-01T00:00:00Z" maxSegmentDuration="PT4.5S">
 <BaseURL>https://u:p@cdn.example/live/?t=s3cret</BaseURL>
 <Period id="1"><AdaptationSet codecs="avc1.4d401f"><ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011" value="cenc"/>
  <SegmentTemplate><SegmentTimeline><S t="0" d="4" r="9"/><S d="2"/></SegmentTimeline></SegmentTemplate>
  <Representation id="v1"/><Representation id="v2" codecs="hev1.1"/></AdaptationSet></Period><Period id="2"/></MPD>`;

describe('DASH', () => {
  test('a description that is live', () => {
    const fetch = fetcher();
    expect(fetch(mpd)[0]).toMatchObject({
      format: 'dash', type: 'dynamic', version: 'urn:mpeg:dash:profile:isoff-live:2011', update_period: 2, target_duration: 4.5, published: 1_767_225_600,
      variants: 2, segments: 11, discontinuities: 1, codecs: ['avc1.4d401f', 'hev1.1'], encryption: ['urn:mpeg:dash:mp4protection:2011'],
      segment_hosts: ['cdn.example'], progress: 'first', ended: false, cut: false,
    }); // oxfmt-ignore
    expect(fetch(mpd, { ts: 1_700_000_007 })[0]).toMatchObject({ progress: 'standing', stalled: 7 });
  });
  test('XML bombs, depth, and documents that are too long are not read', () => {
    const fetch = fetcher();
    const bomb = `<?xml version="1.0"?><!DOCTYPE MPD [<!ENTITY a "${'x'.repeat(100)}"><!ENTITY b "&a;&a;&a;&a;">]><MPD type="dynamic">&b;</MPD>`;
    expect(fetch(bomb)[0]).toMatchObject({ cut: true, segments: 0 });
    expect(fetch(`<MPD>${'<a>'.repeat(10_000)}`)[0]).toMatchObject({ cut: true });
    expect(fetch(`<MPD>${' '.repeat(600_000)}</MPD>`, { piece: 65_536 })[0]).toMatchObject({ cut: true });
    expect(fetch('<MPD><S r="99999999999"/><S r="-1"/><S r="x"/></MPD>')[0]).toMatchObject({ segments: 86_401 + 2 });
  });
  test('durations', () => {
    expect([durationOf('PT1H2M3.5S'), durationOf('P1DT1S'), durationOf('PT'), durationOf('1s'), durationOf(undefined)]).toEqual([3723.5, 86_401, 0, undefined, undefined]); // oxfmt-ignore
  });
});

const warning = (status = 'Actual', sent = '2026-01-01T00:00:00+08:00', expires = '2026-01-01T06:00:00+08:00'): string => `<?xml version="1.0"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>CN.1</identifier><sender>nmc@example.cn</sender><sent>${sent}</sent><status>${status}</status>
<msgType>Update</msgType><scope>Public</scope><code>profile:CAP-CN:1.0</code><references>a@b,1,2026-01-01T00:00:00Z a@b,2,2026-01-01T00:00:00Z</references>
<info><language>zh-CN</language><category>Met</category><category>Env</category><event>台风</event><responseType>Shelter</responseType><urgency>Immediate</urgency><severity>Extreme</severity><certainty>Observed</certainty>
<eventCode><valueName>OET</valueName><value>11B01</value></eventCode><expires>${expires}</expires><senderName>气象台</senderName><headline>h</headline><description>d</description><instruction>i</instruction>
<area><areaDesc>x</areaDesc><polygon>1,2 3,4</polygon><geocode><valueName>ISO3166-2</valueName><value>CN-FJ</value></geocode></area></info>
<info><category>Met</category><event>Typhoon</event><urgency>Expected</urgency><severity>Severe</severity><certainty>Likely</certainty></info>
<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/></ds:SignedInfo></ds:Signature></alert>`; // oxfmt-ignore

describe('CAP', () => {
  const now = 1_767_200_000;
  test('a warning in two languages', () => {
    const [chinese, english] = fetcher()(warning(), { ts: now });
    expect(chinese).toMatchObject({
      cap_version: '1.2', identifier: 'CN.1', sender: 'nmc@example.cn', sent: 1_767_196_800, status: 'Actual', msgType: 'Update', scope: 'Public',
      code: ['profile:CAP-CN:1.0'], references: ['a@b,1,2026-01-01T00:00:00Z', 'a@b,2,2026-01-01T00:00:00Z'], info: 1, infos: 2, language: 'zh-CN',
      category: ['Met', 'Env'], event: '台风', urgency: 'Immediate', severity: 'Extreme', certainty: 'Observed', eventCode: ['OET=11B01'],
      expires: 1_767_218_400, geocodes: ['ISO3166-2=CN-FJ'], areas: 1, resources: 0, headline: 'h', signed: true,
      signature_method: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    }); // oxfmt-ignore
    expect(chinese).not.toHaveProperty('oddities');
    expect(JSON.stringify(chinese)).not.toContain('1,2 3,4');
    expect(english).toMatchObject({ info: 2, language: 'en-US', severity: 'Severe' });
    expect(english).not.toHaveProperty('geocodes');
  });
  test('what is odd is said', () => {
    const oddities = (text: string): unknown => fetcher()(text, { ts: now })[0]!['oddities'];
    expect(oddities(warning('Exercise'))).toBeUndefined();
    expect(oddities(warning('Panic'))).toEqual(['unknown_status']);
    expect(oddities(warning('Actual', '2026-01-01T00:00:00+08:00', '2025-12-31T23:00:00+08:00'))).toEqual(['expired_when_sent']);
    expect(oddities(warning('Actual', '2026-01-02T00:00:00+08:00', '2026-01-03T00:00:00+08:00'))).toEqual(['sent_in_future']);
    expect(oddities(warning('Actual', 'soon'))).toEqual(['incomplete']);
  });
  test('in a feed, in a request, and as a file', () => {
    const feed = `<feed xmlns="http://www.w3.org/2005/Atom"><entry><content type="text/xml">${warning().replace(/^.*\n/, '').replaceAll(/<(\/?)(?=[a-z])(?!ds:)/gi, '<$1cap:').replace('xmlns=', 'xmlns:cap=')}</content></entry></feed>`; // oxfmt-ignore
    expect(fetcher()(feed, { ts: now, direction: 0 })).toHaveLength(2);
    for (const text of [warning(), feed]) {
      const records: AnyRecord[] = [];
      const bytes = new TextEncoder().encode(text);
      const reading = recogniseLog(bytes, 'alert.xml')!.open(
        { name: 'alert.xml' },
        { record: (log, record) => void records.push({ log, ...record }) },
      );
      for (let at = 0; at < bytes.length; at += 100) reading.push(bytes.subarray(at, at + 100));
      expect(reading.end()).toMatchObject({ format: 'cap', refused: {} });
      expect(records).toMatchObject([{ log: 'cap_alert', ts: 1_767_196_800, info: 1, cap_version: '1.2' }, { info: 2 }]);
    }
  });
  test('hostile documents', () => {
    const root = '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">';
    expect(fetcher()(`${root}${'<info>'.repeat(1_000)}`)).toEqual([]);
    expect(fetcher()(`${root}${'<info/>'.repeat(10_000)}</alert>`)).toHaveLength(32);
    expect(fetcher()(`<feed>${`${root}</alert>`.repeat(3_000)}</feed>`)).toHaveLength(256);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(1_800), fc.nat(255)), { maxLength: 20 }),
        fc.integer({ min: 1, max: 700 }),
        (damage, piece) => {
          for (const text of [warning(), mpd, media(4)]) {
            const bytes = new TextEncoder().encode(text);
            for (const [at, value] of damage) bytes[20 + (at % (bytes.length - 20))] = value;
            fetcher()(bytes, { piece });
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('through HTTP', () => {
  test('a playlist has its record, compressed or not by its place', () => {
    const body = media(5);
    const { records } = run(http, flowOf('tcp', 80), [
      { direction: 0, ts: 1, bytes: ascii('GET /live/a.m3u8?token=s3cret HTTP/1.1\r\nHost: cdn.example\r\n\r\n') },
      { direction: 1, ts: 2, bytes: ascii(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`) },
    ]);
    expect(records.map(({ log }) => log)).toEqual(['media_manifest', 'files', 'http']);
    expect(records[0]!.record).toMatchObject({
      host: 'cdn.example',
      uri: '/live/a.m3u8',
      fuid: records[1]!.record['fuid'],
      media_sequence: 5,
    });
  });
  test('pages of the web and other documents have none', () => {
    for (const text of ['<!DOCTYPE html><html><MPD >', '<html>', '<svg/>', '#EXTM3U\n#EXTINF:1,\nsong.mp3\n', '#!/bin/sh'])
      expect(fetcher()(text)).toEqual([]);
  });
});
