/** What the services of OPC UA that matter most ask for (OPC 10000-4 §5): channels, sessions, nodes that are read, written and called. */

import type {
  OpcuaBinaryActivateSessionRecord,
  OpcuaBinaryCallRecord,
  OpcuaBinaryCreateSessionRecord,
  OpcuaBinaryOpensecureChannelRecord,
  OpcuaBinaryReadRecord,
  OpcuaBinaryRecord,
  OpcuaBinaryWriteRecord,
} from '@forewarn/model/records/opcua';
import type { Emit, FlowView } from '../protocol.ts';
import { applicationTypeName, attributeName, identityName, requestTypeName, securityModeName, userNameToken } from './codes.ts';
import { type NodeId, Reader } from './reader.ts';

/** Records that one message may give. */
export const nodesMax = 100;

type Noded = Pick<
  OpcuaBinaryReadRecord,
  'node_id_namespace_idx' | 'node_id_numeric' | 'node_id_string' | 'node_id_guid' | 'node_id_opaque'
>;

export class Services {
  private readonly flow: FlowView;
  private readonly emit: Emit;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  /** Reads the body behind the header. Of responses only that of a channel is read: the others have diagnoses before it. */
  read(of: OpcuaBinaryRecord, id: number, reader: Reader): void {
    switch (id) {
      case 446:
      case 449:
        this.channel(of, id === 446, reader);
        break;
      case 461:
        this.createSession(of, reader);
        break;
      case 467:
        this.activateSession(of, reader);
        break;
      case 631:
        this.nodesToRead(of, reader);
        break;
      case 673:
        this.nodesToWrite(of, reader);
        break;
      case 712:
        this.methods(of, reader);
        break;
      default:
    }
  }

  private begin<R extends { is_orig?: boolean; request_id?: number }>(of: OpcuaBinaryRecord): R {
    const record = this.flow.head(of.ts) as unknown as R;
    record.is_orig = of.is_orig!;
    if (of.request_id !== undefined) record.request_id = of.request_id;
    return record;
  }

  private channel(of: OpcuaBinaryRecord, isRequest: boolean, reader: Reader): void {
    const record = this.begin<OpcuaBinaryOpensecureChannelRecord>(of);
    if (isRequest) {
      record.client_proto_ver = reader.u32();
      record.sec_token_request_type = requestTypeName(reader.u32());
      record.message_security_mode = securityModeName(reader.u32());
      reader.skipBytes();
      record.req_lifetime = reader.u32();
    } else {
      // Behind the result: diagnoses of none, a list of texts, and nothing more. With diagnoses the rest is left.
      if (reader.u8() !== 0) return;
      const texts = reader.count();
      for (let i = 0; i < texts && !reader.failed; i++) reader.skipString();
      reader.extension();
      record.server_proto_ver = reader.u32();
      record.sec_token_sec_channel_id = reader.u32();
      record.sec_token_id = reader.u32();
      reader.skip(8);
      record.sec_token_revised_time = reader.u32();
    }
    if (!reader.failed) this.emit.record('opcua_binary_opensecure_channel', record);
  }

  private createSession(of: OpcuaBinaryRecord, reader: Reader): void {
    const record = this.begin<OpcuaBinaryCreateSessionRecord>(of);
    const set = (column: 'application_uri' | 'product_uri' | 'text' | 'server_uri' | 'endpoint_url' | 'session_name'): void => {
      const text = reader.string();
      if (text !== '') record[column] = text;
    };
    set('application_uri');
    set('product_uri');
    const mask = reader.u8();
    if (mask & 1) reader.skipString();
    if (mask & 2) set('text');
    record.application_type = applicationTypeName(reader.u32());
    reader.skipString();
    reader.skipString();
    const urls = reader.count();
    for (let i = 0; i < urls && !reader.failed; i++) reader.skipString();
    set('server_uri');
    set('endpoint_url');
    set('session_name');
    if (!reader.failed) this.emit.record('opcua_binary_create_session', record);
  }

  /** Who a user is. Passwords, tokens and signatures are not written. */
  private activateSession(of: OpcuaBinaryRecord, reader: Reader): void {
    const record = this.begin<OpcuaBinaryActivateSessionRecord>(of);
    reader.skipString();
    reader.skipBytes();
    const certificates = reader.count();
    for (let i = 0; i < certificates && !reader.failed; i++) {
      reader.skipBytes();
      reader.skipBytes();
    }
    const locales = reader.count();
    for (let i = 0; i < locales && !reader.failed; i++) reader.skipString();
    const { type, at, end } = reader.extension();
    if (reader.failed) return;
    const id = type.numeric ?? -1;
    record.ext_obj_type_id_str = identityName(id);
    const token = new Reader(reader.bytes, at, end);
    if (end > at) record.ext_obj_policy_id = token.string();
    if (id === userNameToken) record.ext_obj_user_name = token.string();
    this.emit.record('opcua_binary_activate_session', record);
  }

  private nodesToRead(of: OpcuaBinaryRecord, reader: Reader): void {
    reader.skip(12);
    const count = reader.count();
    for (let i = 0; i < count && i < nodesMax; i++) {
      const record = this.begin<OpcuaBinaryReadRecord>(of);
      const node = reader.nodeId();
      record.attribute_id = reader.u32();
      record.attribute_id_str = attributeName(record.attribute_id);
      reader.skipString();
      reader.skip(2);
      reader.skipString();
      if (reader.failed) return;
      name(record, node);
      this.emit.record('opcua_binary_read', record);
    }
  }

  private nodesToWrite(of: OpcuaBinaryRecord, reader: Reader): void {
    const count = reader.count();
    for (let i = 0; i < count && i < nodesMax && !reader.failed; i++) {
      const record = this.begin<OpcuaBinaryWriteRecord>(of);
      const node = reader.nodeId();
      record.attribute_id = reader.u32();
      record.attribute_id_str = attributeName(record.attribute_id);
      const range = reader.string();
      if (reader.failed) return;
      if (range !== '') record.index_range = range;
      name(record, node);
      const value = reader.dataValue();
      if (value !== undefined) record.value = value;
      // A value whose length is not known ends the list; that it is written is known.
      this.emit.record('opcua_binary_write', record);
    }
  }

  private methods(of: OpcuaBinaryRecord, reader: Reader): void {
    const count = reader.count();
    for (let i = 0; i < count && i < nodesMax && !reader.failed; i++) {
      const record = this.begin<OpcuaBinaryCallRecord>(of);
      name(record, reader.nodeId());
      const method = reader.nodeId();
      if (reader.failed) return;
      record.method_id_namespace_idx = method.namespace;
      if (method.numeric !== undefined) record.method_id_numeric = method.numeric;
      if (method.string !== undefined) record.method_id_string = method.string;
      this.emit.record('opcua_binary_call', record);
      const inputs = reader.count();
      for (let k = 0; k < inputs && !reader.failed; k++) reader.variant();
    }
  }
}

function name(record: Noded, node: NodeId): void {
  record.node_id_namespace_idx = node.namespace;
  if (node.numeric !== undefined) record.node_id_numeric = node.numeric;
  if (node.string !== undefined) record.node_id_string = node.string;
  if (node.guid !== undefined) record.node_id_guid = node.guid;
  if (node.opaque !== undefined) record.node_id_opaque = node.opaque;
}
