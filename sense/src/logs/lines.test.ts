import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createLogIntake } from './intake.ts';
import { recogniseLog } from './read.ts';
import { mappedFormat } from './csv/csv.ts';

/** The time of reception: 2026-01-01T00:00:10Z. */
const at = 1_767_225_610;

function line(text: string): { log: string; record: AnyRecord } | undefined {
  let taken: { log: string; record: AnyRecord } | undefined;
  const intake = createLogIntake({ name: 'udp', at: () => at }, { record: (log, record) => void (taken = { log, record }) });
  intake.line(text);
  intake.flush();
  return taken;
}

function file(
  text: string | Uint8Array,
  name: string,
  cut = 0,
  mapping?: Parameters<typeof mappedFormat>[0],
): { records: [string, AnyRecord][]; refused: unknown } {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const records: [string, AnyRecord][] = [];
  const log = mapping ? recogniseLog(bytes, name, [mappedFormat(mapping)]) : recogniseLog(bytes, name);
  const reading = log!.open({ name }, { record: (of, record) => void records.push([of, record]) });
  reading.push(bytes.slice(0, cut));
  reading.push(bytes.slice(cut));
  return { records, refused: reading.end().refused };
}

describe('syslog', () => {
  test('RFC 5424 with structured data', () => {
    expect(
      line(
        '<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - [exampleSDID@32473 iut="3" eventSource="App\\]lic\\"ation"][x@1] \u{feff}an event',
      ),
    ).toEqual({
      log: 'syslog_message',
      record: {
        facility: 'LOCAL4',
        severity: 'NOTICE',
        ts: 1_061_727_255.000003,
        hostname: '192.0.2.1',
        'app-name': 'myproc',
        procid: '8710',
        'exampleSDID@32473.iut': '3',
        'exampleSDID@32473.eventSource': 'App]lic"ation',
        msg: 'an event',
      },
    });
  });

  test('RFC 3164: the year is the one in which the message is not from the future', () => {
    const of = (month: string): AnyRecord => line(`<34>${month} 22:14:15 mymachine su[231]: 'su root' failed`)!.record;
    expect(of('Oct 11')).toEqual({
      facility: 'AUTH',
      severity: 'CRIT',
      ts: 1_760_220_855,
      hostname: 'mymachine',
      'app-name': 'su',
      procid: '231',
      msg: "'su root' failed",
    });
    expect(of('Dec 31')['ts']).toBe(1_767_219_255);
    expect(of('Jan  1')['ts']).toBe(1_767_305_655);
    expect(of('Feb 30')['ts']).toBe(at);
  });

  test('lines of files, without priority', () => {
    expect(line('Nov 22 08:00:00 gw sshd[7]: Accepted publickey')!.record).toMatchObject({
      hostname: 'gw',
      'app-name': 'sshd',
      procid: '7',
      msg: 'Accepted publickey',
    });
    expect(line('2026-11-22T08:00:00.123456+01:00 gw cron: x')!.record).toMatchObject({
      ts: 1_795_330_800.123456,
      hostname: 'gw',
      'app-name': 'cron',
    });
  });

  test('what is of a format of its own becomes its record, with the head beside it', () => {
    expect(line('<14>1 2026-01-01T00:00:00Z fw app - - - CEF:0|V|P|1|7|n|3|src=192.0.2.1')).toMatchObject({
      log: 'cef',
      record: { ts: 1_767_225_600, hostname: 'fw', src: '192.0.2.1' },
    });
    expect(line('<14>Jan  1 00:00:00 fw CEF:0|V|P|1|7|n|3|rt=1767225605000 src=192.0.2.1')).toMatchObject({
      log: 'cef',
      record: { ts: 1_767_225_605, hostname: 'fw' },
    });
    expect(
      line(
        '<14>1 2026-01-01T00:00:00Z ids suricata - - - @cee: {"timestamp":"2026-01-01T00:00:01+0000","event_type":"dns","src_ip":"192.0.2.1"}',
      ),
    ).toMatchObject({ log: 'suricata', record: { ts: 1_767_225_601, hostname: 'ids' } });
    expect(line('<14>1 2026-01-01T00:00:00Z h audit - - - type=LOGIN msg=audit(1767225603.5:9): pid=1')).toMatchObject({
      log: 'auditd',
      record: { ts: 1_767_225_603.5, hostname: 'h', serial: 9 },
    });
    expect(line('<14>1 2026-01-01T00:00:00Z h app - - - {no json')).toMatchObject({
      log: 'syslog_message',
      record: { msg: '{no json' },
    });
    expect(
      line(
        '<14>1 2026-01-01T00:00:00Z h app - - - <14>1 2026-01-01T00:00:00Z h app - - - <14>1 2026-01-01T00:00:00Z h app - - - x',
      )!.record['hostname'],
    ).toBe('h');
  });

  test('a priority that is none is no syslog', () => expect(line('<999>hello')).toBeUndefined());
});

