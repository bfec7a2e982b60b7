/** What departs from the habits of hosts and services: movement inside, abuse of others, strangers, odd ports and certificates, claims by ARP. */

import { composed, type Line, type Measure, type Sign } from './measure.ts';
import { asked, computer, fileServer, flow, office, recordOf, restart, silent, start } from './ordinary.ts';

const day = 86_400;

export const habits: readonly Measure[] = [
  composed({
    behaviour: 'lateral-movement',
    on: 'steps',
    about:
      'after two hours two hosts are let into 5 to 12 others by SMB, RDP or SSH that they never reached; two start a service on three servers; an administrator goes round all day, everybody uses the file server.',
    compose: (random) => {
      const lines: Line[] = office(random.split('office'), { computers: 60, seconds: 4 * 3_600 });
      const signs: Sign[] = [];
      for (let n = 0; n < 200; n++)
        lines.push(
          flow(start + random.draw([0, 14_000]), '10.20.0.5', `10.20.0.${random.whole(20, 60)}`, random.pick([22, 3389]), {
            duration: 60,
          }),
        );
      // A new server is set up by its administrator; two colleagues look at one another's shares.
      for (let n = 0; n < 3; n++)
        lines.push(
          flow(start + 9_000 + n * 60, '10.20.0.5', '10.20.0.70', 22),
          flow(start + 9_500 + n, computer(50), computer(51 + n), 445),
        );
      for (let i = 0; i < 2; i++) {
        const source = computer(6 + i * 11);
        const from = start + random.draw([7_500, 10_000]);
        const every = random.draw([10, 240]);
        const hosts = random.whole(5, 12);
        for (let n = 0; n < hosts; n++)
          lines.push(flow(from + n * every, source, computer(20 + i * 15 + n), random.pick([445, 3389, 22, 5985])));
        signs.push({ id: `${hosts} hosts, one in ${Math.round(every)} s`, source, from });
      }
      for (let i = 0; i < 2; i++) {
        const source = computer(40 + i);
        const from = start + random.draw([1_000, 9_000]);
        for (let n = 0; n < 3; n++)
          lines.push(
            recordOf('dce_rpc', from + n * 30, source, `10.20.0.${30 + n}`, 445, {
              endpoint: i === 0 ? 'svcctl' : 'ITaskSchedulerService',
              operation: i === 0 ? 'CreateServiceW' : 'SchRpcRegisterTask',
            }),
          );
        signs.push({ id: i === 0 ? 'services' : 'tasks', source, from });
      }
      // Printing and listing shares are calls as well.
      for (let n = 0; n < 300; n++)
        lines.push(
          recordOf('dce_rpc', start + random.draw([0, 14_000]), computer(n % 60), fileServer, 445, {
            endpoint: random.pick(['srvsvc', 'spoolss', 'lsarpc', 'samr']),
            operation: random.pick(['NetrShareEnum', 'RpcOpenPrinter', 'LsarLookupSids', 'SamrConnect5']),
          }),
        );
      return { lines, signs };
    },
  }),
  composed({
    behaviour: 'outbound-abuse',
    on: 'harm to others',
    about:
      'one host floods, two send mail to 40 servers, one works off a list of strangers; the mail server mails 60 others, a crawler reads 300 sites by name, a backup uploads.',
    compose: (random) => {
      const lines: Line[] = office(random.split('office'), { computers: 40, seconds: 3_600 });
      const signs: Sign[] = [];
      for (let n = 0; n < 60; n++)
        lines.push(
          flow(start + n * 50, '10.20.0.25', `198.18.60.${n + 1}`, 25),
          flow(start + n * 50 + 7, `198.18.61.${n + 1}`, '10.20.0.25', 25),
        );
      for (let n = 0; n < 300; n++)
        lines.push(
          asked(start + n * 10, '10.20.0.70', `www.read${n}.example`, [`198.18.70.${n % 250}`]),
          (n % 6 === 0 ? silent : flow)(start + n * 10 + 0.1, '10.20.0.70', `198.18.70.${n % 250}`, 443),
        );
      lines.push(
        flow(start + 100, '10.20.0.71', '198.18.150.41', 443, {
          orig_bytes: 9e9,
          orig_pkts: 6_000_000,
          resp_pkts: 3_000_000,
          resp_bytes: 1e8,
          duration: 1_800,
        }),
      );
      const from = start + random.draw([300, 2_000]);
      for (let n = 0; n < 1_500; n++) lines.push(silent(from + n * 0.02, computer(5), '198.51.100.80', 80));
      signs.push({ id: 'flood', source: computer(5), from });
      for (let i = 0; i < 2; i++) {
        for (let n = 0; n < 40; n++)
          lines.push(
            (random.chance(0.3) ? silent : flow)(from + n * random.draw([5, 40]), computer(12 + i), `198.51.${n}.25`, 25),
          );
        signs.push({ id: `mail ${i + 1}`, source: computer(12 + i), from });
      }
      for (let n = 0; n < 50; n++) lines.push((random.chance(0.4) ? silent : flow)(from + n, computer(22), `198.51.${n}.80`, 80));
      signs.push({ id: 'strangers', source: computer(22), from });
      return { lines, signs };
    },
  }),
  composed({
    behaviour: 'new-destination',
    on: 'three weeks',
    about:
      'twelve servers of two to six outside places each for three weeks; three of them meet a stranger on the twentieth day, two get a new supplier on the tenth. New suppliers count as wrong, for nothing tells them apart.',
    compose: (random) => {
      restart();
      const lines: Line[] = [];
      const signs: Sign[] = [];
      for (let i = 0; i < 12; i++) {
        const source = `10.20.0.${100 + i}`;
        const places = random.whole(2, 6);
        for (let at = start + random.draw([0, 3_600]); at < start + 21 * day; at += random.draw([2_000, 20_000]))
          lines.push(flow(at, source, `198.18.${i * 6 + random.whole(1, places)}.9`, 443));
      }
      for (let i = 0; i < 2; i++)
        for (let n = 0; n < 20; n++) lines.push(flow(start + 10 * day + n * 9_000, `10.20.0.${104 + i}`, `198.18.2${i}0.9`, 443));
      for (let i = 0; i < 3; i++) {
        const from = start + 19 * day + random.draw([0, day]);
        for (let n = 0; n < 5; n++) lines.push(flow(from + n * 600, `10.20.0.${100 + i}`, `198.51.100.${90 + i}`, 443));
        signs.push({ id: `server ${i + 1}`, source: `10.20.0.${100 + i}`, from });
      }
      return { lines, signs };
    },
  }),
  composed({
    behaviour: 'long-connection',
    on: 'tunnels',
    about:
      'three hosts keep a tunnel open for 5 to 9 h; meetings of under an hour and a push service that all use are open as well.',
    compose: (random) => {
      const lines: Line[] = office(random.split('office'), { computers: 40, seconds: 10 * 3_600 });
      const signs: Sign[] = [];
      for (let i = 0; i < 40; i++)
        lines.push(
          flow(start + random.draw([0, 600]), computer(i), '198.18.150.77', 5_228, { service: 'ssl', duration: 9 * 3_600 }),
        );
      for (let i = 0; i < 3; i++) {
        const from = start + random.draw([0, 1_800]);
        lines.push(flow(from, computer(9 + i * 8), `198.51.100.${110 + i}`, 8_022, { duration: random.draw([5, 9]) * 3_600 }));
        signs.push({ id: `tunnel ${i + 1}`, source: computer(9 + i * 8), target: `198.51.100.${110 + i}`, from });
      }
      return { lines, signs };
    },
  }),
  composed({
    behaviour: 'wrong-port',
    on: 'hidden shells',
    about: 'three hosts speak SSH, RDP or IRC at 443, 53 or a port of chance with the outside; ordinary services are at home.',
    compose: (random) => {
      const lines: Line[] = office(random.split('office'), { computers: 40, seconds: 3_600 });
      const signs: Sign[] = [];
      ['ssh', 'rdp', 'irc'].forEach((service, i) => {
        const from = start + random.draw([100, 3_000]);
        lines.push(
          flow(from, computer(6 + i * 5), `198.51.100.${120 + i}`, random.pick([443, 53, 40_000]), { service, duration: 300 }),
        );
        signs.push({ id: service, source: computer(6 + i * 5), from });
      });
      return { lines, signs };
    },
  }),
  composed({
    behaviour: 'certificates',
    on: 'implants',
    about:
      'two implants with certificates that vouch for themselves and are expired, one own server whose certificate has run out; devices of the office sign for themselves, sites have good ones.',
    compose: (random) => {
      const lines: Line[] = office(random.split('office'), { computers: 30, seconds: 3_600 });
      const signs: Sign[] = [];
      const shown = (
        at: number,
        source: string,
        target: string,
        name: string,
        more: { [key: string]: string | number },
      ): void => {
        const fingerprint = `${name}-${target}`;
        lines.push(flow(at, source, target, 443, { service: 'ssl' }));
        lines.push(
          recordOf('ssl', at + 0.1, source, target, 443, { server_name: name, established: true, cert_chain_fps: [fingerprint] }),
        );
        lines.push({
          log: 'x509',
          record: {
            ts: at + 0.1,
            fingerprint,
            'certificate.subject': `CN=${name}`,
            'certificate.issuer': 'CN=Public Authority',
            'certificate.not_valid_before': start - 40 * day,
            'certificate.not_valid_after': start + 50 * day,
            'certificate.key_type': 'ec',
            'certificate.key_length': 256,
            'certificate.sig_alg': 'ecdsa-with-SHA256',
            ...more,
          },
        });
      };
      for (let n = 0; n < 300; n++)
        shown(start + random.draw([0, 3_500]), computer(n % 30), `198.18.${n % 60}.10`, `www.site${n % 60}.example`, {});
      for (let n = 0; n < 40; n++)
        shown(start + random.draw([0, 3_500]), computer(n % 30), `10.20.0.${150 + (n % 6)}`, `printer${n % 6}.office.example`, {
          'certificate.issuer': `CN=printer${n % 6}.office.example`,
          'certificate.not_valid_after': start + 5_000 * day,
        });
      for (let i = 0; i < 2; i++) {
        const from = start + random.draw([0, 3_000]);
        shown(from, computer(3 + i * 9), `198.51.100.${130 + i}`, `cdn${i}.test`, {
          'certificate.issuer': `CN=cdn${i}.test`,
          'certificate.not_valid_after': start - 3 * day,
        });
        signs.push({ id: `implant ${i + 1}`, source: computer(3 + i * 9), from });
      }
      const from = start + random.draw([0, 3_000]);
      shown(from, computer(20), '10.20.0.80', 'portal.office.example', { 'certificate.not_valid_after': start - day });
      signs.push({ id: 'own server', target: '10.20.0.80', from });
      return { lines, signs };
    },
  }),
  composed({
    behaviour: 'arp-claims',
    on: 'taken gateway',
    about: 'one host claims the gateway’s address on a link of forty, while two others get theirs by DHCP.',
    compose: (random) => {
      const lines: Line[] = office(random.split('office'), { computers: 20, seconds: 3_600 });
      const mac = (i: number): string => `02:00:00:00:01:${i.toString(16).padStart(2, '0')}`;
      const arp = (ts: number, SPA: string, SHA: string, TPA: string, reply = false): Line => ({
        log: 'arp',
        record: {
          ts,
          arp_type: reply ? 'reply' : 'request',
          mac_src: SHA,
          mac_dst: reply ? mac(200) : 'ff:ff:ff:ff:ff:ff',
          SPA,
          SHA,
          TPA,
          THA: '00:00:00:00:00:00',
        },
      });
      for (let i = 1; i <= 40; i++)
        for (let at = start + random.draw([0, 60]); at < start + 3_600; at += 60)
          lines.push(arp(at, `10.20.8.${i}`, mac(i), '10.20.8.41'));
      // Leases that went to others after a long rest.
      for (let i = 0; i < 2; i++)
        lines.push(
          arp(start + 60, `10.20.8.${60 + i}`, mac(60 + i), '10.20.8.1'),
          arp(start + 3_000, `10.20.8.${60 + i}`, mac(70 + i), '10.20.8.1'),
        );
      const from = start + random.draw([600, 2_500]);
      for (let n = 0; n < 30; n++) lines.push(arp(from + n * 2, '10.20.8.1', mac(66), `10.20.8.${n + 2}`, true));
      return { lines, signs: [{ id: 'gateway', source: '10.20.8.1', from }] };
    },
  }),
];
