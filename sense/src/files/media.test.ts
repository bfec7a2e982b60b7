import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ascii, hex } from '../protocols/trial.ts';
import { mediaType } from './media.ts';

const typeOf = (bytes: Uint8Array): string | undefined => mediaType(bytes, 0, bytes.length);

/** A local file header of a zip (APPNOTE 4.3.7) with its content; `streamed` leaves the length to what follows it. */
function entry(name: string, content = '', streamed = false): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x0403_4b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(streamed ? 8 : 0, 6);
  header.writeUInt32LE(streamed ? 0 : content.length, 18);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, Buffer.from(name + content, 'latin1')]);
}
const zip = (...entries: Buffer[]): Uint8Array => Uint8Array.from(Buffer.concat(entries));

describe('programs', () => {
  test.each([
    ['4d5a9000 03000000', 'application/x-dosexec'],
    ['7f454c46 02010100 00000000 00000000 0200 3e00', 'application/x-executable'],
    ['7f454c46 01020100 00000000 00000000 0002 0014', 'application/x-executable'],
    ['7f454c46 02010100 00000000 00000000 0300 3e00', 'application/x-sharedlib'],
    ['7f454c46 02010100 00000000 00000000 0100 3e00', 'application/x-object'],
    ['cffaedfe 07000001', 'application/x-mach-o-executable'],
    ['cafebabe 00000002 01000007', 'application/x-mach-o-executable'],
    ['cafebabe 00000034 001d0a00', 'application/x-java-applet'],
    ['cafebabe 00000041 001d0a00', 'application/x-java-applet'],
    ['0061736d 01000000', 'application/wasm'],
    ['4c000000 01140200 00000000 c0000000 00000046', 'application/x-ms-shortcut'],
  ])('%s', (bytes, type) => expect(typeOf(hex(bytes))).toBe(type));
});

describe('archives', () => {
  test.each([
    ['1f8b0800', 'application/x-gzip'],
    ['526172211a0700', 'application/x-rar'],
    ['526172211a070100', 'application/x-rar'],
    ['377abcaf271c0004', 'application/x-7z-compressed'],
    ['28b52ffd04', 'application/zstd'],
    ['4d53434600000000', 'application/vnd.ms-cab-compressed'],
    ['213c617263683e0a64656269616e2d62696e617279', 'application/x-debian-package'],
    ['1e8b2d6c68352d', 'application/x-lzh'],
  ])('%s', (bytes, type) => expect(typeOf(hex(bytes))).toBe(type));
  test('tar', () => {
    const header = Buffer.alloc(512);
    header.write('folder/file.txt');
    header.write('0000644\x000001750\x000001750\x0000000000012\x0014712345670\x00012345\x00 0', 100, 'latin1');
    expect(typeOf(Uint8Array.from(header))).toBe('application/x-tar');
    header[110] = 0x41;
    expect(typeOf(Uint8Array.from(header))).toBe('text/plain');
  });
});

describe('zips by what they hold', () => {
  const office = 'application/vnd.openxmlformats-officedocument';
  test.each([
    ['a plain one', zip(entry('readme.txt', 'hello')), 'application/zip'],
    [
      'a document',
      zip(entry('[Content_Types].xml', '<x/>'), entry('_rels/.rels', 'y'), entry('word/document.xml')),
      `${office}.wordprocessingml.document`,
    ],
    ['a sheet', zip(entry('[Content_Types].xml', 'x'.repeat(900)), entry('xl/workbook.xml')), `${office}.spreadsheetml.sheet`],
    [
      'slides, streamed',
      zip(entry('[Content_Types].xml', '<x/>', true), entry('ppt/presentation.xml', '', true)),
      `${office}.presentationml.presentation`,
    ],
    ['not a document', zip(entry('notes.txt', 'x'), entry('word/a')), 'application/zip'],
    ['an archive of Java', zip(entry('META-INF/'), entry('META-INF/MANIFEST.MF')), 'application/java-archive'],
    [
      'an OpenDocument',
      zip(entry('mimetype', 'application/vnd.oasis.opendocument.text')),
      'application/vnd.oasis.opendocument.text',
    ],
  ])('%s', (_name, bytes, type) => expect(typeOf(bytes)).toBe(type));
});

describe('documents, pictures and others', () => {
  test.each([
    ['%PDF-1.7 and so on', 'application/pdf'],
    ['{\\rtf1\\ansi hello}', 'text/rtf'],
    ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'application/msword'],
    ['BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0', 'image/x-ms-bmp'],
    ['BMW is no picture', 'text/plain'],
    ['RIFF\x24\0\0\0WAVEfmt ', 'audio/x-wav'],
    ['SQLite format 3\0', 'application/x-sqlite3'],
    ['-----BEGIN CERTIFICATE-----\n', 'application/x-pem'],
    ['\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a', 'application/vnd.tcpdump.pcap'],
  ])('%j', (text, type) => expect(typeOf(ascii(text))).toBe(type));
});

describe('scripts', () => {
  test.each([
    ['#!/bin/sh\n', 'text/x-shellscript'],
    ['#!/usr/bin/env python3\n', 'text/x-python'],
    ['#!/usr/bin/perl -w\n', 'text/x-perl'],
    ['#!/usr/bin/env node\n', 'application/javascript'],
    ['#!/usr/bin/gawk -f\n', 'text/x-awk'],
    ['@echo off\r\n', 'text/x-msdos-batch'],
    ['<?php echo 1;', 'text/x-php'],
    ['<script type="text/javascript">', 'application/javascript'],
  ])('%j', (text, type) => expect(typeOf(ascii(text))).toBe(type));
});

test('any bytes behind any beginning are survived, and quickly', () => {
  const beginnings = fc.constantFrom(
    '',
    'PK\x03\x04',
    '<',
    '{',
    '[',
    '\xca\xfe\xba\xbe',
    'BM',
    '0',
    '#!',
    '@',
    '<!--',
    '\x7fELF',
  );
  fc.assert(
    fc.property(beginnings, fc.uint8Array({ maxLength: 300 }), (text, rest) => {
      const type = typeOf(Uint8Array.from([...ascii(text), ...rest]));
      expect(type === undefined || typeof type === 'string').toBe(true);
    }),
    { numRuns: 3_000 },
  );
  const repeated = ['PK\x03\x04', '<!-- -->', '[["', '{"a'].map((text) => ascii(text.repeat(2_000)));
  for (const bytes of repeated) typeOf(bytes);
});
