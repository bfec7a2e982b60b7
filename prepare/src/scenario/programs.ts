/** What runs on hosts and shows on the wire: how it opens TLS, what it calls itself in HTTP, whose TCP it uses. */

import { tlsClients, type TlsClient } from '../packets/tls.ts';

export type Program = { tls: TlsClient; userAgent: string; stack: 'windows' | 'linux' | 'apple' | 'device' };

const chrome = (system: string, version: number): string =>
  `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`;

export const programs: { readonly [name: string]: Program } = {
  'chrome-windows': { tls: tlsClients.chromium!, userAgent: chrome('Windows NT 10.0; Win64; x64', 134), stack: 'windows' },
  'edge-windows': {
    tls: tlsClients.chromium!,
    userAgent: `${chrome('Windows NT 10.0; Win64; x64', 133)} Edg/133.0.0.0`,
    stack: 'windows',
  },
  'chrome-old-windows': { tls: tlsClients.chromiumOld!, userAgent: chrome('Windows NT 10.0; Win64; x64', 109), stack: 'windows' },
  'firefox-windows': {
    tls: tlsClients.firefox!,
    userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:136.0) Gecko/20100101 Firefox/136.0',
    stack: 'windows',
  },
  'firefox-linux': {
    tls: tlsClients.firefox!,
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    stack: 'linux',
  },
  'chrome-apple': { tls: tlsClients.chromium!, userAgent: chrome('Macintosh; Intel Mac OS X 10_15_7', 134), stack: 'apple' },
  'windows-service': { tls: tlsClients.schannel!, userAgent: 'Microsoft-CryptoAPI/10.0', stack: 'windows' },
  curl: { tls: tlsClients.openssl!, userAgent: 'curl/8.5.0', stack: 'linux' },
  python: { tls: tlsClients.openssl!, userAgent: 'python-requests/2.32.3', stack: 'linux' },
  go: { tls: tlsClients.go!, userAgent: 'Go-http-client/1.1', stack: 'linux' },
  appliance: { tls: tlsClients.embedded!, userAgent: 'Appliance/4.2', stack: 'linux' },
  controller: { tls: tlsClients.embedded!, userAgent: 'PLC-Web/1.0', stack: 'device' },
};
