import { describe, expect, test } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import { compile } from '@forewarn/model/query/evaluate';
import type { AnyRecord } from '@forewarn/model/records/record';
import { compilePattern } from './compile.ts';
import { parsePattern } from './parse.ts';

describe('reads', () => {
  test.each([
    "[file:hashes.'SHA-256' = 'aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f']",
    "[email-message:from_ref.value MATCHES '.+\\\\@example\\\\.com$' AND email-message:body_multipart[*].body_raw_ref.name MATCHES '^Final Report.+\\\\.exe$']",
    "[file:hashes.MD5 = '79054025255fb1a26e4bc422aef54eb4'] AND [windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\\\foo\\\\bar'] WITHIN 300 SECONDS",
    "([file:hashes.MD5 = 'a'] AND [file:hashes.MD5 = 'b']) REPEATS 5 TIMES WITHIN 1800.5 SECONDS",
    "[ipv4-addr:value ISSUBSET '198.51.100.0/24' OR ipv4-addr:value = '203.0.113.7']",
    "[network-traffic:dst_ref.type = 'domain-name' AND network-traffic:dst_ref.value = 'example.com'] START t'2016-06-29T00:00:00Z' STOP t'2016-07-05T00:00:00.5Z'",
    "[a-b:x[0].y['z'][*] NOT IN (1, 2.5, -3)]".replace("['z']", ".'z'"),
    "[artifact:mime_type = 'application/vnd.tcpdump.pcap' AND artifact:payload_bin MATCHES '\\\\xd4']",
    "[file:magic_number_hex = h'ffd8'] FOLLOWEDBY [file:x = b'AAECAw=='] OR [foo:bar = true]",
    '[EXISTS windows-registry-key:values]',
    "[user-account:account_type = 'unix' /* why */ AND user-account:user_id = '1007'] // end",
    "[process:name != 'it\\'s' AND process:name <> 'x' AND process:pid == 5 AND process:pid >= 1e3]",
    '[process:name IN ()]',
  ])('%s', (pattern) => {
    expect(() => parsePattern(pattern)).not.toThrow();
  });

  test('AND before OR before FOLLOWEDBY, to the left', () => {
    expect(
      parsePattern('[foo:a = 1] FOLLOWEDBY [foo:b = 1] OR [foo:c = 1] AND [foo:d = 1] FOLLOWEDBY [foo:e = 1]'),
    ).toMatchObject({
      kind: 'followedby',
      of: [
        { kind: 'followedby', of: [{ kind: 'observation' }, { kind: 'or', of: [{ kind: 'observation' }, { kind: 'and' }] }] },
        {},
      ],
    });
    expect(parsePattern('[foo:a = 1 OR foo:b = 1 AND foo:c = 1]')).toMatchObject({
      of: { kind: 'or', of: [{ kind: 'test' }, { kind: 'and' }] },
    });
    // A qualifier belongs to the observation before it.
    expect(parsePattern('[foo:a = 1] AND [foo:b = 1] REPEATS 2 TIMES')).toMatchObject({
      kind: 'and',
      of: [{ kind: 'observation' }, { kind: 'repeats', times: 2 }],
    });
  });

  test.each([
    ['', 1, 'begins with "["'],
    ['file:name = 1', 1, 'begins with "["'],
    ["[file:name = 'x'", 17, '"]" is missing'],
    ["[file:name = 'x]", 14, 'not closed'],
    ["[file:hashes.SHA-256 = 'x']", 14, 'quotation marks'],
    ["[file:name NOT 'x']", 16, 'comparison is missing'],
    ["[NOT file:name = 'x']", 2, 'after the object path'],
    ["[file:name = 'a\\b']", 16, 'backslash'],
    ['[file:name = "x"]', 14, 'single'],
    ["[file:name = 'x' and file:size = 1]", 18, 'AND'],
    ['[file:name LIKE 5]', 17, 'needs a text'],
    ['[file:size > true]', 14, 'truth values'],
    ["[file:name IN ('a', 1)]", 21, 'one type'],
    ["[file:name = 'x' AND ipv4-addr:value = '1.2.3.4']", 22, 'two observations'],
    ["[file:name = 'x'] WITHIN 5 MINUTES", 28, 'SECONDS'],
    ["[file:name = 'x'] REPEATS 1.5 TIMES", 27, 'whole number'],
    ["[file:name = 'x'] REPEATS 0 TIMES", 27, 'above 0'],
    ["[file:name = 'x'] START '2016-06-29T00:00:00Z' STOP t'2016-07-05T00:00:00Z'", 25, 'instant'],
    ["[file:name = 'x'] START t'2016-07-05T00:00:00Z' STOP t'2016-06-29T00:00:00Z'", 1, 'not later'],
    ["[file:x = t'2016-13-01T00:00:00Z']", 11, 'instant'],
    ["[file:x = h'abc']", 11, 'hexadecimal'],
    ["[file:x = b'abc']", 11, 'base64'],
    ["[ab:yz = 'something']", 2, '3 to 250'],
    ["[file:x = 'a'] [file:x = 'b']", 16, 'should end here'],
    [`${'('.repeat(70)}[file:x = 1]${')'.repeat(70)}`, 66, 'brackets'],
  ])('says where %s is wrong', (pattern, column, message) => {
    let refusal: unknown;
    try {
      parsePattern(pattern);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(Refusal);
    const { message: said, advice, place } = refusal as Refusal;
    expect(`${said} ${advice}`).toContain(message);
    expect(place.column).toBe(column);
  });

  test('hostile texts end soon and as refusals', () => {
    for (const pattern of [
      '['.repeat(90_000),
      '[a'.repeat(40_000),
      `[foo:x = '${'\\\\'.repeat(40_000)}`,
      '/*'.repeat(40_000),
      '\u0000',
      'x'.repeat(200_000),
    ])
      expect(() => parsePattern(pattern)).toThrow(Refusal);
  });
});

/** Whether a record of a log fits a pattern of one observation. */
function fits(pattern: string, log: string, record: AnyRecord): boolean {
  const { watched } = compilePattern(parsePattern(pattern));
  if (watched?.kind !== 'see') throw new Error('The pattern is more than one observation.');
  return watched.of.some((see) => see.log === log && compile(see.where)(record));
}

describe('means', () => {
  const flow = { 'id.orig_h': '10.0.0.5', 'id.resp_h': '203.0.113.7', 'id.resp_p': 443, proto: 'tcp', orig_bytes: 5000 };

  test.each([
    ['[network-traffic:dst_port = 443 AND network-traffic:src_byte_count > 4999]', true],
    ['[network-traffic:dst_port = 443 AND network-traffic:src_byte_count > 5000]', false],
    ['[network-traffic:dst_port != 443]', false],
    ['[network-traffic:dst_port NOT != 443]', true],
    ['[network-traffic:dst_port IN (80, 443)]', true],
    ["[network-traffic:protocols[*] = 'TCP']", true],
    ["[network-traffic:dst_ref.value ISSUBSET '203.0.113.0/24']", true],
    ["[network-traffic:dst_ref.value NOT ISSUBSET '203.0.113.0/24']", false],
    ["[network-traffic:dst_ref.value ISSUPERSET '203.0.113.7/32']", true],
    ["[network-traffic:dst_ref.value ISSUPERSET '203.0.113.0/24']", false],
    ["[network-traffic:dst_ref.value LIKE '203.0._13.%']", true],
    ["[network-traffic:dst_ref.value LIKE '203.0.113']", false],
    ["[network-traffic:dst_ref.value MATCHES '^203\\\\.0']", true],
    ['[EXISTS network-traffic:src_byte_count]', true],
    ['[EXISTS network-traffic:dst_byte_count]', false],
    ['[network-traffic:dst_byte_count != 5 OR network-traffic:dst_port = 1]', false],
    // Both of one address, not one of each.
    ["[ipv4-addr:value ISSUBSET '203.0.113.0/24' AND ipv4-addr:value != '203.0.113.7']", false],
    ["[ipv4-addr:value ISSUBSET '10.0.0.0/8' AND ipv4-addr:value != '203.0.113.7']", true],
  ])('%s', (pattern, expected) => {
    expect(fits(pattern, 'conn', flow)).toBe(expected);
  });

  test('names and hashes in any case, paths as they are', () => {
    expect(fits("[domain-name:value LIKE 'EVIL%']", 'dns', { query: 'evil.example' })).toBe(true);
    expect(fits("[file:size > 5 AND file:hashes.MD5 = 'AB']", 'files', { md5: 'ab', total_bytes: 6 })).toBe(true);
    expect(fits("[process:command_line LIKE '%Foo%']", 'windows', { CommandLine: 'a foo' })).toBe(false);
    expect(fits("[url:value MATCHES 'gate[.]php$']", 'http', { _url: 'http://x.example/gate.php' })).toBe(true);
  });

  test('single values go into the table', () => {
    expect(
      compilePattern(
        parsePattern(
          "[domain-name:value = 'evil.example' OR ipv4-addr:value IN ('203.0.113.7', '198.51.100.0/24')] OR [file:hashes.'SHA-1' = 'aa'] START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z'",
        ),
      ).values,
    ).toEqual([
      { kind: 'domain', value: 'evil.example', exact: true },
      { kind: 'address', value: '203.0.113.7' },
      { kind: 'network', value: '198.51.100.0/24' },
      { kind: 'hash', value: 'aa', validFrom: 1_767_225_600, validUntil: 1_769_904_000 },
    ]);
  });

  test('what no record shows is refused; of alternatives it is told', () => {
    expect(() => compilePattern(parsePattern("[mutex:name = 'x']"))).toThrow('No record shows mutex');
    expect(() => compilePattern(parsePattern("[email-addr:value = 'a@b.example']"))).toThrow('persons');
    expect(() => compilePattern(parsePattern('[network-traffic:dst_port = 1 AND network-traffic:ipfix.x = 2]'))).toThrow(
      'ipfix.x',
    );
    expect(() => compilePattern(parsePattern("[file:name MATCHES '(?=x)']"))).toThrow(/look/);
    expect(() => compilePattern(parsePattern("[file:name > 'x']"))).toThrow('order');
    const { watched, missing } = compilePattern(parsePattern("[mutex:name = 'x' OR file:size = 5]"));
    expect(missing).toEqual(['No record shows mutex.']);
    expect(watched).toMatchObject({ kind: 'see', of: [{ log: 'files' }] });
  });
});