describe('CEF, LEEF, pairs', () => {
  test('CEF: escapes, values with spaces', () => {
    expect(
      line(
        'CEF:0|Vendor|Pro\\|duct|1.0|100|Worm \\\\ stopped|10|src=10.0.0.1 act=blocked a \\= b msg=line\\nnext spt=1232 empty= cs1Label=Rule Name cs1=my rule',
      ),
    ).toEqual({
      log: 'cef',
      record: {
        ts: at,
        cefVersion: '0',
        deviceVendor: 'Vendor',
        deviceProduct: 'Pro|duct',
        deviceVersion: '1.0',
        deviceEventClassId: '100',
        name: 'Worm \\ stopped',
        severity: '10',
        src: '10.0.0.1',
        act: 'blocked a = b',
        msg: 'line\nnext',
        spt: '1232',
        empty: '',
        cs1Label: 'Rule Name',
        cs1: 'my rule',
      },
    });
    expect(line('CEF:0|too|few')).toBeUndefined();
  });

  test('LEEF 1 and 2', () => {
    expect(
      line('LEEF:1.0|Microsoft|MSExchange|2016|15345|src=10.50.1.1\tdst=2.10.20.20\tusrName=joe black')!.record,
    ).toMatchObject({
      leefVersion: '1.0',
      vendor: 'Microsoft',
      product: 'MSExchange',
      version: '2016',
      eventId: '15345',
      src: '10.50.1.1',
      usrName: 'joe black',
    });
    expect(line('LEEF:2.0|Lancope|StealthWatch|1.0|41|^|src=10.0.1.8^devTime=Jan 01 2026 00:00:05')!.record).toMatchObject({
      ts: 1_767_225_605,
      src: '10.0.1.8',
    });
    expect(line('LEEF:2.0|L|S|1.0|41|x7C|src=10.0.1.8|dst=10.0.1.9')!.record).toMatchObject({ src: '10.0.1.8', dst: '10.0.1.9' });
  });

  test('pairs of a firewall', () => {
    expect(line('date=2026-01-01 time=00:00:05 tz="+0100" devname="FG 1" srcip=10.1.1.1 msg="a \\"b\\" c"')).toEqual({
      log: 'keyvalue',
      record: {
        ts: 1_767_222_005,
        date: '2026-01-01',
        time: '00:00:05',
        tz: '+0100',
        devname: 'FG 1',
        srcip: '10.1.1.1',
        msg: 'a "b" c',
      },
    });
    expect(line('a=1 and that is why b=2')).toBeUndefined();
  });
});

describe('Linux audit', () => {
  test('one record each, hexadecimal texts decoded, nested messages flat', () => {
    expect(line('type=EXECVE msg=audit(1604996384.965:93777): argc=3 a0="dd" a1=6F663D2F746D702F6120 a2="x"')!.record).toEqual({
      ts: 1_604_996_384.965,
      type: 'EXECVE',
      serial: 93_777,
      argc: '3',
      a0: 'dd',
      a1: 'of=/tmp/a',
      a2: 'x',
    });
    expect(
      line(
        'type=SYSCALL msg=audit(1604996384.965:93777): arch=c000003e a0=558e25052c70 comm="dd" exe="/usr/bin/dd" key=(null)\u001dARCH=x86_64 UID="root"',
      )!.record,
    ).toMatchObject({ a0: '558e25052c70', comm: 'dd', key: '(null)', ARCH: 'x86_64', UID: 'root' });
    expect(line('type=PROCTITLE msg=audit(1.1:1): proctitle=6C73002D6C')!.record).toMatchObject({ proctitle: 'ls -l' });
    expect(
      line('node=h type=USER_LOGIN msg=audit(1.1:1): pid=1 uid=0 msg=\'op=login acct="root" res=failed\'')!.record,
    ).toMatchObject({ node: 'h', pid: '1', op: 'login', acct: 'root', res: 'failed' });
    expect(line('type=AVC msg=audit(1.1:1): avc:  denied  { read write } for  pid=5 comm="x"')!.record).toMatchObject({
      seresult: 'denied',
      seperms: 'read write',
      pid: '5',
      comm: 'x',
    });
  });
});

