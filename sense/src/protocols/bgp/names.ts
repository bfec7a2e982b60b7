/** Numbers of BGP and their names (IANA: BGP parameters, capability codes, address families). */

export const OPEN = 1;
export const UPDATE = 2;
export const NOTIFICATION = 3;
export const KEEPALIVE = 4;
export const ROUTE_REFRESH = 5;

type Names = { readonly [number: number]: string };

/** Names of an address family (AFI) and its kind (SAFI), where the two together have one; those of routers' command lines. */
const families: { readonly [key: number]: string } = {
  0x1_01: 'ipv4 unicast',
  0x1_02: 'ipv4 multicast',
  0x1_03: 'ipv4 unicast and multicast',
  0x1_04: 'ipv4 labeled-unicast',
  0x1_05: 'ipv4 mvpn',
  0x1_42: 'ipv4 mdt',
  0x1_49: 'ipv4 sr-policy',
  0x1_80: 'vpnv4',
  0x1_81: 'vpnv4 multicast',
  0x1_84: 'ipv4 rtfilter',
  0x1_85: 'ipv4 flowspec',
  0x1_86: 'vpnv4 flowspec',
  0x2_01: 'ipv6 unicast',
  0x2_02: 'ipv6 multicast',
  0x2_03: 'ipv6 unicast and multicast',
  0x2_04: 'ipv6 labeled-unicast',
  0x2_05: 'ipv6 mvpn',
  0x2_49: 'ipv6 sr-policy',
  0x2_80: 'vpnv6',
  0x2_81: 'vpnv6 multicast',
  0x2_85: 'ipv6 flowspec',
  0x2_86: 'vpnv6 flowspec',
  0x19_41: 'l2vpn vpls',
  0x19_46: 'l2vpn evpn',
  0x4004_47: 'link-state',
  0x4004_48: 'link-state vpn',
};

/** AFI and SAFI in one number. */
export const familyOf = (afi: number, safi: number): number => afi * 0x100 + safi;
export const ipv4Unicast = familyOf(1, 1);
export const familyName = (family: number): string => families[family] ?? `afi ${family >>> 8} safi ${family & 0xff}`;

export const origins: readonly string[] = ['IGP', 'EGP', 'INCOMPLETE'];

export const capabilities: Names = {
  1: 'multiprotocol',
  2: 'route-refresh',
  3: 'outbound-route-filtering',
  5: 'extended-next-hop',
  6: 'extended-message',
  7: 'bgpsec',
  8: 'multiple-labels',
  9: 'role',
  64: 'graceful-restart',
  65: 'four-octet-as',
  67: 'dynamic-capability',
  68: 'multisession',
  69: 'add-path',
  70: 'enhanced-route-refresh',
  71: 'long-lived-graceful-restart',
  72: 'routing-policy-distribution',
  73: 'fqdn',
  74: 'bfd-strict',
  75: 'software-version',
  76: 'paths-limit',
  128: 'route-refresh-cisco',
  129: 'routing-policy-distribution-pre',
  130: 'outbound-route-filtering-pre',
  131: 'multisession-pre',
};

/** Roles of RFC 9234 §4.1. */
export const roles: readonly string[] = ['provider', 'rs', 'rs-client', 'customer', 'peer'];

/** What a ROUTE-REFRESH is (RFC 7313 §3.2). */
export const refreshes: readonly string[] = ['request', 'begin', 'end'];

export const errors: Names = {
  1: 'Message Header Error',
  2: 'OPEN Message Error',
  3: 'UPDATE Message Error',
  4: 'Hold Timer Expired',
  5: 'Finite State Machine Error',
  6: 'Cease',
  7: 'ROUTE-REFRESH Message Error',
  8: 'Send Hold Timer Expired',
};

/** Subcodes by error: RFC 4271 §4.5, 5492, 6608, 9234; of Cease RFC 4486, 8538, 9384. */
export const details: { readonly [code: number]: Names } = {
  1: { 1: 'Connection Not Synchronized', 2: 'Bad Message Length', 3: 'Bad Message Type' },
  2: {
    1: 'Unsupported Version Number',
    2: 'Bad Peer AS',
    3: 'Bad BGP Identifier',
    4: 'Unsupported Optional Parameter',
    5: 'Authentication Failure',
    6: 'Unacceptable Hold Time',
    7: 'Unsupported Capability',
    11: 'Role Mismatch',
  },
  3: {
    1: 'Malformed Attribute List',
    2: 'Unrecognized Well-known Attribute',
    3: 'Missing Well-known Attribute',
    4: 'Attribute Flags Error',
    5: 'Attribute Length Error',
    6: 'Invalid ORIGIN Attribute',
    7: 'AS Routing Loop',
    8: 'Invalid NEXT_HOP Attribute',
    9: 'Optional Attribute Error',
    10: 'Invalid Network Field',
    11: 'Malformed AS_PATH',
  },
  5: {
    1: 'Receive Unexpected Message in OpenSent State',
    2: 'Receive Unexpected Message in OpenConfirm State',
    3: 'Receive Unexpected Message in Established State',
  },
  6: {
    1: 'Maximum Number of Prefixes Reached',
    2: 'Administrative Shutdown',
    3: 'Peer De-configured',
    4: 'Administrative Reset',
    5: 'Connection Rejected',
    6: 'Other Configuration Change',
    7: 'Connection Collision Resolution',
    8: 'Out of Resources',
    9: 'Hard Reset',
    10: 'BFD Down',
  },
  7: { 1: 'Invalid Message Length' },
};

/** States of the finite state machine as MRT numbers them (RFC 6396 §4.4.1). */
export const states: readonly string[] = ['', 'Idle', 'Connect', 'Active', 'OpenSent', 'OpenConfirm', 'Established'];

export const nameOf = (names: Names, number: number): string => names[number] ?? `unknown-${number}`;
