/** The events that are sent: a flow, a line, a document, all of usual length. */

/** Flows in a datagram of NetFlow v5: as many as its header allows. */
export const flowsInEach = 30;

export const line = (n: number): string =>
  `<34>1 2026-11-22T08:00:00.${String(n % 1_000).padStart(3, '0')}Z web1 sshd ${n} - - Failed password for invalid user from 192.0.2.7 port 40${n % 1000}`;

export const document = (n: number) => ({
  '@timestamp': new Date(1_764_000_000_000 + n).toISOString(),
  agent: { type: 'filebeat', version: '8.15.0' },
  host: { name: 'web1' },
  log: { file: { path: '/var/log/auth.log' } },
  message: line(n),
});