describe('access logs', () => {
  test('combined, with what an attack leaves in it', () => {
    expect(
      line(
        'www.example:443 192.0.2.7 - frank [01/Jan/2026:01:00:00 +0100] "GET /a?x=%27 HTTP/1.1" 200 2326 "https://r/" "Mozilla \\"x\\""',
      ),
    ).toEqual({
      log: 'web_access',
      record: {
        ts: 1_767_225_600,
        'cs-host': 'www.example',
        'c-ip': '192.0.2.7',
        'cs-username': 'frank',
        'cs-method': 'GET',
        'cs-uri': '/a?x=%27',
        'cs-uri-stem': '/a',
        'cs-uri-query': 'x=%27',
        'cs-version': 'HTTP/1.1',
        'sc-status': 200,
        'sc-bytes': 2_326,
        'cs-referer': 'https://r/',
        'cs-user-agent': 'Mozilla "x"',
      },
    });
    expect(line('192.0.2.7 - - [01/Jan/2026:01:00:00 +0100] "\\x16\\x03\\x01" 400 -')!.record).toMatchObject({
      'cs-uri': '\u0016\u0003\u0001',
      'sc-status': 400,
    });
  });

  test('W3C files name their own fields, also anew', () => {
    const text =
      '#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status time-taken\r\n2026-01-01 00:00:00 10.0.0.1 GET /a.aspx q=1 80 - 192.0.2.7 Mozilla/5.0+(X) - 200 15\r\nbroken\r\n#Fields: date time action src-ip\r\n2026-01-01 00:00:01 DROP 192.0.2.8\r\n';
    for (const cut of [0, 90, 300]) {
      expect(file(text, 'u_ex.log', cut)).toEqual({
        records: [
          [
            'web_access',
            {
              ts: 1_767_225_600,
              date: '2026-01-01',
              time: '00:00:00',
              's-ip': '10.0.0.1',
              'cs-method': 'GET',
              'cs-uri-stem': '/a.aspx',
              'cs-uri-query': 'q=1',
              's-port': 80,
              'c-ip': '192.0.2.7',
              'cs-user-agent': 'Mozilla/5.0 (X)',
              'sc-status': 200,
              'time-taken': 15,
            },
          ],
          ['w3c', { ts: 1_767_225_601, date: '2026-01-01', time: '00:00:01', action: 'DROP', 'src-ip': '192.0.2.8' }],
        ],
        refused: { malformed: { count: 1, first: { line: 5 } } },
      });
    }
  });
});

describe('journal', () => {
  test('the export format, with a binary field', () => {
    const bytes = Buffer.concat([
      Buffer.from('__CURSOR=a\n__REALTIME_TIMESTAMP=1767225600000001\nMESSAGE\n'),
      Buffer.from([5, 0, 0, 0, 0, 0, 0, 0]),
      Buffer.from('a\nb=c\n_PID=7\n\n__CURSOR=b\n_PID=8\n_PID=9\n'),
    ]);
    for (let cut = 0; cut < bytes.length; cut++) {
      expect(file(bytes, 'x.export', cut)).toEqual({
        records: [
          [
            'journald',
            { ts: 1_767_225_600.000001, __CURSOR: 'a', __REALTIME_TIMESTAMP: '1767225600000001', MESSAGE: 'a\nb=c', _PID: '7' },
          ],
          ['journald', { __CURSOR: 'b', _PID: ['8', '9'] }],
        ],
        refused: {},
      });
    }
  });

  test('a field that says it is absurdly long ends its entry only', () => {
    const bytes = Buffer.concat([
      Buffer.from('__CURSOR=a\nMESSAGE\n'),
      Buffer.from([255, 255, 255, 255, 255, 255, 255, 127]),
      Buffer.from('xx\n\n__CURSOR=b\n\n'),
    ]);
    expect(file(bytes, 'x')).toEqual({
      records: [['journald', { __CURSOR: 'b' }]],
      refused: { 'too-long': { count: 1, first: { offset: 0 } } },
    });
  });

  test('JSON, with bytes that are no text', () => {
    expect(file('{"__REALTIME_TIMESTAMP":"1767225600000000","MESSAGE":[104,105],"_PID":"1"}\n', 'j').records).toEqual([
      ['journald', { ts: 1_767_225_600, __REALTIME_TIMESTAMP: '1767225600000000', MESSAGE: 'hi', _PID: '1' }],
    ]);
  });
});

