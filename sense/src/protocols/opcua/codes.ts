/** Names of OPC UA's services, attributes and states (OPC 10000-4, -6 annex A). */

type Names = { readonly [code: number]: string };

/** Numbers of the encodings of messages in namespace 0: a request, and three further its response. */
const requests: Names = {
  422: 'FindServers',
  428: 'GetEndpoints',
  437: 'RegisterServer',
  446: 'OpenSecureChannel',
  452: 'CloseSecureChannel',
  461: 'CreateSession',
  467: 'ActivateSession',
  473: 'CloseSession',
  479: 'Cancel',
  488: 'AddNodes',
  494: 'AddReferences',
  500: 'DeleteNodes',
  506: 'DeleteReferences',
  527: 'Browse',
  533: 'BrowseNext',
  554: 'TranslateBrowsePathsToNodeIds',
  560: 'RegisterNodes',
  566: 'UnregisterNodes',
  615: 'QueryFirst',
  621: 'QueryNext',
  631: 'Read',
  664: 'HistoryRead',
  673: 'Write',
  700: 'HistoryUpdate',
  712: 'Call',
  751: 'CreateMonitoredItems',
  763: 'ModifyMonitoredItems',
  769: 'SetMonitoringMode',
  775: 'SetTriggering',
  781: 'DeleteMonitoredItems',
  787: 'CreateSubscription',
  793: 'ModifySubscription',
  799: 'SetPublishingMode',
  826: 'Publish',
  832: 'Republish',
  841: 'TransferSubscriptions',
  847: 'DeleteSubscriptions',
};
const others: Names = {
  397: 'ServiceFault',
  12_208: 'FindServersOnNetworkRequest',
  12_209: 'FindServersOnNetworkResponse',
  12_211: 'RegisterServer2Request',
  12_212: 'RegisterServer2Response',
};

export const isRequest = (id: number): boolean => requests[id] !== undefined || id === 12_208 || id === 12_211;

export function serviceName(id: number): string | undefined {
  if (requests[id] !== undefined) return `${requests[id]}Request`;
  const before = requests[id - 3];
  return before === undefined ? others[id] : `${before}Response`;
}

const attributes: readonly string[] = (
  '- NodeId NodeClass BrowseName DisplayName Description WriteMask UserWriteMask IsAbstract Symmetric InverseName ContainsNoLoops ' +
  'EventNotifier Value DataType ValueRank ArrayDimensions AccessLevel UserAccessLevel MinimumSamplingInterval Historizing Executable ' +
  'UserExecutable DataTypeDefinition RolePermissions UserRolePermissions AccessRestrictions AccessLevelEx'
).split(' ');
export const attributeName = (id: number): string => (id > 0 ? attributes[id] : undefined) ?? `unknown-${id}`;

const statuses: Names = {
  0x00000000: 'Good',
  0x80010000: 'BadUnexpectedError',
  0x80020000: 'BadInternalError',
  0x80050000: 'BadCommunicationError',
  0x80060000: 'BadEncodingError',
  0x80070000: 'BadDecodingError',
  0x800a0000: 'BadTimeout',
  0x800b0000: 'BadServiceUnsupported',
  0x800e0000: 'BadServerHalted',
  0x80100000: 'BadTooManyOperations',
  0x80120000: 'BadCertificateInvalid',
  0x80130000: 'BadSecurityChecksFailed',
  0x80140000: 'BadCertificateTimeInvalid',
  0x801a0000: 'BadCertificateUntrusted',
  0x801f0000: 'BadUserAccessDenied',
  0x80200000: 'BadIdentityTokenInvalid',
  0x80210000: 'BadIdentityTokenRejected',
  0x80220000: 'BadSecureChannelIdInvalid',
  0x80250000: 'BadSessionIdInvalid',
  0x80260000: 'BadSessionClosed',
  0x80270000: 'BadSessionNotActivated',
  0x80340000: 'BadNodeIdUnknown',
  0x80540000: 'BadSecurityModeRejected',
  0x80550000: 'BadSecurityPolicyRejected',
  0x80560000: 'BadTooManySessions',
  0x807d0000: 'BadTcpServerTooBusy',
  0x807e0000: 'BadTcpMessageTypeInvalid',
  0x807f0000: 'BadTcpSecureChannelUnknown',
  0x80800000: 'BadTcpMessageTooLarge',
  0x80810000: 'BadTcpNotEnoughResources',
  0x80820000: 'BadTcpInternalError',
  0x80830000: 'BadTcpEndpointUrlInvalid',
};
export const statusName = (code: number): string => statuses[code] ?? `0x${code.toString(16).padStart(8, '0')}`;

export const requestTypeName = (code: number): string => ['Issue', 'Renew'][code] ?? `unknown-${code}`;
export const securityModeName = (code: number): string =>
  ['Invalid', 'None', 'Sign', 'SignAndEncrypt'][code] ?? `unknown-${code}`;
export const applicationTypeName = (code: number): string =>
  ['Server', 'Client', 'ClientAndServer', 'DiscoveryServer'][code] ?? `unknown-${code}`;

/** Encodings of what says who a user is. */
const identities: Names = {
  321: 'AnonymousIdentityToken',
  324: 'UserNameIdentityToken',
  327: 'X509IdentityToken',
  940: 'IssuedIdentityToken',
};
export const identityName = (id: number): string => identities[id] ?? `unknown-${id}`;
export const userNameToken = 324;

/** Bytes of a scalar of each built-in type; -1: it states its length; absent: it is not passed over. */
const sizes: { readonly [type: number]: number } = {
  1: 1,
  2: 1,
  3: 1,
  4: 2,
  5: 2,
  6: 4,
  7: 4,
  8: 8,
  9: 8,
  10: 4,
  11: 8,
  12: -1,
  13: 8,
  14: 16,
  15: -1,
  16: -1,
  19: 4,
};
export const scalarBytes = (type: number): number | undefined => sizes[type];
