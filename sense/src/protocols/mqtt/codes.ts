/** Words for the numbers of MQTT: Zeek's where Zeek has them, else those of MQTT 5.0 §2.4. */

const versions: { readonly [level: number]: string } = { 3: '3.1', 4: '3.1.1', 5: '5.0' };

/** The protocol's version by its level. */
export const versionName = (level: number): string => versions[level] ?? `unknown-version-${level}`;

const qualities = ['at most once', 'at least once', 'exactly once'] as const;

/** Quality of service in words. */
export const qosName = (qos: number): string => qualities[qos] ?? `unknown-qos-level-${qos}`;

const returns: { readonly [code: number]: string } = {
  0: 'Connection Accepted',
  1: 'Refused: unacceptable protocol version',
  2: 'Refused: identifier rejected',
  3: 'Refused: server unavailable',
  4: 'Refused: bad user name or password',
  5: 'Refused: not authorized',
};

const reasons: { readonly [code: number]: string } = {
  0x00: 'normal disconnection',
  0x04: 'disconnect with will message',
  0x80: 'unspecified error',
  0x81: 'malformed packet',
  0x82: 'protocol error',
  0x83: 'implementation specific error',
  0x84: 'unsupported protocol version',
  0x85: 'client identifier not valid',
  0x86: 'bad user name or password',
  0x87: 'not authorized',
  0x88: 'server unavailable',
  0x89: 'server busy',
  0x8a: 'banned',
  0x8b: 'server shutting down',
  0x8c: 'bad authentication method',
  0x8d: 'keep alive timeout',
  0x8e: 'session taken over',
  0x8f: 'topic filter invalid',
  0x90: 'topic name invalid',
  0x93: 'receive maximum exceeded',
  0x94: 'topic alias invalid',
  0x95: 'packet too large',
  0x96: 'message rate too high',
  0x97: 'quota exceeded',
  0x98: 'administrative action',
  0x99: 'payload format invalid',
  0x9a: 'retain not supported',
  0x9b: 'quality of service not supported',
  0x9c: 'use another server',
  0x9d: 'server moved',
  0x9e: 'shared subscriptions not supported',
  0x9f: 'connection rate exceeded',
  0xa0: 'maximum connect time',
  0xa1: 'subscription identifiers not supported',
  0xa2: 'wildcard subscriptions not supported',
};

/** A broker's answer to a sign-in. */
export function connectStatus(code: number): string {
  const reason = code >= 0x80 ? reasons[code] : undefined;
  return returns[code] ?? (reason === undefined ? `unknown-return-code-${code}` : `Refused: ${reason}`);
}

/** Why a connection ends. */
export const reasonName = (code: number): string => reasons[code] ?? `unknown-reason-code-${code}`;
