/**
 * Ports on which servers usually listen, for the guess who is the responder when a flow is first seen in its middle.
 * The same list as Zeek 8 gathers from its scripts (`likely_server_ports`), so that roles come out alike.
 */

const tcp: readonly number[] = [
  21, 22, 25, 53, 80, 81, 88, 102, 110, 139, 143, 389, 443, 445, 502, 563, 585, 587, 614, 631, 636, 989, 990, 992, 993, 995, 1080,
  1434, 1883, 2811, 3128, 3268, 3306, 3389, 5060, 5222, 5223, 5269, 5432, 6379, 6666, 6667, 6668, 6669, 8000, 8080, 8888, 20000,
];
const udp: readonly number[] = [
  53, 67, 88, 123, 137, 161, 162, 389, 443, 514, 784, 1812, 2123, 2152, 3544, 4789, 5060, 5072, 5353, 5355, 6081, 20000,
];

const table = new Uint8Array(65_536);
for (const port of tcp) table[port]! |= 1;
for (const port of udp) table[port]! |= 2;

/** Whether a TCP server is likely behind the port. */
export function likelyTcpServer(port: number): boolean {
  return (table[port]! & 1) !== 0;
}

/** Whether a UDP server is likely behind the port. */
export function likelyUdpServer(port: number): boolean {
  return (table[port]! & 2) !== 0;
}
