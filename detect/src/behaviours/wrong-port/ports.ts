/** Where protocols are at home: the ports that IANA's registry gives them, and those that their software opens by default. */

/** Service names as records carry them, to ports. A protocol that is not here may be anywhere (RTP, BitTorrent, TLS of applications). */
export const homes: ReadonlyMap<string, readonly number[]> = new Map(
  Object.entries({
    amqp: [5672, 5671],
    bacnet: [47808],
    bgp: [179],
    coap: [5683, 5684],
    dce_rpc: [135, 139, 445, 593],
    dhcp: [67, 68],
    dhcpv6: [546, 547],
    diameter: [3868, 3869, 5868],
    dnp3: [20000, 19999],
    dnp3_tcp: [20000, 19999],
    dns: [53, 5353, 5355, 137, 853],
    enip: [44818, 2222],
    ftp: [21, 990],
    ftp_data: [20],
    // http 80, http-alt 591 8008 8080, soap, ipp 631, http-proxy 3128, cwmp 7547, winrm 5985, ws-discovery 5357, rpc over http 593
    http: [80, 591, 593, 631, 1080, 3128, 5357, 5985, 7547, 8000, 8008, 8080, 8081, 8088, 8888],
    iec104: [2404],
    imap: [143, 993],
    irc: [194, 6665, 6666, 6667, 6668, 6669, 6697],
    krb: [88, 464],
    krb_tcp: [88, 464],
    ldap: [389, 636, 3268, 3269],
    modbus: [502, 802],
    mqtt: [1883, 8883],
    mysql: [3306],
    ntp: [123],
    opcua: [4840],
    pop3: [110, 995],
    postgresql: [5432],
    quic: [443, 80, 784, 853, 8443],
    radius: [1812, 1813, 1645, 1646, 3799],
    rdp: [3389],
    rdpeudp: [3389],
    redis: [6379, 16379, 26379],
    rfb: [5900, 5901, 5902, 5903, 5800],
    rtsp: [554, 8554, 322],
    s7comm: [102],
    sip: [5060, 5061],
    smb: [445, 139],
    smtp: [25, 465, 587],
    snmp: [161, 162],
    socks: [1080],
    ssh: [22],
    // https 443 and its alternates, and the TLS of mail, directory, names, messaging, telephony and administration.
    ssl: [
      443, 465, 563, 587, 614, 636, 853, 989, 990, 992, 993, 994, 995, 2083, 2087, 2096, 3269, 4433, 5061, 5222, 5223, 5228, 5269,
      5671, 5986, 6514, 6697, 8443, 8883, 9443, 25, 110, 143, 389, 3389, 5432, 3306, 1433, 21, 4840,
    ],
    syslog: [514, 601, 6514],
    telnet: [23, 992],
    tftp: [69],
    xmpp: [5222, 5223, 5269, 5280],
  }),
);

/** Protocols by which somebody controls a machine, or passes through one: away from home they are worth a look. */
export const controlling: ReadonlySet<string> = new Set(['ssh', 'rdp', 'rfb', 'telnet', 'smb', 'irc', 'socks', 'dce_rpc']);

/** Ports that guards leave open: what else passes there hides. */
export const openEverywhere: ReadonlySet<number> = new Set([53, 80, 123, 443, 853]);
