/** Records of MQTT, with the names of Zeek's base/protocols/mqtt. What is published is never written: there is no column for payloads. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const mqtt_connect = {
  log: 'mqtt_connect',
  means: 'A client’s sign-in at an MQTT broker, with the broker’s answer.',
  source: 'Zeek base/protocols/mqtt (mqtt_connect); MQTT 3.1.1 §3.1, MQTT 5.0 §3.1',
  columns: {
    ...connectionColumns,
    proto_name: { type: 'string', class: 'technical', means: 'MQTT, or MQIsdp in version 3.1.' },
    proto_version: { type: 'string', class: 'technical', means: '3.1, 3.1.1 or 5.0.' },
    client_id: {
      type: 'string',
      class: 'technical',
      means: 'Name of the client: the one it gave, or the one the broker gave it.',
    },
    connect_status: { type: 'string', class: 'technical', means: 'Answer of the broker in words; absent where none was seen.' },
    return_code: { type: 'count', class: 'technical', means: 'Answer of the broker as a number; 0 is yes.' },
    session_present: { type: 'bool', class: 'technical', means: 'The broker goes on with an earlier session.' },
    clean_session: { type: 'bool', class: 'technical', means: 'The client asks for a new session.' },
    keep_alive: { type: 'interval', class: 'technical', unit: 's', means: 'Longest silence that the client allows itself.' },
    username: { type: 'string', class: 'personal', means: 'Account that signs in.' },
    has_password: { type: 'bool', class: 'technical', means: 'A password or token was sent in clear; it is never written.' },
    auth_method: { type: 'string', class: 'technical', means: 'Method of extended authentication (MQTT 5).' },
    will_topic: {
      type: 'string',
      class: 'technical',
      means: 'Topic of the message that the broker shall send when the client is lost.',
    },
    will_qos: { type: 'count', class: 'technical', means: 'Quality of service of that message.' },
    will_retain: { type: 'bool', class: 'technical', means: 'The broker shall keep that message.' },
    session_expiry: {
      type: 'interval',
      class: 'technical',
      unit: 's',
      means: 'How long the session outlives its connection (MQTT 5).',
    },
    receive_maximum: { type: 'count', class: 'technical', means: 'Unacknowledged messages that the client takes (MQTT 5).' },
    maximum_packet_size: {
      type: 'count',
      class: 'technical',
      unit: 'bytes',
      means: 'Longest packet that the client takes (MQTT 5).',
    },
    topic_alias_maximum: { type: 'count', class: 'technical', means: 'Topic aliases that the client takes (MQTT 5).' },
  },
} as const satisfies RecordType;

export const mqtt_publish = {
  log: 'mqtt_publish',
  means: 'One message published to an MQTT broker or passed on by it: its topic and length, never its payload.',
  source: 'Zeek base/protocols/mqtt (mqtt_publish); MQTT 3.1.1 §3.3, MQTT 5.0 §3.3',
  columns: {
    ...connectionColumns,
    from_client: { type: 'bool', class: 'technical', always: true, means: 'The client sent it; else the broker.' },
    retain: { type: 'bool', class: 'technical', always: true, means: 'The broker shall keep it, or had kept it.' },
    qos: { type: 'string', class: 'technical', always: true, means: 'at most once, at least once or exactly once.' },
    status: {
      type: 'string',
      class: 'technical',
      always: true,
      means: 'ok where the acknowledgements of its quality of service were seen, else incomplete_qos.',
    },
    topic: { type: 'string', class: 'technical', always: true, means: 'Topic it was published to.' },
    payload_len: { type: 'count', class: 'technical', unit: 'bytes', always: true, means: 'Length of the payload.' },
    dup: { type: 'bool', class: 'technical', means: 'Sent again.' },
    reason_code: { type: 'count', class: 'technical', means: 'Answer to it (MQTT 5): from 128 on it was refused.' },
  },
} as const satisfies RecordType;

export const mqtt_subscribe = {
  log: 'mqtt_subscribe',
  means: 'One request of an MQTT client to get, or no longer get, the messages of topics.',
  source: 'Zeek base/protocols/mqtt (mqtt_subscribe); MQTT 3.1.1 §3.8–3.11, MQTT 5.0 §3.8–3.11',
  columns: {
    ...connectionColumns,
    action: { type: 'enum', class: 'technical', always: true, means: 'MQTT::SUBSCRIBE or MQTT::UNSUBSCRIBE.' },
    topics: { type: 'vector[string]', class: 'technical', always: true, means: 'Topics, or patterns with + and #.' },
    qos_levels: { type: 'vector[count]', class: 'technical', means: 'Quality of service asked for, by topic.' },
    granted_qos_level: {
      type: 'count',
      class: 'technical',
      means: 'Quality of service granted for the first topic; from 128 on it was refused.',
    },
    reason_codes: { type: 'vector[count]', class: 'technical', means: 'Answers of the broker, by topic.' },
    ack: { type: 'bool', class: 'technical', always: true, means: 'The broker answered.' },
  },
} as const satisfies RecordType;

export const mqtt_disconnect = {
  log: 'mqtt_disconnect',
  means: 'The farewell of an MQTT client or broker, with its reason.',
  source: 'MQTT 3.1.1 §3.14, MQTT 5.0 §3.14; Zeek has no log of it',
  columns: {
    ...connectionColumns,
    from_client: { type: 'bool', class: 'technical', always: true, means: 'The client leaves; else the broker ends it.' },
    reason_code: {
      type: 'count',
      class: 'technical',
      always: true,
      means: 'Why; 0 where all is well, and in versions before 5.',
    },
    reason: { type: 'string', class: 'technical', always: true, means: 'The same in words.' },
    session_expiry: { type: 'interval', class: 'technical', unit: 's', means: 'How long the session outlives the connection.' },
  },
} as const satisfies RecordType;

export type MqttConnectRecord = RecordOf<typeof mqtt_connect>;
export type MqttPublishRecord = RecordOf<typeof mqtt_publish>;
export type MqttSubscribeRecord = RecordOf<typeof mqtt_subscribe>;
export type MqttDisconnectRecord = RecordOf<typeof mqtt_disconnect>;