describe('tables', () => {
  const table = 'time,src,"note"\r\n2026-01-01 00:00:00,192.0.2.1,"a ""b"",\nc"\r\nshort\r\n2026-01-01 00:00:01,,x';
  test('the first line names the columns; cells may hold lines', () => {
    for (let cut = 0; cut < table.length; cut++) {
      expect(file(table, 'fw.csv', cut)).toEqual({
        records: [
          ['fw', { ts: 1_767_225_600, time: '2026-01-01 00:00:00', src: '192.0.2.1', note: 'a "b",\nc' }],
          ['fw', { ts: 1_767_225_601, time: '2026-01-01 00:00:01', note: 'x' }],
        ],
        refused: { malformed: { count: 1, first: { line: 4 } } },
      });
    }
  });

  test('a mapping says the log, names and time', () => {
    const mapping = {
      log: 'fw',
      form: 'csv',
      separator: ';',
      columns: ['t', 'a'],
      fields: { a: 'src' },
      values: { site: 'x' },
      time: { field: 't', zone: '+08:00' },
    } as const;
    expect(file('2026-01-01 08:00:00;192.0.2.1\n', 'x.txt', 3, mapping).records).toEqual([
      ['fw', { site: 'x', t: '2026-01-01 08:00:00', src: '192.0.2.1', ts: 1_767_225_600 }],
    ]);
    expect(
      file('{"when":1767225600,"ip":"192.0.2.1"}', 'x', 0, {
        log: 'fw',
        form: 'json',
        fields: { ip: 'src' },
        time: { field: 'when' },
      }).records,
    ).toEqual([['fw', { when: 1_767_225_600, src: '192.0.2.1', ts: 1_767_225_600 }]]);
  });
});

describe('clouds and containers', () => {
  test.each([
    [
      'cloudtrail',
      {
        eventVersion: '1.08',
        eventTime: '2026-01-01T00:00:00Z',
        eventSource: 'iam.amazonaws.com',
        eventName: 'CreateUser',
        userIdentity: { userName: 'a' },
      },
    ],
    [
      'cloudtrail',
      {
        'detail-type': 'AWS API Call via CloudTrail',
        detail: { eventTime: '2026-01-01T00:00:00Z', eventSource: 'iam.amazonaws.com', eventName: 'CreateUser' },
      },
    ],
    ['gcp_audit', { protoPayload: { methodName: 'x' }, timestamp: '2026-01-01T00:00:00.000Z' }],
    [
      'azure_activity',
      { time: '2026-01-01T00:00:00.0000000Z', resourceId: '/s', operationName: 'x/write', category: 'Administrative' },
    ],
    ['azure_signin', { time: '2026-01-01T00:00:00Z', category: 'SignInLogs', operationName: 'Sign-in activity', properties: {} }],
    ['azure_audit', { time: '2026-01-01T00:00:00Z', category: 'AuditLogs', operationName: 'Add user', properties: {} }],
    ['okta', { eventType: 'user.session.start', published: '2026-01-01T00:00:00.000Z', uuid: 'u', actor: { id: 'a' } }],
    ['github_audit', { action: 'repo.create', actor: 'a', org: 'o', created_at: 1_767_225_600_000 }],
    [
      'kubernetes_audit',
      {
        kind: 'Event',
        apiVersion: 'audit.k8s.io/v1',
        verb: 'get',
        auditID: 'a',
        stage: 'ResponseComplete',
        requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
      },
    ],
    [
      'container_event',
      {
        Type: 'container',
        Action: 'exec_start',
        Actor: { ID: 'x', Attributes: { image: 'i' } },
        time: 1_767_225_600,
        timeNano: 1_767_225_600_000_000_000,
      },
    ],
    ['suricata', { timestamp: '2026-01-01T00:00:00.000000+0000', flow_id: 1, event_type: 'alert', src_ip: '192.0.2.1' }],
  ])('%s', (log, event) => {
    const read = line(JSON.stringify(event))!;
    expect(read.log).toBe(log);
    expect(read.record['ts']).toBe(1_767_225_600);
  });

  test('containerd says it in a line', () => {
    expect(line('2026-01-01 00:00:00.5 +0000 UTC default /tasks/start {"container_id":"c","pid":7}')).toEqual({
      log: 'container_event',
      record: { ts: 1_767_225_600.5, namespace: 'default', topic: '/tasks/start', container_id: 'c', pid: 7 },
    });
  });
});
