import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ascii } from '../protocols/trial.ts';
import { type MimeHost, MimeReader } from './mime.ts';
import { fileNameOf } from './name.ts';

type Part = { entity: number; name: string | undefined; text: string; complete: boolean | undefined };

function read(pieces: readonly Uint8Array[], contentType?: string, complete = true) {
  const headers: [number, string, string][] = [];
  const parts: Part[] = [];
  const weirds: string[] = [];
  const host: MimeHost = {
    header: (entity, name, value) => void headers.push([entity, name, value]),
    file: (entity, name) => {
      const part: Part = { entity, name, text: '', complete: undefined };
      parts.push(part);
      return {
        id: 'F',
        mediaType: undefined,
        data: (bytes, start, end) => void (part.text += Buffer.from(bytes.subarray(start, end)).toString('latin1')),
        gap: (length) => void (part.text += `<${length}>`),
        end: (_ts, whole) => void (part.complete = whole),
      };
    },
    weird: (name) => void weirds.push(name),
  };
  const reader = new MimeReader(host, contentType);
  for (const piece of pieces) reader.data(piece, 0, piece.length, 1);
  reader.end(2, complete);
  return { headers, parts, weirds };
}

const mail = `From: a@example.org\r
Subject: of two\r
\tlines\r
Content-Type: multipart/mixed;\r
 boundary="=_x"\r
\r
preamble\r
--=_x\r
Content-Type: multipart/alternative; boundary=inner\r
\r
--inner\r
Content-Type: text/plain\r
\r
first line\r
-- \r
signature\r
--inner\r
Content-Transfer-Encoding: quoted-printable\r
\r
caf=C3=A9 and a =\r
soft break  \r
end\r
--inner--\r
between\r
--=_x\r
Content-Type: application/octet-stream; name="old.bin"\r
Content-Disposition: attachment; filename="new name.bin"\r
Content-Transfer-Encoding: base64\r
\r
AAEC\r
AwQ=\r
--=_x\r
Content-Type: message/rfc822\r
\r
Subject: inside\r
\r
text inside\r
--=_x--\r
epilogue\r
`;

const expected = [
  { entity: 3, name: undefined, text: 'first line\r\n-- \r\nsignature', complete: true },
  { entity: 4, name: undefined, text: 'caf\xc3\xa9 and a soft break\r\nend', complete: true },
  { entity: 5, name: 'new name.bin', text: '\0\x01\x02\x03\x04', complete: true },
  { entity: 7, name: undefined, text: 'text inside', complete: true },
];

describe('a message in parts', () => {
  test('gives its headers unfolded and each part decoded', () => {
    const { headers, parts } = read([ascii(mail)]);
    expect(headers.slice(0, 3)).toEqual([
      [1, 'from', 'a@example.org'],
      [1, 'subject', 'of two\tlines'],
      [1, 'content-type', 'multipart/mixed; boundary="=_x"'],
    ]);
    expect(headers.at(-1)).toEqual([7, 'subject', 'inside']);
    expect(parts).toEqual(expected);
  });

  test('is read alike in any pieces', () => {
    const bytes = ascii(mail);
    const whole = read([bytes]);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 40 }), (places) => {
        const marks = [0, ...places.sort((a, b) => a - b), bytes.length];
        expect(read(marks.slice(1).map((mark, i) => bytes.subarray(marks[i], mark)))).toEqual(whole);
      }),
      { numRuns: 500 },
    );
    expect(read([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  test('with bare line feeds, and headers read by another, as in a form', () => {
    const form = '--b\nContent-Disposition: form-data; name="up"; filename="x.exe"\n\nMZ\r\r\n\n--c\n--b--\n';
    expect(read([ascii(form)], 'multipart/form-data; boundary=b').parts).toEqual([
      { entity: 2, name: 'x.exe', text: 'MZ\r\r\n\n--c', complete: true },
    ]);
  });

  test('without its end is cut off', () => {
    expect(read([ascii(mail.slice(0, mail.indexOf('signature')))], undefined, false).parts).toEqual([
      { entity: 3, name: undefined, text: 'first line\r\n-- \r\n', complete: false },
    ]);
  });

  test('nests no deeper than its ceiling, and has no more parts', () => {
    const nested = Array.from({ length: 300 }, (_, i) => `--${i}\r\nContent-Type: multipart/mixed; boundary=${i + 1}\r\n\r\n`);
    expect(read([ascii(nested.join(''))], 'multipart/mixed; boundary=0').weirds).toContain('exceeded_mime_max_depth');
    expect(read([ascii('--b\r\n\r\nx\r\n'.repeat(3_000))], 'multipart/mixed; boundary=b').parts.length).toBeLessThan(1_001);
  });

  test('of any bytes is survived', () => {
    const words = fc.constantFrom(
      '--b',
      '--b--',
      '\r\n',
      '\n',
      '\r',
      'a: b',
      ' ',
      'Content-Type: multipart/x; boundary=b',
      '=',
      'x',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string({ maxLength: 20 })), { maxLength: 60 }), fc.nat(7), (list, size) => {
        const bytes = ascii(list.join(''));
        const whole = read([bytes], 'multipart/x; boundary=b');
        const pieces = [];
        for (let at = 0; at < bytes.length; at += size + 1) pieces.push(bytes.subarray(at, at + size + 1));
        expect(read(pieces, 'multipart/x; boundary=b')).toEqual(whole);
      }),
      { numRuns: 2_000 },
    );
  });
});

test.each([
  ['attachment; filename="a b.txt"', 'a b.txt'],
  ['attachment; filename=plain.txt; size=3', 'plain.txt'],
  ['attachment; filename="fallback.txt"; filename*=UTF-8\'\'%e2%82%ac.txt', '€.txt'],
  ['attachment; filename*0="long "; filename*1=name.zip', 'long name.zip'],
  ["attachment; filename*0*=UTF-8''%e2%82; filename*1*=%ac.txt", '€.txt'],
  ['form-data; name="field"', undefined],
  ['inline', undefined],
])('the name in %s', (value, name) => {
  expect(fileNameOf(value, 'filename')).toBe(name);
});
