/** The Kerberos messages of one flow, put together to records: a request with its answer, a ticket shown with the service's word. */

import type { Seconds } from '@forewarn/base/time';
import type { KerberosRecord } from '@forewarn/model/records/windows';
import type { Emit, FlowView } from '../protocol.ts';
import { AP_REP, AP_REQ, AS_REP, AS_REQ, type KerberosMessage, KRB_ERROR, readKerberos, TGS_REP, TGS_REQ } from './messages.ts';
import { cipherName, errorName } from './names.ts';

/** Every first request of a login is answered so; Zeek does not log them either (KRB::ignored_errors). */
const everydayErrors: ReadonlySet<string> = new Set(['NEEDED_PREAUTH', 'Need to use PA-ENC-TIMESTAMP/PA-PK-AS-REQ']);

export class KerberosExchange {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly service: string;
  /** A request that is not answered yet. */
  private open: KerberosRecord | undefined;
  private confirmed = false;

  /** `service`: what joins `conn.service` when a message was read. */
  constructor(flow: FlowView, emit: Emit, service: string) {
    this.flow = flow;
    this.emit = emit;
    this.service = service;
  }

  /** One message; false where it is none. */
  message(bytes: Uint8Array, start: number, end: number, ts: Seconds): boolean {
    const message = readKerberos(bytes, start, end);
    if (!message) return false;
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm(this.service);
    }
    switch (message.tag) {
      case AS_REQ:
      case TGS_REQ:
      case AP_REQ:
        this.request(message, ts);
        return true;
      case AS_REP:
      case TGS_REP:
        this.granted(message, ts);
        return true;
      case AP_REP:
        if (this.open) this.open.success = true;
        this.write();
        return true;
      case KRB_ERROR:
        this.refused(message, ts);
    }
    return true;
  }

  /** What the protocol around it says of a ticket that was shown. */
  outcome(success: boolean): void {
    if (this.open?.request_type !== 'AP') return;
    this.open.success ??= success;
    this.write();
  }

  finish(): void {
    this.write();
  }

  private request(message: KerberosMessage, ts: Seconds): void {
    this.write();
    const record = this.flow.head(ts) as KerberosRecord;
    this.open = record;
    if (message.serviceName !== undefined) record.service = message.serviceName;
    if (message.tag === AP_REQ) {
      // Who shows the ticket is encrypted in it; its realm is not.
      record.request_type = 'AP';
      record.client = `/${message.serviceRealm ?? ''}`;
      if (message.cipher !== undefined) record.cipher = cipherName(message.cipher);
      return;
    }
    record.request_type = message.tag === AS_REQ ? 'AS' : 'TGS';
    if (message.tag === AS_REQ) record.client = `${message.clientName ?? ''}/${message.serviceRealm ?? ''}`;
    if (message.from !== undefined) record.from = message.from;
    if (message.till !== undefined) record.till = message.till;
    if (message.forwardable !== undefined) record.forwardable = message.forwardable;
    if (message.renewable !== undefined) record.renewable = message.renewable;
  }

  private granted(message: KerberosMessage, ts: Seconds): void {
    const record = (this.open ??= this.flow.head(ts) as KerberosRecord);
    record.request_type ??= message.tag === AS_REP ? 'AS' : 'TGS';
    record.client ??= `${message.clientName ?? ''}/${message.clientRealm ?? ''}`;
    if (message.serviceName !== undefined) record.service = message.serviceName;
    if (message.cipher !== undefined) record.cipher = cipherName(message.cipher);
    record.success = true;
    this.write();
  }

  private refused(message: KerberosMessage, ts: Seconds): void {
    if (message.errorText !== undefined && everydayErrors.has(message.errorText)) {
      this.open = undefined;
      return;
    }
    const record = (this.open ??= this.flow.head(ts) as KerberosRecord);
    if (record.client === undefined && (message.clientName !== undefined || message.clientRealm !== undefined)) {
      record.client = `${message.clientName === undefined ? '' : `${message.clientName}/`}${message.clientRealm ?? ''}`;
    }
    if (message.serviceName !== undefined) record.service = message.serviceName;
    record.success = false;
    const text = message.errorText ?? '';
    if (text !== '') record.error_msg = text;
    else if (message.errorCode !== undefined) record.error_msg = errorName(message.errorCode);
    this.write();
  }

  private write(): void {
    if (!this.open) return;
    this.emit.record('kerberos', this.open);
    this.open = undefined;
  }
}
